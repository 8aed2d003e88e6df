//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! Spoils fields by which no message is told from another, where there are such fields.

use serde_json::{Value, json};

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, rule};
use crate::rules::shapes::{Shaped, Spot, What, shapes};

impl Shaped for Message {
    fn spoil(&mut self, spot: Spot, what: What) {
        match (what, self.get(spot.field)) {
            (What::Missing, _) => self.remove(spot.field),
            (What::Retyped, Some(Value::String(_))) => self.set(spot.field, 7),
            (What::Retyped, Some(Value::Array(_))) => self.set(spot.field, json!({})),
            (What::Retyped, Some(other)) => {
                let text = other.to_string();
                self.set(spot.field, text);
            }
            (What::Retyped, None) => {}
        }
    }
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
