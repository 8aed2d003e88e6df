//! The words in which broken rules are written: leave out, alter, copy, add.
//! Knows what effects are made of; knows no rule.

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::{Effect, Offline};
use super::super::message::{Kind, Message};
use super::super::request::Request;
use crate::rules::edit;
pub(super) use crate::rules::edit::{altered, and, changed, keep, sends, unchanged, unsent};

/// The request that is being handled, if it is one.
pub(super) fn request<'a>(cx: &Context<'a>) -> Option<&'a Request> {
    cx.request().map(|incoming| &incoming.request)
}

/// Whether an effect sends a message of this kind with this code.
pub(super) fn sends_code(effect: &Effect, kind: Kind, code: i64) -> bool {
    sends(effect, kind) && effect.message().and_then(Message::code) == Some(code)
}

/// Whether one of the effects sends a message of this kind with this code.
pub(super) fn any_code(effects: &[Effect], kind: Kind, code: i64) -> bool {
    effects.iter().any(|effect| sends_code(effect, kind, code))
}

/// Without the messages of this kind with this code.
pub(super) fn unsent_code(effects: Vec<Effect>, kind: Kind, code: i64) -> Vec<Effect> {
    keep(effects, |effect| !sends_code(effect, kind, code))
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

/// With a copy of a message of this kind for these users as well.
pub(super) fn copied(effects: Vec<Effect>, kind: Kind, to: Vec<String>) -> Vec<Effect> {
    edit::copied(effects, kind, to, Offline::Drop)
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
