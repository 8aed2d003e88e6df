//! How the code of a message, and what every server must survive, can be broken.

use super::super::Input;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{Code, Kind, Message};
use super::super::request::Request;
use super::edit::{and, user_message};
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const INTERNAL_ERROR: u16 = 1011;

pub(super) const RULES: &[Entry] = &[
    rule(
        "message.code",
        &[
            // Of one kind only, or nothing would work.
            written("the code of the answer to a logout is text", |message| {
                if message.kind == Kind::LogoutResponse {
                    message.code = Code::Text;
                }
            }),
            written("the answer to a logout has no code", |message| {
                if message.kind == Kind::LogoutResponse {
                    message.code = Code::Missing;
                }
            }),
        ],
    ),
    rule(
        "survives.malformed",
        &[
            way("nobody is served any more", |cx, effects| match cx.input {
                _ if cx.state.scars.dead => Vec::new(),
                Input::Malformed(_) => vec![Change::Die.into()],
                _ => effects,
            }),
            way(
                "all connections are closed, and each new one too",
                |cx, effects| match cx.input {
                    Input::Connected if cx.state.scars.dead => vec![close(cx.conn)],
                    Input::Malformed(_) => {
                        let open = cx.state.connections.iter().copied();
                        open.map(close).chain([Change::Die.into()]).collect()
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "survives.vanished",
        &[
            way(
                "what would reach a member who is gone among others reaches nobody",
                |cx, effects| match reaches_the_gone_among_others(cx, &effects) {
                    true => Vec::new(),
                    false => effects,
                },
            ),
            way(
                "who would reach a member who is gone among others is closed",
                |cx, effects| match reaches_the_gone_among_others(cx, &effects) {
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
                "the answer goes to the connection that asked the same before",
                |cx, effects| {
                    let Some(other) = asked_the_same_before(cx) else {
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
                    let Some(other) = asked_the_same_before(cx) else {
                        return effects;
                    };
                    let answer = |effect: &Effect| match effect {
                        Effect::Send { to, message } if *to == cx.conn => Some(message.clone()),
                        _ => None,
                    };
                    let answers: Vec<Message> = effects.iter().filter_map(answer).collect();
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

/// Whether a message was to reach members of whom one is gone and another is not.
fn reaches_the_gone_among_others(cx: &Context, effects: &[Effect]) -> bool {
    let is_kept = |effect: &Effect| matches!(effect, Effect::Change(Change::Store { .. }));
    let is_sent = |effect: &Effect| matches!(effect, Effect::Send { .. });
    user_message(cx).is_some() && effects.iter().any(is_kept) && effects.iter().any(is_sent)
}

/// The other connection that made the request before this one, if both asked for an account.
/// Other requests are left alone, or nothing would work.
fn asked_the_same_before(cx: &Context) -> Option<ConnId> {
    let request = cx.request()?;
    let before = cx.state.scars.recent.as_ref()?;
    let same = before.what == std::mem::discriminant(request);
    let open = cx.state.connections.contains(&before.conn);
    let is_question = matches!(request, Request::GetAccountInfo(_));
    (is_question && same && open && before.conn != cx.conn).then_some(before.conn)
}
