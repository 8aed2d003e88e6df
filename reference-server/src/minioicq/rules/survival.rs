//! How the codec, and what every server must survive, can be broken.

use super::super::Minioicq;
use super::super::context::Context;
use super::super::effect::Effect;
use super::super::message::{Form, Kind};
use super::super::request::Request;
use super::edit::request;
use super::users::asks_for_oneself;
use super::{Entry, rule, way, written};
use crate::protocol::ConnId;
use crate::rules::survival::{closed_if, crossed, doubled, lost_if, malformed};

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
    rule("survives.malformed", &malformed::<Minioicq>()),
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
                "the third answer to the same question goes to who asked second",
                |cx, effects| {
                    let other = asked_the_same_before(cx, &effects);
                    crossed(cx, effects, other)
                },
            ),
            way(
                "who asked second gets the third answer to the same question too",
                |cx, effects| {
                    let other = asked_the_same_before(cx, &effects);
                    doubled(cx, effects, other)
                },
            ),
        ],
    ),
];

/// Whether a request was to reach users of whom one has vanished and another has not.
fn reaches_vanished_among_others(cx: &Context, effects: &[Effect]) -> bool {
    let mut receivers = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { to, .. } => Some(cx.state.scars.vanished.contains(to)),
        _ => None,
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
    let [Some(before), Some(earlier)] = cx.past.recent else {
        return None;
    };
    let what = std::mem::discriminant(request);
    let same = before.what == what && earlier.what == what;
    let conns = [cx.conn, before.conn, earlier.conn];
    let three = conns[0] != conns[1] && conns[1] != conns[2] && conns[0] != conns[2];
    let open = cx.state.connections.contains(&before.conn);
    (same && three && open).then_some(before.conn)
}
