//! Proves that the suite can fail: cases against servers that are wrong on purpose, in virtual time.
//!
//! Nothing in the engine knows that it is being audited. The servers are functions that are given.
//!
//! - [`Handlers`]: a server as a pure state machine. [`simulate`]: one case against it, without sockets.
//! - [`degenerate()`]: what the suite says of servers that are wrong about everything.
//! - [`rules()`]: which cases notice a broken rule, and whether they name it.
//! - [`tamper()`]: every frame of every case spoilt in every way, one at a time.

mod degenerate;
mod lab;
mod rules;
mod tamper;

pub use degenerate::{Impression, Wrong, degenerate};
pub use lab::{Effect, Frame, Handlers, Judged, simulate};
pub use rules::{Kill, Stray, first_kill, rules};
pub use tamper::{Change, Survivor, Tally, Tampering, tamper};
