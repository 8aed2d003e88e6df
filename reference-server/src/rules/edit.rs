//! The words in which broken rules are written, whatever the protocol: leave out, alter, add.
//! Knows what effects are made of; knows no rule.

use crate::context::Context;
use crate::effect::Effect;
use crate::message::Kinded;
use crate::server::Service;

/// The request that is being handled, if it is one.
pub(crate) fn request<'a, S: Service>(cx: &Context<'a, S>) -> Option<&'a S::Request> {
    cx.request()
}

/// Whether an effect sends a message of this kind.
pub(crate) fn sends<M: Kinded, C, T, H>(effect: &Effect<M, C, T, H>, kind: M::Kind) -> bool {
    effect
        .message()
        .is_some_and(|message| message.kind() == kind)
}

/// Without the messages of this kind.
pub(crate) fn unsent<M: Kinded, C, T, H>(
    effects: Vec<Effect<M, C, T, H>>,
    kind: M::Kind,
) -> Vec<Effect<M, C, T, H>> {
    keep(effects, |effect| !sends(effect, kind))
}

/// Only the effects that are wanted.
pub(crate) fn keep<E>(effects: Vec<E>, wanted: impl Fn(&E) -> bool) -> Vec<E> {
    effects.into_iter().filter(wanted).collect()
}

/// Without some changes of the state.
pub(crate) fn unchanged<M, C, T, H>(
    effects: Vec<Effect<M, C, T, H>>,
    unwanted: impl Fn(&C) -> bool,
) -> Vec<Effect<M, C, T, H>> {
    keep(
        effects,
        |effect| !matches!(effect, Effect::Change(change) if unwanted(change)),
    )
}

/// With other changes of the state.
pub(crate) fn changed<M, C, T, H>(
    effects: Vec<Effect<M, C, T, H>>,
    change: impl Fn(C) -> C,
) -> Vec<Effect<M, C, T, H>> {
    let other = |effect| match effect {
        Effect::Change(old) => Effect::Change(change(old)),
        effect => effect,
    };
    effects.into_iter().map(other).collect()
}

/// Whether one of the changes of the state is such a one.
pub(crate) fn any_change<M, C, T, H>(
    effects: &[Effect<M, C, T, H>],
    wanted: impl Fn(&C) -> bool,
) -> bool {
    let is =
        |effect: &Effect<M, C, T, H>| matches!(effect, Effect::Change(change) if wanted(change));
    effects.iter().any(is)
}

/// With other messages of this kind.
pub(crate) fn altered<M: Kinded, C, T, H>(
    mut effects: Vec<Effect<M, C, T, H>>,
    kind: M::Kind,
    alter: impl Fn(&mut M),
) -> Vec<Effect<M, C, T, H>> {
    for message in effects.iter_mut().filter_map(Effect::message_mut) {
        if message.kind() == kind {
            alter(message);
        }
    }
    effects
}

/// With one more effect at the end.
pub(crate) fn and<E>(mut effects: Vec<E>, effect: impl Into<E>) -> Vec<E> {
    effects.push(effect.into());
    effects
}

/// With a copy of the first message of this kind for others as well, if there is one.
pub(crate) fn copied<M: Kinded + Clone, C, T, H: Copy>(
    mut effects: Vec<Effect<M, C, T, H>>,
    kind: M::Kind,
    to: impl IntoIterator<Item = T>,
    how: H,
) -> Vec<Effect<M, C, T, H>> {
    let sent = effects.iter().find(|effect| sends(effect, kind));
    let Some(message) = sent.and_then(Effect::message).cloned() else {
        return effects;
    };
    effects.extend(to.into_iter().map(|to| Effect::Deliver {
        to,
        message: message.clone(),
        how,
    }));
    effects
}
