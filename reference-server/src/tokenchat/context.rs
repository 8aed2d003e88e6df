//! What a handler sees: the state, the connection, what came in on it, and the readings taken.
//! Nothing in it can be changed.

use serde_json::{Value, json};

use super::Input;
use super::effect::Effect;
use super::message::{Answer, UNAUTHORIZED, UNPROCESSABLE};
use super::readings::{Departure, Readings};
use super::request::{Mode, Request};
use super::state::{MAX_TOKENS, State, Token};
use crate::protocol::ConnId;

#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) state: &'a State,
    pub(super) conn: ConnId,
    /// Whose token the request carries, if it is a valid one.
    pub(super) user: Option<&'a str>,
    pub(super) input: &'a Input,
    pub(super) readings: &'a Readings,
    pub(super) now_ms: u64,
}

impl<'a> Context<'a> {
    /// Whether the server departs so from its default readings.
    pub(super) fn takes(&self, departure: Departure) -> bool {
        self.readings.take(departure)
    }

    pub(super) fn request(&self) -> Option<&'a Request> {
        match self.input {
            Input::Request(request) => Some(request),
            Input::Connected | Input::Malformed | Input::Disconnected => None,
        }
    }

    /// The owner of the request's token.
    pub(super) fn owner(&self) -> Option<&'a str> {
        let token = self.request()?.text("token").ok()?;
        let token = self.state.tokens.get(token)?;
        self.works_here(token).then_some(token.user.as_str())
    }

    /// Whether a token that is valid counts on this connection.
    pub(super) fn works_here(&self, token: &Token) -> bool {
        token.conn == self.conn || !self.takes(Departure::TokensStayOnConnection)
    }

    /// The status of a request whose token is missing or not valid.
    pub(super) fn status_without_token(&self, request: &Request) -> u16 {
        if !request.has("token") && self.takes(Departure::MissingTokensAreFields) {
            UNPROCESSABLE
        } else {
            UNAUTHORIZED
        }
    }

    /// How many tokens a user may have at a time.
    pub(super) fn tokens_each(&self) -> usize {
        if self.takes(Departure::OneTokenEach) {
            1
        } else {
            MAX_TOKENS
        }
    }

    /// Whether the connection had its one login, where it has but one.
    pub(super) fn had_its_login(&self) -> bool {
        self.takes(Departure::OneLoginAConnection) && self.state.logged_in.contains(&self.conn)
    }

    /// An answer to the request with nothing but a status.
    pub(super) fn answer(&self, status: u16) -> Effect {
        self.send(self.response(status))
    }

    /// The beginning of an answer.
    pub(super) fn response(&self, status: u16) -> Answer {
        match self.request() {
            Some(request) => Answer::new(request.mode, &request.name, status),
            None => Answer::new(Mode::Unknown, "", status),
        }
    }

    pub(super) fn send(&self, answer: Answer) -> Effect {
        let to = self.conn;
        Effect::Send { to, answer }
    }

    /// A user's id as it is written.
    pub(super) fn user_id(&self, id: u64) -> Value {
        if self.takes(Departure::UserIdsAreText) {
            Value::from(format!("u{id}"))
        } else {
            json!(id)
        }
    }

    /// A chat's id as it is written.
    pub(super) fn chat_id(&self, id: u64) -> Value {
        if self.takes(Departure::ChatIdsAreText) {
            Value::from(format!("c{id}"))
        } else {
            json!(id)
        }
    }

    /// The id that a client sent back; `None` where nothing can have it.
    pub(super) fn read_id(&self, value: &Value) -> Option<u64> {
        match value {
            Value::String(text) => text.get(1..)?.parse().ok(),
            other => other.as_u64(),
        }
    }
}
