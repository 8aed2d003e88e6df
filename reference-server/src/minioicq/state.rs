//! Everything that the server remembers, and the questions that can be asked of it.
//! Bounded: see the limits here, which handlers ask for before they promise to remember.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::id::Id;
use super::message::Message;
use crate::protocol::ConnId;

/// Accounts.
pub(super) const MAX_USERS: usize = 1_000_000;
/// Bytes of a name or a password.
pub(super) const MAX_NAME: usize = 1024;
/// Bytes of an avatar, and of all of them.
pub(super) const MAX_AVATAR: usize = 64 << 10;
const MAX_AVATARS: usize = 64 << 20;
pub(super) const MAX_CHATS: usize = 50_000;
pub(super) const MAX_MEMBERS: usize = 1_000;
/// Messages that are stored for one user while offline, and their bytes.
const MAX_STORED: usize = 1_000;
const MAX_STORED_BYTES: usize = 32 << 20;
/// Messages of one chat that are remembered.
pub(super) const MAX_HISTORY: usize = 1_000;
/// Bytes of stored messages and of history, over all users and chats.
const MAX_BYTES: usize = 256 << 20;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<Id, User>,
    pub(super) chats: BTreeMap<Id, Chat>,
    /// Who is logged in on a connection.
    pub(super) sessions: BTreeMap<ConnId, Id>,
    /// The connections of a user who is logged in, in the order of the logins.
    pub(super) online: BTreeMap<Id, Vec<ConnId>>,
    /// The connections that are open.
    pub(super) connections: BTreeSet<ConnId>,
    /// Running numbers.
    pub(super) users_made: u64,
    pub(super) chats_made: u64,
    pub(super) messages_made: u64,
    /// Bytes of stored messages and of history.
    pub(super) bytes: usize,
    pub(super) avatar_bytes: usize,
    pub(super) scars: Scars,
}

#[derive(Clone)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) avatar: Arc<[u8]>,
    /// The chats that the user is a member of, in the order in which they were made.
    pub(super) chats: Vec<Id>,
    pub(super) stored: Vec<Message>,
    pub(super) stored_bytes: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) owner: Id,
    /// In the order in which they were listed.
    pub(super) members: Vec<Id>,
    pub(super) name: String,
    pub(super) avatar: Vec<u8>,
    pub(super) created_ms: u64,
    pub(super) history: VecDeque<Arc<Entry>>,
}

/// A message as it is remembered.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) sender: Id,
    pub(super) time: String,
    /// The same as a number, in milliseconds since the Unix epoch.
    pub(super) at_ms: i64,
    pub(super) kind: String,
    pub(super) content: String,
}

/// What broken rules remember. Untouched while no rule is broken.
#[derive(Clone, Default)]
pub(super) struct Scars {
    /// Users whose connection dropped without a logout.
    pub(super) vanished: BTreeSet<Id>,
    pub(super) marked: BTreeSet<Id>,
    pub(super) registered: BTreeMap<ConnId, Id>,
}

impl State {
    pub(super) fn is_online(&self, user: &Id) -> bool {
        self.online.contains_key(user)
    }

    pub(super) fn conns_of(&self, user: &Id) -> &[ConnId] {
        self.online.get(user).map_or(&[], Vec::as_slice)
    }

    /// The chats of a user, in the order in which they were made.
    pub(super) fn chats_of<'a>(&'a self, user: &'a Id) -> impl Iterator<Item = (&'a Id, &'a Chat)> {
        let ids = self
            .users
            .get(user)
            .into_iter()
            .flat_map(|user| &user.chats);
        ids.filter_map(|id| self.chats.get_key_value(id))
    }

    /// Who shares a chat with a user; not the user.
    pub(super) fn partners<'a>(&'a self, user: &'a Id) -> BTreeSet<&'a Id> {
        let members = self.chats_of(user).flat_map(|(_, chat)| &chat.members);
        members.filter(|member| *member != user).collect()
    }

    /// Whether a message can be kept for a user.
    pub(super) fn has_room_for(&self, user: &User, weight: usize) -> bool {
        user.stored.len() < MAX_STORED
            && user.stored_bytes + weight <= MAX_STORED_BYTES
            && self.bytes + weight <= MAX_BYTES
    }

    /// Whether so many more bytes of history can be kept.
    pub(super) fn has_room(&self, weight: usize) -> bool {
        self.bytes + weight <= MAX_BYTES
    }

    pub(super) fn has_room_for_avatar(&self, size: usize) -> bool {
        size <= MAX_AVATAR && self.avatar_bytes + size <= MAX_AVATARS
    }
}

impl Entry {
    pub(super) fn weight(&self) -> usize {
        128 + self.content.len() + self.time.len()
    }
}
