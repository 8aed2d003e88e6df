//! The words in which broken rules are written: leave out, alter, copy, add.
//! Knows what effects are made of; knows no rule.

use rmpv::Value;

use super::super::context::Context;
use super::super::effect::{Devices, Effect, Means, Offline};
use super::super::id::Id;
use super::super::message::{Kind, Message};
use super::super::request::{Request, Sending};
use crate::rules::edit;
pub(super) use crate::rules::edit::{altered, and, keep, request, sends, unsent};

/// What is being sent to a chat, if it is that.
pub(super) fn sending<'a>(cx: &Context<'a>) -> Option<&'a Sending> {
    match request(cx)? {
        Request::Send(sending) => Some(sending),
        _ => None,
    }
}

/// Whether one of the effects sends a message of this kind.
pub(super) fn any(effects: &[Effect], kind: Kind) -> bool {
    effects.iter().any(|effect| sends(effect, kind))
}

/// Whether one of the effects sends a failure for this reason.
pub(super) fn any_reason(effects: &[Effect], kind: Kind, reason: &str) -> bool {
    let says = |effect: &Effect| {
        effect
            .message()
            .is_some_and(|m| m.kind == kind && m.text("reason") == reason)
    };
    effects.iter().any(says)
}

/// With another reason in the failures of this kind that have this one.
pub(super) fn reasoned(effects: Vec<Effect>, kind: Kind, from: &str, to: &str) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.text("reason") == from {
            message.set("reason", to);
        }
    })
}

/// With a copy of a message of this kind for these users as well.
pub(super) fn copied(effects: Vec<Effect>, kind: Kind, to: Vec<Id>) -> Vec<Effect> {
    let how = Means {
        devices: Devices::Every,
        offline: Offline::Drop,
    };
    edit::copied(effects, kind, to, how)
}

/// Everybody who is logged in, but for the one who asks and all who are to get a message of this kind.
pub(super) fn outsiders(cx: &Context, effects: &[Effect], kind: Kind) -> Vec<Id> {
    let insider = |user: &Id| {
        cx.user == Some(user)
            || effects.iter().any(|effect| matches!(effect, Effect::Deliver { to, message, .. } if to == user && message.kind == kind))
    };
    cx.state
        .online
        .keys()
        .filter(|user| !insider(user))
        .cloned()
        .collect()
}

/// Those of them who share a chat with the one who asks.
pub(super) fn partners(cx: &Context, effects: &[Effect], kind: Kind) -> Vec<Id> {
    let partners = cx
        .user
        .map(|user| cx.state.partners(user))
        .unwrap_or_default();
    let mut outsiders = outsiders(cx, effects, kind);
    outsiders.retain(|user| partners.contains(user));
    outsiders
}

impl Message {
    pub(super) fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The items of a list of maps.
    pub(super) fn items(&mut self, field: &str) -> Option<&mut Vec<Value>> {
        let (_, value) = self.fields.iter_mut().find(|(name, _)| *name == field)?;
        match value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Does something to a field of each item of a list of maps.
    pub(super) fn each_item(&mut self, list: &str, field: &str, alter: impl Fn(&mut Value)) {
        for item in self.items(list).into_iter().flatten() {
            if let Some(value) = item_field(item, field) {
                alter(value);
            }
        }
    }
}

/// A field of a map in a list.
pub(super) fn item_field<'a>(item: &'a mut Value, field: &str) -> Option<&'a mut Value> {
    let Value::Map(pairs) = item else {
        return None;
    };
    pairs
        .iter_mut()
        .find(|(key, _)| key.as_str() == Some(field))
        .map(|(_, value)| value)
}
