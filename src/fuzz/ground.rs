//! Where sequences are played: on a target's sockets, or on a server's handlers in virtual time. Also the
//! mirror, which knows what a server may do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::lower::{Head, Lowered, lower};
use super::sequence::Sequence;
use super::vocabulary::Vocabulary;
use crate::audit::{Handlers, simulate};
use crate::codec::Codec;
use crate::engine::Options;
use crate::event::{CaseEnd, Event, Level};
use crate::plan::Case;
use crate::runner::{self, Played, Target};
use crate::scenario::{Pack, ScenarioReader, Step, StepKind};
use crate::source::{Diagnostics, SourceFile};
use crate::target::Profile;

/// For an answer, in a hurry.
const LEAST_PATIENCE: Duration = Duration::from_millis(100);

/// Makes a server; by number, one that takes other readings of its document.
pub type MakeServer<'a> = &'a (dyn Fn(usize) -> Box<dyn Handlers> + Sync);

/// Ends what is left of the target and starts it anew; `Err` says why that went wrong.
pub type Restart<'a> = &'a (dyn Fn() -> BoxFuture<'a, Result<(), String>> + Sync);

/// What is tested.
pub enum Ground<'a> {
    /// With what starts it anew, where that is in our hands.
    Live(Box<Target>, Option<Restart<'a>>),
    /// A fresh server for each sequence, in virtual time.
    Lab(MakeServer<'a>),
}

/// Servers that are right, one for each reading of the document; the first takes none but the usual ones.
pub struct Mirror<'a> {
    pub variants: usize,
    pub make: MakeServer<'a>,
}

/// A pack and everything that turns sequences into cases of it.
pub struct Workshop {
    pub pack: Arc<Pack>,
    pub vocabulary: Vocabulary,
    pub codec: Codec,
    reader: ScenarioReader,
    profile: Arc<Profile>,
    /// In its place while somebody hurries.
    hurried: Mutex<Option<Arc<Profile>>>,
    /// Part of every fresh name.
    tag: String,
    seed: u64,
    made: AtomicUsize,
}

impl Workshop {
    pub fn new(
        pack: Arc<Pack>,
        reader: ScenarioReader,
        vocabulary: Vocabulary,
        codec: Codec,
        profile: Profile,
        tag: String,
        seed: u64,
    ) -> Workshop {
        Workshop {
            pack,
            vocabulary,
            codec,
            reader,
            profile: Arc::new(profile),
            hurried: Mutex::new(None),
            tag,
            seed,
            made: AtomicUsize::new(0),
        }
    }

    /// The case that a sequence is, with the lines of its steps; the mistakes are ours, or a reference's to what
    /// is no longer bound.
    pub(super) fn case(&self, sequence: &Sequence) -> Result<(Arc<Case>, Lowered), Diagnostics> {
        let head = Head {
            id: "fuzz",
            about: None,
            comment: &[],
        };
        let lowered = lower(sequence, &self.vocabulary, &head);
        Ok((self.case_of(&lowered.text)?, lowered))
    }

    /// The case that a scenario's text is.
    pub fn case_of(&self, text: &str) -> Result<Arc<Case>, Diagnostics> {
        let file = SourceFile::new("sequence", text);
        let scenarios = self.reader.read(&file)?;
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let scenario = scenarios
            .into_iter()
            .next()
            .unwrap_or_else(|| unreachable!("a text with one scenario was read without a mistake"));
        Ok(Arc::new(Case {
            id: format!("{}/{}", self.pack.catalogue.name, scenario.id),
            number,
            pack: self.pack.clone(),
            scenario,
            permutation: 0,
            covers: Vec::new(),
            profile: (locked(&self.hurried).as_ref())
                .unwrap_or(&self.profile)
                .clone(),
        }))
    }

    /// Waits for an answer no longer than this, until what is given back is dropped; never longer than usual.
    pub(super) fn hurry(&self, answer: Duration) -> Hurry<'_> {
        let mut profile = (*self.profile).clone();
        let answer = answer.max(LEAST_PATIENCE).min(profile.timeouts.answer);
        profile.timeouts.answer = answer;
        let before = locked(&self.hurried).replace(Arc::new(profile));
        Hurry(self, before)
    }

    /// How much a scenario's text does: how many steps send something, play a flow, or open or end a connection.
    pub fn deeds(&self, text: &str) -> Result<usize, Diagnostics> {
        let case = self.case_of(text)?;
        let does = |step: &&Step| {
            matches!(
                step.kind,
                StepKind::Send { .. }
                    | StepKind::Use { .. }
                    | StepKind::Connect { .. }
                    | StepKind::Disconnect { .. }
                    | StepKind::Vanish { .. }
                    | StepKind::Reconnect { .. }
            )
        };
        Ok(case.scenario.steps.iter().filter(does).count())
    }

    /// Whether the text's scenario still shows something that no right server may do.
    pub async fn shows(&self, ground: &Ground<'_>, text: &str) -> Result<bool, Diagnostics> {
        let case = self.case_of(text)?;
        Ok(!conforms(&self.play(ground, case).await))
    }

    pub async fn play(&self, ground: &Ground<'_>, case: Arc<Case>) -> Played {
        match ground {
            Ground::Live(target, _) => {
                let options = Options {
                    run_tag: self.tag.clone(),
                    seed: self.seed,
                    started: runner::unix_now(),
                    overtaken: false,
                    fences_unanswered: false,
                };
                runner::play(case, target, options).await
            }
            Ground::Lab(make) => {
                let mut server = make(0);
                let judged = simulate(&case, self.codec, &mut *server);
                Played {
                    end: judged.end,
                    events: judged.events,
                }
            }
        }
    }
}

/// As long as it is there, its workshop waits for answers less long.
pub(super) struct Hurry<'a>(&'a Workshop, Option<Arc<Profile>>);

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        *locked(&self.0.hurried) = self.1.take();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ground<'_> {
    /// Whether it can be started anew, and has to be.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Ground::Live(_, Some(_)))
    }

    /// `None` where nobody can start it anew but its own people.
    pub(super) async fn restart(&self) -> Option<Result<(), String>> {
        match self {
            Ground::Live(_, Some(restart)) => Some(restart().await),
            Ground::Live(_, None) => None,
            // A fresh one for each sequence.
            Ground::Lab(_) => Some(Ok(())),
        }
    }
}

impl Mirror<'_> {
    /// What comes of the case at a right server that takes the readings of this number.
    pub(super) fn play(&self, variant: usize, case: &Arc<Case>, codec: Codec) -> Played {
        let mut server = (self.make)(variant);
        let judged = simulate(case, codec, &mut *server);
        Played {
            end: judged.end,
            events: judged.events,
        }
    }

    /// Whether a right server, taking the readings of this number, does all that the case demands.
    pub fn conforms(&self, variant: usize, case: &Arc<Case>, codec: Codec) -> bool {
        conforms(&self.play(variant, case, codec))
    }

    /// The first right server that does not do all that the case demands, whatever it makes of its document.
    pub fn dissenter(&self, case: &Arc<Case>, codec: Codec) -> Option<usize> {
        (0..self.variants).find(|variant| !self.conforms(*variant, case, codec))
    }
}

/// Whether nothing in it contradicts a `must`.
pub(super) fn conforms(played: &Played) -> bool {
    let deviates = played.events.iter().any(|event| {
        matches!(event, Event::Deviation { deviation, .. } if deviation.level == Level::Must)
    });
    played.end == CaseEnd::Judged && !deviates
}
