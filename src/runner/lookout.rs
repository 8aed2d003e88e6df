//! Whether the target is still there, asked whenever a case has reason to doubt it.
//!
//! One look at a time, shared by all who began to doubt before it. Judges nothing: it says what the
//! target is like now, and remembers for good that it went away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::preflight::{Unfit, preflight};
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
    /// The case that ended last.
    ended: std::sync::Mutex<Option<String>>,
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
            ended: std::sync::Mutex::default(),
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

    pub(super) fn case_ends(&self, case: &str) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(case.to_owned());
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    /// Looks at the target as it is now.
    pub(super) async fn look(&self) -> Result<(), Unfit> {
        preflight(&self.pack, &self.target, &self.timeouts, &self.tag).await
    }

    /// A case doubts that anybody is there; `sent` says whether it may have done something to the target.
    pub(super) async fn doubt(&self, case: &str, sent: bool) -> Result<(), Gone> {
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
        let Err(Unfit {
            reason: mut why, ..
        }) = self.look().await
        else {
            *well = Some(begins);
            return Ok(());
        };
        if let Some(server) = &self.server
            && let Some(ended) = server.end_within(LAST_WORDS).await
        {
            why = format!("its process ended: {ended}");
        }
        let alone = running == 1;
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = if alone && !sent {
            // Whatever ended it, this case has not said a word.
            match ended.as_deref() {
                Some(before) => format!(
                    "the target went away between {before} and {case}, which had sent nothing: {why}"
                ),
                None => format!("the target went away before {case} sent anything: {why}"),
            }
        } else if alone {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{embedded, read_pack};
    use crate::transport::{Endpoint, EndpointOptions};

    /// At a target that nobody listens at.
    fn lookout() -> Lookout {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == "friendchat");
        let pack = Arc::new(read_pack(&source.expect("friendchat")).expect("a pack"));
        let endpoint = Endpoint::parse("ws://127.0.0.1:1", EndpointOptions::default());
        let target = Target::new(endpoint.expect("a URL"), &pack, Arc::default());
        Lookout::new(pack, target, Timeouts::default(), "tag".to_owned(), None)
    }

    #[tokio::test]
    async fn a_case_that_sent_nothing_is_not_said_to_have_ended_the_target() {
        for (ended, sent, reason) in [
            (
                true,
                false,
                "the target went away between one and other, which had sent nothing: ",
            ),
            (
                false,
                false,
                "the target went away before other sent anything: ",
            ),
            (true, true, "the target went away during other: "),
        ] {
            let lookout = lookout();
            if ended {
                lookout.cases_begin(1);
                lookout.case_ends("one");
            }
            lookout.cases_begin(1);
            let gone = lookout
                .doubt("other", sent)
                .await
                .expect_err("nobody listens");
            assert!(gone.reason.starts_with(reason), "{}", gone.reason);
        }
    }
}
