//! How what every server must survive can be broken.

use super::super::Tokenchat;
use super::super::context::Context;
use super::super::messages::chat_id;
use super::super::request::Mode;
use super::edit::is;
use super::{Entry, rule, way};
use crate::protocol::ConnId;
use crate::rules::survival::{closed_if, crossed, doubled, lost_if, malformed};

pub(super) const RULES: &[Entry] = &[
    rule("survives.malformed", &malformed::<Tokenchat>()),
    rule(
        "survives.vanished-member",
        &[
            way(
                "who writes to a chat with a vanished member is not served",
                |cx, effects| lost_if(writes_to_vanished(cx), effects),
            ),
            way(
                "who writes to a chat with a vanished member is closed",
                |cx, effects| closed_if(writes_to_vanished(cx), cx, effects),
            ),
        ],
    ),
    rule(
        "overlap.not-crossed",
        &[
            way(
                "of three that ask for messages, the first gets the answer to the third",
                |cx, effects| {
                    let other = asked_before(cx);
                    crossed(cx, effects, other)
                },
            ),
            way(
                "of three that ask for messages, the first gets the third's too",
                |cx, effects| {
                    let other = asked_before(cx);
                    doubled(cx, effects, other)
                },
            ),
        ],
    ),
];

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
    let [Some(second), Some(first)] = cx.past.recent else {
        return None;
    };
    let all =
        is(cx, Mode::GetMessages) && second.what == Mode::GetMessages && first.what == second.what;
    let (second, first) = (second.conn, first.conn);
    let are_three = first != second && first != cx.conn && second != cx.conn;
    (all && are_three && cx.state.connections.contains(&first)).then_some(first)
}
