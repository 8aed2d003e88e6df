//! A user's rooms (document: Upload old dialogs).

use serde_json::{Value, json};

use super::context::Context;
use super::effect::Effect;
use super::ids;
use super::message::{Kind, Message};
use super::readings::Departure;
use super::state::Room;

/// OLD_DIALOGS: one's own.
pub(super) fn list(cx: &Context, user: &str) -> Vec<Effect> {
    if !cx.is_me(user) {
        return Vec::new();
    }
    let rooms: Vec<(u64, &Room)> = cx.state.rooms_of(user).collect();
    if rooms.is_empty() {
        if cx.takes(Departure::NoDialogsIsSilent) {
            return Vec::new();
        }
        if cx.takes(Departure::NoDialogsIsAbsent) {
            let fields = json!({ "dialogs": null, "id": null, firsts(cx): null });
            return vec![cx.reply(Kind::OldDialogs, fields)];
        }
    }
    let to = cx.conn;
    let message = written(cx, user, &rooms);
    vec![Effect::Send { to, message }]
}

/// The answer with these rooms.
pub(super) fn written(cx: &Context, user: &str, rooms: &[(u64, &Room)]) -> Message {
    let names = rooms.iter().map(|(number, room)| match room.other(user) {
        _ if cx.takes(Departure::DialogsNameRooms) => format!("room {number}").into(),
        other => Value::from(other),
    });
    let ids = rooms.iter().map(|(number, _)| ids::room(cx, *number));
    let first = rooms.iter().filter_map(|(_, room)| {
        let mut messages = room.messages.keys();
        let message = if cx.takes(Departure::FirstIsNewest) {
            messages.next_back()
        } else {
            messages.next()
        };
        match message {
            Some(message) => Some(ids::message(cx, *message)),
            None if cx.takes(Departure::EmptyRoomsHaveNoFirst) => None,
            None => Some(Value::Null),
        }
    });
    let fields = json!({
        "dialogs": names.collect::<Vec<Value>>(),
        "id": ids.collect::<Vec<Value>>(),
        firsts(cx): first.collect::<Vec<Value>>(),
    });
    Message::new(Kind::OldDialogs, fields)
}

fn firsts(cx: &Context) -> &'static str {
    if cx.takes(Departure::FirstsAreSpelledRight) {
        "first_message_id"
    } else {
        "first_massage_id"
    }
}
