//! What a handler wants done here: messages to send, and changes of the state.

use super::message::Message;
use super::request::{Register, Request};
use crate::effect;
use crate::protocol::ConnId;

/// One thing to do.
pub(super) type Effect = effect::Effect<Message, Change>;

/// A change of the state.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Connected {
        conn: ConnId,
    },
    Disconnected {
        conn: ConnId,
    },
    /// Makes an account.
    Open {
        ocid: u64,
        account: Register,
        now_ms: u64,
    },
    /// Gives an account another password.
    SetPassword {
        ocid: u64,
        password: String,
    },
    /// Gives an account another nickname.
    SetName {
        ocid: u64,
        name: String,
    },
    /// Removes an account from everywhere.
    Delete {
        ocid: u64,
    },
    /// The email leads to no account any more.
    ForgetEmail {
        ocid: u64,
    },
    LogIn {
        conn: ConnId,
        ocid: u64,
    },
    LogOut {
        conn: ConnId,
    },
    Found {
        session: u64,
        creator: u64,
        members: Vec<u64>,
    },
    /// So many messages got an id of their own in a session.
    Count {
        session: u64,
        messages: u64,
    },
    Store {
        ocid: u64,
        message: Message,
    },
    TakeStored {
        ocid: u64,
    },
    /// A verification was begun; what it holds back waits for it.
    Wait {
        conn: ConnId,
        held: Option<Request>,
    },
    /// The verification is over.
    GoOn {
        conn: ConnId,
    },
}
