//! What users said to each other, and its transfer page by page (document: Message History
//! Sync). Only texts are written down; nobody is given the history of others.

use std::sync::Arc;

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::readings::Departure;
use super::request::{HistoryAck, Named, Text};
use super::state::User;

pub(super) const SUCCESS: i64 = 0;
pub(super) const NONE: i64 = 6001;
/// For a request without a login or for somebody else's history; the document has no code for it.
pub(super) const REFUSED: i64 = 6002;

/// Messages in one DATA.
const PAGE: usize = 20;
/// Bytes in one DATA, unless a single message is longer.
const PAGE_BYTES: usize = 1 << 20;
/// Messages, and bytes, that are remembered for one user; older ones are forgotten.
const MAX_ENTRIES: usize = 2_000;
const MAX_BYTES: usize = 32 << 20;

/// A message as the history has it.
#[derive(Debug)]
pub(super) struct Entry {
    timestamp: Value,
    pub(super) sender: String,
    pub(super) receiver: String,
    content: String,
}

/// A transfer of history to a connection.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    username: String,
    entries: Arc<[Arc<Entry>]>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// BEGIN is out and not acknowledged.
    Begun,
    /// DATA up to this entry is out and not acknowledged.
    Sent(usize),
}

/// MESSAGE_HISTORY_REQUEST.
pub(super) fn request(cx: &Context, user: &Named) -> Vec<Effect> {
    let Named { username } = user;
    let refuse = |code| {
        let payload = json!({ "username": username, "code": code });
        vec![cx.reply(Kind::MessageHistoryResponse, payload)]
    };
    if !cx.is_me(username) {
        return refuse(REFUSED);
    }
    begin(cx, username).unwrap_or_else(|| refuse(NONE))
}

/// Begins to transfer a user's history, whoever asks; `None` when there is none.
pub(super) fn begin(cx: &Context, username: &str) -> Option<Vec<Effect>> {
    let entries = &cx.state.users.get(username)?.history;
    if entries.is_empty() {
        return None;
    }
    let entries = entries.iter().cloned().collect();
    let sync = Sync {
        username: username.to_owned(),
        entries,
        stage: Stage::Begun,
    };
    let payload = json!({ "username": username, "code": SUCCESS });
    let mut effects = Vec::new();
    if !cx.takes(Departure::HistoryBeginsAlone) {
        effects.push(cx.reply(Kind::MessageHistoryResponse, payload.clone()));
    }
    effects.push(cx.reply(Kind::MessageHistoryBegin, payload));
    effects.push(
        Change::SetSync {
            conn: cx.conn,
            sync: Some(sync),
        }
        .into(),
    );
    Some(effects)
}

/// The client acknowledged BEGIN, so DATA may come.
pub(super) fn begin_acknowledged(cx: &Context, ack: &HistoryAck) -> Vec<Effect> {
    match cx.state.syncs.get(&cx.conn) {
        Some(sync) if sync.stage == Stage::Begun => go_on(cx, sync, ack, 0),
        _ => Vec::new(),
    }
}

/// The client acknowledged DATA, so more or the end may come.
pub(super) fn data_acknowledged(cx: &Context, ack: &HistoryAck) -> Vec<Effect> {
    match cx.state.syncs.get(&cx.conn) {
        Some(sync) => match sync.stage {
            Stage::Sent(end) => go_on(cx, sync, ack, end),
            Stage::Begun => Vec::new(),
        },
        None => Vec::new(),
    }
}

/// Sends the next page, or all of them if the server does not wait, and COMPLETE after the last.
fn go_on(cx: &Context, sync: &Sync, ack: &HistoryAck, mut start: usize) -> Vec<Effect> {
    let set = |sync| {
        Change::SetSync {
            conn: cx.conn,
            sync,
        }
        .into()
    };
    // The client does not want it.
    if ack.code != SUCCESS {
        return vec![set(None)];
    }
    let mut effects = Vec::new();
    while start < sync.entries.len() {
        let end = page_end(&sync.entries, start);
        effects.push(data(cx, &sync.username, &sync.entries[start..end]));
        if !cx.takes(Departure::HistoryStreams) {
            effects.push(set(Some(Sync {
                stage: Stage::Sent(end),
                ..sync.clone()
            })));
            return effects;
        }
        start = end;
    }
    let payload = json!({ "username": sync.username, "code": SUCCESS });
    effects.push(set(None));
    effects.push(cx.reply(Kind::MessageHistoryComplete, payload));
    effects
}

/// The first page of a transfer, and the transfer after it.
pub(super) fn first_page(cx: &Context, sync: &Sync) -> (Effect, Sync) {
    let end = page_end(&sync.entries, 0);
    let page = data(cx, &sync.username, &sync.entries[..end]);
    (
        page,
        Sync {
            stage: Stage::Sent(end),
            ..sync.clone()
        },
    )
}

/// A page of history.
pub(super) fn data(cx: &Context, username: &str, entries: &[Arc<Entry>]) -> Effect {
    let messages: Vec<Value> = entries.iter().map(|entry| entry.shown()).collect();
    cx.reply(
        Kind::MessageHistoryData,
        json!({ "username": username, "messages": messages }),
    )
}

fn page_end(entries: &[Arc<Entry>], start: usize) -> usize {
    let mut bytes = 0;
    let fits = entries[start..].iter().take(PAGE).take_while(|entry| {
        bytes += entry.weight();
        bytes <= PAGE_BYTES
    });
    start + fits.count().max(1)
}

/// Writes a text into the histories of these users.
pub(super) fn write_down(cx: &Context, text: &Text, owners: &[&str]) -> Vec<Effect> {
    let entry = Arc::new(Entry {
        timestamp: cx.stamp_value(),
        sender: text.sender.clone(),
        receiver: text.receiver.clone(),
        content: text.content.clone(),
    });
    if !cx.state.has_room(entry.weight() * owners.len()) {
        return Vec::new();
    }
    let remember = |owner: &&str| {
        Change::Remember {
            user: (*owner).to_owned(),
            entry: Arc::clone(&entry),
        }
        .into()
    };
    owners.iter().map(remember).collect()
}

/// Adds an entry to a user's history and forgets what is too old; `all_bytes` counts those of
/// all users.
pub(super) fn remember(user: &mut User, entry: Arc<Entry>, all_bytes: &mut usize) {
    user.history_bytes += entry.weight();
    *all_bytes += entry.weight();
    user.history.push_back(entry);
    while user.history.len() > MAX_ENTRIES || user.history_bytes > MAX_BYTES {
        let Some(oldest) = user.history.pop_front() else {
            break;
        };
        user.history_bytes -= oldest.weight();
        *all_bytes -= oldest.weight();
    }
}

impl Entry {
    /// As DATA shows it.
    pub(super) fn shown(&self) -> Value {
        json!({
            "timestamp": self.timestamp,
            "sender": self.sender,
            "receiver": self.receiver,
            "content": self.content,
        })
    }

    fn weight(&self) -> usize {
        128 + self.sender.len() + self.receiver.len() + self.content.len()
    }
}
