//! The words in which broken rules are written: leave out, alter, add.
//! Knows what effects are made of; knows no rule.

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{Kind, Message};
use super::super::request::{GetAccountInfo, Login, NewSession, Register, Request, UserMessage};
pub(super) use crate::rules::edit::{and, changed, keep, unchanged, unsent};

pub(super) fn registration<'a>(cx: &Context<'a>) -> Option<&'a Register> {
    match &cx.request()?.request {
        Request::Register(account) => Some(account),
        _ => None,
    }
}

pub(super) fn login<'a>(cx: &Context<'a>) -> Option<&'a Login> {
    match &cx.request()?.request {
        Request::Login(login) => Some(login),
        _ => None,
    }
}

/// Whether the request is a login of this type.
pub(super) fn is_login(cx: &Context, login_type: u64) -> bool {
    login(cx).is_some_and(|login| login.login_type == login_type)
}

pub(super) fn new_session<'a>(cx: &Context<'a>) -> Option<&'a NewSession> {
    match &cx.request()?.request {
        Request::NewSession(session) => Some(session),
        _ => None,
    }
}

pub(super) fn user_message<'a>(cx: &Context<'a>) -> Option<&'a UserMessage> {
    match &cx.request()?.request {
        Request::UserMessage(message) => Some(message),
        _ => None,
    }
}

pub(super) fn question<'a>(cx: &Context<'a>) -> Option<&'a GetAccountInfo> {
    match &cx.request()?.request {
        Request::GetAccountInfo(question) => Some(question),
        _ => None,
    }
}

/// The message that an effect sends, if it is of this kind.
pub(super) fn sends(effect: &Effect, kind: Kind) -> Option<&Message> {
    match effect {
        Effect::Send { message, .. } if message.kind == kind => Some(message),
        _ => None,
    }
}

/// Whether one of the effects sends a message of this kind with this status.
pub(super) fn says(effects: &[Effect], kind: Kind, status: u64) -> bool {
    let is_it = |effect| sends(effect, kind).and_then(Message::status) == Some(status);
    effects.iter().any(is_it)
}

/// Without the messages of this kind with this status.
pub(super) fn unsaid(effects: Vec<Effect>, kind: Kind, status: u64) -> Vec<Effect> {
    keep(effects, |effect| {
        sends(effect, kind).and_then(Message::status) != Some(status)
    })
}

/// With other messages of this kind.
pub(super) fn altered(
    mut effects: Vec<Effect>,
    kind: Kind,
    alter: impl Fn(&mut Message),
) -> Vec<Effect> {
    for effect in &mut effects {
        match effect {
            Effect::Send { message, .. } if message.kind == kind => alter(message),
            Effect::Change(Change::Store { message, .. }) if message.kind == kind => alter(message),
            _ => {}
        }
    }
    effects
}

/// With another status in the messages of this kind with this one. A failure has no other fields.
pub(super) fn restated(effects: Vec<Effect>, kind: Kind, from: u64, to: u64) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.status() == Some(from) {
            if to != 0 {
                message.fields.clear();
            }
            message.set("status", to);
        }
    })
}

/// The id, one higher; text stays text.
pub(super) fn another_id(id: &Value) -> Value {
    match id {
        Value::String(text) => format!("{text}0").into(),
        other => other.as_u64().map_or(0, |id| id + 1).into(),
    }
}
