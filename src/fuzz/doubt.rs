//! What in a run is looked at beside right servers: each a doubt until one of them shows the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::compare::Shown;
use super::datum::Datum;
use super::heard::{Heard, Said, body_of, find, matcher};
use super::sequence::{Act, Actor, Sequence, Step};
use super::tales::{Tale, What, words_of};
use super::vocabulary::Vocabulary;
use crate::protocol::{Field, FieldKind, Type};

/// Texts longer than this a server may refuse.
const LONG: usize = 4 << 10;

/// Something that a right server may show or not.
pub(super) struct Doubt {
    pub key: u64,
    pub step: usize,
    pub about: About,
}

pub(super) enum About {
    /// Of who is not logged in: an answer that says that it was done.
    Served {
        actor: Actor,
        said: Said,
        /// What right servers answered.
        rights: Vec<Vec<Answer>>,
    },
    /// What somebody heard up to an answer that no document knows.
    Answer {
        actor: Actor,
        heard: Vec<Said>,
        right: Option<Answer>,
    },
    /// The texts of a row, in the order in which they came.
    Row {
        viewer: Actor,
        texts: Vec<String>,
        came: Vec<usize>,
        right: Option<Order>,
    },
    Tale(Box<Tale>),
}

/// The order in which the texts of a row came on a right server, and by what each is known: its message, and a
/// matcher of its text.
type Order = (Vec<usize>, Vec<(String, String)>);

#[derive(Clone)]
pub(super) struct Answer {
    pub said: Said,
    /// The telling fields as the scenario language has them.
    pub raw: Vec<(String, String)>,
}

impl Doubt {
    /// Whether this right server leaves it as it is. Takes note of what it shows instead.
    pub(super) fn stays(&mut self, words: &Vocabulary, shown: &Shown<'_>) -> bool {
        let step = self.step;
        match &mut self.about {
            About::Served {
                actor,
                said,
                rights,
            } => {
                let same = |heard: &Heard| heard.said == *said || is_served(words, &heard.said);
                let answers = shown.answers(*actor, step).map(answer);
                rights.push(answers.collect());
                !shown.heard_until(*actor, step).any(same)
            }
            About::Answer {
                actor,
                heard,
                right,
            } => {
                let mut answers = shown.answers(*actor, step);
                let (Some(one), None) = (answers.next(), answers.next()) else {
                    return false;
                };
                let known = right.get_or_insert_with(|| answer(one));
                // So often it came up to then: what comes late is no other answer.
                let wanted = shown
                    .heard_until(*actor, step)
                    .filter(|other| other.said == one.said);
                let came = heard.iter().filter(|said| **said == one.said);
                known.said == one.said && came.count() < wanted.count()
            }
            About::Row {
                viewer,
                texts,
                came,
                right,
            } => {
                let row = shown.row(*viewer, texts);
                let order: Vec<usize> = row.iter().map(|(text, _)| *text).collect();
                let known = right.get_or_insert_with(|| {
                    let wanted = row.iter().filter_map(|(text, heard)| {
                        let body = body_of(words, heard.text)?;
                        let way = find(&body, &|found| found == texts[*text])?;
                        let wanted = Datum::text(texts[*text].as_str()).to_string();
                        Some((heard.said.message.clone(), matcher(&way, &wanted, false)))
                    });
                    (order.clone(), wanted.collect())
                });
                known.0 == order && *came != order && order.len() == known.1.len()
            }
            About::Tale(tale) => !shown
                .tales
                .iter()
                .any(|other| other.viewer == tale.viewer && other.what == tale.what),
        }
    }
}

fn answer(heard: &Heard) -> Answer {
    Answer {
        said: heard.said.clone(),
        raw: heard.raw.clone(),
    }
}

/// Whether it is what a flow waits for.
fn is_served(words: &Vocabulary, said: &Said) -> bool {
    words.served.iter().any(|served| {
        let has = |(name, values): &(String, Vec<String>)| {
            let mut codes = said.codes.iter();
            codes.any(|(code, value)| code == name && values.contains(value))
        };
        served.message == said.message && served.fields.iter().all(has)
    })
}

pub(super) fn doubts(words: &Vocabulary, sequence: &Sequence, shown: &Shown<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let crosses = sequence.crosses();
    for (at, step) in sequence.steps.iter().enumerate() {
        let key = |what: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            hash_shape(&sequence.steps[..=at], &mut hasher);
            what(&mut hasher);
            hasher.finish()
        };
        match &step.act {
            Act::Send {
                actor,
                message,
                body,
                malformed: false,
            } if body.longest() <= LONG
                && is_own(words, message, body)
                // Whose answer is whose is not clear where nobody waits for one.
                && sequence.steps[at.saturating_sub(1)..=at].iter().all(|step| !step.hasty) =>
            {
                let answers: Vec<&Heard> = shown.answers(*actor, at).collect();
                let said = || answers.iter().map(|heard| &heard.said);
                let key = key(&|hasher| said().for_each(|said| said.hash(hasher)));
                if is_stranger(&sequence.steps[..at], *actor) {
                    let done = said().find(|said| is_served(words, said));
                    doubts.extend(done.map(|said| Doubt {
                        key,
                        step: at,
                        about: About::Served {
                            actor: *actor,
                            said: said.clone(),
                            rights: Vec::new(),
                        },
                    }));
                } else if !crosses
                    && !words.may_close.contains(message)
                    && answers.iter().any(|heard| heard.undocumented)
                {
                    let heard = shown.heard_until(*actor, at);
                    doubts.push(Doubt {
                        key,
                        step: at,
                        about: About::Answer {
                            actor: *actor,
                            heard: heard.map(|heard| heard.said.clone()).collect(),
                            right: None,
                        },
                    });
                }
            }
            Act::Burst { actor, .. } if !crosses => {
                let texts = words_of(&step.act);
                for viewer in Actor::NOISE {
                    if viewer == actor.user() || texts.len() < 2 {
                        continue;
                    }
                    let row = shown.row(viewer, &texts);
                    let came: Vec<usize> = row.iter().map(|(text, _)| *text).collect();
                    doubts.push(Doubt {
                        key: key(&|hasher| (viewer, &came).hash(hasher)),
                        step: at,
                        about: About::Row {
                            viewer,
                            texts: texts.clone(),
                            came,
                            right: None,
                        },
                    });
                }
            }
            _ => {}
        }
    }
    for tale in &shown.tales {
        let Some(at) = tale.step.filter(|_| !crosses) else {
            continue;
        };
        let mut hasher = DefaultHasher::new();
        hash_shape(&sequence.steps[..=at], &mut hasher);
        let what = match &tale.what {
            What::Text(_) => "",
            What::Secret(own) => own,
        };
        (tale.viewer, tale.owner, what, &tale.message).hash(&mut hasher);
        doubts.push(Doubt {
            key: hasher.finish(),
            step: at,
            about: About::Tale(Box::new(tale.clone())),
        });
    }
    doubts
}

/// What has to do with how a step is answered: flows, who did what before, and what stands in its fields.
fn hash_shape(steps: &[Step], hasher: &mut DefaultHasher) {
    for (i, step) in steps.iter().enumerate() {
        match &step.act {
            Act::Flow { flow, actors, .. } => (flow, actors).hash(hasher),
            Act::Send {
                actor,
                message,
                body,
                malformed: false,
            } => {
                (actor, message).hash(hasher);
                if i + 1 == steps.len() {
                    fields_in(body, &mut |name, value| match value {
                        Datum::Reference(path) => (name, path).hash(hasher),
                        value => (name, value.class()).hash(hasher),
                    });
                }
            }
            Act::Burst { actor, message, .. } => (actor, message, "burst").hash(hasher),
            Act::Link { actor, link } => (actor, link).hash(hasher),
            Act::Send { .. } | Act::Raw { .. } => {}
        }
    }
}

fn fields_in(body: &Datum, act: &mut dyn FnMut(&str, &Datum)) {
    let Datum::Map(pairs) = body else { return };
    for (name, value) in pairs {
        act(name, value);
        fields_in(value, act);
    }
}

/// Whether it names nobody and nothing but those of the sequence: others have users and rooms, too.
fn is_own(words: &Vocabulary, message: &str, body: &Datum) -> bool {
    let Some(word) = words.word(message) else {
        return false;
    };
    let mut own = true;
    fields_in(body, &mut |name, value| {
        let slots = word.slots.iter();
        let mut slots = slots.filter(|slot| slot.path.last().is_some_and(|last| last == name));
        let names = words.is_personal(message, name)
            || slots.any(|slot| matches!(slot.shape.kind, FieldKind::Of(Type::Id)));
        own &= !names || is_secret(&word.fields, name) || is_known(value);
    });
    own
}

/// Whether an id stands in it as it is, and not as somebody got it: of another form than the server's own, it may
/// be malformed there.
pub(super) fn has_plain_id(words: &Vocabulary, message: &str, body: &Datum) -> bool {
    let Some(word) = words.word(message) else {
        return false;
    };
    let mut plain = false;
    fields_in(body, &mut |name, value| {
        let mut slots = word.slots.iter();
        let is_id = slots.any(|slot| {
            let named = slot.path.last().is_some_and(|last| last == name);
            named && matches!(slot.shape.kind, FieldKind::Of(Type::Id))
        });
        plain |= is_id && !is_known(value);
    });
    plain
}

fn is_secret(fields: &[Field], name: &str) -> bool {
    (fields.iter()).any(|field| field.name == name && field.shape.secret)
}

fn is_known(value: &Datum) -> bool {
    match value {
        Datum::Reference(_) | Datum::Template(_) => true,
        Datum::List(items) => items.iter().all(is_known),
        Datum::Map(pairs) => pairs.iter().all(|(_, value)| is_known(value)),
        _ => false,
    }
}

/// Whether nobody is logged in on the connection, as far as can be told from what was done there.
fn is_stranger(before: &[Step], actor: Actor) -> bool {
    let came_anew =
        |step: &Step| matches!(step.act, Act::Link { actor: other, .. } if other == actor);
    !actor.is_logged_in() || before.iter().any(came_anew)
}
