//! What a run says of a pack: its requirements with their verdicts, its readings with what was seen.
//!
//! A requirement that nothing judged is not met, and a reading that nothing showed has no option.

use crate::event::{Departure, PackInfo, ReadingInfo, RequirementInfo};

use super::promise::Promise;

#[derive(Clone, Debug)]
pub struct Pack {
    pub name: String,
    pub title: String,
    pub document: String,
    pub codec: String,
    /// In the catalogue's order.
    pub requirements: Vec<Requirement>,
    pub readings: Vec<Reading>,
    /// Where the target's profile departs from the document.
    pub departures: Vec<Departure>,
    /// The known deviations, and what became of them.
    pub promises: Vec<Promise>,
}

impl Pack {
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|r| r.info.id == id)
    }

    /// The requirement for a message's shape, `shape.<message-in-kebab>`.
    pub(super) fn shape_of(&self, message: &str) -> Option<String> {
        pack_shape(&self.requirements, message).map(|requirement| requirement.info.id.clone())
    }
}

/// The one among these that is about a message's shape.
pub(super) fn pack_shape<'r>(
    requirements: &'r [Requirement],
    message: &str,
) -> Option<&'r Requirement> {
    let message = letters(message);
    let of = |requirement: &&Requirement| {
        let name = requirement.info.id.strip_prefix("shape.");
        name.is_some_and(|name| letters(name) == message)
    };
    requirements.iter().find(of)
}

/// A message's name without what kebab case changes.
fn letters(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every judged step that proves it held, and at least one was judged.
    Met,
    /// Some deviation or shape finding, of whatever level, contradicts it.
    NotMet,
    NotJudged,
}

impl Verdict {
    /// The verdict's name in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::NotMet => "not_met",
            Verdict::NotJudged => "not_judged",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Requirement {
    pub info: RequirementInfo,
    /// How many steps that prove it held, in cases that were judged.
    pub held: usize,
    /// How many deviations and received frames contradict it.
    pub contradicted: usize,
}

impl Requirement {
    pub fn verdict(&self) -> Verdict {
        match (self.contradicted, self.held) {
            (1.., _) => Verdict::NotMet,
            (0, 1..) => Verdict::Met,
            (0, 0) => Verdict::NotJudged,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Reading {
    pub info: ReadingInfo,
    /// The distinct options that cases saw and how often, in the catalogue's order.
    pub seen: Vec<(String, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed<'a> {
    NotObserved,
    One(&'a str),
    /// The server does not keep to one option.
    Varies,
}

impl Reading {
    pub fn observed(&self) -> Observed<'_> {
        match self.seen.as_slice() {
            [] => Observed::NotObserved,
            [(option, _)] => Observed::One(option),
            _ => Observed::Varies,
        }
    }

    pub(super) fn see(&mut self, option: &str) {
        match self.seen.iter_mut().find(|(seen, _)| seen == option) {
            Some((_, count)) => *count += 1,
            None => {
                self.seen.push((option.to_owned(), 1));
                let options = &self.info.options;
                let rank = |name: &str| {
                    let known = options.iter().position(|(option, _)| option == name);
                    known.unwrap_or(options.len())
                };
                self.seen
                    .sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
            }
        }
    }
}

impl From<&PackInfo> for Pack {
    fn from(info: &PackInfo) -> Pack {
        Pack {
            name: info.pack.clone(),
            title: info.title.clone(),
            document: info.document.clone(),
            codec: info.codec.clone(),
            requirements: info
                .requirements
                .iter()
                .map(|info| Requirement {
                    info: info.clone(),
                    held: 0,
                    contradicted: 0,
                })
                .collect(),
            readings: info
                .readings
                .iter()
                .map(|info| Reading {
                    info: info.clone(),
                    seen: Vec::new(),
                })
                .collect(),
            departures: info.departures.clone(),
            promises: info.known.iter().map(Promise::from).collect(),
        }
    }
}
