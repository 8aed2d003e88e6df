//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod accounts;
mod chats;
mod edit;
mod messages;
mod shapes;
mod survival;
mod tokens;

pub(super) use shapes::Damage;

use super::Tokenchat;
use crate::rules::{self as broken, Table, Way, rule, way};

pub(super) type How = broken::HowOf<Tokenchat>;
type Entry = broken::Entry<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    tokens::RULES,
    accounts::RULES,
    chats::RULES,
    messages::RULES,
    survival::RULES,
    shapes::RULES,
]);
