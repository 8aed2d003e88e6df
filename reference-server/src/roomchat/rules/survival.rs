//! How the form of every message, and what every server must survive, can be broken.

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{Form, Kind, Message};
use super::super::request::Request;
use super::edit::{message, request};
use super::search::finds;
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

pub(super) const RULES: &[Entry] = &[
    rule(
        "frame.typed",
        &[
            written("a search's result has no type", |message| {
                wrapped(message, Form::Untyped);
            }),
            written("a search's result stands in a list", |message| {
                wrapped(message, Form::Listed);
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
                "who deletes a room with one who vanished is not served",
                |cx, effects| {
                    if reaches_vanished(cx, &effects) {
                        Vec::new()
                    } else {
                        effects
                    }
                },
            ),
            way(
                "who deletes a room with one who vanished is closed",
                |cx, effects| {
                    if reaches_vanished(cx, &effects) {
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
                |cx, mut effects| {
                    let Some(to) = asked_the_same_before(cx, &effects) else {
                        return effects;
                    };
                    let answers = effects.iter().filter_map(|effect| match effect {
                        Effect::Send { to, message } if *to == cx.conn => Some(message.clone()),
                        _ => None,
                    });
                    let answers: Vec<Message> = answers.collect();
                    let sent = answers
                        .into_iter()
                        .map(|message| Effect::Send { to, message });
                    effects.extend(sent);
                    effects
                },
            ),
        ],
    ),
];

fn wrapped(message: &mut Message, form: Form) {
    if message.kind == Kind::SearchUser && finds(message) {
        message.form = form;
    }
}

fn close(conn: ConnId) -> Effect {
    Effect::Close {
        conn,
        code: INTERNAL_ERROR,
    }
}

/// Whether a deleted room's member has vanished.
fn reaches_vanished(cx: &Context, effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Deliver { to, message, .. } => {
            message.kind == Kind::DeleteRoom && cx.state.scars.vanished.contains(to)
        }
        Effect::Send { .. } | Effect::Close { .. } | Effect::Change(_) => false,
    })
}

/// The other connection that made the request before this one, if it was of the same type.
/// Sign-up and login are left alone, or nothing would work; so is the search for a user who does
/// not exist, which harms nobody and is therefore asked often.
fn asked_the_same_before(cx: &Context, effects: &[Effect]) -> Option<ConnId> {
    let request = request(cx)?;
    let common = matches!(
        request,
        Request::RequestSignup(_) | Request::RequestLogin(_)
    );
    let found_nobody = |effect: &Effect| {
        message(effect).is_some_and(|message| message.kind == Kind::SearchUser && !finds(message))
    };
    if common || effects.iter().any(found_nobody) {
        return None;
    }
    let before = cx.state.scars.recent.as_ref()?;
    let same = before.what == std::mem::discriminant(request);
    let open = cx.state.connections.contains(&before.conn);
    (same && open && before.conn != cx.conn).then_some(before.conn)
}
