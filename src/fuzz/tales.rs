//! Who was told what another said or keeps secret: texts that occur once, and passwords, tokens and the like.

use super::datum::Datum;
use super::lower::Lowered;
use super::sequence::{Act, Actor, Sequence};
use super::vocabulary::Vocabulary;
use super::{heard, values};
use crate::event::{Event, SentFor};
use crate::value::Value;

/// Shorter values stand anywhere by chance.
const SHORTEST: usize = 8;

/// Something that its owner alone said or knew, and that somebody else heard.
#[derive(Clone, Debug)]
pub(super) struct Tale {
    pub viewer: Actor,
    pub owner: Actor,
    /// The text itself, or what the owner's secret is called.
    pub what: What,
    /// The step that was the last to be taken; `None` in flows.
    pub step: Option<usize>,
    pub message: String,
    /// The frame that tells it, and what in it.
    pub text: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Text(String),
    Secret(String),
}

struct Mark {
    value: String,
    what: What,
    owner: Option<Actor>,
    /// Users who have said it themselves.
    known: Vec<Actor>,
}

pub(super) fn tales(
    vocabulary: &Vocabulary,
    sequence: &Sequence,
    lowered: &Lowered,
    events: &[Event],
) -> Vec<Tale> {
    let mut marks: Vec<Mark> = Vec::new();
    for value in sequence.steps.iter().flat_map(|step| words_of(&step.act)) {
        if marks.iter().all(|mark| mark.value != value) {
            marks.push(Mark {
                what: What::Text(value.clone()),
                value,
                owner: None,
                known: Vec::new(),
            });
        }
    }
    let mut all: Vec<Tale> = Vec::new();
    let mut step = None;
    for event in events {
        match event {
            Event::Sent {
                actor,
                message,
                at,
                why,
                frame,
                ..
            } => {
                match why {
                    SentFor::Step => step = lowered.step_at(at),
                    SentFor::Flow => step = None,
                    SentFor::Fence => {}
                }
                let Some(user) = Actor::named(actor).map(Actor::user) else {
                    continue;
                };
                if *why == SentFor::Flow {
                    learn(vocabulary, &mut marks, user, message, &frame.text);
                }
                for mark in &mut marks {
                    if !mark.known.contains(&user) && frame.text.contains(&mark.value) {
                        mark.owner.get_or_insert(user);
                        mark.known.push(user);
                    }
                }
            }
            Event::Received {
                actor,
                message: Some(message),
                frame,
                ..
            } => {
                let Some(viewer) = Actor::named(actor) else {
                    continue;
                };
                if step.is_none() {
                    let name = Some(message.clone());
                    learn(vocabulary, &mut marks, viewer.user(), &name, &frame.text);
                }
                for mark in &marks {
                    let Some(owner) = mark.owner else { continue };
                    let is_news = !mark.known.contains(&viewer.user())
                        && frame.text.contains(&mark.value)
                        && !(all.iter())
                            .any(|tale| tale.viewer == viewer && tale.what == mark.what);
                    if is_news {
                        all.push(Tale {
                            viewer,
                            owner,
                            what: mark.what.clone(),
                            step,
                            message: message.clone(),
                            text: frame.text.clone(),
                            value: mark.value.clone(),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// Takes note of the secrets in a frame that passed between a user and the server in a flow.
fn learn(
    vocabulary: &Vocabulary,
    marks: &mut Vec<Mark>,
    user: Actor,
    message: &Option<String>,
    text: &str,
) {
    let mut secrets = vocabulary.secrets.iter();
    if !secrets.any(|secret| Some(&secret.message) == message.as_ref()) {
        return;
    }
    let Some(body) = heard::body_of(vocabulary, text) else {
        return;
    };
    for secret in &vocabulary.secrets {
        if Some(&secret.message) != message.as_ref() {
            continue;
        }
        let value = body.get(&secret.field).and_then(|value| value.as_str());
        if let Some(value) = value.filter(|value| value.len() >= SHORTEST)
            && marks.iter().all(|mark| mark.value != value)
        {
            marks.push(Mark {
                value: value.to_owned(),
                what: What::Secret(secret.own.clone()),
                owner: Some(user),
                known: vec![user],
            });
        }
    }
}

/// The texts in it that nobody else says.
pub(super) fn words_of(act: &Act) -> Vec<String> {
    let mut words = Vec::new();
    match act {
        Act::Flow { arguments, .. } => {
            (arguments.iter()).for_each(|(_, value)| words_in(value, &mut words));
        }
        Act::Send { body, .. } => words_in(body, &mut words),
        Act::Burst { bodies, .. } => bodies.iter().for_each(|body| words_in(body, &mut words)),
        Act::Raw { .. } | Act::Link { .. } => {}
    }
    words
}

fn words_in(datum: &Datum, words: &mut Vec<String>) {
    match datum {
        Datum::Value(Value::Str(text)) if values::is_word(text) => words.push(text.clone()),
        Datum::List(items) => items.iter().for_each(|item| words_in(item, words)),
        Datum::Map(pairs) => pairs.iter().for_each(|(_, value)| words_in(value, words)),
        _ => {}
    }
}
