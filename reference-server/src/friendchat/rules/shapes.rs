//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! Spoils fields by which no message is told from another, where there are such fields.

use serde_json::{Value, json};

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, broken, rule};

/// What is done to the payload of one kind of message.
#[derive(Clone, Copy)]
pub(crate) struct Damage {
    kind: Kind,
    field: &'static str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Missing,
    Retyped,
}

impl broken::Damage<Message> for Damage {
    fn inflict(self, message: &mut Message) {
        if message.kind != self.kind {
            return;
        }
        match (self.what, message.get(self.field)) {
            (What::Missing, _) => message.remove(self.field),
            (What::Retyped, Some(Value::String(_))) => message.set(self.field, 7),
            (What::Retyped, Some(Value::Array(_))) => message.set(self.field, json!({})),
            (What::Retyped, Some(other)) => {
                let text = other.to_string();
                message.set(self.field, text);
            }
            (What::Retyped, None) => {}
        }
    }
}

macro_rules! shapes {
    ($($id:literal = $kind:ident $field:literal,)*) => {
        pub(super) const RULES: &[Entry] = &[$(
            rule(concat!("shape.", $id), &[
                Way {
                    does: concat!($field, " is missing"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, field: $field, what: What::Missing,
                    }),
                },
                Way {
                    does: concat!($field, " has another type"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, field: $field, what: What::Retyped,
                    }),
                },
            ]),
        )*];
    };
}

shapes! {
    "register-response" = RegisterResponse "success",
    "login-response" = LoginResponse "success",
    "friend-request" = FriendRequest "sender",
    "friend-request-ack" = FriendRequestAck "sender",
    "friend-request-response" = FriendRequestResponse "receiver",
    "friend-remove" = FriendRemove "receiver",
    "friend-remove-ack" = FriendRemoveAck "sender",
    "group-create-ack" = GroupCreateAck "sender",
    "group-invite" = GroupInvite "receiver",
    "group-invite-response" = GroupInviteResponse "receiver",
    "group-leave" = GroupLeave "sender",
    "group-leave-ack" = GroupLeaveAck "sender",
    "group-remove" = GroupRemove "sender",
    "group-remove-ack" = GroupRemoveAck "sender",
    "group-leader-change" = GroupLeaderChange "sender",
    "group-leader-change-ack" = GroupLeaderChangeAck "sender",
    "text-message" = TextMessage "receiver",
    "media-message" = MediaMessage "receiver",
    "media-message-ack" = MediaMessageAck "sender",
    "media-message-data" = MediaMessageData "receiver",
    "media-message-data-ack" = MediaMessageDataAck "sender",
    "media-message-complete" = MediaMessageComplete "sender",
    "media-message-complete-ack" = MediaMessageCompleteAck "sender",
    "user-status-update" = UserStatusUpdate "status",
    "user-logout" = UserLogout "username",
    "message-history-response" = MessageHistoryResponse "username",
    "message-history-begin" = MessageHistoryBegin "username",
    "message-history-data" = MessageHistoryData "username",
    "message-history-complete" = MessageHistoryComplete "username",
}
