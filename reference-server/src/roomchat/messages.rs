//! Messages in rooms (document: Send message, Read message, Delete message, Edit message).
//! Nobody writes, reads or changes anything in a room of others, unless a reading wants it.

use serde_json::{Value, json};

use super::context::Context;
use super::date;
use super::effect::{Change, Effect};
use super::ids;
use super::message::Kind;
use super::readings::Departure;
use super::request::{Edit, Extent, NewMessage, Reading};
use super::state::{Room, Text};

/// Bytes of a text where big ones are refused.
const BIG: usize = 512 << 10;
/// How many messages are the recent ones, where those are the newest.
const RECENT: usize = 20;

/// SND_MSG: a message to a room.
pub(super) fn send(cx: &Context, new: &NewMessage) -> Vec<Effect> {
    let found = ids::room_number(cx, &new.room_id)
        .and_then(|number| Some((number, cx.state.rooms.get(&number)?)));
    let Some((number, room)) = found else {
        return refused(cx, new);
    };
    let may_write = cx.is_me(&new.username)
        && (room.has(&new.username) || cx.takes(Departure::OutsidersWrite))
        || cx.takes(Departure::MembersWriteForEachOther)
            && cx.user.is_some_and(|me| room.has(me))
            && room.has(&new.username);
    let too_big = cx.takes(Departure::BigTextsAreRefused) && new.message.len() > BIG;
    if !may_write || too_big || !cx.state.has_room(room, new.message.len()) {
        return refused(cx, new);
    }
    let other = room.other(&new.username);
    let message = if cx.takes(Departure::DeletedIdsAreUsedAgain) {
        cx.state
            .room_of
            .keys()
            .next_back()
            .map_or(1, |last| last + 1)
    } else {
        cx.state.last_message + 1
    };
    let text = Text {
        author: new.username.clone(),
        text: new.message.clone(),
        kind: new.msg_type,
        date: date::now(cx),
        read: false,
        told: cx.takes(Departure::MissedMessagesAreTold) && !cx.state.is_online(other),
    };
    let answer = json!({
        "status": cx.success(),
        "room_id": new.room_id,
        "message_id": ids::message(cx, message),
        "date": text.date,
    });
    let mut effects = Vec::new();
    if other != new.username {
        effects.extend(told(cx, other, number, message, &text, &answer));
    }
    let room = number;
    let added = Change::AddMessage {
        room,
        message,
        text,
    };
    effects.insert(0, added.into());
    effects.insert(1, cx.reply(Kind::SndMsg, answer));
    effects
}

/// READ_MSG: one answer for each message.
pub(super) fn read(cx: &Context, reading: &Reading) -> Vec<Effect> {
    let wanted = if cx.takes(Departure::RecentIsSpelledRight) {
        Extent::Recent
    } else {
        Extent::Resent
    };
    let found = ids::room_number(cx, &reading.room_id)
        .and_then(|number| Some((number, cx.state.rooms.get(&number)?)));
    let (number, room) = match found {
        // The other spelling of the constant is none.
        _ if reading.read != Extent::All && reading.read != wanted => return Vec::new(),
        Some((number, room)) if cx.is_mine(room) || cx.takes(Departure::OutsidersRead) => {
            (number, room)
        }
        _ => return nothing_to_read(cx, &reading.room_id),
    };
    if room.messages.is_empty() {
        return nothing_to_read(cx, &reading.room_id);
    }
    let messages = room.messages.iter();
    let chosen: Vec<(&u64, &Text)> = if reading.read == Extent::All {
        messages.collect()
    } else {
        recent(cx, room)
    };
    let answers = chosen
        .into_iter()
        .map(|(message, text)| cx.reply(Kind::ReadMsg, as_read(cx, number, *message, text)));
    let mut effects: Vec<Effect> = answers.collect();
    if cx.takes(Departure::ReadingsEndIsMarked) {
        effects.push(without_a_message(cx, &reading.room_id));
    }
    if let Some(reader) = cx.user.map(str::to_owned) {
        let room = number;
        effects.push(Change::MarkRead { room, reader }.into());
    }
    effects
}

/// DELETE_MSG: by its author.
pub(super) fn delete(cx: &Context, id: &Value) -> Vec<Effect> {
    let Some((message, room, author)) = mine(cx, id) else {
        return Vec::new();
    };
    let whom = Told {
        asker: !cx.takes(Departure::DeletionsGoToOthers),
        others: cx.takes(Departure::DeletionsGoToOthers) || cx.takes(Departure::DeletionsGoToBoth),
    };
    let mut effects = vec![Change::DropMessage { message }.into()];
    effects.extend(whom.tell(cx, room, author, Kind::DeleteMsg, &json!({ "id": id })));
    effects
}

/// EDIT_MSG: by its author.
pub(super) fn edit(cx: &Context, edit: &Edit) -> Vec<Effect> {
    let Some((message, room, author)) = mine(cx, &edit.id) else {
        return Vec::new();
    };
    if !cx.state.has_room(room, edit.new_msg.len()) {
        return Vec::new();
    }
    let whom = Told {
        asker: !cx.takes(Departure::EditsGoToOthers),
        others: cx.takes(Departure::EditsGoToOthers) || cx.takes(Departure::EditsGoToBoth),
    };
    let text = edit.new_msg.clone();
    let fields = json!({ "id": edit.id, "new_msg": edit.new_msg });
    let mut effects = vec![Change::SetText { message, text }.into()];
    effects.extend(whom.tell(cx, room, author, Kind::EditMsg, &fields));
    effects
}

/// What READ_MSG says of a message.
pub(super) fn as_read(cx: &Context, room: u64, message: u64, text: &Text) -> Value {
    json!({
        "status": cx.success(),
        "room_id": ids::room(cx, room),
        "message_id": ids::message(cx, message),
        "msg_type": text.kind.name(),
        "message": text.text,
        "date": date::read(cx, &text.date),
        "sender": text.author,
    })
}

/// Whether the asker, and whether the other member, is told of a change.
struct Told {
    asker: bool,
    others: bool,
}

impl Told {
    fn tell(
        self,
        cx: &Context,
        room: &Room,
        author: &str,
        kind: Kind,
        fields: &Value,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.asker {
            effects.push(cx.reply(kind, fields.clone()));
        }
        if self.others {
            effects.push(cx.tell(room.other(author), kind, fields.clone()));
        }
        effects
    }
}

/// A message that may be changed on this connection, with its room and its author.
fn mine<'a>(cx: &Context<'a>, id: &Value) -> Option<(u64, &'a Room, &'a str)> {
    let number = ids::message_number(cx, id)?;
    let (room, text) = cx.state.message(number)?;
    cx.is_me(&text.author)
        .then_some((number, room, text.author.as_str()))
}

fn recent<'a>(cx: &Context, room: &'a Room) -> Vec<(&'a u64, &'a Text)> {
    let own = |text: &Text| cx.user == Some(&text.author);
    let fits = |(_, text): &(&u64, &Text)| {
        !(cx.takes(Departure::RecentIsUnread) && (text.read || own(text)))
            && !(cx.takes(Departure::RecentIsOfOthers) && own(text))
            && !(cx.takes(Departure::ToldIsNotRecent) && text.told && !own(text))
    };
    let mut newest: Vec<_> = room.messages.iter().rev().filter(fits).collect();
    newest.truncate(RECENT);
    newest.reverse();
    newest
}

/// Tells the other member of a new message, if there is anything to tell.
fn told(
    cx: &Context,
    other: &str,
    room: u64,
    message: u64,
    text: &Text,
    answer: &Value,
) -> Option<Effect> {
    let read = || as_read(cx, room, message, text);
    if text.told {
        return Some(cx.tell_later(other, Kind::ReadMsg, read()));
    }
    if !cx.state.is_online(other) {
        return None;
    }
    if cx.takes(Departure::NewMessagesAreToldAsSent) {
        Some(cx.tell(other, Kind::SndMsg, answer.clone()))
    } else if cx.takes(Departure::NewMessagesAreToldAsRead) {
        Some(cx.tell(other, Kind::ReadMsg, read()))
    } else {
        None
    }
}

fn refused(cx: &Context, new: &NewMessage) -> Vec<Effect> {
    if !cx.is_served() || cx.takes(Departure::RefusedMessagesAreNotAnswered) {
        return Vec::new();
    }
    let fields = json!({
        "status": cx.failure(),
        "room_id": new.room_id,
        "message_id": null,
        "date": null,
    });
    vec![cx.reply(Kind::SndMsg, fields)]
}

fn nothing_to_read(cx: &Context, room_id: &Value) -> Vec<Effect> {
    if !cx.is_served() || !cx.takes(Departure::EmptyRoomsAreAnswered) {
        return Vec::new();
    }
    vec![without_a_message(cx, room_id)]
}

fn without_a_message(cx: &Context, room_id: &Value) -> Effect {
    let fields = json!({ "status": cx.failure(), "room_id": room_id, "message_id": null });
    cx.reply(Kind::ReadMsg, fields)
}
