//! Whether the target is still there, asked whenever a case has reason to doubt it.
//!
//! One look at a time, shared by all who began to doubt before it. Judges nothing: it says what the
//! target is like now, and remembers for good that it went away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::preflight::preflight;
use super::speech::Target;
use crate::scenario::Pack;
use crate::target::{Server, Timeouts};

/// For the end of a launched server to be known.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(super) struct Lookout {
    pack: Arc<Pack>,
    target: Target,
    timeouts: Timeouts,
    tag: String,
    /// The server, where wireproof launched it.
    server: Option<Arc<Server>>,
    /// Cases that run now.
    running: AtomicUsize,
    /// When the last look began that found the target well; locked while somebody looks.
    well: Mutex<Option<Instant>>,
    gone: OnceLock<Gone>,
}

/// The target went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) reason: String,
    /// What it is like now.
    pub(super) why: String,
    /// No other case ran, so that whatever became of the target, this case saw it.
    pub(super) alone: bool,
}

impl Lookout {
    pub(super) fn new(
        pack: Arc<Pack>,
        target: Target,
        timeouts: Timeouts,
        tag: String,
        server: Option<Arc<Server>>,
    ) -> Lookout {
        Lookout {
            pack,
            target,
            timeouts,
            tag,
            server,
            running: AtomicUsize::new(0),
            well: Mutex::default(),
            gone: OnceLock::new(),
        }
    }

    /// The same, for a target that was started again.
    pub(super) fn renewed(&self) -> Lookout {
        Lookout::new(
            self.pack.clone(),
            self.target.clone(),
            self.timeouts,
            self.tag.clone(),
            self.server.clone(),
        )
    }

    pub(super) fn cases_begin(&self, cases: usize) {
        self.running.fetch_add(cases, Ordering::Relaxed);
    }

    pub(super) fn case_ends(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    /// Looks at the target as it is now.
    pub(super) async fn look(&self) -> Result<(), String> {
        preflight(&self.pack, &self.target, &self.timeouts, &self.tag).await
    }

    /// A case doubts that anybody is there.
    pub(super) async fn doubt(&self, case: &str) -> Result<(), Gone> {
        let since = Instant::now();
        let mut well = self.well.lock().await;
        if let Some(gone) = self.gone.get() {
            return Err(gone.clone());
        }
        if well.is_some_and(|well| well > since) {
            return Ok(());
        }
        let running = self.running.load(Ordering::Relaxed);
        let begins = Instant::now();
        let Err(mut why) = self.look().await else {
            *well = Some(begins);
            return Ok(());
        };
        if let Some(server) = &self.server
            && let Some(ended) = server.end_within(LAST_WORDS).await
        {
            why = format!("its process ended: {ended}");
        }
        let alone = running == 1;
        let reason = if alone {
            format!("the target went away during {case}: {why}")
        } else {
            format!(
                "the target went away while {running} cases ran: {why}; --jobs 1 shows which of them it was"
            )
        };
        Err(self
            .gone
            .get_or_init(|| Gone { reason, why, alone })
            .clone())
    }

    /// Why there is no point in going on, once that is known.
    pub(super) fn gone(&self) -> Option<&Gone> {
        self.gone.get()
    }
}
