//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod auth;
mod chats;
mod edit;
mod messages;
mod shapes;
mod survival;
mod users;

use super::context::Context;
use super::effect::Effect;
use super::message::Message;
use crate::behaviour::Rule;
use crate::rules::{self as broken, Table, Way, rule, way, written};

/// Turns the effects of the rule kept into those of the rule broken.
type Rewrite = fn(&Context, Vec<Effect>) -> Vec<Effect>;

type How = broken::How<Rewrite, Message, shapes::Damage>;
type Entry = broken::Entry<How>;

/// The rules that one server breaks, each in one way.
pub(super) type Broken = broken::Broken<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    auth::RULES,
    users::RULES,
    messages::RULES,
    chats::RULES,
    survival::RULES,
    shapes::RULES,
]);

/// Every rule with its ways.
pub(crate) fn rules() -> &'static [Rule] {
    TABLE.rules()
}
