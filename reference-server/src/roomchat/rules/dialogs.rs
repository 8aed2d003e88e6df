//! How the list of dialogs can be broken.

use serde_json::Value;

use super::super::context::Context;
use super::super::dialogs::written;
use super::super::effect::Effect;
use super::super::message::Kind::OldDialogs;
use super::super::message::Message;
use super::super::request::Request;
use super::super::state::Room;
use super::edit::{altered, request, sends};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "dialogs.listed",
        &[
            way(
                "rooms in which one is the customer are left out",
                |cx, effects| listing(cx, effects, |me, room| room.creator == me),
            ),
            way("rooms that one created are left out", |cx, effects| {
                listing(cx, effects, |me, room| room.creator != me)
            }),
            way("only the oldest room is listed", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    for field in ["dialogs", "id", "first_massage_id"] {
                        cut(message, field, 1);
                    }
                })
            }),
        ],
    ),
    rule(
        "dialogs.own-only",
        &[
            way(
                "the rooms of one's partners are listed too",
                |cx, effects| {
                    listing_all(cx, effects, |cx, me, room| {
                        let knows = |member| cx.state.room_between(me, member).is_some();
                        room.has(me) || room.members().any(knows)
                    })
                },
            ),
            way("all rooms are listed", |cx, effects| {
                listing_all(cx, effects, |_, _, _| true)
            }),
        ],
    ),
    rule(
        "dialogs.lengths",
        &[
            way("the last id is missing", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    let length = length(message, "id");
                    cut(message, "id", length.saturating_sub(1));
                })
            }),
            way("the last dialog is missing", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    let length = length(message, "dialogs");
                    cut(message, "dialogs", length.saturating_sub(1));
                })
            }),
        ],
    ),
];

/// With some of one's rooms only.
fn listing(
    cx: &Context,
    effects: Vec<Effect>,
    wanted: impl Fn(&str, &Room) -> bool,
) -> Vec<Effect> {
    listing_all(cx, effects, |_, me, room| room.has(me) && wanted(me, room))
}

/// With those of all rooms that are wanted.
fn listing_all(
    cx: &Context,
    effects: Vec<Effect>,
    wanted: impl Fn(&Context, &str, &Room) -> bool,
) -> Vec<Effect> {
    let (Some(Request::OldDialogs(user)), true) = (
        request(cx),
        effects.iter().any(|effect| sends(effect, OldDialogs)),
    ) else {
        return effects;
    };
    let me = user.username.as_str();
    let all = cx.state.rooms.iter();
    let rooms: Vec<(u64, &Room)> = all
        .filter(|(_, room)| wanted(cx, me, room))
        .map(|(number, room)| (*number, room))
        .collect();
    altered(effects, OldDialogs, |message| {
        *message = written(cx, me, &rooms);
    })
}

fn length(message: &Message, field: &str) -> usize {
    match message.get(field) {
        Some(Value::Array(items)) => items.len(),
        _ => 0,
    }
}

fn cut(message: &mut Message, field: &str, length: usize) {
    if let Some(Value::Array(items)) = message.get(field) {
        let kept: Vec<Value> = items.iter().take(length).cloned().collect();
        message.set(field, kept);
    }
}
