//! Messages of a chat: read and written (document: Получение сообщений в чате, Отправка сообщения).
//! Only members do either.

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::{Answer, Empty, LOCKED, NOT_FOUND, OK, TOO_LARGE, UNAVAILABLE, UNPROCESSABLE};
use super::readings::Departure;
use super::request::Request;
use super::state::{Chat, LESSER_MESSAGE, MAX_MESSAGE, MAX_NAME, Message, SHORT_MESSAGE};

/// RFC 6455, section 7.4.1.
const TOO_BIG: u16 = 1009;

/// Hands out the messages of a chat.
pub(super) fn read(cx: &Context, user: &str, request: &Request) -> Vec<Effect> {
    let asked = || Ok((own_chat(cx, user, request)?, bound(cx, request)?));
    vec![match asked() {
        Ok((chat, bound)) => cx.send(page(cx, chat, bound)),
        Err(status) => cx.answer(status),
    }]
}

/// Keeps a message.
pub(super) fn write(cx: &Context, user: &str, request: &Request) -> Vec<Effect> {
    let kept = || {
        let content = request.text("content")?;
        let content_type = request.text("content_type")?;
        let id = chat_id(cx, request)?;
        let chat = own_chat(cx, user, request)?;
        let longest = if cx.takes(Departure::LongMessagesAreRefused) {
            SHORT_MESSAGE
        } else if cx.takes(Departure::HugeMessagesAreRefused) {
            LESSER_MESSAGE
        } else {
            MAX_MESSAGE
        };
        if content_type.len() > MAX_NAME || content.len() > longest {
            return Err(TOO_LARGE);
        }
        if !cx.state.has_room(chat, content.len() + content_type.len()) {
            return Err(UNAVAILABLE);
        }
        let message = Message {
            id: cx.state.next_message,
            from: user.to_owned(),
            content: content.to_owned(),
            content_type: content_type.to_owned(),
            at_ms: cx.now_ms,
        };
        Ok(Change::Store { chat: id, message })
    };
    match kept() {
        Ok(change) => vec![change.into(), cx.answer(OK)],
        Err(TOO_LARGE) if cx.takes(Departure::TooLongCloses) => {
            let (conn, code) = (cx.conn, TOO_BIG);
            vec![Effect::Close { conn, code }]
        }
        Err(status) => vec![cx.answer(status)],
    }
}

/// The messages of a chat from a bound on.
pub(super) fn page(cx: &Context, chat: &Chat, bound: Option<u64>) -> Answer {
    let is_within = |message: &&Message| match bound {
        None => true,
        Some(bound) if cx.takes(Departure::BoundsExclude) => cx.message_id(message.id) > bound,
        Some(bound) => cx.message_id(message.id) >= bound,
    };
    let entry = |message: &Message| entry(cx, message);
    let mut messages: Vec<Value> = chat.messages.iter().filter(is_within).map(entry).collect();
    if cx.takes(Departure::NewestComeFirst) {
        messages.reverse();
    }
    let empty = if cx.takes(Departure::NoMessagesAreNull) {
        Empty::Null
    } else if cx.takes(Departure::NoMessagesAreAbsent) {
        Empty::Absent
    } else {
        Empty::List
    };
    cx.response(OK).with_list("messages", messages, empty)
}

fn entry(cx: &Context, message: &Message) -> Value {
    let id = cx.state.users.get(&message.from).map_or(0, |user| user.id);
    json!({
        "from_id": cx.user_id(id),
        "from_name": message.from,
        "content": message.content,
        "content_type": message.content_type,
        "content_time": cx.readings.stamp(message.at_ms),
    })
}

/// The id of the chat that a request names; 0, which no chat has, where nothing can have it.
pub(super) fn chat_id(cx: &Context, request: &Request) -> Result<u64, u16> {
    let value = request.value("chat_id")?;
    if !value.is_string() && !value.is_number() {
        return Err(UNPROCESSABLE);
    }
    let id = cx.read_id(value).filter(|id| cx.chat_id(*id) == *value);
    Ok(id.unwrap_or(0))
}

/// The chat that a request names, if it is one of the user's.
fn own_chat<'a>(cx: &Context<'a>, user: &str, request: &Request) -> Result<&'a Chat, u16> {
    let chat = cx.state.chats.get(&chat_id(cx, request)?);
    match chat {
        None => Err(NOT_FOUND),
        Some(chat) if chat.has(user) => Ok(chat),
        Some(_) => Err(LOCKED),
    }
}

/// The least id that is wanted. None and null ask for all, and so does what is below any id.
fn bound(cx: &Context, request: &Request) -> Result<Option<u64>, u16> {
    match request.value("min_message_id") {
        Err(_) | Ok(Value::Null) => Ok(None),
        Ok(Value::Number(_)) if cx.takes(Departure::MessagesAreNotNumbered) => Err(UNPROCESSABLE),
        Ok(Value::Number(number)) if number.is_u64() => Ok(number.as_u64()),
        Ok(Value::Number(number)) if number.is_i64() => Ok(None),
        Ok(_) => Err(UNPROCESSABLE),
    }
}
