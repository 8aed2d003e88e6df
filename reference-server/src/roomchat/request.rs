//! What clients send: frames become typed requests.
//! Refuses what is no message of the document; the caller gets `None`, for no answer exists.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::Frame;

/// Every message that a client may send, with its fields.
#[derive(Deserialize, Debug)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::enum_variant_names, reason = "the names are the document's")]
pub(super) enum Request {
    RequestLogin(Credentials),
    RequestSignup(Credentials),
    CreateRoom(NewRoom),
    SndMsg(NewMessage),
    ReadMsg(Reading),
    SearchUser(Search),
    DeleteRoom(Named),
    DeleteMsg(Named),
    EditMsg(Edit),
    OldDialogs(User),
}

impl Request {
    /// Reads a text frame; there are no binary ones in this protocol.
    pub(super) fn parse(frame: Frame) -> Option<Request> {
        let Frame::Text(text) = frame else {
            return None;
        };
        // By way of a value, so that a field that stands twice is no mistake.
        let value: Value = serde_json::from_str(&text).ok()?;
        serde_json::from_value(value).ok()
    }
}

#[derive(Deserialize, Debug)]
pub(super) struct Credentials {
    pub(super) login: String,
    pub(super) pass: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct NewRoom {
    pub(super) username: String,
    pub(super) customer: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct NewMessage {
    pub(super) username: String,
    pub(super) room_id: Value,
    pub(super) message: String,
    pub(super) msg_type: Kind,
}

/// What a message is. The server keeps each as it came.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Kind {
    Text,
    File,
    Image,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Text => "TEXT",
            Kind::File => "FILE",
            Kind::Image => "IMAGE",
        }
    }
}

#[derive(Deserialize, Debug)]
pub(super) struct Reading {
    pub(super) read: Extent,
    pub(super) room_id: Value,
}

/// How much of a room is to be read.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Extent {
    All,
    /// As the document writes it.
    Resent,
    /// As it may be meant.
    Recent,
}

#[derive(Deserialize, Debug)]
pub(super) struct Search {
    pub(super) user: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct Named {
    pub(super) id: Value,
}

#[derive(Deserialize, Debug)]
pub(super) struct Edit {
    pub(super) id: Value,
    pub(super) new_msg: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct User {
    pub(super) username: String,
}
