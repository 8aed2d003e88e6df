//! How the codec, and what every server must survive, can be broken.

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{Form, Kind, Message};
use super::super::request::Request;
use super::edit::{message, request};
use super::users::asks_for_oneself;
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

pub(super) const RULES: &[Entry] = &[
    rule(
        "codec",
        &[
            written("avatars are acknowledged in JSON", |message| {
                if message.kind == Kind::AvatarAck {
                    message.form = Form::JsonText;
                }
            }),
            written(
                "a byte comes after the acknowledgement of an avatar",
                |message| {
                    if message.kind == Kind::AvatarAck {
                        message.form = Form::WithByteAfter;
                    }
                },
            ),
        ],
    ),
    rule(
        "survives.malformed",
        &[
            way("nobody is served any more", |cx, effects| match cx.input {
                _ if cx.state.scars.dead => Vec::new(),
                Input::Malformed => vec![Change::Die.into()],
                _ => effects,
            }),
            way(
                "all connections are closed, and each new one too",
                |cx, effects| match cx.input {
                    Input::Connected if cx.state.scars.dead => vec![close(cx.conn)],
                    Input::Malformed => {
                        let open = cx.state.connections.iter().copied();
                        open.map(close).chain([Change::Die.into()]).collect()
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "survives.vanished-member",
        &[
            way(
                "who would reach a vanished member among others is not served",
                |cx, effects| {
                    if reaches_vanished_among_others(cx, &effects) {
                        Vec::new()
                    } else {
                        effects
                    }
                },
            ),
            way(
                "who would reach a vanished member among others is closed",
                |cx, effects| {
                    if reaches_vanished_among_others(cx, &effects) {
                        vec![close(cx.conn)]
                    } else {
                        effects
                    }
                },
            ),
        ],
    ),
    rule(
        "overlap.not-crossed",
        &[
            way(
                "the third answer to the same question goes to who asked second",
                |cx, effects| {
                    let Some(other) = asked_the_same_before(cx, &effects) else {
                        return effects;
                    };
                    let crossed = |effect| match effect {
                        Effect::Send { to, message } if to == cx.conn => {
                            Effect::Send { to: other, message }
                        }
                        effect => effect,
                    };
                    effects.into_iter().map(crossed).collect()
                },
            ),
            way(
                "who asked second gets the third answer to the same question too",
                |cx, mut effects| {
                    if let Some(other) = asked_the_same_before(cx, &effects) {
                        let answers: Vec<Message> =
                            effects.iter().filter_map(|e| answer(cx, e)).collect();
                        effects.extend(
                            answers
                                .into_iter()
                                .map(|message| Effect::Send { to: other, message }),
                        );
                    }
                    effects
                },
            ),
        ],
    ),
];

fn close(conn: ConnId) -> Effect {
    Effect::Close {
        conn,
        code: INTERNAL_ERROR,
    }
}

fn answer(cx: &Context, effect: &Effect) -> Option<Message> {
    match effect {
        Effect::Send { to, .. } if *to == cx.conn => message(effect).cloned(),
        _ => None,
    }
}

/// Whether a request was to reach users of whom one has vanished and another has not.
fn reaches_vanished_among_others(cx: &Context, effects: &[Effect]) -> bool {
    let mut receivers = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { to, .. } => Some(cx.state.scars.vanished.contains(to)),
        Effect::Send { .. } | Effect::Close { .. } | Effect::Change(_) => None,
    });
    let Some(first) = receivers.next() else {
        return false;
    };
    receivers.any(|vanished| vanished != first)
}

/// The other connection that made the request before this one, if that and the one before it were
/// of the same type and came from three connections: two in a row are often no overlap at all.
/// Registration and login are left alone, or nothing would work; so is the question for oneself,
/// which harms nobody and is therefore asked often.
fn asked_the_same_before(cx: &Context, effects: &[Effect]) -> Option<ConnId> {
    let request = request(cx)?;
    let harmless = matches!(request, Request::Register { .. } | Request::Login { .. });
    if harmless || asks_for_oneself(cx, effects) {
        return None;
    }
    let [Some(before), Some(earlier)] = &cx.state.scars.recent else {
        return None;
    };
    let what = std::mem::discriminant(request);
    let same = before.what == what && earlier.what == what;
    let conns = [cx.conn, before.conn, earlier.conn];
    let three = conns[0] != conns[1] && conns[1] != conns[2] && conns[0] != conns[2];
    let open = cx.state.connections.contains(&before.conn);
    (same && three && open).then_some(before.conn)
}
