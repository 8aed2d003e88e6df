//! User messages, handed on to the members of their session.
//! A member who is offline gets them at the next login, as far as there is room.

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::{Kind, Message};
use super::readings::Departure;
use super::request::{Entry, UserMessage};
use super::state::Session;
use crate::protocol::ConnId;

/// Bytes of entries, where the server does not take whatever comes.
const LONGEST: usize = 2_000;

/// USER_MESSAGE.
pub(super) fn message(cx: &Context, message: &UserMessage) -> Vec<Effect> {
    let Some(me) = cx.me() else {
        return vec![cx.error("log in first")];
    };
    if message.sender.ocid.0 != Some(me) {
        return vec![cx.error("the sender is somebody else")];
    }
    if cx.takes(Departure::LongTextsAreErrors) && length(message) > LONGEST {
        return vec![cx.error("the message is too long")];
    }
    let is_empty = |entry: &Entry| entry.0.get("text").is_some_and(|text| text == "");
    if cx.takes(Departure::EmptyTextsAreErrors) && message.msg.iter().any(is_empty) {
        return vec![cx.error("the message is empty")];
    }
    match cx.state.sessions.get(&message.sender.session_id) {
        Some(session) if session.members.contains(&me) => deliver(cx, me, session, message),
        _ if cx.takes(Departure::UnknownSessionsAreErrors) => vec![cx.error("no such session")],
        _ => Vec::new(),
    }
}

/// The bytes of a message's entries, as they are written.
fn length(message: &UserMessage) -> usize {
    let entries = message.msg.iter();
    entries
        .map(|entry| Value::Object(entry.0.clone()).to_string().len())
        .sum()
}

/// Hands a message on in the name of its sender, who need not be a member.
pub(super) fn deliver(
    cx: &Context,
    sender: u64,
    session: &Session,
    message: &UserMessage,
) -> Vec<Effect> {
    let first = if cx.takes(Departure::MessageIdsAreTheSessions) {
        cx.state.next_message_in(session)
    } else {
        cx.state.next_message()
    };
    let own_ids = cx.takes(Departure::ReceiversGetOwnIds);
    let mut effects = Vec::new();
    let mut number = 0;
    for &member in &session.members {
        let id = if own_ids { first + number } else { first };
        number += 1;
        let message = || written(cx, sender, message, id);
        let connections = receiving(cx, sender, member);
        let offline = cx.state.connections_of(member).is_empty();
        if offline && !cx.takes(Departure::MessagesAreNotStored) {
            let (ocid, message) = (member, message());
            effects.push(Change::Store { ocid, message }.into());
        }
        effects.extend(connections.into_iter().map(|to| Effect::Send {
            to,
            message: message(),
        }));
    }
    let messages = if own_ids { number } else { 1 };
    let session = message.sender.session_id;
    effects.push(Change::Count { session, messages }.into());
    effects
}

/// The connections of a member on which a message arrives.
fn receiving(cx: &Context, sender: u64, member: u64) -> Vec<ConnId> {
    let all = cx.state.connections_of(member);
    if member == sender {
        let echoes = cx.takes(Departure::SendersHearThemselves);
        let others = !cx.takes(Departure::OwnDevicesHearNothing);
        let hears = |conn: &ConnId| if *conn == cx.conn { echoes } else { others };
        return all.iter().copied().filter(hears).collect();
    }
    let some = match all {
        [_, rest @ ..] if !rest.is_empty() && cx.takes(Departure::FirstDevicesHearNothing) => rest,
        [first, ..] if cx.takes(Departure::SecondDevicesHearNothing) => std::slice::from_ref(first),
        all => all,
    };
    some.to_vec()
}

fn written(cx: &Context, sender: u64, message: &UserMessage, id: u64) -> Message {
    let time = if cx.takes(Departure::TimesAreRestamped) {
        Value::from(cx.now_ms / 1000)
    } else {
        message.time.clone().into()
    };
    let as_text = !cx.takes(Departure::OcidIsANumberInMessages);
    let entries: Vec<Value> = message
        .msg
        .iter()
        .map(|entry| Value::Object(entry.0.clone()))
        .collect();
    let fields = json!({
        "time": time,
        "msg_id": id,
        "sender": {
            "ocid": cx.ocid(sender, as_text),
            "session_id": message.sender.session_id,
        },
        "msg": entries,
    });
    Message::new(Kind::UserMessage, fields)
}
