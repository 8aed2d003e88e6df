//! What a handler sees, and what it answers with.

use serde_json::{Value, json};

use super::Friendchat;
use super::effect::{Effect, Offline};
use super::message::{Kind, Message, Stamp};
use super::readings::Departure;
use crate::context;

/// The server's own name, where it uses one.
const SERVER: &str = "server";

pub(super) type Context<'a> = context::Context<'a, Friendchat>;

impl<'a> Context<'a> {
    /// Whether this user is the one who is logged in on the connection. False for everybody when
    /// nobody is, so this one question guards against strangers and impostors alike.
    pub(super) fn is_me(&self, user: &str) -> bool {
        self.user == Some(user)
    }

    /// An answer on the same connection.
    pub(super) fn reply(&self, kind: Kind, payload: Value) -> Effect {
        self.send(Message::new(kind, payload))
    }

    /// A message of the server's own to a user who is online.
    pub(super) fn tell(&self, user: &str, kind: Kind, payload: Value) -> Effect {
        let message = Message::new(kind, payload);
        Effect::Deliver {
            to: user.to_owned(),
            message,
            how: Offline::Drop,
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
            how: offline,
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
        self.request()?.timestamp.as_ref()
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
