//! How the form of every message, and what every server must survive, can be broken.

use super::super::Roomchat;
use super::super::context::Context;
use super::super::effect::Effect;
use super::super::message::{Form, Kind, Message};
use super::super::request::Request;
use super::edit::request;
use super::search::finds;
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;
use crate::rules::survival::{
    asked_the_same_before, closed_if, crossed, doubled, lost_if, malformed,
};

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
    rule("survives.malformed", &malformed::<Roomchat>()),
    rule(
        "survives.vanished-member",
        &[
            way(
                "who deletes a room with one who vanished is not served",
                |cx, effects| lost_if(reaches_vanished(cx, &effects), effects),
            ),
            way(
                "who deletes a room with one who vanished is closed",
                |cx, effects| closed_if(reaches_vanished(cx, &effects), cx, effects),
            ),
        ],
    ),
    rule(
        "overlap.not-crossed",
        &[
            way(
                "the answer goes to the connection that asked the same before",
                |cx, effects| {
                    let other = asked_before(cx, &effects);
                    crossed(cx, effects, other)
                },
            ),
            way(
                "the connection that asked the same before gets the answer too",
                |cx, effects| {
                    let other = asked_before(cx, &effects);
                    doubled(cx, effects, other)
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

/// Whether a deleted room's member has vanished.
fn reaches_vanished(cx: &Context, effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Deliver { to, message, .. } => {
            message.kind == Kind::DeleteRoom && cx.state.scars.vanished.contains(to)
        }
        _ => false,
    })
}

/// The other connection that made the request before this one, if it was of the same type.
/// Sign-up and login are left alone, or nothing would work; so is the search for a user who does
/// not exist, which harms nobody and is therefore asked often.
fn asked_before(cx: &Context, effects: &[Effect]) -> Option<ConnId> {
    let request = request(cx)?;
    let common = matches!(
        request,
        Request::RequestSignup(_) | Request::RequestLogin(_)
    );
    let found_nobody = |effect: &Effect| {
        effect
            .message()
            .is_some_and(|message| message.kind == Kind::SearchUser && !finds(message))
    };
    if common || effects.iter().any(found_nobody) {
        return None;
    }
    asked_the_same_before(cx)
}
