//! What a handler sees, and what it answers with.

use serde_json::{Value, json};

use super::Ourchat;
use super::effect::Effect;
use super::message::{Kind, Message};
use super::readings::Departure;
use crate::context;

/// RFC 6455, section 7.4.1.
const POLICY_VIOLATION: u16 = 1008;

pub(super) type Context<'a> = context::Context<'a, Ourchat>;

impl Context<'_> {
    /// The account that is logged in on the connection.
    pub(super) fn me(&self) -> Option<u64> {
        self.user.copied()
    }

    /// Whether the connection had its one login, where it has but one.
    pub(super) fn had_its_login(&self) -> bool {
        self.takes(Departure::OneLoginAConnection) && self.state.had_login.contains(&self.conn)
    }

    /// A message on the same connection.
    pub(super) fn reply(&self, kind: Kind, fields: Value) -> Effect {
        self.send(Message::new(kind, fields))
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
