//! What a handler sees, whatever its protocol: the state, the connection, what came in on it, and the
//! readings taken. Nothing in it can be changed.

use crate::effect::Effect;
use crate::protocol::ConnId;
use crate::readings::Readings;
use crate::server::{EffectOf, Service};

/// What a handler, and a broken rule, may see of what happened.
pub(crate) enum Input<R, F> {
    Connected,
    Request(R),
    /// A frame that is no request of the document, and what is known of it.
    Malformed(F),
    Disconnected,
}

pub(crate) struct Context<'a, S: Service> {
    pub(crate) state: &'a S::State,
    pub(crate) conn: ConnId,
    /// Who acts: see [`Service::user`].
    pub(crate) user: Option<&'a S::User>,
    pub(crate) input: &'a Input<S::Request, S::Flaw>,
    pub(crate) readings: &'a Readings<S::Departure>,
    pub(crate) past: &'a Past<S::What>,
    pub(crate) now_ms: u64,
}

impl<'a, S: Service> Context<'a, S> {
    /// Whether the server departs so from its default readings.
    pub(crate) fn takes(&self, departure: S::Departure) -> bool {
        self.readings.take(departure)
    }

    /// The request that is being handled, if it is one.
    pub(crate) fn request(&self) -> Option<&'a S::Request> {
        match self.input {
            Input::Request(request) => Some(request),
            Input::Connected | Input::Malformed(_) | Input::Disconnected => None,
        }
    }

    /// A message on the same connection.
    pub(crate) fn send(&self, message: S::Message) -> EffectOf<S> {
        Effect::Send {
            to: self.conn,
            message,
        }
    }
}

/// What a server remembers for the rules that it breaks, whatever its protocol.
#[derive(Clone)]
pub(crate) struct Past<W> {
    /// It serves nobody any more.
    pub(crate) dead: bool,
    /// The last two requests, the latest first.
    pub(crate) recent: [Option<Recent<W>>; 2],
}

impl<W> Default for Past<W> {
    fn default() -> Past<W> {
        Past {
            dead: false,
            recent: [None, None],
        }
    }
}

/// A request that came before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recent<W> {
    pub(crate) conn: ConnId,
    pub(crate) what: W,
}
