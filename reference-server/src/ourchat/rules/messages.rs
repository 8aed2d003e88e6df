//! How user messages can be broken.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::Effect;
use super::super::message::Kind::UserMessage;
use super::super::message::Message;
use super::edit::{altered, another_id, sends, unsent, user_message};
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;

/// Where a broken server cuts a text, in characters.
const CUT: usize = 1000;

pub(super) const RULES: &[Entry] = &[
    rule(
        "user-message.delivered",
        &[
            way("not delivered", |cx, effects| match user_message(cx) {
                Some(_) => unsent(effects, UserMessage),
                None => effects,
            }),
            way("another session is named", |_, effects| {
                altered(effects, UserMessage, |message| {
                    sender(message, "session_id", another_id);
                })
            }),
            way("another sender is named", |_, effects| {
                altered(effects, UserMessage, |message| {
                    sender(message, "ocid", another_id);
                })
            }),
        ],
    ),
    rule(
        "user-message.intact",
        &[
            written("letters beyond ASCII become question marks", |message| {
                let ascii = |letter: char| if letter.is_ascii() { letter } else { '?' };
                texts(message, |text| text.chars().map(ascii).collect());
            }),
            written("texts are cut after 1000 characters", |message| {
                texts(message, |text| text.chars().take(CUT).collect());
            }),
            written("only the first entry is left", |message| {
                if message.kind == UserMessage
                    && let Some(Value::Array(entries)) = message.fields.get_mut("msg")
                {
                    entries.truncate(1);
                }
            }),
        ],
    ),
    rule(
        "user-message.id-unique",
        &[
            written("all messages have one id", |message| {
                if message.kind == UserMessage {
                    message.set("msg_id", 7);
                }
            }),
            written("two messages have one id each time", |message| {
                if message.kind == UserMessage
                    && let Some(id) = message.get("msg_id").and_then(Value::as_u64)
                {
                    message.set("msg_id", id / 4);
                }
            }),
        ],
    ),
    rule(
        "user-message.private",
        &[
            way("everybody who is online sees it", |cx, effects| {
                leaked(cx, effects, |_, _| true)
            }),
            way(
                "whoever shares any session with a member sees it",
                |cx, effects| {
                    leaked(cx, effects, |cx, (members, outsider)| {
                        cx.state.sessions.values().any(|session| {
                            session.members.contains(&outsider)
                                && !session.members.is_disjoint(members)
                        })
                    })
                },
            ),
        ],
    ),
];

/// Puts another value into a field of the sender.
fn sender(message: &mut Message, field: &str, other: fn(&Value) -> Value) {
    if let Some(value) = message
        .fields
        .get_mut("sender")
        .and_then(|s| s.get_mut(field))
    {
        *value = other(value);
    }
}

/// Puts other texts into the entries of a user message.
fn texts(message: &mut Message, other: impl Fn(&str) -> String) {
    if message.kind != UserMessage {
        return;
    }
    let entries = message.fields.get_mut("msg").and_then(Value::as_array_mut);
    for text in entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get_mut("text"))
    {
        if let Some(kept) = text.as_str() {
            *text = other(kept).into();
        }
    }
}

/// With a copy of a message for outsiders of its session.
fn leaked(
    cx: &Context,
    mut effects: Vec<Effect>,
    reaches: fn(&Context, (&BTreeSet<u64>, u64)) -> bool,
) -> Vec<Effect> {
    let session = user_message(cx).map(|message| message.sender.session_id);
    let Some(session) = session.and_then(|id| cx.state.sessions.get(&id)) else {
        return effects;
    };
    let Some(message) = effects.iter().find_map(|e| sends(e, UserMessage)).cloned() else {
        return effects;
    };
    let outside = |(_, ocid): &(&ConnId, &u64)| {
        !session.members.contains(ocid) && reaches(cx, (&session.members, **ocid))
    };
    let outsiders = cx.state.users.iter().filter(outside);
    effects.extend(outsiders.map(|(&to, _)| Effect::Send {
        to,
        message: message.clone(),
    }));
    effects
}
