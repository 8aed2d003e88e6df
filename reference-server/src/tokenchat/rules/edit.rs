//! The words in which broken rules are written: leave out, alter, answer otherwise, add.
//! Knows what effects are made of; knows no rule.

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::Effect;
use super::super::message::Answer;
use super::super::request::{Mode, Request};
pub(super) use crate::rules::edit::{changed, keep, unchanged};

/// The request that is being handled, if it is of this mode.
pub(super) fn request<'a>(cx: &Context<'a>, mode: Mode) -> Option<&'a Request> {
    cx.request().filter(|request| request.mode == mode)
}

/// Whether the request is of this mode.
pub(super) fn is(cx: &Context, mode: Mode) -> bool {
    request(cx, mode).is_some()
}

/// The status of the answer among these effects.
pub(super) fn status(effects: &[Effect]) -> Option<u16> {
    let answer = effects.iter().find_map(Effect::message)?;
    Some(answer.status)
}

/// Whether a request of this mode is about to be answered with this status.
pub(super) fn answers(cx: &Context, effects: &[Effect], mode: Mode, with: u16) -> bool {
    is(cx, mode) && status(effects) == Some(with)
}

/// Whether a request lacks one of these fields.
pub(super) fn lacks(request: &Request, fields: &[&str]) -> bool {
    fields.iter().any(|field| !request.has(field))
}

/// Without an answer.
pub(super) fn unanswered(effects: Vec<Effect>) -> Vec<Effect> {
    keep(effects, |effect| !matches!(effect, Effect::Send { .. }))
}

/// With another answer.
pub(super) fn altered(mut effects: Vec<Effect>, alter: impl Fn(&mut Answer)) -> Vec<Effect> {
    for answer in effects.iter_mut().filter_map(Effect::message_mut) {
        alter(answer);
    }
    effects
}

/// With another status.
pub(super) fn restatused(effects: Vec<Effect>, status: u16) -> Vec<Effect> {
    altered(effects, |answer| answer.status = status)
}

/// With another value in a field of the answer, where it has that field.
pub(super) fn refielded(
    effects: Vec<Effect>,
    field: &str,
    alter: impl Fn(&mut Value),
) -> Vec<Effect> {
    altered(effects, |answer| {
        if let Some(value) = answer.fields.get_mut(field) {
            alter(value);
        }
    })
}

/// Without a field of the answer.
pub(super) fn unfielded(effects: Vec<Effect>, field: &str) -> Vec<Effect> {
    altered(effects, |answer| _ = answer.fields.shift_remove(field))
}

/// With another value in a field of each entry of a list of the answer.
pub(super) fn relisted(
    effects: Vec<Effect>,
    list: &str,
    field: &str,
    alter: impl Fn(&mut Value),
) -> Vec<Effect> {
    refielded(effects, list, |entries| {
        for entry in entries.as_array_mut().into_iter().flatten() {
            if let Some(value) = entry.get_mut(field) {
                alter(value);
            }
        }
    })
}

/// With one more effect before the others.
pub(super) fn first(effect: impl Into<Effect>, effects: Vec<Effect>) -> Vec<Effect> {
    std::iter::once(effect.into()).chain(effects).collect()
}
