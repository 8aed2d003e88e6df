//! How the envelope, and what every server must survive, can be broken.

use serde_json::Value;

use super::super::Friendchat;
use super::super::context::Context;
use super::super::effect::Effect;
use super::super::friends::NO_SUCH_USER;
use super::super::message::{Kind, Payload, Stamp};
use super::super::request::Request;
use super::edit::{request, sends_code};
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;
use crate::rules::survival::{
    asked_the_same_before, closed_if, crossed, doubled, lost_if, malformed,
};

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
    rule("survives.malformed", &malformed::<Friendchat>()),
    rule(
        "survives.vanished-member",
        &[
            way(
                "who would reach a vanished member among others is not served",
                |cx, effects| lost_if(reaches_vanished_among_others(cx, &effects), effects),
            ),
            way(
                "who would reach a vanished member among others is closed",
                |cx, effects| closed_if(reaches_vanished_among_others(cx, &effects), cx, effects),
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
        _ => None,
    });
    let Some(first) = receivers.next() else {
        return false;
    };
    receivers.any(|vanished| vanished != first)
}

/// The other connection that made the request before this one, if it was of the same type.
/// Registration and login are left alone, or nothing would work; so is the question for a user
/// who does not exist, which harms nobody and is therefore asked often.
fn asked_before(cx: &Context, effects: &[Effect]) -> Option<ConnId> {
    let request = request(cx)?;
    let harmless = matches!(
        request,
        Request::RegisterRequest(_) | Request::LoginRequest(_)
    );
    let unknown = |effect: &Effect| sends_code(effect, Kind::FriendRequestAck, NO_SUCH_USER);
    if harmless || effects.iter().any(unknown) {
        return None;
    }
    asked_the_same_before(cx)
}
