//! What a handler sees, and what it answers with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmpv::Value;

use super::Minioicq;
use super::effect::{Devices, Effect, Means, Offline};
use super::id::Id;
use super::message::{Kind, Message, map};
use super::readings::Departure;
use super::state::User;
use crate::context;

pub(super) type Context<'a> = context::Context<'a, Minioicq>;

impl<'a> Context<'a> {
    /// Whether requests about users are answered on this connection.
    pub(super) fn is_served(&self) -> bool {
        self.user.is_some() || self.takes(Departure::StrangersAreServed)
    }

    /// An answer on the same connection.
    pub(super) fn reply(&self, kind: Kind, fields: Vec<(&'static str, Value)>) -> Effect {
        self.send(Message::new(kind, fields))
    }

    /// A message to a user, now or when the user logs in; only now if the server departs so.
    pub(super) fn tell(&self, user: &Id, message: Message, not_stored: Departure) -> Effect {
        let latest = self.takes(Departure::LatestDeviceOnly);
        Effect::Deliver {
            to: user.clone(),
            message,
            how: Means {
                devices: if latest {
                    Devices::Latest
                } else {
                    Devices::Every
                },
                offline: if self.takes(not_stored) {
                    Offline::Drop
                } else {
                    Offline::Keep
                },
            },
        }
    }

    /// An image as it stands in a message.
    pub(super) fn avatar(&self, bytes: &[u8]) -> Value {
        if self.takes(Departure::AvatarsAreBytes) {
            Value::from(bytes)
        } else if self.takes(Departure::AvatarsAreDataUrls) {
            Value::from(format!("data:image/gif;base64,{}", STANDARD.encode(bytes)))
        } else {
            Value::from(STANDARD.encode(bytes))
        }
    }

    /// A user as lists of users show one.
    pub(super) fn listed(&self, id: &Id, user: &User) -> Value {
        map([
            ("user_id", id.value()),
            ("user_name", user.name.as_str().into()),
            ("avatar", self.avatar(&user.avatar)),
        ])
    }

    pub(super) fn user_id(&self, number: u64) -> Id {
        let (beyond, text) = (Departure::UserIdsAreBeyond, Departure::UserIdsAreTexts);
        Id::new(self.readings.form(beyond, text), 10_001 + number)
    }

    pub(super) fn chat_id(&self, number: u64) -> Id {
        let (beyond, text) = (Departure::ChatIdsAreBeyond, Departure::ChatIdsAreTexts);
        Id::new(self.readings.form(beyond, text), 1 + number)
    }

    pub(super) fn message_id(&self, number: u64) -> Id {
        let (beyond, text) = (
            Departure::MessageIdsAreBeyond,
            Departure::MessageIdsAreTexts,
        );
        Id::new(self.readings.form(beyond, text), 1 + number)
    }
}
