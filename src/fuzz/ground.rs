//! Where sequences are played: on a target's sockets, or on a server's handlers in virtual time. Also the
//! mirror, which knows what a server may do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::lower::{Head, Lowered, lower};
use super::sequence::Sequence;
use super::vocabulary::Vocabulary;
use crate::audit::{Handlers, simulate};
use crate::codec::Codec;
use crate::engine::Options;
use crate::event::{CaseEnd, Event, Level};
use crate::plan::Case;
use crate::runner::{self, Played, Target};
use crate::scenario::{Pack, ScenarioReader};
use crate::source::{Diagnostics, SourceFile};
use crate::target::Profile;

/// Makes a server; by number, one that takes other readings of its document.
pub type MakeServer<'a> = &'a (dyn Fn(usize) -> Box<dyn Handlers> + Sync);

/// What is tested.
pub enum Ground<'a> {
    Live(Target),
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
            profile: self.profile.clone(),
        }))
    }

    pub async fn play(&self, ground: &Ground<'_>, case: Arc<Case>) -> Played {
        match ground {
            Ground::Live(target) => {
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

impl Mirror<'_> {
    /// Whether a right server, taking the readings of this number, does all that the case demands.
    pub fn conforms(&self, variant: usize, case: &Arc<Case>, codec: Codec) -> bool {
        let mut server = (self.make)(variant);
        simulate(case, codec, &mut *server).conforms()
    }

    /// Whether every right server does, whatever it makes of its document.
    pub fn all_conform(&self, case: &Arc<Case>, codec: Codec) -> bool {
        (0..self.variants).all(|variant| self.conforms(variant, case, codec))
    }
}

/// Whether nothing in it contradicts a `must`.
pub(super) fn conforms(played: &Played) -> bool {
    let deviates = played.events.iter().any(|event| {
        matches!(event, Event::Deviation { deviation, .. } if deviation.level == Level::Must)
    });
    played.end == CaseEnd::Judged && !deviates
}
