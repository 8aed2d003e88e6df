//! How what every server must survive can be broken, whatever its protocol.

use super::{HowOf, Rewrite, Way, way};
use crate::context::{Context, Input};
use crate::effect::Effect;
use crate::protocol::ConnId;
use crate::server::{EffectOf, Service};

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

/// The ways not to survive a frame that is no request.
pub(crate) const fn malformed<S: Service>() -> [Way<HowOf<S>>; 2] {
    [
        way("nobody is served any more", falls_silent::<S> as Rewrite<S>),
        way(
            "all connections are closed, and each new one too",
            closes_all::<S> as Rewrite<S>,
        ),
    ]
}

fn falls_silent<S: Service>(cx: &Context<S>, effects: Vec<EffectOf<S>>) -> Vec<EffectOf<S>> {
    match cx.input {
        _ if cx.past.dead => Vec::new(),
        Input::Malformed(_) => vec![Effect::Die],
        _ => effects,
    }
}

fn closes_all<S: Service>(cx: &Context<S>, effects: Vec<EffectOf<S>>) -> Vec<EffectOf<S>> {
    match cx.input {
        Input::Connected if cx.past.dead => closed(cx),
        Input::Malformed(_) => {
            let open = S::connections(cx.state).iter().copied();
            open.map(close).chain([Effect::Die]).collect()
        }
        _ => effects,
    }
}

fn close<M, C, T, H>(conn: ConnId) -> Effect<M, C, T, H> {
    Effect::Close {
        conn,
        code: INTERNAL_ERROR,
    }
}

/// Nothing but the end of the connection.
pub(crate) fn closed<S: Service>(cx: &Context<S>) -> Vec<EffectOf<S>> {
    vec![close(cx.conn)]
}

/// The effects, or nothing at all.
pub(crate) fn lost_if<E>(is_lost: bool, effects: Vec<E>) -> Vec<E> {
    if is_lost { Vec::new() } else { effects }
}

/// The effects, or nothing but the end of the connection.
pub(crate) fn closed_if<S: Service>(
    is_closed: bool,
    cx: &Context<S>,
    effects: Vec<EffectOf<S>>,
) -> Vec<EffectOf<S>> {
    if is_closed { closed(cx) } else { effects }
}

/// With the answers on the other connection, if there is one, in place of this one.
pub(crate) fn crossed<S: Service>(
    cx: &Context<S>,
    effects: Vec<EffectOf<S>>,
    other: Option<ConnId>,
) -> Vec<EffectOf<S>> {
    let Some(other) = other else {
        return effects;
    };
    let crossed = |effect| match effect {
        Effect::Send { to, message } if to == cx.conn => Effect::Send { to: other, message },
        effect => effect,
    };
    effects.into_iter().map(crossed).collect()
}

/// With the answers on the other connection as well, if there is one.
pub(crate) fn doubled<S: Service>(
    cx: &Context<S>,
    mut effects: Vec<EffectOf<S>>,
    other: Option<ConnId>,
) -> Vec<EffectOf<S>>
where
    S::Message: Clone,
{
    let copy = |effect: &EffectOf<S>| match (effect, other) {
        (Effect::Send { to, message }, Some(other)) if *to == cx.conn => Some(Effect::Send {
            to: other,
            message: message.clone(),
        }),
        _ => None,
    };
    let copies: Vec<EffectOf<S>> = effects.iter().filter_map(copy).collect();
    effects.extend(copies);
    effects
}

/// The other connection that made the request before this one, if that was of the same type and the
/// connection is still open.
pub(crate) fn asked_the_same_before<S: Service>(cx: &Context<S>) -> Option<ConnId>
where
    S::What: PartialEq,
{
    let request = cx.request()?;
    let before = cx.past.recent[0]?;
    let same = before.what == S::what(request);
    let open = S::connections(cx.state).contains(&before.conn);
    (same && open && before.conn != cx.conn).then_some(before.conn)
}
