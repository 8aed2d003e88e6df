//! Chats and the messages in them (document: Create Chat, Send Message, Push Message).
//! A chat without a single member that exists is not made, and nobody is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use rmpv::Value;

use super::context::Context;
use super::effect::{Change, Effect};
use super::id::Id;
use super::message::{Kind, Message, map};
use super::picture;
use super::readings::Departure;
use super::request::Sending;
use super::state::{Chat, Entry, MAX_CHATS, MAX_MEMBERS};
use super::time;

pub(super) const NO_SUCH_CHAT: &str = "Chat not found";

/// RFC 6455, section 7.4.1.
const TOO_BIG: u16 = 1009;
/// Letters of a chat's name.
const NAME: usize = 100;
/// Messages of one chat that a login pushes again.
const AGAIN: usize = 100;

/// chat.create; members who do not exist or are listed twice are left out.
pub(super) fn create(cx: &Context, listed: &[Id]) -> Vec<Effect> {
    let Some(creator) = cx.user else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let creator_first = Some(creator).filter(|_| !cx.takes(Departure::CreatorIsOutside));
    let members: Vec<Id> = creator_first
        .into_iter()
        .chain(listed)
        .filter(|member| cx.state.users.contains_key(*member) && seen.insert(*member))
        .cloned()
        .collect();
    if members.is_empty() || members.len() > MAX_MEMBERS || cx.state.chats.len() >= MAX_CHATS {
        return Vec::new();
    }
    if cx.takes(Departure::SameMembersSameChat) {
        let same = |chat: &Chat| {
            chat.members.len() == seen.len() && chat.members.iter().all(|m| seen.contains(m))
        };
        if let Some((id, chat)) = cx.state.chats_of(&members[0]).find(|(_, chat)| same(chat)) {
            return told(cx, id, chat);
        }
    }
    let number = cx.state.chats_made;
    let names = members
        .iter()
        .filter_map(|member| cx.state.users.get(member));
    let names: Vec<&str> = names.map(|user| user.name.as_str()).collect();
    let name = if cx.takes(Departure::ChatsHaveNoName) {
        String::new()
    } else {
        names.join(", ").chars().take(NAME).collect()
    };
    let avatar = if cx.takes(Departure::ChatsHaveNoAvatar) {
        Vec::new()
    } else {
        picture::make(!number)
    };
    let id = cx.chat_id(number);
    let chat = Chat {
        owner: creator.clone(),
        members,
        name,
        avatar,
        created_ms: cx.now_ms,
        history: Default::default(),
    };
    let mut effects = told(cx, &id, &chat);
    effects.insert(
        0,
        Change::Found {
            chat: id,
            new: chat,
        }
        .into(),
    );
    effects
}

/// The spawn for each member.
fn told(cx: &Context, id: &Id, chat: &Chat) -> Vec<Effect> {
    let message = spawn(cx, id, chat);
    let tell = |member| cx.tell(member, message.clone(), Departure::SpawnsAreNotStored);
    chat.members.iter().map(tell).collect()
}

pub(super) fn spawn(cx: &Context, id: &Id, chat: &Chat) -> Message {
    let avatar = if chat.avatar.is_empty() {
        Value::from("")
    } else {
        cx.avatar(&chat.avatar)
    };
    let members = chat.members.iter();
    let members = members.filter_map(|member| Some(cx.listed(member, cx.state.users.get(member)?)));
    Message::new(
        Kind::Spawn,
        vec![
            ("chat_id", id.value()),
            ("name", chat.name.as_str().into()),
            ("avatar", avatar),
            ("owner_id", chat.owner.value()),
            ("created", time::write(chat.created_ms).into()),
            ("members", Value::Array(members.collect())),
        ],
    )
}

/// message.send
pub(super) fn send(cx: &Context, sending: &Sending) -> Vec<Effect> {
    let Some(sender) = cx.user else {
        return Vec::new();
    };
    let Some(chat) = cx.state.chats.get(&sending.chat) else {
        return vec![fail(cx)];
    };
    if !chat.members.contains(sender) && !cx.takes(Departure::OutsidersMaySend) {
        return if cx.takes(Departure::OutsidersAreIgnored) {
            Vec::new()
        } else {
            vec![fail(cx)]
        };
    }
    if ["video", "audio"].contains(&sending.kind.as_str()) && cx.takes(Departure::ReservedIsIgnored)
    {
        return Vec::new();
    }
    if cx.takes(Departure::LongTextsClose) && sending.content.len() > longest(&sending.kind) {
        let (conn, code) = (cx.conn, TOO_BIG);
        return vec![Change::LogOut { conn }.into(), Effect::Close { conn, code }];
    }
    let receivers = chat.members.iter().filter(|member| *member != sender);
    pushed(cx, sender, sending, receivers.collect())
}

/// Bytes of content, where the server does not take whatever comes.
fn longest(kind: &str) -> usize {
    if kind == "text" { 2_000 } else { 16 << 10 }
}

pub(super) fn fail(cx: &Context) -> Effect {
    cx.reply(Kind::SendFail, vec![("reason", NO_SUCH_CHAT.into())])
}

/// The push to these receivers, and to the sender's own connections as far as the readings say so.
pub(super) fn pushed(
    cx: &Context,
    sender: &Id,
    sending: &Sending,
    receivers: Vec<&Id>,
) -> Vec<Effect> {
    let stated = time::read(&sending.time).filter(|_| !cx.takes(Departure::TimesAreRestamped));
    let now = i64::try_from(cx.now_ms).unwrap_or(i64::MAX);
    let entry = Arc::new(Entry {
        id: cx.message_id(cx.state.messages_made),
        sender: sender.clone(),
        time: stated.map_or_else(|| time::write(cx.now_ms), |_| sending.time.clone()),
        at_ms: stated.unwrap_or(now),
        kind: sending.kind.clone(),
        content: sending.content.clone(),
    });
    let mut used = 1;
    let mut push = || {
        let mut message = push_of(&sending.chat, [&*entry]);
        if cx.takes(Departure::MessageIdsAreOwn) {
            message = push_as(
                &sending.chat,
                &entry,
                &cx.message_id(cx.state.messages_made + used),
            );
            used += 1;
        }
        message
    };
    let tell = |to: &&Id| cx.tell(to, push(), Departure::PushesAreNotStored);
    let mut effects: Vec<Effect> = receivers.iter().map(tell).collect();
    let own = cx
        .state
        .conns_of(sender)
        .iter()
        .filter(|conn| match **conn == cx.conn {
            true => cx.takes(Departure::SenderIsPushedToo),
            false => !cx.takes(Departure::OtherDevicesAreNotTold),
        });
    effects.extend(own.map(|to| Effect::Send {
        to: *to,
        message: push(),
    }));
    effects.push(Change::CountMessages { count: used }.into());
    if cx.state.has_room(entry.weight()) {
        effects.push(
            Change::Remember {
                chat: sending.chat.clone(),
                entry,
            }
            .into(),
        );
    }
    effects
}

fn push_of<'a>(chat: &Id, entries: impl IntoIterator<Item = &'a Entry>) -> Message {
    let messages = entries
        .into_iter()
        .map(|entry| item(chat, entry, &entry.id));
    Message::new(
        Kind::Push,
        vec![("messages", Value::Array(messages.collect()))],
    )
}

fn push_as(chat: &Id, entry: &Entry, id: &Id) -> Message {
    Message::new(
        Kind::Push,
        vec![("messages", Value::Array(vec![item(chat, entry, id)]))],
    )
}

fn item(chat: &Id, entry: &Entry, id: &Id) -> Value {
    map([
        ("chat_id", chat.value()),
        ("message_id", id.value()),
        ("sender", entry.sender.value()),
        ("time", entry.time.as_str().into()),
        ("type", entry.kind.as_str().into()),
        ("content", entry.content.as_str().into()),
    ])
}

/// Everything that was sent to a user's chats by others, one push for each chat.
pub(super) fn all_pushes<'a>(cx: &'a Context, user: &'a Id) -> impl Iterator<Item = Message> + 'a {
    cx.state.chats_of(user).filter_map(move |(id, chat)| {
        let others = chat
            .history
            .iter()
            .rev()
            .take(AGAIN)
            .filter(|entry| entry.sender != *user);
        let mut others: Vec<&Entry> = others.map(|entry| &**entry).collect();
        others.reverse();
        (!others.is_empty()).then(|| push_of(id, others))
    })
}

/// Makes one push of two.
pub(super) fn join(push: &mut Message, next: &Message) {
    let Some(Value::Array(more)) = next.get("messages") else {
        return;
    };
    for (_, messages) in &mut push.fields {
        if let Value::Array(messages) = messages {
            messages.extend(more.iter().cloned());
        }
    }
}
