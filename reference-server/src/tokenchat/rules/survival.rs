//! How what every server must survive can be broken.

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::messages::chat_id;
use super::super::request::Mode;
use super::edit::is;
use super::{Entry, rule, way};
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

pub(super) const RULES: &[Entry] = &[
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
                "who writes to a chat with a vanished member is not served",
                |cx, effects| match writes_to_vanished(cx) {
                    true => Vec::new(),
                    false => effects,
                },
            ),
            way(
                "who writes to a chat with a vanished member is closed",
                |cx, effects| match writes_to_vanished(cx) {
                    true => vec![close(cx.conn)],
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "overlap.not-crossed",
        &[
            way(
                "of three that ask for messages, the first gets the answer to the third",
                |cx, effects| {
                    let Some(other) = asked_before(cx) else {
                        return effects;
                    };
                    let crossed = |effect| match effect {
                        Effect::Send { answer, .. } => Effect::Send { to: other, answer },
                        effect => effect,
                    };
                    effects.into_iter().map(crossed).collect()
                },
            ),
            way(
                "of three that ask for messages, the first gets the third's too",
                |cx, mut effects| {
                    let Some(to) = asked_before(cx) else {
                        return effects;
                    };
                    let answers = effects.iter().filter_map(|effect| match effect {
                        Effect::Send { answer, .. } => Some(answer.clone()),
                        Effect::Close { .. } | Effect::Change(_) => None,
                    });
                    let copies: Vec<Effect> =
                        answers.map(|answer| Effect::Send { to, answer }).collect();
                    effects.extend(copies);
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

/// Whether a message goes to a chat of which a member has vanished.
fn writes_to_vanished(cx: &Context) -> bool {
    let Some(request) = cx.request().filter(|_| is(cx, Mode::SendMessage)) else {
        return false;
    };
    let chat = chat_id(cx, request)
        .ok()
        .and_then(|id| cx.state.chats.get(&id));
    chat.is_some_and(|chat| {
        let mut members = chat.members.iter();
        members.any(|member| cx.state.scars.vanished.contains(member))
    })
}

/// The first of three connections that ask for messages one after the other. Other requests, and
/// fewer, are left alone, or nothing would work.
fn asked_before(cx: &Context) -> Option<ConnId> {
    let [Some((second, one)), Some((first, other))] = cx.state.scars.recent else {
        return None;
    };
    let all = is(cx, Mode::GetMessages) && one == Mode::GetMessages && other == one;
    let are_three = first != second && first != cx.conn && second != cx.conn;
    (all && are_three && cx.state.connections.contains(&first)).then_some(first)
}
