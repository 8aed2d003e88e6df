//! What a handler sees: the state, the connection, what came in on it, and the readings taken.
//! Nothing in it can be changed.

use serde_json::{Value, json};

use super::Input;
use super::effect::Effect;
use super::message::{Kind, Message};
use super::readings::{Departure, Readings};
use super::request::Request;
use super::state::State;
use crate::protocol::ConnId;

/// RFC 6455, section 7.4.1.
const POLICY_VIOLATION: u16 = 1008;

#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) state: &'a State,
    pub(super) conn: ConnId,
    /// The account that is logged in on the connection.
    pub(super) user: Option<u64>,
    pub(super) input: &'a Input,
    pub(super) readings: &'a Readings,
    pub(super) now_ms: u64,
}

impl<'a> Context<'a> {
    /// Whether the server departs so from its default readings.
    pub(super) fn takes(&self, departure: Departure) -> bool {
        self.readings.take(departure)
    }

    /// Whether the connection had its one login, where it has but one.
    pub(super) fn had_its_login(&self) -> bool {
        self.takes(Departure::OneLoginAConnection) && self.state.had_login.contains(&self.conn)
    }

    /// The request that is being handled, if it is one.
    pub(super) fn request(&self) -> Option<&'a Request> {
        match self.input {
            Input::Request(request) => Some(request),
            Input::Connected | Input::Malformed(_) | Input::Disconnected => None,
        }
    }

    /// A message on the same connection.
    pub(super) fn reply(&self, kind: Kind, fields: Value) -> Effect {
        Effect::Send {
            to: self.conn,
            message: Message::new(kind, fields),
        }
    }

    pub(super) fn error(&self, details: &str) -> Effect {
        self.reply(Kind::Error, json!({ "details": details }))
    }

    /// What input that is no request gets.
    pub(super) fn malformed(&self, details: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.takes(Departure::BadRequestsAreIgnored) {
            effects.push(self.error(details));
        }
        if self.takes(Departure::BadRequestsClose) {
            effects.push(Effect::Close {
                conn: self.conn,
                code: POLICY_VIOLATION,
            });
        }
        effects
    }

    /// An ocid as a number, or as text where the server departs so or writes it so here anyway.
    pub(super) fn ocid(&self, ocid: u64, as_text: bool) -> Value {
        if as_text {
            ocid.to_string().into()
        } else {
            ocid.into()
        }
    }
}
