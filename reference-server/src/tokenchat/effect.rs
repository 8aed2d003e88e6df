//! What a handler wants done here: messages to send, and changes of the state.

use super::message::Answer;
use super::state::{Message, Token};
use crate::effect;
use crate::protocol::ConnId;

/// One thing to do.
pub(super) type Effect = effect::Effect<Answer, Change>;

/// A change of the state.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Connected {
        conn: ConnId,
    },
    Disconnected {
        conn: ConnId,
        /// The tokens that were given there end with it.
        end_tokens: bool,
    },
    AddUser {
        name: String,
        password: String,
        email: String,
    },
    SetPassword {
        name: String,
        password: String,
    },
    GiveToken {
        name: String,
        token: Token,
    },
    EndToken {
        name: String,
    },
    /// Ends all tokens of a user.
    EndTokens {
        user: String,
    },
    AddChat {
        members: Vec<String>,
    },
    Store {
        chat: u64,
        message: Message,
    },
    /// A broken rule remembers an ended token.
    Mourn {
        name: String,
        user: String,
    },
    /// A broken rule remembers a user who logged out.
    LoggedOut {
        user: String,
    },
}
