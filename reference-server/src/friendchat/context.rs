//! What a handler sees: the state, the connection, what came in on it, and the readings taken.
//! Nothing in it can be changed.

use serde_json::{Value, json};

use super::Input;
use super::effect::{Effect, Offline};
use super::message::{Kind, Message, Stamp};
use super::readings::{Departure, Readings};
use super::state::State;
use crate::protocol::ConnId;

/// The server's own name, where it uses one.
const SERVER: &str = "server";

#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) state: &'a State,
    pub(super) conn: ConnId,
    /// Who is logged in on the connection.
    pub(super) user: Option<&'a str>,
    pub(super) input: &'a Input,
    pub(super) readings: &'a Readings,
    pub(super) now_ms: u64,
}

impl<'a> Context<'a> {
    /// Whether this user is the one who is logged in on the connection. False for everybody when
    /// nobody is, so this one question guards against strangers and impostors alike.
    pub(super) fn is_me(&self, user: &str) -> bool {
        self.user == Some(user)
    }

    /// Whether the server departs so from its default readings.
    pub(super) fn takes(&self, departure: Departure) -> bool {
        self.readings.take(departure)
    }

    /// An answer on the same connection.
    pub(super) fn reply(&self, kind: Kind, payload: Value) -> Effect {
        Effect::Send {
            to: self.conn,
            message: Message::new(kind, payload),
        }
    }

    /// A message of the server's own to a user who is online.
    pub(super) fn tell(&self, user: &str, kind: Kind, payload: Value) -> Effect {
        let message = Message::new(kind, payload);
        Effect::Deliver {
            to: user.to_owned(),
            message,
            offline: Offline::Drop,
        }
    }

    /// Hands a client's message on to a user who is online.
    pub(super) fn forward(&self, user: &str, kind: Kind, payload: Value) -> Effect {
        self.deliver(user, kind, payload, Offline::Drop)
    }

    /// Hands a client's message on to a user, now or when the user comes online.
    pub(super) fn forward_later(&self, user: &str, kind: Kind, payload: Value) -> Effect {
        self.deliver(user, kind, payload, Offline::Keep)
    }

    /// Hands a client's message on to a user, now or later; only now if the server departs so.
    pub(super) fn forward_later_unless(
        &self,
        not_stored: Departure,
        user: &str,
        kind: Kind,
        payload: Value,
    ) -> Effect {
        let offline = if self.takes(not_stored) {
            Offline::Drop
        } else {
            Offline::Keep
        };
        self.deliver(user, kind, payload, offline)
    }

    fn deliver(&self, user: &str, kind: Kind, payload: Value, offline: Offline) -> Effect {
        let message = Message {
            stamp: self.stamp(),
            ..Message::new(kind, payload)
        };
        Effect::Deliver {
            to: user.to_owned(),
            message,
            offline,
        }
    }

    /// The timestamp of a message that is handed on.
    pub(super) fn stamp(&self) -> Stamp {
        match self.client_stamp() {
            Some(stamp) if self.takes(Departure::TimestampsAreKept) => Stamp::Given(stamp.clone()),
            _ => Stamp::Sent,
        }
    }

    /// The same as a value, for what is written down.
    pub(super) fn stamp_value(&self) -> Value {
        match self.stamp() {
            Stamp::Given(stamp) => stamp,
            Stamp::Sent | Stamp::Missing => self.readings.stamp(self.now_ms),
        }
    }

    fn client_stamp(&self) -> Option<&'a Value> {
        match self.input {
            Input::Request(incoming) => incoming.timestamp.as_ref(),
            Input::Connected | Input::Malformed | Input::Disconnected => None,
        }
    }

    /// `sender` and `receiver` of an acknowledgement by the server of a message with these two.
    pub(super) fn media_ack_names(&self, sender: &str, receiver: &str) -> Value {
        let (sender, receiver) = if self.takes(Departure::MediaAcksKeepNames) {
            (sender, receiver)
        } else if self.takes(Departure::MediaAcksNameServer) {
            (SERVER, sender)
        } else {
            (receiver, sender)
        };
        json!({ "sender": sender, "receiver": receiver })
    }
}
