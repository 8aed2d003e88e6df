//! What the server sends: messages as they are built, and their bytes.
//! Every message type that goes to a client is a [`Kind`]; there are no others.

use serde_json::{Map, Value};

use crate::message::{Kinded, kinds, weight};
use crate::protocol::Frame;

kinds! {
    RegisterResponse = "REGISTER_RESPONSE",
    LoginResponse = "LOGIN_RESPONSE",
    FriendRequest = "FRIEND_REQUEST",
    FriendRequestAck = "FRIEND_REQUEST_ACK",
    FriendRequestResponse = "FRIEND_REQUEST_RESPONSE",
    FriendRemove = "FRIEND_REMOVE",
    FriendRemoveAck = "FRIEND_REMOVE_ACK",
    GroupCreateAck = "GROUP_CREATE_ACK",
    GroupInvite = "GROUP_INVITE",
    GroupInviteResponse = "GROUP_INVITE_RESPONSE",
    GroupLeave = "GROUP_LEAVE",
    GroupLeaveAck = "GROUP_LEAVE_ACK",
    GroupRemove = "GROUP_REMOVE",
    GroupRemoveAck = "GROUP_REMOVE_ACK",
    GroupLeaderChange = "GROUP_LEADER_CHANGE",
    GroupLeaderChangeAck = "GROUP_LEADER_CHANGE_ACK",
    TextMessage = "TEXT_MESSAGE",
    MediaMessage = "MEDIA_MESSAGE",
    MediaMessageAck = "MEDIA_MESSAGE_ACK",
    MediaMessageData = "MEDIA_MESSAGE_DATA",
    MediaMessageDataAck = "MEDIA_MESSAGE_DATA_ACK",
    MediaMessageComplete = "MEDIA_MESSAGE_COMPLETE",
    MediaMessageCompleteAck = "MEDIA_MESSAGE_COMPLETE_ACK",
    UserStatusUpdate = "USER_STATUS_UPDATE",
    UserLogout = "USER_LOGOUT",
    MessageHistoryResponse = "MESSAGE_HISTORY_RESPONSE",
    MessageHistoryBegin = "MESSAGE_HISTORY_BEGIN",
    MessageHistoryData = "MESSAGE_HISTORY_DATA",
    MessageHistoryComplete = "MESSAGE_HISTORY_COMPLETE",
}

/// A message to a client.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) stamp: Stamp,
    pub(super) payload: Payload,
}

/// The timestamp of a message.
#[derive(Clone, Debug)]
pub(super) enum Stamp {
    /// The time at which it is sent.
    Sent,
    /// This very one.
    Given(Value),
    /// None, which the document does not allow.
    Missing,
}

/// The payload of a message.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    Object(Map<String, Value>),
    /// No object, which the document does not allow.
    Other(Value),
}

impl Kinded for Message {
    type Kind = Kind;

    fn kind(&self) -> Kind {
        self.kind
    }
}

impl Message {
    /// A message whose payload is the given object.
    pub(super) fn new(kind: Kind, payload: Value) -> Message {
        let payload = match payload {
            Value::Object(fields) => Payload::Object(fields),
            other => Payload::Other(other),
        };
        Message {
            kind,
            stamp: Stamp::Sent,
            payload,
        }
    }

    /// A field of the payload.
    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        match &self.payload {
            Payload::Object(fields) => fields.get(field),
            Payload::Other(_) => None,
        }
    }

    /// Sets a field of the payload.
    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        if let Payload::Object(fields) = &mut self.payload {
            fields.insert(field.to_owned(), value.into());
        }
    }

    /// Takes a field out of the payload.
    pub(super) fn remove(&mut self, field: &str) {
        if let Payload::Object(fields) = &mut self.payload {
            fields.shift_remove(field);
        }
    }

    /// The bytes it takes up while it is stored, roughly.
    pub(super) fn weight(&self) -> usize {
        64 + match &self.payload {
            Payload::Object(fields) => fields.values().map(weight).sum(),
            Payload::Other(value) => weight(value),
        }
    }

    /// The frame that carries it when it is sent at this time.
    pub(super) fn encode(self, now: Value) -> Frame {
        let mut envelope = Map::new();
        envelope.insert("type".into(), self.kind.name().into());
        match self.stamp {
            Stamp::Sent => _ = envelope.insert("timestamp".into(), now),
            Stamp::Given(stamp) => _ = envelope.insert("timestamp".into(), stamp),
            Stamp::Missing => {}
        }
        let payload = match self.payload {
            Payload::Object(fields) => Value::Object(fields),
            Payload::Other(value) => value,
        };
        envelope.insert("payload".into(), payload);
        Frame::Text(Value::Object(envelope).to_string())
    }
}
