//! What a handler sees, and what it answers with.

use serde_json::{Value, json};

use super::Tokenchat;
use super::effect::Effect;
use super::message::{Answer, UNAUTHORIZED, UNPROCESSABLE};
use super::readings::Departure;
use super::request::{Mode, Request};
use super::state::{MAX_TOKENS, Token};
use crate::context;

pub(super) type Context<'a> = context::Context<'a, Tokenchat>;

/// What a client that keeps ids in floating-point numbers loses.
const BEYOND_DOUBLES: u64 = (1 << 53) + 1;

impl<'a> Context<'a> {
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

    /// A message's id as a bound is compared with it; it is never written.
    pub(super) fn message_id(&self, id: u64) -> u64 {
        if self.takes(Departure::MessageIdsAreBeyond) {
            BEYOND_DOUBLES + id
        } else {
            id
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
