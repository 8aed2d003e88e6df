//! Idle matchers: each matcher of a scenario's own `receives` is weakened to `<any>`, and something that was
//! noticed before has to go unnoticed now, or be but a warning where it was a failure. A matcher for which nothing
//! does proves nothing.
//!
//! Only what is done to the frames that the step takes is tried again: to the field that the matcher is for, and
//! to the frame as a whole where that field may be what tells it from others.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::marks::Marks;
use super::record::{Sent, record};
use super::tampering::Tampering;
use super::tried::Tried;
use super::watch::{Fate, Unnoticed};
use crate::audit::lab::{Forkable, Simulation};
use crate::codec::Codec;
use crate::engine::Input;
use crate::event::TakenBy;
use crate::plan::Case;
use crate::protocol::Type;
use crate::scenario::{Expected, Pack, Pattern, Receive, Step, StepKind};

/// A matcher of a step: where the step stands, and the field.
pub type MatcherAt = (String, String);

/// What came of the matchers of some cases.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    /// Each that was weakened, and how it reads.
    pub judged: BTreeMap<MatcherAt, Judgement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub matcher: String,
    /// One of the cases.
    pub case: String,
    /// Something goes unnoticed without it.
    pub works: bool,
}

impl Matchers {
    pub fn add(&mut self, other: Matchers) {
        for (at, judgement) in other.judged {
            let known = self.judged.entry(at).or_insert_with(|| judgement.clone());
            known.works |= judgement.works;
        }
    }
}

/// Those that are known to work, so that no other case has to show it again.
#[derive(Default)]
pub struct Working(Mutex<HashSet<MatcherAt>>);

impl Working {
    fn has(&self, at: &MatcherAt) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(at)
    }

    fn note(&self, at: &MatcherAt) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(at.clone());
    }
}

/// How many of the frames that a step takes are tried, where a loop has it take many.
const FRAMES: usize = 2;

/// Weakens each matcher of the case's own steps in turn.
pub fn idle(
    pack: &Pack,
    case: &Arc<Case>,
    codec: Codec,
    reference: &dyn Fn() -> Box<dyn Forkable>,
    working: &Working,
) -> Matchers {
    let mut matchers = Matchers::default();
    let catalogue = &pack.catalogue;
    let Some(record) = record(catalogue, case, codec, reference()) else {
        return matchers;
    };
    let mut steps = Vec::new();
    case.scenario
        .steps
        .iter()
        .for_each(|step| collect(step, &mut steps));
    let body = catalogue.wire.body_key.as_ref();
    let root = body.map_or_else(|| "$".to_owned(), |key| format!("$.{key}"));
    for (step, receive) in steps {
        let at = step.place.to_string();
        let took = |sent: &Sent<'_>| {
            let taken = sent.taken.as_ref();
            taken.is_some_and(|(by, place)| *by == TakenBy::Step && *place == at)
        };
        let frames = record.sent.iter().enumerate();
        let frames: Vec<_> = frames.filter(|(_, sent)| took(sent)).take(FRAMES).collect();
        if frames.is_empty() {
            continue;
        }
        for Weakened {
            path,
            matcher,
            fields,
        } in weakened(&receive.expected.fields, &root)
        {
            let key = (at.clone(), path);
            let Some(without) = without(case, &at, receive, fields).filter(|_| !working.has(&key))
            else {
                continue;
            };
            let trial = Trial {
                pack,
                codec,
                reference,
                case,
                without: &without,
                path: &key.1,
            };
            let works = frames
                .iter()
                .any(|(index, sent)| trial.lets_something_pass(*index, sent));
            if works {
                working.note(&key);
            }
            let judgement = Judgement {
                matcher,
                case: case.id.clone(),
                works,
            };
            let known = matchers.judged.entry(key).or_insert(judgement);
            known.works |= works;
        }
    }
    matchers
}

fn collect<'s>(step: &'s Step, steps: &mut Vec<(&'s Step, &'s Receive)>) {
    if let StepKind::Receive(receive) = &step.kind {
        steps.push((step, receive));
    }
    step.inner()
        .into_iter()
        .for_each(|inner| collect(inner, steps));
}

/// The case with other matchers for the fields of one step.
fn without(case: &Arc<Case>, at: &str, receive: &Receive, fields: Pattern) -> Option<Arc<Case>> {
    let expected = Expected {
        fields,
        ..receive.expected.clone()
    };
    let weak = StepKind::Receive(Receive {
        expected,
        ..receive.clone()
    });
    let change = |step: &mut Step| step.kind = weak.clone();
    let scenario = Arc::new(case.scenario.with_step(at, &change)?);
    Some(Arc::new(Case {
        scenario,
        ..(**case).clone()
    }))
}

/// One matcher that is weakened.
struct Trial<'a> {
    pack: &'a Pack,
    codec: Codec,
    reference: &'a dyn Fn() -> Box<dyn Forkable>,
    case: &'a Arc<Case>,
    without: &'a Arc<Case>,
    path: &'a str,
}

impl Trial<'_> {
    /// Whether something that is done to the frame is noticed with the matcher, and without it not at all or as
    /// something lesser.
    fn lets_something_pass(&self, index: usize, sent: &Sent<'_>) -> bool {
        let catalogue = &self.pack.catalogue;
        let marks = Marks::new(catalogue, sent.message.and_then(|m| catalogue.message(m)));
        let Some(weak) = self.before(self.without, index) else {
            return false;
        };
        let mut whole = None;
        let tamperings = sent.tamperings(&marks).into_iter();
        tamperings.filter(|t| self.concerns(t)).any(|tampering| {
            let play = |at: &At| {
                let tried = Tried::new(&at.simulation, &marks, sent, &tampering, at.seen.clone());
                tried.play_on(at.connection, &at.input)
            };
            // Whether it is noticed without the matcher, and then as gravely as can be.
            let warned = match play(&weak) {
                Fate::Noticed { gravely: true, .. } => return false,
                Fate::Noticed { gravely: false, .. } => true,
                Fate::Unnoticed(_) => false,
            };
            let whole = whole.get_or_insert_with(|| self.before(self.case, index));
            whole.as_ref().is_some_and(|whole| match play(whole) {
                Fate::Noticed { gravely, .. } => gravely || !warned,
                Fate::Unnoticed(_) => false,
            })
        })
    }

    fn concerns(&self, tampering: &Tampering) -> bool {
        match tampering {
            Tampering::Drop | Tampering::Swap | Tampering::Misdirect => true,
            Tampering::Duplicate | Tampering::Delay | Tampering::Add => false,
            Tampering::Field(path, _) => {
                let path = path.to_string();
                let inside = path.strip_prefix(self.path);
                inside.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            }
        }
    }

    /// The case played up to this frame; `None` where it does not come to it.
    fn before(&self, case: &Arc<Case>, index: usize) -> Option<At> {
        let mut simulation = Simulation::new(case, self.codec, (self.reference)());
        let mut seen = Unnoticed::default();
        let mut frames = 0;
        while let Some(input) = simulation.next() {
            if let Input::Frame { connection, .. } = &input {
                if frames == index {
                    return Some(At {
                        connection: *connection,
                        input,
                        simulation,
                        seen,
                    });
                }
                frames += 1;
            }
            simulation.feed(input);
            simulation
                .take_events()
                .iter()
                .for_each(|event| seen.see(event));
        }
        None
    }
}

/// A case that is about to get a frame.
struct At {
    simulation: Simulation<Box<dyn Forkable>>,
    seen: Unnoticed,
    connection: u32,
    input: Input,
}

struct Weakened {
    /// As tamperings name it.
    path: String,
    matcher: String,
    /// All the fields' matchers, this one weakened.
    fields: Pattern,
}

/// Each matcher inside weakened by itself. What it captures it captures still; what asks for nothing but a type,
/// and captures, is there for the capture.
fn weakened(pattern: &Pattern, at: &str) -> Vec<Weakened> {
    let any = || Pattern::Of(Type::Any);
    let leaf = |fields: Pattern| Weakened {
        path: at.to_owned(),
        matcher: pattern.to_string(),
        fields,
    };
    match pattern {
        Pattern::Map { fields, closed } => {
            let mut all = Vec::new();
            for (i, (name, item)) in fields.iter().enumerate() {
                for inner in weakened(item, &format!("{at}.{name}")) {
                    let mut fields = fields.clone();
                    fields[i].1 = inner.fields;
                    let closed = *closed;
                    all.push(Weakened {
                        fields: Pattern::Map { fields, closed },
                        ..inner
                    });
                }
            }
            all
        }
        Pattern::List(items) => each(items, &format!("{at}[]"), Pattern::List),
        Pattern::Contains(items) => each(items, &format!("{at}[]"), Pattern::Contains),
        Pattern::Unordered(items) => each(items, &format!("{at}[]"), Pattern::Unordered),
        Pattern::All(items) => each(items, at, Pattern::All),
        Pattern::Capture(inner, _) if matches!(**inner, Pattern::Of(_)) => Vec::new(),
        Pattern::Capture(inner, name) => {
            let weak = weakened(inner, at).into_iter();
            weak.map(|inner| Weakened {
                fields: Pattern::Capture(Box::new(inner.fields), name.clone()),
                ..inner
            })
            .collect()
        }
        Pattern::Of(Type::Any) | Pattern::Absent => Vec::new(),
        // Where it may be missing, anything would be more, not less.
        Pattern::Either(options) if options.iter().any(|o| matches!(o, Pattern::Absent)) => {
            Vec::new()
        }
        other if !other.capture_names().is_empty() => Vec::new(),
        _ => vec![leaf(any())],
    }
}

fn each(items: &[Pattern], at: &str, make: fn(Vec<Pattern>) -> Pattern) -> Vec<Weakened> {
    let one = |(i, item): (usize, &Pattern)| {
        let weak = weakened(item, at).into_iter();
        let replaced = weak.map(|inner| {
            let mut items = items.to_vec();
            items[i] = inner.fields;
            Weakened {
                fields: make(items),
                ..inner
            }
        });
        replaced.collect::<Vec<_>>()
    };
    items.iter().enumerate().flat_map(one).collect()
}
