//! What a handler wants done here: messages to send, and changes of the state.

use super::message::Message;
use super::state::Text;
use crate::effect;
pub(super) use crate::effect::Offline;
use crate::protocol::ConnId;

/// One thing to do.
pub(super) type Effect = effect::Effect<Message, Change, String, Offline>;

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
}
