//! How the code of a message, and what every server must survive, can be broken.

use super::super::Ourchat;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{Code, Kind};
use super::edit::{question, user_message};
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;
use crate::rules::survival::{
    asked_the_same_before, closed_if, crossed, doubled, lost_if, malformed,
};

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
    rule("survives.malformed", &malformed::<Ourchat>()),
    rule(
        "survives.vanished",
        &[
            way(
                "what would reach a member who is gone among others reaches nobody",
                |cx, effects| lost_if(reaches_the_gone_among_others(cx, &effects), effects),
            ),
            way(
                "who would reach a member who is gone among others is closed",
                |cx, effects| closed_if(reaches_the_gone_among_others(cx, &effects), cx, effects),
            ),
        ],
    ),
    rule(
        "overlap.not-crossed",
        &[
            way(
                "the answer goes to the connection that asked the same before",
                |cx, effects| {
                    let other = asked_before(cx);
                    crossed(cx, effects, other)
                },
            ),
            way(
                "the connection that asked the same before gets the answer too",
                |cx, effects| {
                    let other = asked_before(cx);
                    doubled(cx, effects, other)
                },
            ),
        ],
    ),
];

/// Whether a message was to reach members of whom one is gone and another is not.
fn reaches_the_gone_among_others(cx: &Context, effects: &[Effect]) -> bool {
    let is_kept = |effect: &Effect| matches!(effect, Effect::Change(Change::Store { .. }));
    let is_sent = |effect: &Effect| matches!(effect, Effect::Send { .. });
    user_message(cx).is_some() && effects.iter().any(is_kept) && effects.iter().any(is_sent)
}

/// The other connection that made the request before this one, if both asked for an account.
/// Other requests are left alone, or nothing would work.
fn asked_before(cx: &Context) -> Option<ConnId> {
    question(cx)?;
    asked_the_same_before(cx)
}
