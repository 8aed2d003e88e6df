//! Everything that the server remembers, and the questions that can be asked of it.
//! Bounded: see the limits here, which handlers ask for before they promise to remember.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::effect::Effect;
use super::history::{Entry, Sync};
use super::media::{Delivery, Media};
use super::message::Message;
use crate::protocol::ConnId;

/// Accounts.
pub(super) const MAX_USERS: usize = 1_000_000;
/// Bytes of a name, of a password hash, of a media id or type.
pub(super) const MAX_NAME: usize = 1024;
/// Friends of one user, and friend requests that wait for one user's answer.
pub(super) const MAX_FRIENDS: usize = 10_000;
pub(super) const MAX_GROUPS: usize = 20_000;
pub(super) const MAX_MEMBERS: usize = 1_000;
/// Messages that are stored for one user while offline, and their bytes.
const MAX_STORED: usize = 1_000;
const MAX_STORED_BYTES: usize = 32 << 20;
/// Bytes of stored messages and of history, over all users.
const MAX_BYTES: usize = 256 << 20;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Group>,
    /// Who is logged in on a connection.
    pub(super) sessions: BTreeMap<ConnId, String>,
    /// On which connection a user is logged in.
    pub(super) online: BTreeMap<String, ConnId>,
    /// The connections that are open.
    pub(super) connections: BTreeSet<ConnId>,
    pub(super) syncs: BTreeMap<ConnId, Sync>,
    /// Media that is uploaded or that somebody waits for, by our own number.
    pub(super) media: BTreeMap<u64, Media>,
    /// The number of what a user uploads under an id.
    pub(super) uploads: BTreeMap<(String, String), u64>,
    pub(super) next_media: u64,
    /// Bytes of stored messages and of history.
    pub(super) bytes: usize,
    /// Bytes of media, in base64.
    pub(super) media_bytes: usize,
    pub(super) scars: Scars,
}

#[derive(Clone, Default)]
pub(super) struct User {
    pub(super) hash: String,
    pub(super) friends: BTreeSet<String>,
    /// Who asked this user for friendship and waits for the answer.
    pub(super) asked_by: BTreeSet<String>,
    pub(super) stored: Vec<Message>,
    pub(super) stored_bytes: usize,
    pub(super) history: VecDeque<Arc<Entry>>,
    pub(super) history_bytes: usize,
    pub(super) deliveries: Vec<Delivery>,
    /// Until when a session without a connection counts as one.
    pub(super) lingers_until_ms: u64,
}

#[derive(Clone)]
pub(super) struct Group {
    pub(super) leader: String,
    pub(super) members: BTreeSet<String>,
    /// Who was invited and has not answered, and by whom.
    pub(super) invited: BTreeMap<String, String>,
}

/// What broken rules remember. Untouched while no rule is broken.
#[derive(Clone, Default)]
pub(super) struct Scars {
    pub(super) held: Vec<Effect>,
    /// Users whose connection dropped without a logout.
    pub(super) vanished: BTreeSet<String>,
}

impl State {
    pub(super) fn user_of(&self, conn: ConnId) -> Option<&str> {
        self.sessions.get(&conn).map(String::as_str)
    }

    pub(super) fn conn_of(&self, user: &str) -> Option<ConnId> {
        self.online.get(user).copied()
    }

    pub(super) fn is_online(&self, user: &str) -> bool {
        self.online.contains_key(user)
    }

    /// Whether a login would be the user's second one.
    pub(super) fn has_session(&self, user: &str, now_ms: u64) -> bool {
        self.is_online(user)
            || self
                .users
                .get(user)
                .is_some_and(|u| now_ms < u.lingers_until_ms)
    }

    pub(super) fn user_exists(&self, user: &str) -> bool {
        self.users.contains_key(user)
    }

    /// Whether `friend` is a friend of `user`.
    pub(super) fn are_friends(&self, user: &str, friend: &str) -> bool {
        self.users
            .get(user)
            .is_some_and(|user| user.friends.contains(friend))
    }

    pub(super) fn friends(&self, user: &str) -> impl Iterator<Item = &str> {
        self.users
            .get(user)
            .into_iter()
            .flat_map(|user| &user.friends)
            .map(String::as_str)
    }

    /// Whether `from` asked `to` for friendship and waits for the answer.
    pub(super) fn has_asked(&self, from: &str, to: &str) -> bool {
        self.users
            .get(to)
            .is_some_and(|user| user.asked_by.contains(from))
    }

    /// The group of this name if the user is in it.
    pub(super) fn group_with(&self, group: &str, member: &str) -> Option<&Group> {
        self.groups
            .get(group)
            .filter(|group| group.members.contains(member))
    }

    /// Whether a message can be kept for a user; always so for one who is online.
    pub(super) fn has_room_for(&self, user: &str, weight: usize) -> bool {
        self.is_online(user)
            || self.users.get(user).is_some_and(|user| {
                user.stored.len() < MAX_STORED
                    && user.stored_bytes + weight <= MAX_STORED_BYTES
                    && self.bytes + weight <= MAX_BYTES
            })
    }

    /// Whether so many more bytes of history can be kept.
    pub(super) fn has_room(&self, weight: usize) -> bool {
        self.bytes + weight <= MAX_BYTES
    }
}

impl Group {
    /// The members but for one.
    pub(super) fn others<'a>(&'a self, but: &'a str) -> impl Iterator<Item = &'a str> {
        self.members
            .iter()
            .map(String::as_str)
            .filter(move |&member| member != but)
    }
}
