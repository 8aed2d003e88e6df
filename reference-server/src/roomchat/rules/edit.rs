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
        Input::Request(request) => Some(request),
        Input::Connected | Input::Malformed | Input::Disconnected => None,
    }
}

/// The message that an effect sends, if it does.
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

/// Whether one of the effects sends a message of this kind with this status.
pub(super) fn any_status(effects: &[Effect], kind: Kind, status: &str) -> bool {
    let holds = |message: &Message| message.kind == kind && message.text("status") == status;
    effects.iter().filter_map(message).any(holds)
}

/// Without the messages of this kind.
pub(super) fn unsent(effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    keep(effects, |effect| !sends(effect, kind))
}

/// Without the messages of this kind with this status.
pub(super) fn unsent_status(effects: Vec<Effect>, kind: Kind, status: &str) -> Vec<Effect> {
    keep(effects, |effect| match message(effect) {
        Some(message) => message.kind != kind || message.text("status") != status,
        None => true,
    })
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

/// Whether one of the changes of the state is such a one.
pub(super) fn any_change(effects: &[Effect], wanted: impl Fn(&Change) -> bool) -> bool {
    let is = |effect: &Effect| matches!(effect, Effect::Change(change) if wanted(change));
    effects.iter().any(is)
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

/// With another status in the messages of this kind with this one.
pub(super) fn restated(effects: Vec<Effect>, kind: Kind, from: &str, to: &str) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.text("status") == from {
            message.set("status", to);
        }
    })
}

/// With another id in a field of the messages of this kind, where there is one.
pub(super) fn misnumbered(effects: Vec<Effect>, kind: Kind, field: &str) -> Vec<Effect> {
    altered(effects, kind, |message| {
        let other: Value = match message.get(field) {
            Some(Value::Number(number)) => {
                number.as_u64().map_or(0, |n| n.wrapping_add(1000)).into()
            }
            Some(Value::String(text)) => format!("not-{text}").into(),
            _ => return,
        };
        message.set(field, other);
    })
}

/// With one more effect at the end.
pub(super) fn and(mut effects: Vec<Effect>, effect: impl Into<Effect>) -> Vec<Effect> {
    effects.push(effect.into());
    effects
}

/// With a copy of each kind of message that is sent for these users as well.
pub(super) fn copied(mut effects: Vec<Effect>, kind: Kind, to: &[&str]) -> Vec<Effect> {
    let sent = effects.iter().filter(|effect| sends(effect, kind));
    let Some(message) = sent.filter_map(message).next().cloned() else {
        return effects;
    };
    effects.extend(to.iter().map(|to| Effect::Deliver {
        to: (*to).to_owned(),
        message: message.clone(),
        offline: Offline::Drop,
    }));
    effects
}

/// Everybody who is logged in, but for these.
pub(super) fn outsiders<'a>(cx: &Context<'a>, insiders: &[&str]) -> Vec<&'a str> {
    let users = cx.state.users.iter();
    let online = users.filter(|(_, user)| !user.conns.is_empty());
    let names = online.map(|(name, _)| name.as_str());
    names.filter(|name| !insiders.contains(name)).collect()
}

/// Those who share a room with the one who is logged in here, but for these.
pub(super) fn partners<'a>(cx: &Context<'a>, insiders: &[&str]) -> Vec<&'a str> {
    let Some(me) = cx.user else {
        return Vec::new();
    };
    let others = cx.state.rooms_of(me).map(|(_, room)| room.other(me));
    let mut others: Vec<&str> = others.filter(|name| !insiders.contains(name)).collect();
    others.sort_unstable();
    others.dedup();
    others
}

impl Message {
    /// A field that is text; empty where it is not.
    pub(super) fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}
