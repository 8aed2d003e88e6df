//! The words in which broken rules are written: leave out, alter, copy, add.
//! Knows what effects are made of; knows no rule.

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::{Effect, Offline};
use super::super::message::{Kind, Message};
use crate::rules::edit;
pub(super) use crate::rules::edit::{
    altered, and, any_change, changed, keep, request, sends, unchanged, unsent,
};

/// Whether one of the effects sends a message of this kind with this status.
pub(super) fn any_status(effects: &[Effect], kind: Kind, status: &str) -> bool {
    let holds = |message: &Message| message.kind == kind && message.text("status") == status;
    effects.iter().filter_map(Effect::message).any(holds)
}

/// Without the messages of this kind with this status.
pub(super) fn unsent_status(effects: Vec<Effect>, kind: Kind, status: &str) -> Vec<Effect> {
    keep(effects, |effect| match effect.message() {
        Some(message) => message.kind != kind || message.text("status") != status,
        None => true,
    })
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

/// With a copy of a message of this kind for these users as well.
pub(super) fn copied(effects: Vec<Effect>, kind: Kind, to: &[&str]) -> Vec<Effect> {
    let to = to.iter().map(|user| (*user).to_owned());
    edit::copied(effects, kind, to, Offline::Drop)
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
