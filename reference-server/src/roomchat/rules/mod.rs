//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod auth;
mod dialogs;
mod edit;
mod lenient;
mod messages;
mod reading;
mod rooms;
mod search;
mod shapes;
mod survival;

use super::Roomchat;
use crate::rules::{self as broken, Table, Way, rule, way, written};

pub(super) type How = broken::HowOf<Roomchat>;
type Entry = broken::Entry<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    survival::RULES,
    auth::RULES,
    rooms::RULES,
    messages::RULES,
    reading::RULES,
    search::RULES,
    dialogs::RULES,
    lenient::RULES,
    shapes::RULES,
]);
