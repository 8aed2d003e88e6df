//! What a handler wants done: messages to send, and changes of the state.
//! Only data; the state carries them out in their order.

use super::message::Message;
use super::state::Text;
use crate::protocol::ConnId;

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Sends to a connection, whoever is logged in there.
    Send { to: ConnId, message: Message },
    /// Sends to a user on every connection where logged in.
    Deliver {
        to: String,
        message: Message,
        offline: Offline,
    },
    /// Closes a connection.
    Close { conn: ConnId, code: u16 },
    /// Changes the state.
    Change(Change),
}

/// What becomes of a message to a user who is offline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Offline {
    /// It is kept until the user logs in.
    Keep,
    /// It is lost.
    Drop,
}

/// A change of the state.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Connected {
        conn: ConnId,
    },
    /// Ends the session as well, if there is one.
    Disconnected {
        conn: ConnId,
    },
    /// Makes an account, or gives an account a new password.
    SetAccount {
        user: String,
        pass: String,
    },
    RemoveAccount {
        user: String,
    },
    LogIn {
        conn: ConnId,
        user: String,
    },
    TakeKept {
        user: String,
    },
    MakeRoom {
        room: u64,
        creator: String,
        customer: String,
    },
    DropRoom {
        room: u64,
    },
    /// The room is no longer among a user's dialogs; it stays for the other.
    Unlist {
        room: u64,
        user: String,
    },
    AddMessage {
        room: u64,
        message: u64,
        text: Text,
    },
    SetText {
        message: u64,
        text: String,
    },
    DropMessage {
        message: u64,
    },
    /// What others wrote in the room is read by now.
    MarkRead {
        room: u64,
        reader: String,
    },
    /// The server serves nobody any more.
    Die,
}

impl From<Change> for Effect {
    fn from(change: Change) -> Effect {
        Effect::Change(change)
    }
}
