//! What a handler wants done, whatever its protocol: messages to send, and changes of the state.
//! Only data; the server carries them out in their order.

use std::convert::Infallible;

use crate::protocol::ConnId;

/// One thing to do. `M` is a message and `C` a change of the state. `T` names a user and `H` says how to
/// deliver to one, in protocols whose messages go to users and not only to connections.
#[derive(Clone, Debug)]
pub(crate) enum Effect<M, C, T = Infallible, H = Infallible> {
    /// Sends to a connection, whoever is logged in there.
    Send { to: ConnId, message: M },
    /// Sends to a user, wherever logged in.
    Deliver { to: T, message: M, how: H },
    /// Closes a connection.
    Close { conn: ConnId, code: u16 },
    /// Changes the state.
    Change(C),
    /// The server serves nobody any more. Only a broken rule does that.
    Die,
}

impl<M, C, T, H> From<C> for Effect<M, C, T, H> {
    fn from(change: C) -> Effect<M, C, T, H> {
        Effect::Change(change)
    }
}

impl<M, C, T, H> Effect<M, C, T, H> {
    /// The message that it sends, if it sends one.
    pub(crate) fn message(&self) -> Option<&M> {
        match self {
            Effect::Send { message, .. } | Effect::Deliver { message, .. } => Some(message),
            Effect::Close { .. } | Effect::Change(_) | Effect::Die => None,
        }
    }

    /// The same, to be altered.
    pub(crate) fn message_mut(&mut self) -> Option<&mut M> {
        match self {
            Effect::Send { message, .. } | Effect::Deliver { message, .. } => Some(message),
            Effect::Close { .. } | Effect::Change(_) | Effect::Die => None,
        }
    }
}

/// What becomes of a message to a user who is offline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Offline {
    /// It is kept until the user comes online.
    Keep,
    /// It is lost.
    Drop,
}
