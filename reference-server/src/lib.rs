//! Reference servers for the protocols that wireproof speaks out of the box.
//!
//! They answer as their documents say and share no code with the harness, so that a mistake in
//! one does not hide a mistake in the other. In the order in which the data goes:
//!
//! - [`serve()`]: sockets in, sockets out. The only room with I/O and a clock.
//! - [`Protocol`]: what every server here is underneath: an input goes in, [`Effect`]s come out.
//!   No clock, no I/O, no randomness; a caller may drive it in virtual time.
//! - [`Pack`]: the protocols there are; [`protocol()`] makes a server of one.
//! - [`Behaviour`]: how a server departs from its defaults: the [`Rule`]s that it breaks, and
//!   the [`Reading`]s of its document that it takes. [`rules()`] and [`readings()`] list them.
//!
//! - [`bugs()`]: faults of robustness and state that a server can be told to have, for a fuzzer to find.
//!
//! Each protocol has a module of its own behind [`Pack`]: its state, its handlers, its rules. Handlers are
//! functions of the state and a message to effects, where a change of the state is an effect too; so a
//! broken rule is a transformation of effects, and no handler knows that rules can be broken. How a server
//! is made of these, and the words in which rules are written, is the same for all: see `server`.

mod behaviour;
mod bugs;
mod context;
mod effect;
mod friendchat;
mod message;
mod minioicq;
mod ourchat;
mod pack;
mod protocol;
mod readings;
mod roomchat;
mod rules;
mod serve;
mod server;
#[cfg(test)]
mod tests;
mod tokenchat;

pub use behaviour::{Behaviour, Break, NotABreak, Reading, Rule, UnknownSetting};
pub use bugs::{Bug, UnknownBug, bugs, shortest, with_bug};
pub use pack::{Pack, protocol, readings, rules};
pub use protocol::{ConnId, Effect, Frame, Protocol};
pub use serve::serve;
