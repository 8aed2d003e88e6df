//! The rules that the server can be told to break, by the ids of the requirements.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out;
//! handlers know nothing of it. [`edit`] holds the words in which the tables are written.

mod auth;
mod dialogs;
mod edit;
mod messages;
mod reading;
mod rooms;
mod search;
mod shapes;
mod survival;

use std::sync::LazyLock;

use super::change::Sent;
use super::context::Context;
use super::effect::Effect;
use super::message::Message;
use crate::behaviour::{Break, Rule, UnknownSetting};
use crate::protocol::Effect as WireEffect;

/// Turns the effects of the rule kept into those of the rule broken.
type Rewrite = fn(&Context, Vec<Effect>) -> Vec<Effect>;

/// A rule, and the ways to break it.
#[derive(Clone)]
struct Entry {
    id: &'static str,
    ways: &'static [Way],
}

/// One way to break a rule.
struct Way {
    /// What the server does instead.
    does: &'static str,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    /// By what a handler wants done.
    Effects(Rewrite),
    /// By what is written.
    Outgoing(fn(&mut Message)),
    /// By the fields of one message.
    Shape(shapes::Damage),
}

const fn rule(id: &'static str, ways: &'static [Way]) -> Entry {
    Entry { id, ways }
}

const fn way(does: &'static str, rewrite: Rewrite) -> Way {
    Way {
        does,
        how: How::Effects(rewrite),
    }
}

const fn written(does: &'static str, rewrite: fn(&mut Message)) -> Way {
    Way {
        does,
        how: How::Outgoing(rewrite),
    }
}

const TABLES: &[&[Entry]] = &[
    survival::RULES,
    auth::RULES,
    rooms::RULES,
    messages::RULES,
    reading::RULES,
    search::RULES,
    dialogs::RULES,
    shapes::RULES,
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLES.iter().copied().flatten()
}

/// Every rule with its ways.
pub(crate) fn rules() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let listed = entries().map(|entry| {
            let ways: Vec<&str> = entry.ways.iter().map(|way| way.does).collect();
            // Made once and kept as long as the program runs.
            Rule {
                id: entry.id,
                ways: ways.leak(),
            }
        });
        listed.collect()
    });
    &ALL
}

/// The rules that one server breaks, each in one way.
#[derive(Clone)]
pub(super) struct Broken {
    ways: Vec<How>,
}

impl Broken {
    pub(super) fn new(breaks: &[Break]) -> Result<Broken, UnknownSetting> {
        let ways = breaks.iter().map(|asked| {
            let Some(entry) = entries().find(|entry| entry.id == asked.rule) else {
                let known = entries().map(|entry| entry.id).collect();
                return Err(UnknownSetting::Rule {
                    id: asked.rule.clone(),
                    known,
                });
            };
            let listed = rules().iter().find(|rule| rule.id == entry.id);
            let ways = listed.map_or(&[][..], |rule| rule.ways);
            let way = entry.ways.get(asked.way).map(|way| way.how);
            way.ok_or(UnknownSetting::Way {
                asked: asked.clone(),
                ways,
            })
        });
        Ok(Broken {
            ways: ways.collect::<Result<_, _>>()?,
        })
    }

    /// The effects of a server that breaks these rules.
    pub(super) fn rewrite(&self, cx: &Context, mut effects: Vec<Effect>) -> Vec<Effect> {
        for way in &self.ways {
            if let How::Effects(rewrite) = way {
                effects = rewrite(cx, effects);
            }
        }
        effects
    }

    /// What goes onto the wire.
    pub(super) fn encode(&self, sent: Sent) -> WireEffect {
        match sent {
            Sent::Close { conn, code } => WireEffect::Close { conn, code },
            Sent::Message { to, mut message } => {
                for way in &self.ways {
                    match way {
                        How::Outgoing(rewrite) => rewrite(&mut message),
                        How::Shape(damage) => damage.inflict(&mut message),
                        How::Effects(_) => {}
                    }
                }
                WireEffect::Send {
                    to,
                    frame: message.encode(),
                }
            }
        }
    }
}
