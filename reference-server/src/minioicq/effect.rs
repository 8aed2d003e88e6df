//! What a handler wants done: messages to send, and changes of the state.
//! Only data; the state carries them out in their order.

use std::sync::Arc;

use super::id::Id;
use super::message::Message;
use super::state::{Chat, Entry};
use crate::protocol::ConnId;

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Sends to a connection, whoever is logged in there.
    Send { to: ConnId, message: Message },
    /// Sends to a user, wherever logged in.
    Deliver {
        to: Id,
        message: Message,
        devices: Devices,
        offline: Offline,
    },
    /// Closes a connection.
    Close { conn: ConnId, code: u16 },
    /// Changes the state.
    Change(Change),
}

/// Which connections of a user a message goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Devices {
    Every,
    /// The one that logged in last.
    Latest,
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
    /// Makes an account, or gives an account another name, password and avatar.
    SetAccount {
        user: Id,
        name: String,
        password: String,
        avatar: Arc<[u8]>,
    },
    /// A running number is used up.
    CountUser,
    /// Ends the connection's session first, if there is one.
    LogIn {
        conn: ConnId,
        user: Id,
    },
    LogOut {
        conn: ConnId,
    },
    TakeStored {
        user: Id,
    },
    SetAvatar {
        user: Id,
        avatar: Arc<[u8]>,
    },
    /// Makes a chat and uses up a running number.
    Found {
        chat: Id,
        new: Chat,
    },
    /// Remembers a message of a chat.
    Remember {
        chat: Id,
        entry: Arc<Entry>,
    },
    /// So many running numbers of messages are used up.
    CountMessages {
        count: u64,
    },
    /// Notes something that a broken rule remembers of a user.
    Mark {
        user: Id,
    },
    /// The id that was given to who registered on the connection.
    NoteRegistration {
        conn: ConnId,
        user: Id,
    },
    /// The server serves nobody any more.
    Die,
}

impl From<Change> for Effect {
    fn from(change: Change) -> Effect {
        Effect::Change(change)
    }
}
