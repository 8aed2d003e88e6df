//! Chats of two: made and listed (document: Создание чата, Получение списка чатов).
//! Groups are not made yet, by the document; so every chat is personal.

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::{CONFLICT, Empty, OK, UNAVAILABLE, UNPROCESSABLE};
use super::readings::Departure;
use super::request::Request;
use super::state::{Chat, MAX_CHATS, MAX_CHATS_OF_ONE};

/// Makes a chat with another user, by name or by id.
pub(super) fn create(cx: &Context, user: &str, request: &Request) -> Vec<Effect> {
    let contact = match contact(cx, request) {
        Ok(Some(contact)) => contact,
        Ok(None) => return vec![cx.answer(CONFLICT)],
        Err(status) => return vec![cx.answer(status)],
    };
    if contact == user && !cx.takes(Departure::ChatsWithOneself) {
        return vec![cx.answer(CONFLICT)];
    }
    if let Some(there_is) = cx.state.chat_of(user, contact)
        && !cx.takes(Departure::ChatsAgainAreNew)
    {
        return vec![if cx.takes(Departure::ChatsAgainAreRefused) {
            cx.answer(CONFLICT)
        } else {
            made(cx, there_is)
        }];
    }
    let mut members = vec![user.to_owned(), contact.to_owned()];
    members.dedup();
    let is_full = |member: &String| {
        let user = cx.state.users.get(member);
        user.is_none_or(|user| user.chats.len() >= MAX_CHATS_OF_ONE)
    };
    if cx.state.chats.len() >= MAX_CHATS || members.iter().any(is_full) {
        return vec![cx.answer(UNAVAILABLE)];
    }
    vec![
        Change::AddChat { members }.into(),
        made(cx, cx.state.next_chat),
    ]
}

fn made(cx: &Context, chat: u64) -> Effect {
    cx.send(cx.response(OK).with("chat_id", cx.chat_id(chat)))
}

/// The user whom a request means, if there is one.
pub(super) fn contact<'a>(cx: &Context<'a>, request: &Request) -> Result<Option<&'a str>, u16> {
    let value = request.value("contact_value")?;
    match request.text("contact_mode")? {
        "username" => {
            let name = value.as_str().ok_or(UNPROCESSABLE)?;
            let known = cx.state.users.get_key_value(name);
            Ok(known.map(|(name, _)| name.as_str()))
        }
        "id" if value.is_string() || value.is_number() => {
            let id = cx.read_id(value).filter(|id| cx.user_id(*id) == *value);
            let name = id.and_then(|id| cx.state.ids.get(&id));
            Ok(name.map(String::as_str))
        }
        _ => Err(UNPROCESSABLE),
    }
}

/// Lists the chats of a user.
pub(super) fn list(cx: &Context, user: &str) -> Vec<Effect> {
    let chats = cx.state.users.get(user).into_iter().flat_map(|u| &u.chats);
    let listed = chats.filter_map(|id| Some(entry(cx, user, *id, cx.state.chats.get(id)?)));
    let empty = if cx.takes(Departure::NoChatsAreNull) {
        Empty::Null
    } else if cx.takes(Departure::NoChatsAreAbsent) {
        Empty::Absent
    } else {
        Empty::List
    };
    let answer = cx.response(OK).with_list("chats", listed.collect(), empty);
    vec![cx.send(answer)]
}

/// What a list says of a chat.
pub(super) fn entry(cx: &Context, user: &str, id: u64, chat: &Chat) -> Value {
    let member = |name: &String| {
        let id = cx.state.users.get(name).map_or(0, |user| user.id);
        if cx.takes(Departure::MembersAreNames) {
            json!(name)
        } else if cx.takes(Departure::MembersAreObjects) {
            json!({ "id": cx.user_id(id), "username": name })
        } else {
            cx.user_id(id)
        }
    };
    let members: Vec<Value> = chat.members.iter().map(member).collect();
    let other = chat.members.iter().find(|name| *name != user);
    let name = match other {
        _ if cx.takes(Departure::ChatsHaveNoName) => Value::Null,
        other => other.map_or(user, String::as_str).into(),
    };
    let last = chat
        .messages
        .last()
        .map(|message| cx.readings.stamp(message.at_ms));
    json!({
        "chat_id": cx.chat_id(id),
        "chat_members": members,
        "chat_name": name,
        "chat_type": "personal",
        "last_message_time": last,
    })
}
