//! The words in which broken rules are written: leave out, alter, copy, add.
//! Knows what effects are made of; knows no rule.

use serde_json::Value;

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect, Offline};
use super::super::message::{Kind, Message};
use super::super::request::Request;

/// The request that is being handled, if it is one.
pub(super) fn request<'a>(cx: &Context<'a>) -> Option<&'a Request> {
    match cx.input {
        Input::Request(incoming) => Some(&incoming.request),
        Input::Connected | Input::Malformed | Input::Disconnected => None,
    }
}

/// The message that an effect sends, if it sends one.
pub(super) fn message(effect: &Effect) -> Option<&Message> {
    match effect {
        Effect::Send { message, .. } | Effect::Deliver { message, .. } => Some(message),
        Effect::Close { .. } | Effect::Change(_) => None,
    }
}

fn message_mut(effect: &mut Effect) -> Option<&mut Message> {
    match effect {
        Effect::Send { message, .. } | Effect::Deliver { message, .. } => Some(message),
        Effect::Close { .. } | Effect::Change(_) => None,
    }
}

/// Whether an effect sends a message of this kind.
pub(super) fn sends(effect: &Effect, kind: Kind) -> bool {
    message(effect).is_some_and(|message| message.kind == kind)
}

/// Whether an effect sends a message of this kind with this code.
pub(super) fn sends_code(effect: &Effect, kind: Kind, code: i64) -> bool {
    sends(effect, kind) && message(effect).and_then(Message::code) == Some(code)
}

/// Whether one of the effects sends a message of this kind with this code.
pub(super) fn any_code(effects: &[Effect], kind: Kind, code: i64) -> bool {
    effects.iter().any(|effect| sends_code(effect, kind, code))
}

/// Without the messages of this kind.
pub(super) fn unsent(effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    keep(effects, |effect| !sends(effect, kind))
}

/// Without the messages of this kind with this code.
pub(super) fn unsent_code(effects: Vec<Effect>, kind: Kind, code: i64) -> Vec<Effect> {
    keep(effects, |effect| !sends_code(effect, kind, code))
}

/// Only the effects that are wanted.
pub(super) fn keep(effects: Vec<Effect>, wanted: impl Fn(&Effect) -> bool) -> Vec<Effect> {
    effects.into_iter().filter(wanted).collect()
}

/// Without some changes of the state.
pub(super) fn unchanged(effects: Vec<Effect>, unwanted: impl Fn(&Change) -> bool) -> Vec<Effect> {
    keep(
        effects,
        |effect| !matches!(effect, Effect::Change(change) if unwanted(change)),
    )
}

/// With other changes of the state.
pub(super) fn changed(effects: Vec<Effect>, change: impl Fn(Change) -> Change) -> Vec<Effect> {
    let other = |effect| match effect {
        Effect::Change(old) => Effect::Change(change(old)),
        effect => effect,
    };
    effects.into_iter().map(other).collect()
}

/// With other messages of this kind.
pub(super) fn altered(
    mut effects: Vec<Effect>,
    kind: Kind,
    alter: impl Fn(&mut Message),
) -> Vec<Effect> {
    for message in effects.iter_mut().filter_map(message_mut) {
        if message.kind == kind {
            alter(message);
        }
    }
    effects
}

/// With another code in the messages of this kind with this one.
pub(super) fn recoded(effects: Vec<Effect>, kind: Kind, from: i64, to: i64) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.code() == Some(from) {
            message.set("code", to);
        }
    })
}

/// With another value in a field of the successful messages of this kind.
pub(super) fn misnamed(effects: Vec<Effect>, kind: Kind, field: &str) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.code().is_none_or(|code| code == 0) {
            let other = match message.get(field) {
                Some(Value::Number(number)) => number.as_u64().map_or(0, |n| n + 1).into(),
                Some(Value::String(text)) => format!("not-{text}").into(),
                _ => Value::from("another"),
            };
            message.set(field, other);
        }
    })
}

/// With sender and receiver changed over in the messages of this kind.
pub(super) fn swapped(effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    altered(effects, kind, |message| {
        let names = (
            message.get("sender").cloned(),
            message.get("receiver").cloned(),
        );
        if let (Some(sender), Some(receiver)) = names {
            message.set("sender", receiver);
            message.set("receiver", sender);
        }
    })
}

/// With only the first message of this kind that reaches somebody.
pub(super) fn only_first(cx: &Context, effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    let mut reached = false;
    let wanted = |effect: &Effect| match effect {
        Effect::Deliver { to, message, .. } if message.kind == kind && cx.state.is_online(to) => {
            !std::mem::replace(&mut reached, true)
        }
        _ => true,
    };
    effects.into_iter().filter(wanted).collect()
}

/// With one more effect at the end.
pub(super) fn and(mut effects: Vec<Effect>, effect: impl Into<Effect>) -> Vec<Effect> {
    effects.push(effect.into());
    effects
}

/// With a copy of each kind of message that is delivered for these users as well.
pub(super) fn copied(mut effects: Vec<Effect>, kind: Kind, to: Vec<String>) -> Vec<Effect> {
    let Some(message) = effects
        .iter()
        .find(|e| sends(e, kind))
        .and_then(message)
        .cloned()
    else {
        return effects;
    };
    effects.extend(to.into_iter().map(|to| Effect::Deliver {
        to,
        message: message.clone(),
        offline: Offline::Drop,
    }));
    effects
}

/// Everybody who is logged in, but for these.
pub(super) fn outsiders(cx: &Context, insiders: &[&str]) -> Vec<String> {
    let online = cx.state.online.keys();
    online
        .filter(|user| !insiders.contains(&user.as_str()))
        .cloned()
        .collect()
}

/// The friends of a user who are logged in, but for these.
pub(super) fn friends(cx: &Context, of: &str, insiders: &[&str]) -> Vec<String> {
    let mut outsiders = outsiders(cx, insiders);
    outsiders.retain(|user| cx.state.are_friends(of, user));
    outsiders
}

impl Message {
    pub(super) fn code(&self) -> Option<i64> {
        self.get("code").and_then(Value::as_i64)
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}
