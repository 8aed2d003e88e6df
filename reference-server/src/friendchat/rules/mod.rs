//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod auth;
mod edit;
mod friends;
mod groups;
mod history;
mod media;
mod members;
mod presence;
mod shapes;
mod survival;
mod texts;

use super::Friendchat;
use crate::rules::{self as broken, Table, Way, rule, way, written};

pub(super) type How = broken::HowOf<Friendchat>;
type Entry = broken::Entry<How>;

pub(super) static TABLE: Table<How> = Table::new(&[
    auth::RULES,
    friends::RULES,
    groups::RULES,
    members::RULES,
    texts::RULES,
    media::RULES,
    presence::RULES,
    history::RULES,
    survival::RULES,
    shapes::RULES,
]);
