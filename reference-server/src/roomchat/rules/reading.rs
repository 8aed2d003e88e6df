//! How reading can be broken.

use serde_json::Value;

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::ids;
use super::super::message::Kind::ReadMsg;
use super::super::messages::as_read;
use super::super::request::{Extent, Reading, Request};
use super::edit::{
    altered, changed, copied, misnumbered, outsiders, partners, request, sends, unsent,
};
use super::{Entry, rule, way};

/// A text longer than this is cut by a server that breaks the rule.
const SHORT: usize = 1000;

pub(super) const RULES: &[Entry] = &[
    rule(
        "read.all",
        &[
            way("the last message is left out", |cx, effects| {
                but_for(cx, effects, Extent::All, |place, of| place + 1 == of)
            }),
            way("the first message is left out", |cx, effects| {
                but_for(cx, effects, Extent::All, |place, _| place == 0)
            }),
            way("no answer", |cx, effects| {
                but_for(cx, effects, Extent::All, |_, _| true)
            }),
        ],
    ),
    rule(
        "read.once",
        &[
            way("each message comes twice", |cx, effects| {
                match reading(cx) {
                    Some(Reading {
                        read: Extent::All, ..
                    }) => {
                        let twice = |effect: Effect| {
                            let copies = if sends(&effect, ReadMsg) { 2 } else { 1 };
                            std::iter::repeat_n(effect, copies)
                        };
                        effects.into_iter().flat_map(twice).collect()
                    }
                    _ => effects,
                }
            }),
            way(
                "the first message comes once more at the end",
                |cx, mut effects| {
                    if let Some(Reading {
                        read: Extent::All, ..
                    }) = reading(cx)
                        && let Some(first) = effects.iter().find(|effect| sends(effect, ReadMsg))
                    {
                        effects.push(first.clone());
                    }
                    effects
                },
            ),
        ],
    ),
    rule(
        "read.intact",
        &[
            way(
                "letters beyond ASCII become question marks",
                |_, effects| written(effects, |text| without_foreign_letters(&text)),
            ),
            way("long messages are cut", |_, effects| {
                written(effects, |text| text.chars().take(SHORT).collect())
            }),
            way("white space at the ends is cut off", |_, effects| {
                written(effects, |text| text.trim().to_owned())
            }),
        ],
    ),
    rule(
        "read.identified",
        &[
            way("another id than the sender was told", |_, effects| {
                misnumbered(effects, ReadMsg, "message_id")
            }),
            way("another room than the message is in", |_, effects| {
                misnumbered(effects, ReadMsg, "room_id")
            }),
        ],
    ),
    rule(
        "read.sender",
        &[
            way("the one who reads is named", |cx, effects| {
                let me = cx.user.unwrap_or_default();
                altered(effects, ReadMsg, |message| message.set("sender", me))
            }),
            way("the creator of the room is named", |cx, effects| {
                let Some(Reading { room_id, .. }) = reading(cx) else {
                    return effects;
                };
                let number = ids::room_number(cx, room_id);
                let room = number.and_then(|number| cx.state.rooms.get(&number));
                let creator = room.map_or("", |room| room.creator.as_str());
                altered(effects, ReadMsg, |message| message.set("sender", creator))
            }),
        ],
    ),
    rule(
        "read.type",
        &[
            way("texts read as files", |_, effects| {
                altered(effects, ReadMsg, |message| message.set("msg_type", "FILE"))
            }),
            way("texts read as a kind that there is not", |_, effects| {
                altered(effects, ReadMsg, |message| message.set("msg_type", "VIDEO"))
            }),
        ],
    ),
    rule(
        "read.room-only",
        &[
            way(
                "the reader's other rooms are read as well",
                |cx, effects| others_too(cx, effects, true),
            ),
            way(
                "messages of other rooms read as of this one",
                |cx, effects| others_too(cx, effects, false),
            ),
        ],
    ),
    rule(
        "read.private",
        &[
            way("everybody gets the answers", |cx, effects| {
                copied(effects, ReadMsg, &outsiders(cx, &own_room(cx)))
            }),
            way(
                "the reader's partners in other rooms get them",
                |cx, effects| copied(effects, ReadMsg, &partners(cx, &own_room(cx))),
            ),
        ],
    ),
    rule(
        "read.recent",
        &[
            way("no answer", |cx, effects| match reading(cx) {
                Some(Reading {
                    read: Extent::Resent | Extent::Recent,
                    ..
                }) => unsent(effects, ReadMsg),
                _ => effects,
            }),
            way("the newest message is left out", |cx, effects| {
                let effects = but_for(cx, effects, Extent::Resent, |place, of| place + 1 == of);
                but_for(cx, effects, Extent::Recent, |place, of| place + 1 == of)
            }),
        ],
    ),
    rule(
        "read.recent-room-only",
        &[way(
            "the reader's other rooms are read as well",
            recent_others_too,
        )],
    ),
];

/// What is left of a text without its letters beyond ASCII.
pub(super) fn without_foreign_letters(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii() { letter } else { '?' };
    text.chars().map(plain).collect()
}

fn reading<'a>(cx: &Context<'a>) -> Option<&'a Reading> {
    match request(cx)? {
        Request::ReadMsg(reading) => Some(reading),
        _ => None,
    }
}

/// The members of the room that is read.
fn own_room<'a>(cx: &Context<'a>) -> Vec<&'a str> {
    let number = reading(cx).and_then(|reading| ids::room_number(cx, &reading.room_id));
    let room = number.and_then(|number| cx.state.rooms.get(&number));
    room.map_or_else(Vec::new, |room| room.members().collect())
}

/// Without some of the answers, by their place and how many there are.
fn but_for(
    cx: &Context,
    effects: Vec<Effect>,
    extent: Extent,
    gone: impl Fn(usize, usize) -> bool,
) -> Vec<Effect> {
    if reading(cx).is_none_or(|reading| reading.read != extent) {
        return effects;
    }
    let all = effects
        .iter()
        .filter(|effect| sends(effect, ReadMsg))
        .count();
    let mut place = 0;
    let wanted = |effect: &Effect| {
        if !sends(effect, ReadMsg) {
            return true;
        }
        place += 1;
        !gone(place - 1, all)
    };
    effects.into_iter().filter(wanted).collect()
}

/// With another text where one is added.
fn written(effects: Vec<Effect>, alter: impl Fn(String) -> String) -> Vec<Effect> {
    changed(effects, |change| match change {
        Change::AddMessage {
            room,
            message,
            mut text,
        } => {
            text.text = alter(text.text);
            Change::AddMessage {
                room,
                message,
                text,
            }
        }
        change => change,
    })
}

/// With the messages of the reader's other rooms where all of one are read.
fn others_too(cx: &Context, effects: Vec<Effect>, under_their_own_id: bool) -> Vec<Effect> {
    match reading(cx) {
        Some(reading) if reading.read == Extent::All => {
            with_others(cx, effects, &reading.room_id, under_their_own_id)
        }
        _ => effects,
    }
}

fn recent_others_too(cx: &Context, effects: Vec<Effect>) -> Vec<Effect> {
    match reading(cx) {
        Some(reading) if reading.read != Extent::All => {
            with_others(cx, effects, &reading.room_id, true)
        }
        _ => effects,
    }
}

fn with_others(
    cx: &Context,
    mut effects: Vec<Effect>,
    room_id: &Value,
    under_their_own_id: bool,
) -> Vec<Effect> {
    let this = ids::room_number(cx, room_id);
    if !effects.iter().any(|effect| sends(effect, ReadMsg)) {
        return effects;
    }
    let rooms = cx.user.into_iter().flat_map(|me| cx.state.rooms_of(me));
    for (number, room) in rooms.filter(|(number, _)| Some(*number) != this) {
        for (message, text) in &room.messages {
            let mut fields = as_read(cx, number, *message, text);
            if !under_their_own_id {
                fields["room_id"] = room_id.clone();
            }
            effects.push(cx.reply(ReadMsg, fields));
        }
    }
    effects
}
