//! Tampered frames: every frame that a correct server sends in a case is spoilt in every way there is, one at
//! a time, and the suite has to notice.
//!
//! The case is played once; before each frame it is forked, and each fork gets that frame spoilt in one way. A
//! fork ends as soon as something was noticed. What was not noticed *survived*, unless a mark of the catalogue
//! says that nobody could have: then it is *equivalent*. Nothing is excused by hand.

mod idle;
mod marks;
mod order;
mod record;
mod tampering;
mod tried;
mod watch;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use idle::{Judgement, MatcherAt, Matchers, Working, idle};
pub use marks::Mark;
use marks::Marks;
pub use order::Order;
use record::{Sent, record};
pub use tampering::{Change, Path, Tampering};
use tried::Tried;
use watch::{Fate, Unnoticed};
pub use wire::{Attempt, Meddler, Recorded, Recorder, attempts, came_to_an_end};

use super::lab::{Forkable, Simulation};
use crate::codec::Codec;
use crate::engine::Input;
use crate::event::TakenBy;
use crate::plan::Case;
use crate::scenario::Pack;

/// What a frame was sent for; each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// For a step of the scenario.
    Step,
    /// For a flow, most often to set up.
    Flow,
    /// To show a silence.
    Fence,
}

/// A tampering that no step noticed.
#[derive(Clone, Debug)]
pub struct Survivor {
    pub message: String,
    pub tampering: Tampering,
    pub case: String,
    /// The step, flow step or permission that took the frame, `file:line:col`.
    pub at: String,
    pub purpose: Purpose,
}

/// What became of the tamperings of some cases.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub counts: BTreeMap<Purpose, Count>,
    pub survivors: Vec<Survivor>,
    /// Step (`file:line:col`) and requirement: the step did not hold once, and so it was not met.
    pub failed: std::collections::BTreeSet<(String, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct Count {
    pub killed: usize,
    pub survived: usize,
    pub equivalent: BTreeMap<Mark, usize>,
}

impl Count {
    /// Killed of those that could be noticed, from 0 to 1.
    pub fn share(&self) -> f64 {
        ratio(self.killed, self.killed + self.survived)
    }

    pub fn equivalents(&self) -> usize {
        self.equivalent.values().sum()
    }

    /// Equivalent of all, from 0 to 1.
    pub fn equivalent_share(&self) -> f64 {
        let all = self.killed + self.survived + self.equivalents();
        if all == 0 {
            0.0
        } else {
            ratio(self.equivalents(), all)
        }
    }

    fn add(&mut self, other: Count) {
        self.killed += other.killed;
        self.survived += other.survived;
        for (mark, count) in other.equivalent {
            *self.equivalent.entry(mark).or_default() += count;
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        for (purpose, count) in other.counts {
            self.counts.entry(purpose).or_default().add(count);
        }
        self.survivors.extend(other.survivors);
        self.failed.extend(other.failed);
    }
}

/// Tampers with every frame of a case; `reference` makes a correct server, `order` is the pack's.
pub fn tamper(
    pack: &Pack,
    order: &Order<'_>,
    case: &Arc<Case>,
    codec: Codec,
    reference: &dyn Fn() -> Box<dyn Forkable>,
) -> Tally {
    let catalogue = &pack.catalogue;
    let mut tally = Tally::default();
    let Some(record) = record(catalogue, case, codec, reference()) else {
        return tally;
    };
    let mut frames = record.sent.iter();
    let mut simulation = Simulation::new(case, codec, reference());
    let mut seen = Unnoticed::default();
    while let Some(input) = simulation.next() {
        if let Input::Frame { connection, .. } = &input
            && let Some(sent) = frames.next()
            && let Some((by, at)) = &sent.taken
            && *by != TakenBy::Deviation
        {
            let before = simulation.take_events();
            before.iter().for_each(|event| seen.see(event));
            let marks = Marks::new(catalogue, sent.message.and_then(|m| catalogue.message(m)));
            for tampering in sent.tamperings(&marks) {
                let tried = Tried::new(&simulation, &marks, sent, &tampering, seen.clone());
                let fate = tried.play(*connection, &input);
                judge(
                    &mut tally,
                    &marks,
                    order,
                    sent,
                    (*by, at),
                    case,
                    tampering,
                    fate,
                    &record.undisturbed,
                );
            }
        }
        simulation.feed(input);
    }
    tally
}

fn purpose(by: TakenBy) -> Purpose {
    match by {
        TakenBy::Flow => Purpose::Flow,
        TakenBy::Fence => Purpose::Fence,
        _ => Purpose::Step,
    }
}

/// Whether it was a fence's reply.
fn is_fence(by: TakenBy) -> bool {
    by == TakenBy::Fence
}

#[expect(
    clippy::too_many_arguments,
    reason = "one tampering and all that is known of it"
)]
fn judge(
    tally: &mut Tally,
    marks: &Marks<'_>,
    order: &Order<'_>,
    sent: &Sent<'_>,
    (by, at): (TakenBy, &str),
    case: &Case,
    tampering: Tampering,
    fate: Fate,
    undisturbed: &Unnoticed,
) {
    let purpose = purpose(by);
    let count = tally.counts.entry(purpose).or_default();
    let unnoticed = match fate {
        Fate::Noticed { failed, .. } => {
            count.killed += 1;
            tally.failed.extend(failed);
            return;
        }
        Fate::Unnoticed(seen) => seen,
    };
    // It came where a permission stands: one more, or for somebody else.
    let permitted_before = matches!(by, TakenBy::Allowance | TakenBy::Spontaneous);
    let absorbed = match tampering {
        Tampering::Duplicate | Tampering::Add => unnoticed.permitted > undisturbed.permitted,
        Tampering::Misdirect => permitted_before && unnoticed.permitted >= undisturbed.permitted,
        _ => false,
    };
    // The server is taken to read the document in another way, and the report says in which.
    let read_otherwise = !unnoticed.readings.is_subset(&undisturbed.readings);
    // The scenario leaves the order of the two open.
    let open_order = (tampering == Tampering::Swap)
        .then(|| order.excuse(at, sent.next.as_ref()))
        .flatten();
    let mark = marks
        .excuse(&tampering, by)
        .or(open_order)
        .or(absorbed.then_some(Mark::Permitted))
        .or(read_otherwise.then_some(Mark::Reading));
    if let Some(mark) = mark {
        *count.equivalent.entry(mark).or_default() += 1;
        return;
    }
    count.survived += 1;
    tally.survivors.push(Survivor {
        message: sent.message.unwrap_or_default().to_owned(),
        tampering,
        case: case.id.clone(),
        at: at.to_owned(),
        purpose,
    });
}
