//! The history of messages (document: Get Message History, "subject to change").
//! A request whose start or end is no time gets no answer.

use rmpv::Value;

use super::context::Context;
use super::effect::Effect;
use super::id::Id;
use super::message::{Kind, map};
use super::readings::Departure;
use super::state::{Chat, Entry};
use super::time;

/// Bytes of one answer; above it the oldest messages are left out.
const BYTES: usize = 8 << 20;

/// message.get
pub(super) fn get(cx: &Context, user: &Id, start: &Value, end: &Value) -> Vec<Effect> {
    let (Some(asker), Some(start), Some(end)) = (cx.user, bound(cx, start), bound(cx, end)) else {
        return Vec::new();
    };
    let ours = |chat: &Chat| {
        if cx.takes(Departure::HistoryNamesAsker) {
            user == asker
        } else {
            chat.members.contains(user) && user != asker
        }
    };
    let within = |entry: &Entry| match cx.takes(Departure::HistoryBoundsAreOutside) {
        true => start < entry.at_ms && entry.at_ms < end,
        false => start <= entry.at_ms && entry.at_ms <= end,
    };
    let chats = cx.state.chats_of(asker).filter(|(_, chat)| ours(chat));
    let entries = chats
        .flat_map(|(_, chat)| &chat.history)
        .filter(|entry| within(entry));
    let mut bytes = 0;
    let entries: Vec<&Entry> = entries.map(|entry| &**entry).collect();
    let newest = entries.into_iter().rev().take_while(|entry| {
        bytes += entry.weight();
        bytes <= BYTES
    });
    let mut messages: Vec<Value> = newest.map(item).collect();
    messages.reverse();
    vec![cx.reply(Kind::Retrieve, vec![("messages", Value::Array(messages))])]
}

fn item(entry: &Entry) -> Value {
    map([
        ("sender", entry.sender.value()),
        ("time", entry.time.as_str().into()),
        ("type", entry.kind.as_str().into()),
        ("content", entry.content.as_str().into()),
    ])
}

/// A start or an end, in milliseconds.
fn bound(cx: &Context, value: &Value) -> Option<i64> {
    if cx.takes(Departure::HistoryTakesSeconds) {
        value.as_i64()?.checked_mul(1000)
    } else {
        time::read(value.as_str()?)
    }
}
