//! Everything that the server remembers, and the questions that can be asked of it.
//! Bounded: see the limits here, which handlers ask for before they promise to remember.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::message::Message;
use super::request::Kind;
use crate::protocol::ConnId;

/// Accounts.
pub(super) const MAX_USERS: usize = 1_000_000;
/// Bytes of a name and of a password.
pub(super) const MAX_NAME: usize = 1024;
/// Rooms of one user, and in all.
pub(super) const MAX_ROOMS_OF_USER: usize = 10_000;
pub(super) const MAX_ROOMS: usize = 200_000;
/// Messages in one room.
const MAX_MESSAGES: usize = 10_000;
/// Messages that are kept for one user while offline.
const MAX_KEPT: usize = 1_000;
/// Bytes of all messages.
const MAX_BYTES: usize = 256 << 20;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<String, User>,
    pub(super) rooms: BTreeMap<u64, Room>,
    /// The room of each message.
    pub(super) room_of: BTreeMap<u64, u64>,
    /// Who is logged in on a connection.
    pub(super) sessions: BTreeMap<ConnId, String>,
    /// The connections that are open.
    pub(super) connections: BTreeSet<ConnId>,
    /// How many rooms and messages there have been; no number is used again.
    pub(super) last_room: u64,
    pub(super) last_message: u64,
    /// Bytes of messages, in rooms and kept.
    pub(super) bytes: usize,
    pub(super) scars: Scars,
}

#[derive(Clone, Default)]
pub(super) struct User {
    pub(super) pass: String,
    pub(super) rooms: BTreeSet<u64>,
    /// Where the user is logged in.
    pub(super) conns: BTreeSet<ConnId>,
    /// What waits for the next login.
    pub(super) kept: Vec<Message>,
}

#[derive(Clone)]
pub(super) struct Room {
    pub(super) creator: String,
    pub(super) customer: String,
    /// By number, so in the order in which they were written.
    pub(super) messages: BTreeMap<u64, Text>,
}

/// A message in a room.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) author: String,
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) date: Value,
    /// Whether the other member has read it.
    pub(super) read: bool,
    /// Whether the other member was away, and hears of it by logging in.
    pub(super) told: bool,
}

/// What broken rules remember. Untouched while no rule is broken, but for `vanished`.
#[derive(Clone, Default)]
pub(super) struct Scars {
    /// Users whose last connection is gone.
    pub(super) vanished: BTreeSet<String>,
}

impl State {
    pub(super) fn user_of(&self, conn: ConnId) -> Option<&str> {
        self.sessions.get(&conn).map(String::as_str)
    }

    /// The connections on which a user is logged in.
    pub(super) fn conns_of(&self, user: &str) -> Vec<ConnId> {
        let user = self.users.get(user);
        user.map_or_else(Vec::new, |user| user.conns.iter().copied().collect())
    }

    pub(super) fn is_online(&self, user: &str) -> bool {
        self.users
            .get(user)
            .is_some_and(|user| !user.conns.is_empty())
    }

    /// A message, with its room.
    pub(super) fn message(&self, message: u64) -> Option<(&Room, &Text)> {
        let room = self.rooms.get(self.room_of.get(&message)?)?;
        Some((room, room.messages.get(&message)?))
    }

    /// The rooms of a user, with their numbers.
    pub(super) fn rooms_of(&self, user: &str) -> impl Iterator<Item = (u64, &Room)> {
        let rooms = self.users.get(user).into_iter().flat_map(|u| &u.rooms);
        rooms.filter_map(|number| Some((*number, self.rooms.get(number)?)))
    }

    /// The room that these two share, the oldest if there are several.
    pub(super) fn room_between(&self, one: &str, other: &str) -> Option<u64> {
        self.rooms_of(one)
            .find(|(_, room)| room.other(one) == other)
            .map(|(number, _)| number)
    }

    /// Whether a room can take a text of so many bytes.
    pub(super) fn has_room(&self, room: &Room, bytes: usize) -> bool {
        room.messages.len() < MAX_MESSAGES && self.bytes + bytes <= MAX_BYTES
    }

    /// Whether a message can be kept for a user.
    pub(super) fn can_keep(&self, user: &User, message: &Message) -> bool {
        user.kept.len() < MAX_KEPT && self.bytes + message.weight() <= MAX_BYTES
    }
}

impl Room {
    pub(super) fn has(&self, user: &str) -> bool {
        self.creator == user || self.customer == user
    }

    /// The one who is in the room besides this one; of a room with oneself, oneself.
    pub(super) fn other(&self, user: &str) -> &str {
        if self.creator == user {
            &self.customer
        } else {
            &self.creator
        }
    }

    /// The members, each once.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        let customer = Some(self.customer.as_str()).filter(|customer| *customer != self.creator);
        std::iter::once(self.creator.as_str()).chain(customer)
    }
}

impl Text {
    pub(super) fn weight(&self) -> usize {
        128 + self.text.len()
    }
}
