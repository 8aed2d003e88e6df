//! How what no sentence of the document forbids can be done all the same: others are served in one's name, and
//! what is refused or gone is answered as if it were not.

use serde_json::{Value, json};

use super::super::auth::{signup_fail, signup_ok};
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::handle;
use super::super::ids;
use super::super::message::Kind::{OldDialogs, ReadMsg, ResponseSignup, SearchUser, SndMsg};
use super::super::message::Message;
use super::super::readings::Departure;
use super::super::request::Request;
use super::super::state::Text;
use super::edit::{altered, and, any_status, request};
use super::search::finds;
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "login.required",
        &[way(
            "whoever is not logged in is served",
            |cx, effects| match cx.user {
                None => handled(cx, cx.user, Some(Departure::ServesBeforeLogin)),
                Some(_) => effects,
            },
        )],
    ),
    rule(
        "signup.empty-refused",
        &[way("an account is made", |cx, effects| match request(cx) {
            Some(Request::RequestSignup(new))
                if (new.login.is_empty() || new.pass.is_empty())
                    && any_status(&effects, ResponseSignup, signup_fail(cx)) =>
            {
                let (user, pass) = (new.login.clone(), new.pass.clone());
                let answer = cx.reply(ResponseSignup, json!({ "status": signup_ok(cx) }));
                vec![Change::SetAccount { user, pass }.into(), answer]
            }
            _ => effects,
        })],
    ),
    rule(
        "create-room.own-name",
        &[way("it is the other's room", |cx, effects| {
            match request(cx) {
                Some(Request::CreateRoom(new)) if cx.user.is_some() => {
                    handled(cx, Some(&new.username), None)
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "send.refusal-differs",
        &[way("the status is that of a success", |cx, effects| {
            altered(effects, SndMsg, |message| {
                message.set("status", cx.success());
            })
        })],
    ),
    rule(
        "send.members-only",
        &[way("it is taken", |cx, effects| match request(cx) {
            Some(Request::SndMsg(_)) => handled(cx, cx.user, Some(Departure::OutsidersWrite)),
            _ => effects,
        })],
    ),
    rule(
        "send.sender-genuine",
        &[way(
            "it is the other's message",
            |cx, effects| match request(cx) {
                Some(Request::SndMsg(_)) => {
                    handled(cx, cx.user, Some(Departure::MembersWriteForEachOther))
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "read.file-image",
        &[way("it reads as a text", |_, effects| {
            altered(effects, ReadMsg, |message| message.set("msg_type", "TEXT"))
        })],
    ),
    rule(
        "read.members-only",
        &[way("the messages are read", |cx, effects| {
            match request(cx) {
                Some(Request::ReadMsg(_)) => handled(cx, cx.user, Some(Departure::OutsidersRead)),
                _ => effects,
            }
        })],
    ),
    rule(
        "search.unknown-empty",
        &[way("somebody else is found", |_, effects| {
            altered(effects, SearchUser, |message| {
                if !finds(message) {
                    message.set("user", json!(["somebody else"]));
                }
            })
        })],
    ),
    rule(
        "delete-room.unreadable",
        &[way("a message is left", |cx, effects| match request(cx) {
            Some(Request::ReadMsg(reading)) => {
                let gone = ids::room_number(cx, &reading.room_id)
                    .filter(|number| !cx.state.rooms.contains_key(number));
                let left = gone.map(|number| cx.reply(ReadMsg, left(cx, number)));
                left.into_iter().fold(effects, and)
            }
            _ => effects,
        })],
    ),
    rule(
        "delete-room.members-only",
        &[way("the room is gone", |cx, effects| match request(cx) {
            Some(Request::DeleteRoom(room)) => {
                let room = ids::room_number(cx, &room.id);
                let room = room.and_then(|number| cx.state.rooms.get(&number));
                match room.filter(|room| cx.user.is_some_and(|me| !room.has(me))) {
                    Some(room) => handled(cx, Some(&room.creator), None),
                    None => effects,
                }
            }
            _ => effects,
        })],
    ),
    rule(
        "delete-message.author-only",
        &[way("the message is gone", |cx, effects| {
            match request(cx) {
                Some(Request::DeleteMsg(message)) => by_author(cx, &message.id, effects),
                _ => effects,
            }
        })],
    ),
    rule(
        "edit.author-only",
        &[way("the text is another", |cx, effects| {
            match request(cx) {
                Some(Request::EditMsg(edit)) => by_author(cx, &edit.id, effects),
                _ => effects,
            }
        })],
    ),
    rule(
        "dialogs.first-ids",
        &[
            way("the field is missing", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    message.remove("first_massage_id")
                })
            }),
            way("the ids are of no message", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    let others = match message.get("first_massage_id") {
                        Some(Value::Array(ids)) => ids.iter().map(|_| json!(7_000)).collect(),
                        _ => Vec::new(),
                    };
                    message.set("first_massage_id", others);
                })
            }),
        ],
    ),
    rule(
        "dialogs.together",
        &[
            way("the ids come in another order", |_, effects| {
                altered(effects, OldDialogs, |message| reversed(message, "id"))
            }),
            way("the first messages come in another order", |_, effects| {
                altered(effects, OldDialogs, |message| {
                    reversed(message, "first_massage_id");
                })
            }),
        ],
    ),
    rule(
        "dialogs.of-others",
        &[way("they are given out", |cx, effects| match request(cx) {
            Some(Request::OldDialogs(user)) if cx.user.is_some() => {
                handled(cx, Some(&user.username), None)
            }
            _ => effects,
        })],
    ),
];

/// What the server does where this user is logged in, and where it departs so.
fn handled(cx: &Context, user: Option<&str>, departure: Option<Departure>) -> Vec<Effect> {
    let mut readings = cx.readings.clone();
    if let Some(departure) = departure {
        readings.depart(departure);
    }
    let readings = &readings;
    handle(&Context {
        user,
        readings,
        ..*cx
    })
}

/// What the server does where the author of the message asks.
fn by_author(cx: &Context, id: &Value, effects: Vec<Effect>) -> Vec<Effect> {
    let message = ids::message_number(cx, id).and_then(|number| cx.state.message(number));
    match message {
        Some((_, Text { author, .. })) if cx.user.is_some() => handled(cx, Some(author), None),
        _ => effects,
    }
}

/// A message of a room that is gone.
fn left(cx: &Context, room: u64) -> Value {
    json!({
        "status": cx.success(),
        "room_id": ids::room(cx, room),
        "message_id": ids::message(cx, 1),
        "msg_type": "TEXT",
        "message": "left behind",
        "date": "1970-01-01",
        "sender": "somebody",
    })
}

fn reversed(message: &mut Message, field: &str) {
    if let Some(Value::Array(items)) = message.get(field) {
        let back: Vec<Value> = items.iter().rev().cloned().collect();
        message.set(field, back);
    }
}
