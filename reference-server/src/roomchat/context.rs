//! What a handler sees, and what it answers with.

use serde_json::Value;

use super::Roomchat;
use super::effect::{Effect, Offline};
use super::message::{Kind, Message};
use super::readings::Departure;
use super::state::Room;
use crate::context;

pub(super) type Context<'a> = context::Context<'a, Roomchat>;

impl<'a> Context<'a> {
    /// Whether the connection may act as this user: it is logged in as the user, or it is not
    /// logged in and the server does not ask for that.
    pub(super) fn is_me(&self, user: &str) -> bool {
        match self.user {
            Some(me) => me == user,
            None => self.takes(Departure::ServesBeforeLogin),
        }
    }

    /// Whether the connection may act in this room.
    pub(super) fn is_mine(&self, room: &Room) -> bool {
        match self.user {
            Some(me) => room.has(me),
            None => self.takes(Departure::ServesBeforeLogin),
        }
    }

    /// Whether the connection is served at all.
    pub(super) fn is_served(&self) -> bool {
        self.user.is_some() || self.takes(Departure::ServesBeforeLogin)
    }

    /// Whether the connection had its one login, where it has but one.
    pub(super) fn had_its_login(&self) -> bool {
        self.takes(Departure::OneLoginAConnection) && self.user.is_some()
    }

    /// An answer on the same connection.
    pub(super) fn reply(&self, kind: Kind, fields: Value) -> Effect {
        self.send(Message::new(kind, fields))
    }

    /// A message to a user who is online.
    pub(super) fn tell(&self, user: &str, kind: Kind, fields: Value) -> Effect {
        Effect::Deliver {
            to: user.to_owned(),
            message: Message::new(kind, fields),
            how: Offline::Drop,
        }
    }

    /// A message to a user, now or at the next login.
    pub(super) fn tell_later(&self, user: &str, kind: Kind, fields: Value) -> Effect {
        Effect::Deliver {
            to: user.to_owned(),
            message: Message::new(kind, fields),
            how: Offline::Keep,
        }
    }

    /// The status of a message that was taken, or that is read.
    pub(super) fn success(&self) -> Value {
        if self.takes(Departure::StatusIsNumber) {
            0.into()
        } else if self.takes(Departure::StatusIsFlag) {
            true.into()
        } else {
            "OK".into()
        }
    }

    /// The status of anything else.
    pub(super) fn failure(&self) -> Value {
        if self.takes(Departure::StatusIsNumber) {
            1.into()
        } else if self.takes(Departure::StatusIsFlag) {
            false.into()
        } else {
            "FAIL".into()
        }
    }
}
