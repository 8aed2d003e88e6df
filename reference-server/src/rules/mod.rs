//! Rules that a server can be told to break: how a protocol lists them, and the ones that a server breaks.
//! Each way of breaking one rewrites the effects of a handler, or a message on its way out; handlers know
//! nothing of it. [`edit`] holds the words in which they are written, [`survival`] and [`shapes`] what can be
//! broken in every protocol; what messages and changes are is the protocol's own affair.

pub(crate) mod edit;
pub(crate) mod shapes;
pub(crate) mod survival;

use std::sync::OnceLock;

use crate::behaviour::{Break, Rule, UnknownSetting};
use crate::context::Context;
use crate::protocol::{Effect, Frame, Sent};
use crate::server::{EffectOf, Service};

/// A rule, and the ways to break it.
pub(crate) struct Entry<H: 'static> {
    id: &'static str,
    ways: &'static [Way<H>],
}

/// One way to break a rule.
pub(crate) struct Way<H> {
    /// What the server does instead.
    pub(crate) does: &'static str,
    pub(crate) how: H,
}

/// How a rule is broken: `R` turns the effects of the rule kept into those of the rule broken, `M` is a
/// message, `D` damage to its shape.
pub(crate) enum How<R, M, D> {
    /// By what a handler wants done.
    Effects(R),
    /// By what is written.
    Outgoing(fn(&mut M)),
    /// By the fields of one message.
    Shape(D),
}

/// Turns the effects of the rule kept into those of the rule broken.
pub(crate) type Rewrite<S> = fn(&Context<S>, Vec<EffectOf<S>>) -> Vec<EffectOf<S>>;

/// How a rule of this protocol is broken.
pub(crate) type HowOf<S> = How<Rewrite<S>, <S as Service>::Message, <S as Service>::Damage>;

/// What is done to the fields of one message.
pub(crate) trait Damage<M>: Copy {
    /// Spoils the message if it is the one.
    fn inflict(self, message: &mut M);
}

pub(crate) const fn rule<H>(id: &'static str, ways: &'static [Way<H>]) -> Entry<H> {
    Entry { id, ways }
}

pub(crate) const fn way<R: Copy, M, D: Copy>(does: &'static str, rewrite: R) -> Way<How<R, M, D>> {
    Way {
        does,
        how: How::Effects(rewrite),
    }
}

pub(crate) const fn written<R: Copy, M, D: Copy>(
    does: &'static str,
    rewrite: fn(&mut M),
) -> Way<How<R, M, D>> {
    Way {
        does,
        how: How::Outgoing(rewrite),
    }
}

/// All the rules of a protocol, part by part.
pub(crate) struct Table<H: 'static> {
    parts: &'static [&'static [Entry<H>]],
    listed: OnceLock<Vec<Rule>>,
}

impl<H> Table<H> {
    pub(crate) const fn new(parts: &'static [&'static [Entry<H>]]) -> Table<H> {
        let listed = OnceLock::new();
        Table { parts, listed }
    }

    fn entries(&self) -> impl Iterator<Item = &'static Entry<H>> {
        self.parts.iter().copied().flatten()
    }

    /// Every rule with its ways.
    pub(crate) fn rules(&'static self) -> &'static [Rule] {
        self.listed.get_or_init(|| {
            let listed = self.entries().map(|entry| {
                let ways: Vec<&str> = entry.ways.iter().map(|way| way.does).collect();
                // Made once and kept as long as the program runs.
                Rule {
                    id: entry.id,
                    ways: ways.leak(),
                }
            });
            listed.collect()
        })
    }

    /// What breaks these rules, or the one that there is not.
    pub(crate) fn broken(&'static self, breaks: &[Break]) -> Result<Broken<H>, UnknownSetting> {
        let ways = breaks.iter().map(|asked| {
            let Some(entry) = self.entries().find(|entry| entry.id == asked.rule) else {
                let known = self.entries().map(|entry| entry.id).collect();
                return Err(UnknownSetting::Rule {
                    id: asked.rule.clone(),
                    known,
                });
            };
            let listed = self.rules().iter().find(|rule| rule.id == entry.id);
            let ways = listed.map_or(&[][..], |rule| rule.ways);
            let way = entry.ways.get(asked.way).map(|way| &way.how);
            way.ok_or(UnknownSetting::Way {
                asked: asked.clone(),
                ways,
            })
        });
        let ways = ways.collect::<Result<_, _>>()?;
        Ok(Broken { ways })
    }
}

/// The rules that one server breaks, each in one way.
pub(crate) struct Broken<H: 'static> {
    ways: Vec<&'static H>,
}

impl<H> Clone for Broken<H> {
    fn clone(&self) -> Broken<H> {
        let ways = self.ways.clone();
        Broken { ways }
    }
}

impl<R, M, D> Broken<How<R, M, D>> {
    /// The effects of a server that breaks these rules.
    pub(crate) fn rewrite<C, E>(&self, cx: &C, mut effects: Vec<E>) -> Vec<E>
    where
        R: Fn(&C, Vec<E>) -> Vec<E>,
    {
        for way in &self.ways {
            if let How::Effects(rewrite) = way {
                effects = rewrite(cx, effects);
            }
        }
        effects
    }

    /// What goes onto the wire.
    pub(crate) fn encode(&self, sent: Sent<M>, encode: impl FnOnce(M) -> Frame) -> Effect
    where
        D: Damage<M>,
    {
        match sent {
            Sent::Close { conn, code } => Effect::Close { conn, code },
            Sent::Message { to, mut message } => {
                for way in &self.ways {
                    match way {
                        How::Outgoing(rewrite) => rewrite(&mut message),
                        How::Shape(damage) => damage.inflict(&mut message),
                        How::Effects(_) => {}
                    }
                }
                let frame = encode(message);
                Effect::Send { to, frame }
            }
        }
    }
}
