//! Cases played against the target under a draft: what came of each, and all that passed meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;

use super::draft::Draft;
use crate::engine::Options;
use crate::event::{CaseEnd, Event, Level};
use crate::plan::{Selection, plan};
use crate::runner::{self, Conversation, ConverseError, Passed, Target};
use crate::scenario::Pack;
use crate::target::{Profile, Timeouts};
use crate::transport::{Endpoint, EndpointError, EndpointOptions};
use crate::value::Value;

/// Cases at once: a server that is looked at is not to be stormed.
pub(super) const AT_ONCE: usize = 4;

/// What all trials of one target share.
pub struct Bench {
    pub options: EndpointOptions,
    /// For an answer.
    pub patience: Duration,
    /// When nothing more is tried.
    until: Instant,
    /// Whether something was not tried for that.
    cut: AtomicBool,
    tag: String,
    played: AtomicUsize,
    connections: AtomicUsize,
    messages: AtomicUsize,
}

/// One case under one draft.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) case: String,
    pub(super) verdict: Verdict,
    /// How far it came: steps that held, and frames that were taken for something.
    pub(super) progress: usize,
    pub(super) events: Vec<Event>,
    pub(super) passed: Vec<Passed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Conforms,
    NotApplicable,
    /// The place of the step that did not hold, and why.
    Fails {
        at: String,
        why: String,
    },
    /// Nothing that the target said.
    Unplayed(String),
}

impl Bench {
    /// Waits so long for an answer, and tries no more after `time`.
    pub fn new(options: EndpointOptions, patience: Duration, time: Duration) -> Bench {
        Bench {
            options,
            patience,
            until: Instant::now() + time,
            cut: AtomicBool::new(false),
            tag: runner::fresh_tag(),
            played: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            messages: AtomicUsize::new(0),
        }
    }

    /// Connections and messages of ours so far.
    pub fn spent(&self) -> (usize, usize) {
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        (count(&self.connections), count(&self.messages))
    }

    /// Whether time was up before everything was tried.
    pub fn was_cut_short(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Whether to stop trying. To be asked only where there is something left to try: the answer is remembered.
    pub(super) fn time_is_up(&self) -> bool {
        let is_up = Instant::now() >= self.until;
        if is_up {
            self.cut.store(true, Ordering::Relaxed);
        }
        is_up
    }

    /// Part of fresh names, another one each time.
    pub(super) fn fresh_tag(&self) -> String {
        let number = self.played.fetch_add(1, Ordering::Relaxed);
        format!("{}{number:x}", self.tag)
    }

    pub(super) fn endpoint(&self, url: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(url, self.options.clone())
    }

    /// Where and how the draft's target is spoken to; `None` where the draft contradicts itself.
    pub(super) fn target(&self, pack: &Pack, draft: &Draft) -> Option<Target> {
        let (_, mut profile) = draft.profile(&pack.catalogue).ok()?;
        profile.timeouts = Timeouts {
            connect: self.patience * 2,
            answer: self.patience,
            silence: self.patience / 4,
            goodbye: profile.timeouts.goodbye,
            case: self.patience * 20,
        };
        let endpoint = self.endpoint(&draft.url).ok()?;
        Some(Target::new(endpoint, pack, Arc::new(profile)))
    }

    /// A question without a case.
    pub(super) async fn ask(
        &self,
        target: &Target,
        question: &Value,
    ) -> Result<Conversation, ConverseError> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.messages.fetch_add(1, Ordering::Relaxed);
        runner::converse(target, question, self.patience * 2, self.patience / 2).await
    }

    /// Plays the cases of these ids, a few at once; the trials come in the order of the ids. None where the
    /// draft contradicts itself.
    pub(super) async fn play(&self, pack: &Arc<Pack>, draft: &Draft, ids: &[String]) -> Vec<Trial> {
        // A selection of none would be one of all.
        let Some(target) = self.target(pack, draft).filter(|_| !ids.is_empty()) else {
            return Vec::new();
        };
        let profile: Arc<Profile> = target.profile.clone();
        let selection = Selection {
            exact: ids.to_vec(),
            ..Selection::default()
        };
        let cases = plan(std::slice::from_ref(pack), &profile, &selection);
        let played = stream::iter(cases)
            .map(|case| {
                let (target, id) = (target.clone(), case.id.clone());
                let options = Options {
                    run_tag: self.fresh_tag(),
                    seed: 1,
                    started: runner::unix_now(),
                    overtaken: false,
                    fences_unanswered: false,
                };
                async move {
                    let (played, passed) = runner::listen_in(case, &target, options).await;
                    Trial::of(id, played.end, played.events, passed)
                }
            })
            .buffered(AT_ONCE)
            .collect::<Vec<Trial>>()
            .await;
        for trial in &played {
            let opened = |event: &&Event| matches!(event, Event::Opened { .. });
            let sent = |event: &&Event| matches!(event, Event::Sent { .. });
            let (opened, sent) = (
                trial.events.iter().filter(opened).count(),
                trial.events.iter().filter(sent).count(),
            );
            self.connections.fetch_add(opened, Ordering::Relaxed);
            self.messages.fetch_add(sent, Ordering::Relaxed);
        }
        played
    }
}

impl Trial {
    fn of(case: String, end: CaseEnd, events: Vec<Event>, passed: Vec<Passed>) -> Trial {
        let first = events.iter().find_map(|event| match event {
            Event::Deviation { deviation, .. } if deviation.level == Level::Must => Some(deviation),
            _ => None,
        });
        let verdict = match (end, first) {
            (_, Some(deviation)) => Verdict::Fails {
                at: deviation.at.clone(),
                why: deviation.message.clone(),
            },
            (CaseEnd::Judged, None) => Verdict::Conforms,
            (CaseEnd::NotApplicable { .. }, None) => Verdict::NotApplicable,
            (CaseEnd::Blocked { flow, reason, .. }, None) => Verdict::Fails {
                at: flow,
                why: reason,
            },
            (CaseEnd::CouldNotRun { reason }, None) => Verdict::Unplayed(reason),
        };
        let counts = |event: &&Event| matches!(event, Event::Held { .. } | Event::Taken { .. });
        let progress = events.iter().filter(counts).count();
        Trial {
            case,
            verdict,
            progress,
            events,
            passed,
        }
    }

    pub(super) fn conforms(&self) -> bool {
        self.verdict == Verdict::Conforms
    }

    pub(super) fn fails(&self) -> bool {
        matches!(self.verdict, Verdict::Fails { .. })
    }

    /// The readings that the case saw.
    pub(super) fn readings(&self) -> impl Iterator<Item = (&String, &String)> {
        self.events.iter().filter_map(|event| match event {
            Event::Reading { id, option, .. } => Some((id, option)),
            _ => None,
        })
    }
}
