//! What everybody heard in a run, step by step, in few enough words that it can be held against another run.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::datum::Datum;
use super::lower::Lowered;
use super::sequence::Actor;
use super::vocabulary::Vocabulary;
use crate::event::{Event, SentFor, ShapeKind, TakenBy};
use crate::value::Value;

/// A message that somebody heard.
#[derive(Debug)]
pub(super) struct Heard<'e> {
    pub actor: Actor,
    /// The step that was the last to be taken; `None` in flows.
    pub step: Option<usize>,
    pub said: Said,
    /// The telling fields as the scenario language has them.
    pub raw: Vec<(String, String)>,
    /// A value in it is none of those documented, or the message is not.
    pub undocumented: bool,
    /// As the event has it.
    pub text: &'e str,
}

/// A message as far as it can be compared: without ids, times and texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Said {
    /// Empty where it is none of the document's.
    pub message: String,
    /// The fields that tell answers apart, without the types of their values.
    pub codes: Vec<(String, String)>,
}

pub(super) fn heard<'e>(
    vocabulary: &Vocabulary,
    lowered: &Lowered,
    events: &'e [Event],
) -> Vec<Heard<'e>> {
    let mut all: Vec<Heard> = Vec::new();
    let mut places: HashMap<(u32, u32), usize> = HashMap::new();
    let mut not_answers: Vec<usize> = Vec::new();
    let mut step = None;
    let mut undocumented = false;
    for event in events {
        match event {
            Event::Sent { at, why, .. } => match why {
                SentFor::Step => step = lowered.step_at(at),
                SentFor::Flow => step = None,
                SentFor::Fence => {}
            },
            Event::Shape { kind, .. } => undocumented |= *kind == ShapeKind::UndocumentedValue,
            Event::Received {
                actor,
                connection,
                seq,
                message,
                frame,
                ..
            } => {
                let undocumented = std::mem::take(&mut undocumented);
                let Some(actor) = Actor::named(actor) else {
                    continue;
                };
                let raw = match step {
                    Some(_) => codes(vocabulary, &frame.text),
                    None => Vec::new(),
                };
                places.insert((*connection, *seq), all.len());
                all.push(Heard {
                    actor,
                    step,
                    said: Said {
                        message: message.clone().unwrap_or_default(),
                        codes: raw
                            .iter()
                            .map(|(name, value)| {
                                (name.clone(), value.trim_matches('"').to_owned())
                            })
                            .collect(),
                    },
                    raw,
                    undocumented: undocumented || message.is_none(),
                    text: &frame.text,
                });
            }
            Event::Taken {
                connection,
                seq,
                by: by @ (TakenBy::Fence | TakenBy::Spontaneous),
                at,
                ..
            // A message that the document does not know is taken by nothing that stands anywhere.
            } if *by == TakenBy::Fence || !at.is_empty() => {
                not_answers.extend(places.get(&(*connection, *seq)));
            }
            _ => {}
        }
    }
    let mut i = 0;
    all.retain(|_| {
        i += 1;
        !not_answers.contains(&(i - 1))
    });
    all
}

/// The fields of a message, from the text of its frame; `None` where the text is cut, or no JSON could say it.
pub(super) fn body_of(vocabulary: &Vocabulary, text: &str) -> Option<Json> {
    let mut whole: Json = serde_json::from_str(text).ok()?;
    match &vocabulary.body_key {
        Some(key) => whole.get_mut(key).map(Json::take),
        None => Some(whole),
    }
}

fn codes(vocabulary: &Vocabulary, text: &str) -> Vec<(String, String)> {
    let Some(body) = body_of(vocabulary, text) else {
        return Vec::new();
    };
    let told = vocabulary.telling.iter().filter_map(|name| {
        let value = match body.get(name)? {
            Json::String(text) => Datum::text(text.as_str()),
            Json::Number(number) => Datum::int(number.as_i64()?.into()),
            Json::Bool(bool) => Datum::Value(Value::Bool(*bool)),
            Json::Null => Datum::Value(Value::Null),
            Json::Array(_) | Json::Object(_) => return None,
        };
        Some((name.clone(), value.to_string()))
    });
    told.collect()
}

/// A step on the way from a message's fields to a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Way {
    Field(String),
    Item,
}

/// The way to a text that the predicate likes, wherever it stands.
pub(super) fn find(value: &Json, likes: &dyn Fn(&str) -> bool) -> Option<Vec<Way>> {
    let below = |step: Way, inner: &Json| {
        let mut way = vec![step];
        way.extend(find(inner, likes)?);
        Some(way)
    };
    match value {
        Json::String(text) if likes(text) => Some(Vec::new()),
        Json::Array(items) => items.iter().find_map(|item| below(Way::Item, item)),
        Json::Object(fields) => fields
            .iter()
            .find_map(|(key, inner)| below(Way::Field(key.clone()), inner)),
        _ => None,
    }
}

/// A matcher for a message's fields that wants this at the end of the way: of every item where `each`, else of one.
pub(super) fn matcher(way: &[Way], wanted: &str, each: bool) -> String {
    let Some((first, rest)) = way.split_first() else {
        return wanted.to_owned();
    };
    let inner = matcher(rest, wanted, each);
    match first {
        Way::Field(name) if each => {
            let inner = format!("{{ $either: [<absent>, {inner}] }}");
            format!("{{ {}: {inner} }}", Datum::text(name.as_str()))
        }
        Way::Field(name) => format!("{{ {}: {inner} }}", Datum::text(name.as_str())),
        Way::Item if each => format!("{{ $each: {inner} }}"),
        Way::Item => format!("{{ $contains: [{inner}] }}"),
    }
}
