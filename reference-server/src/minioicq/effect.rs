//! What a handler wants done here: messages to send, and changes of the state.

use std::sync::Arc;

use super::id::Id;
use super::message::Message;
use super::state::{Chat, Entry};
use crate::effect;
pub(super) use crate::effect::Offline;
use crate::protocol::ConnId;

/// Which connections of a user a message goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Devices {
    Every,
    /// The one that logged in last.
    Latest,
}

/// How a message goes to a user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Means {
    pub(super) devices: Devices,
    pub(super) offline: Offline,
}

/// One thing to do.
pub(super) type Effect = effect::Effect<Message, Change, Id, Means>;

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
}
