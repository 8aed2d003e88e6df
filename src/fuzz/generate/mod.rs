//! Choices into sequences. Each step has a gene of its own, so that its choices stay put when others go.
//!
//! Mostly valid: a step is what a flow or a scenario does, sometimes off by one thing. `flows`: people who play
//! flows. `messages`: single messages, and frames that are none. `usual`: what stands in their fields.

mod flows;
mod messages;
mod usual;

use arbitrary::{Result, Unstructured};

use super::sequence::{Act, Actor, Link, Sequence, Step};
use super::values::CONTENTS;
use super::vocabulary::Vocabulary;
use messages::Manner;

pub(super) use flows::ALONE;
pub(super) use messages::{Who, is_blunt, link, request, ways_to_spoil};

/// The bytes that one step's choices are made from.
pub(super) const GENE: usize = 96;
pub(super) type Gene = Vec<u8>;

/// Contents of a flow, as far as bytes that are all the same say different ones.
pub(super) const MOST_CONTENTS: u8 = CONTENTS;

/// What a step is, by the first byte of its gene.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    StoryFlow,
    NoiseFlow,
    Plain,
    /// As it should be, and the next step does not wait for it.
    Hasty,
    /// Several texts with nothing in between.
    Row,
    Odd,
    Malformed,
    Raw,
    Link,
}

impl Kind {
    /// Of so many hundredths, these.
    const TABLE: [(u8, Kind); 9] = [
        (22, Kind::StoryFlow),
        (32, Kind::NoiseFlow),
        (53, Kind::Plain),
        (56, Kind::Row),
        (62, Kind::Hasty),
        (78, Kind::Odd),
        (88, Kind::Malformed),
        (95, Kind::Raw),
        (100, Kind::Link),
    ];

    fn of(byte: u8) -> Kind {
        let found = Kind::TABLE.iter().find(|(below, _)| byte % 100 < *below);
        found.map_or(Kind::Link, |(_, kind)| *kind)
    }

    /// A first byte that says this.
    pub(super) fn byte(self) -> u8 {
        let at = Kind::TABLE.iter().find(|(_, kind)| *kind == self);
        at.map_or(0, |(below, _)| below - 1)
    }
}

/// The sequence that the genes say. `works` knows whether the flows of a sequence go through by themselves.
///
/// With `crossing`, those who do anything also lay hands on what is others': only servers that are right can tell
/// what may come of that.
pub(super) fn decode(
    genes: &[Gene],
    crossing: bool,
    vocabulary: &Vocabulary,
    works: &mut dyn FnMut(&Sequence) -> bool,
) -> Sequence {
    let mut making = Making {
        vocabulary,
        sequence: Sequence {
            steps: Vec::new(),
            bystander: true,
            newcomer: true,
        },
        bound: Vec::new(),
        crossing,
        works,
    };
    for gene in genes {
        // An exhausted gene says the first choice, and never fails.
        let _ = making.step(&mut Unstructured::new(gene));
    }
    making.sequence
}

struct Making<'a> {
    vocabulary: &'a Vocabulary,
    sequence: Sequence,
    /// What flows bound: whether for the story, their name, ours.
    bound: Vec<(bool, String, String)>,
    crossing: bool,
    works: &'a mut dyn FnMut(&Sequence) -> bool,
}

impl Making<'_> {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let kind = Kind::of(u.arbitrary()?);
        let act = match kind {
            Kind::StoryFlow => self.flow(&Actor::STORY, u)?,
            // Whoever has done anything is no longer where a flow begins.
            Kind::NoiseFlow if !self.is_noisy() => self.flow(&Actor::NOISE, u)?,
            Kind::NoiseFlow | Kind::Plain | Kind::Hasty => Some(self.send(u, Manner::Plain)?),
            Kind::Row => self.row(u)?,
            Kind::Odd => Some(self.send(u, Manner::Odd)?),
            Kind::Malformed => Some(self.send(u, Manner::Malformed)?),
            Kind::Raw => Some(self.raw(u)?),
            Kind::Link => {
                let actor = *u.choose(&[Actor::Mallory, Actor::Mike, Actor::Guest])?;
                let link = *u.choose(&[Link::Reconnects, Link::Vanishes, Link::Disconnects])?;
                Some(Act::Link { actor, link })
            }
        };
        if let Some(act) = act {
            self.sequence.steps.push(Step {
                act,
                claim: None,
                hasty: kind == Kind::Hasty,
            });
        }
        Ok(())
    }

    fn is_noisy(&self) -> bool {
        let mut acts = self.sequence.steps.iter().map(|step| &step.act);
        acts.any(|act| !matches!(act, Act::Flow { .. }))
    }
}

/// Takes one byte, however few there are to choose from.
fn byte_below(u: &mut Unstructured<'_>, many: usize) -> Result<usize> {
    let byte: u8 = u.arbitrary()?;
    Ok(usize::from(byte) % many.max(1))
}
