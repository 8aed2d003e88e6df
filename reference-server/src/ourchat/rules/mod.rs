//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod accounts;
mod edit;
mod info;
mod messages;
mod sessions;
mod shapes;
mod survival;

use super::Ourchat;
use crate::rules::{self as broken, Table, Way, rule, way, written};

pub(super) type How = broken::HowOf<Ourchat>;
type Entry = broken::Entry<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    accounts::RULES,
    sessions::RULES,
    messages::RULES,
    info::RULES,
    survival::RULES,
    shapes::RULES,
]);
