//! How the envelope, and what every server must survive, can be broken.

use serde_json::Value;

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::friends::NO_SUCH_USER;
use super::super::message::{Kind, Message, Payload, Stamp};
use super::super::request::Request;
use super::edit::{and, message, request, sends_code};
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

pub(super) const RULES: &[Entry] = &[
    rule(
        "envelope",
        &[
            written("no timestamp", |message| message.stamp = Stamp::Missing),
            written("the timestamp is text", |message| {
                message.stamp = Stamp::Given("1970-01-01T00:00:00Z".into());
            }),
            written("the payload is text", |message| {
                if let Payload::Object(fields) = &message.payload {
                    let text = Value::Object(fields.clone()).to_string();
                    message.payload = Payload::Other(text.into());
                }
            }),
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
                "the answer goes to the connection that asked the same before",
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
                "the connection that asked the same before gets the answer too",
                |cx, effects| {
                    let Some(other) = asked_the_same_before(cx, &effects) else {
                        return effects;
                    };
                    let answers: Vec<Message> =
                        effects.iter().filter_map(|e| answer(cx, e)).collect();
                    let send = |all, message| and(all, Effect::Send { to: other, message });
                    answers.into_iter().fold(effects, send)
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

/// Whether a request was to reach users of whom one has vanished and another has not. Comings and
/// goings are told as ever, or no session would end.
fn reaches_vanished_among_others(cx: &Context, effects: &[Effect]) -> bool {
    let mut receivers = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { message, .. }
            if matches!(message.kind, Kind::UserStatusUpdate | Kind::UserLogout) =>
        {
            None
        }
        Effect::Deliver { to, .. } => Some(cx.state.scars.vanished.contains(to)),
        Effect::Send { .. } | Effect::Close { .. } | Effect::Change(_) => None,
    });
    let Some(first) = receivers.next() else {
        return false;
    };
    receivers.any(|vanished| vanished != first)
}

/// The other connection that made the request before this one, if it was of the same type.
/// Registration and login are left alone, or nothing would work; so is the question for a user
/// who does not exist, which harms nobody and is therefore asked often.
fn asked_the_same_before(cx: &Context, effects: &[Effect]) -> Option<ConnId> {
    let request = request(cx)?;
    let harmless = matches!(
        request,
        Request::RegisterRequest(_) | Request::LoginRequest(_)
    );
    let unknown = |effect: &Effect| sends_code(effect, Kind::FriendRequestAck, NO_SUCH_USER);
    if harmless || effects.iter().any(unknown) {
        return None;
    }
    let before = cx.state.scars.recent[0].as_ref()?;
    let same = before.what == std::mem::discriminant(request);
    let open = cx.state.connections.contains(&before.conn);
    (same && open && before.conn != cx.conn).then_some(before.conn)
}
