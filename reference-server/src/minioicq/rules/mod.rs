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

use super::Minioicq;
use crate::rules::{self as broken, Table, Way, rule, way, written};

pub(super) type How = broken::HowOf<Minioicq>;
type Entry = broken::Entry<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    auth::RULES,
    users::RULES,
    messages::RULES,
    chats::RULES,
    survival::RULES,
    shapes::RULES,
    shapes::OF_HISTORY,
]);
