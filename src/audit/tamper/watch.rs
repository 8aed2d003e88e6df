//! Sees a case's events as a reader of the run would, and whether that reader knows that something is wrong.

use std::collections::BTreeSet;

use crate::event::{CaseEnd, Event, Level, SilenceShown, TakenBy};

/// What came of it.
#[derive(Clone)]
pub(super) enum Fate {
    /// Steps (`file:line:col`) that did not hold, and the requirements that are therefore not met; whether a case
    /// or a shape failed of it, rather than gave a warning.
    Noticed {
        failed: Vec<(String, String)>,
        gravely: bool,
    },
    Unnoticed(Unnoticed),
}

/// What a run in which nothing was noticed has to say for itself.
#[derive(Clone, Default)]
pub(super) struct Unnoticed {
    /// How many frames permissions accounted for.
    pub(super) permitted: usize,
    /// The readings that were seen, and as what.
    pub(super) readings: BTreeSet<(String, String)>,
}

impl Unnoticed {
    pub(super) fn see(&mut self, event: &Event) {
        match event {
            Event::Taken {
                by: TakenBy::Allowance | TakenBy::Spontaneous,
                ..
            } => self.permitted += 1,
            Event::Reading { id, option, .. } => {
                self.readings.insert((id.clone(), option.clone()));
            }
            _ => {}
        }
    }
}

/// Whoever watches a tampered case.
pub(super) struct Watch {
    seen: Unnoticed,
    /// A fence's reply is what was spoilt: of a fence that does not come back, the run says so.
    is_fence: bool,
    noticed: bool,
    gravely: bool,
    failed: Vec<(String, String)>,
}

impl Watch {
    pub(super) fn new(seen: Unnoticed, is_fence: bool) -> Watch {
        Watch {
            seen,
            is_fence,
            noticed: false,
            gravely: false,
            failed: Vec::new(),
        }
    }

    pub(super) fn has_noticed(&self) -> bool {
        self.noticed
    }

    pub(super) fn has_failed(&self) -> bool {
        self.gravely
    }

    pub(super) fn see(&mut self, event: &Event) {
        self.seen.see(event);
        self.gravely |= match event {
            Event::Deviation { deviation, .. } => deviation.level == Level::Must,
            Event::Shape { level, .. } => *level == Level::Must,
            Event::CaseFinished { end, .. } => matches!(end, CaseEnd::Blocked { .. }),
            _ => false,
        };
        self.noticed |= match event {
            Event::Deviation { deviation, .. } => {
                let at = &deviation.at;
                let failed = deviation.requirements.iter();
                self.failed
                    .extend(failed.map(|id| (at.clone(), id.clone())));
                true
            }
            Event::Shape { .. } | Event::UnknownMessage { .. } => true,
            Event::CaseFinished { end, .. } => matches!(end, CaseEnd::Blocked { .. }),
            Event::Silence { shown, .. } => {
                self.is_fence && *shown == SilenceShown::FenceUnanswered
            }
            _ => false,
        };
    }

    pub(super) fn fate(self) -> Fate {
        if self.noticed {
            Fate::Noticed {
                failed: self.failed,
                gravely: self.gravely,
            }
        } else {
            Fate::Unnoticed(self.seen)
        }
    }
}
