//! The whole run, folded: what every report renders.
//!
//! Gives the facts that an exit code is decided from, but does not decide one.

use serde::Serialize;

use crate::event::{Level, RunEnd, ShapeKind};

use super::case::{Case, Outcome};
use super::pack::{Pack, Requirement};

#[derive(Clone, Debug, Default)]
pub struct Run {
    pub version: String,
    /// How every verdict names the target.
    pub target: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub seed: u64,
    /// How many cases the run meant to run; `cases` holds those that started.
    pub planned: usize,
    /// Microseconds; of a run that was cut off, unknown.
    pub duration_us: Option<u64>,
    /// `None` where the stream was cut off in the middle.
    pub end: Option<RunEnd>,
    pub packs: Vec<Pack>,
    /// By pack and id once the fold is finished; until then as they started.
    pub cases: Vec<Case>,
    /// The gravest first, then by pack, message, path and kind.
    pub shapes: Vec<ShapeFinding>,
    /// By pack and name; a server that invents names without end fills no more than a fixed number.
    pub unknown: Vec<UnknownMessage>,
    pub remarks: Vec<Remark>,
    /// How long requests of flows and fences took to be answered, in microseconds; sorted once the fold is
    /// finished, and no more than a fixed number.
    pub answers_us: Vec<u64>,
    pub summary: Summary,
}

/// How many cases came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub cases: usize,
    pub conforms: usize,
    pub deviates: usize,
    pub blocked: usize,
    pub not_applicable: usize,
    pub could_not_run: usize,
}

/// One way in which received frames depart from the documented shape of their message.
#[derive(Clone, Debug, Serialize)]
pub struct ShapeFinding {
    pub pack: String,
    pub message: String,
    /// Dotted, `$` being the frame.
    pub path: String,
    pub kind: ShapeKind,
    pub level: Level,
    pub section: String,
    /// The requirement that it contradicts, where the pack has one for the message's shape.
    pub requirement: Option<String>,
    /// How many received frames showed it.
    pub count: usize,
    /// The first, by id, of the cases that showed it; `expected` and `received` are from there.
    pub case: String,
    /// A known deviation of the profile says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    pub expected: String,
    pub received: String,
}

/// A message type that the document does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownMessage {
    pub pack: String,
    pub name: String,
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Remark {
    pub pack: String,
    pub text: String,
}

/// What an exit code is decided from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// A case deviates unexpectedly, or some frame departs from its documented shape at level `must`.
    pub deviated: bool,
    /// Any case came out as nobody expected: deviating, blocked, not run, or not as promised.
    pub unexpected: bool,
    /// The same, but for cases that could not run: those say nothing of the server.
    pub failed: bool,
    /// Some case could not run.
    pub unrun: bool,
    /// At least one case was judged; a blocked or inapplicable one is not.
    pub judged: bool,
    pub interrupted: bool,
    /// Why the target could not be tested.
    pub unfit: Option<&'a str>,
    /// The stream ends before the run does.
    pub cut_off: bool,
    /// Some of the cases that the run meant to run are not in the stream, or it was cut off.
    pub incomplete: bool,
}

impl Run {
    pub fn facts(&self) -> Facts<'_> {
        let surprise = |case: &&Case| !case.expected;
        Facts {
            deviated: self.failing_shapes().next().is_some()
                || self
                    .cases
                    .iter()
                    .filter(surprise)
                    .any(|case| case.outcome == Outcome::Deviates),
            unexpected: self.cases.iter().any(|case| surprise(&case)) || self.broken() > 0,
            failed: (self.cases.iter().filter(surprise))
                .any(|case| !matches!(case.outcome, Outcome::CouldNotRun { .. }))
                || self.broken() > 0,
            unrun: self.summary.could_not_run > 0,
            judged: self.cases.iter().any(Case::judged),
            interrupted: self.end == Some(RunEnd::Interrupted),
            unfit: match &self.end {
                Some(RunEnd::TargetUnfit { reason }) => Some(reason),
                _ => None,
            },
            cut_off: self.end.is_none(),
            incomplete: self.end.is_none() || self.planned > self.summary.cases,
        }
    }

    pub fn pack(&self, name: &str) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.name == name)
    }

    pub fn requirement(&self, pack: &str, id: &str) -> Option<&Requirement> {
        self.pack(pack)?.requirement(id)
    }

    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().rev().find(|case| case.id == id)
    }

    /// The shape findings that fail the run, whatever its cases assert themselves.
    pub fn failing_shapes(&self) -> impl Iterator<Item = &ShapeFinding> {
        let shapes = self.shapes.iter();
        shapes.filter(|f| f.level == Level::Must && !f.known)
    }

    /// How many known deviations failed as promised.
    pub fn kept(&self) -> usize {
        let promises = self.packs.iter().flat_map(|pack| &pack.promises);
        promises.filter(|promise| promise.kept > 0).count()
    }

    /// How many known deviations did not fail as promised.
    pub fn broken(&self) -> usize {
        let promises = self.packs.iter().flat_map(|pack| &pack.promises);
        promises.map(|promise| promise.broken.len()).sum()
    }
}

impl Summary {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        self.cases += 1;
        *match outcome {
            Outcome::Conforms => &mut self.conforms,
            Outcome::Deviates => &mut self.deviates,
            Outcome::Blocked { .. } => &mut self.blocked,
            Outcome::NotApplicable { .. } => &mut self.not_applicable,
            Outcome::CouldNotRun { .. } => &mut self.could_not_run,
        } += 1;
    }
}
