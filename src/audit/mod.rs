//! Proves that the suite can fail: cases against servers that are wrong on purpose, in virtual time.
//!
//! Nothing in the engine knows that it is being audited. The servers are functions that are given.
//!
//! - [`Handlers`]: a server as a pure state machine. [`simulate`]: one case against it, without sockets.
//! - [`degenerate()`]: what the suite says of servers that are wrong about everything.
//! - [`rules()`]: which cases notice a broken rule, and whether they name it.
//! - [`tamper()`]: every frame of every case spoilt in every way, one at a time.
//! - [`campaign()`] does all of that for a pack; [`Matrix`] is what it found, [`text_of_matrix`] shows it,
//!   and [`Floors`] say whether it is enough.

mod campaign;
mod degenerate;
mod floors;
mod lab;
mod matrix;
mod rules;
mod tamper;
mod text;

pub use campaign::{Parts, Servers, campaign};
pub use degenerate::{Impression, Wrong, degenerate};
pub use floors::{Floors, Shares};
pub use lab::{Effect, Forkable, Frame, Handlers, Judged, simulate};
pub use matrix::{
    Counted, DegenerateLine, Matrix, NeverFailed, PackMatrix, RuleLine, SCHEMA, SurvivorGroup,
    TamperPart,
};
pub use rules::{Kill, Stray, first_kill, rules};
pub use tamper::{Change, Count, Mark, Path, Purpose, Survivor, Tally, Tampering, tamper};
pub use text::text_of_matrix;
