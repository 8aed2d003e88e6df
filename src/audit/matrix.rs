//! The kill matrix: what an audit found, as data. Text, JSON and floors are made from it.
//!
//! Keys only ever get added within a schema version.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rules::Stray;
use super::tamper::{Count, Judgement, Mark, MatcherAt, Matchers, Purpose, Survivor};
use crate::scenario::{Pack, Proof, Step, StepKind};

/// The version of the audit's JSON.
pub const SCHEMA: u32 = 1;

#[derive(Debug, Serialize)]
pub struct Matrix {
    pub schema: u32,
    pub packs: Vec<PackMatrix>,
}

#[derive(Debug, Serialize)]
pub struct PackMatrix {
    pub pack: String,
    pub cases: usize,
    /// Empty where this part was not asked for, as the next.
    pub degenerate: Vec<DegenerateLine>,
    pub rules: Vec<RuleLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tamper: Option<TamperPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<IdlePart>,
    /// What it was tampered on, where that is a real server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wire: Option<WirePart>,
    /// What fell below its floor, and what else must not be, in sentences.
    pub misses: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct DegenerateLine {
    pub server: &'static str,
    /// No case may conform.
    pub hopeless: bool,
    /// How many cases conform.
    pub conforms: usize,
    /// Which.
    pub conforming: Vec<String>,
    /// The requirements that count as met, over all cases.
    pub met: Vec<String>,
    /// Those of them that a conforming case proves.
    pub met_where_conforming: Vec<String>,
    /// Why that is right, where the pack says so.
    pub reasons: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
pub struct RuleLine {
    pub id: String,
    /// The number of the way in which it is broken, and the way.
    pub way: usize,
    pub how: String,
    pub killed_by: Vec<String>,
    pub stray: Vec<Stray>,
    /// `must`, and so to be killed.
    pub must: bool,
}

#[derive(Debug, Serialize)]
pub struct TamperPart {
    /// Of the frames that the steps of scenarios take.
    #[serde(flatten)]
    pub steps: Counted,
    pub flows: Counted,
    pub fences: Counted,
    pub survivors: Vec<SurvivorGroup>,
    /// Steps with `proves` that held whatever was done: rules broken, frames spoilt.
    pub never_failed: Vec<NeverFailed>,
}

/// Tampered frames between the suite and a real server: a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WirePart {
    pub target: String,
    pub seed: u64,
    /// The cases that conform on the server as it is; only those were tampered with.
    pub conforming: usize,
    /// How many tamperings there are.
    pub possible: usize,
    /// How many were tried in the time that there was.
    pub tried: usize,
    /// How many of those came to nothing: the frame did not come again, or the case could not be played.
    pub missed: usize,
}

impl WirePart {
    pub(super) fn in_words(&self) -> String {
        let WirePart {
            target,
            seed,
            conforming,
            possible,
            tried,
            missed,
        } = self;
        format!(
            "{tried} of {possible} tamperings tried between the suite and {target}, chosen by seed {seed}, in the \
             {conforming} cases that conform there; {missed} came to nothing"
        )
    }
}

/// The matchers of the scenarios' own steps, each weakened to `<any>`.
#[derive(Debug, Serialize)]
pub struct IdlePart {
    /// How many were weakened.
    pub judged: usize,
    /// Those without which nothing passes that did not pass before.
    pub matchers: Vec<IdleMatcher>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdleMatcher {
    pub field: String,
    pub matcher: String,
    /// One of the cases.
    pub case: String,
    /// The step, `file:line:col`, and its line.
    pub at: String,
    pub line: String,
    /// What the step proves.
    pub requirements: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
pub struct Counted {
    pub killed: usize,
    pub survived: usize,
    pub equivalent: usize,
    pub equivalent_by: BTreeMap<Mark, usize>,
    /// Killed of those that could be noticed, in per cent, rounded down to hundredths.
    pub share: f64,
    /// Equivalent of all, in per cent, rounded up to hundredths.
    pub equivalent_share: f64,
}

impl From<&Count> for Counted {
    fn from(count: &Count) -> Counted {
        Counted {
            killed: count.killed,
            survived: count.survived,
            equivalent: count.equivalents(),
            equivalent_by: count.equivalent.clone(),
            share: (count.share() * 10_000.0).floor() / 100.0,
            equivalent_share: (count.equivalent_share() * 10_000.0).ceil() / 100.0,
        }
    }
}

/// Survivors of one kind: the same was done to the same field of frames that the same step took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SurvivorGroup {
    /// What the step proves that should have noticed; its message's shape where it proves nothing.
    pub requirements: Vec<String>,
    pub message: String,
    /// `null` where it is the whole frame.
    pub field: Option<String>,
    pub what: &'static str,
    pub purpose: &'static str,
    pub count: usize,
    /// One of the cases.
    pub case: String,
    /// The step that should have noticed, `file:line:col`, and its line.
    pub at: String,
    pub line: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeverFailed {
    pub at: String,
    pub line: String,
    pub requirements: Vec<String>,
}

/// The steps of a pack by where they stand.
pub(super) struct Steps<'p> {
    pack: &'p Pack,
    by_place: BTreeMap<String, &'p Step>,
}

impl<'p> Steps<'p> {
    pub(super) fn of(pack: &'p Pack) -> Steps<'p> {
        let mut by_place = BTreeMap::new();
        let scenarios = pack.scenarios.iter().flat_map(|s| s.steps.iter());
        let flows = pack.flows.iter().flat_map(|flow| flow.steps.iter());
        scenarios
            .chain(flows)
            .for_each(|step| note(step, &mut by_place));
        Steps { pack, by_place }
    }

    pub(super) fn line(&self, at: &str) -> String {
        let step = self.by_place.get(at);
        step.map_or_else(String::new, |step| step.source())
    }

    fn proofs(&self, at: &str) -> Vec<String> {
        let proves = self.by_place.get(at).map(|step| step.proves.as_slice());
        proves.unwrap_or_default().iter().map(proof).collect()
    }

    /// What the step at the place proves, else that the message has its shape.
    fn requirements(&self, at: &str, message: &str) -> Vec<String> {
        let proofs = self.proofs(at);
        let message = self.pack.catalogue.message(message);
        if proofs.is_empty() {
            message
                .map(|message| message.shape_requirement())
                .into_iter()
                .collect()
        } else {
            proofs
        }
    }

    /// The steps of scenarios that prove something and wait for something.
    pub(super) fn proving(&self) -> impl Iterator<Item = (&String, &'p Step)> {
        let waits = |step: &Step| !matches!(step.kind, StepKind::Use { .. });
        self.by_place
            .iter()
            .map(|(at, step)| (at, *step))
            .filter(move |(_, step)| !step.proves.is_empty() && waits(step))
    }

    pub(super) fn idle(&self, matchers: Matchers) -> IdlePart {
        let judged = matchers.judged.len();
        let idle = matchers.judged.into_iter().filter(|(_, j)| !j.works);
        let matcher = |((at, field), judgement): (MatcherAt, Judgement)| IdleMatcher {
            field,
            matcher: judgement.matcher,
            case: judgement.case,
            line: self.line(&at),
            requirements: self.proofs(&at),
            at,
        };
        let matchers = idle.map(matcher).collect();
        IdlePart { judged, matchers }
    }

    /// Survivors by requirement and field: those of steps first, and of each the most frequent first.
    pub(super) fn group(&self, survivors: &[Survivor]) -> Vec<SurvivorGroup> {
        let mut groups: BTreeMap<_, SurvivorGroup> = BTreeMap::new();
        for survivor in survivors {
            let tampering = &survivor.tampering;
            let key = (
                survivor.at.as_str(),
                tampering.path(),
                tampering.what(),
                &survivor.message,
            );
            groups
                .entry(key)
                .or_insert_with(|| SurvivorGroup {
                    requirements: self.requirements(&survivor.at, &survivor.message),
                    message: survivor.message.clone(),
                    field: tampering.path(),
                    what: tampering.what(),
                    purpose: word(survivor.purpose),
                    count: 0,
                    case: survivor.case.clone(),
                    at: survivor.at.clone(),
                    line: self.line(&survivor.at),
                })
                .count += 1;
        }
        let mut groups: Vec<SurvivorGroup> = groups.into_values().collect();
        groups.sort_by(|a, b| {
            let of = |group: &SurvivorGroup| (group.requirements.clone(), group.field.clone());
            let rank = |group: &SurvivorGroup| {
                let words = [Purpose::Step, Purpose::Flow, Purpose::Fence].map(word);
                words.iter().position(|word| *word == group.purpose)
            };
            (rank(a).cmp(&rank(b)))
                .then_with(|| b.count.cmp(&a.count))
                .then_with(|| of(a).cmp(&of(b)))
        });
        groups
    }
}

fn note<'p>(step: &'p Step, by_place: &mut BTreeMap<String, &'p Step>) {
    by_place.insert(step.place.to_string(), step);
    step.inner()
        .into_iter()
        .for_each(|inner| note(inner, by_place));
}

/// The id of what is proved; the reference where a permutation says it.
fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Id(id) => id.clone(),
        Proof::Of(reference) => reference.to_string(),
    }
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Step => "step",
        Purpose::Flow => "flow",
        Purpose::Fence => "fence",
    }
}
