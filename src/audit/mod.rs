//! Proves that the suite can fail: cases against servers that are wrong on purpose, in virtual time.
//!
//! Nothing in the engine knows that it is being audited. The servers are functions that are given.
//!
//! - [`Handlers`]: a server as a pure state machine. [`simulate`]: one case against it, without sockets.
//! - [`degenerate()`]: what the suite says of servers that are wrong about everything.
//! - [`rules()`]: which cases notice a broken rule, and whether they name it.
//! - [`tamper()`]: every frame of every case spoilt in every way, one at a time.
//! - [`idle()`]: every matcher of a case's steps weakened, one at a time.
//! - [`campaign()`] does all of that for a pack; [`Matrix`] is what it found, [`text_of_matrix`] and [`page_of_matrix`] show it,
//!   and [`Floors`] say whether it is enough.

mod campaign;
mod degenerate;
mod floors;
mod lab;
mod matrix;
mod page;
mod rules;
mod tamper;
mod text;

pub use campaign::{Parts, Servers, campaign, matrix_of_wire};
pub use degenerate::{Impression, Wrong, degenerate};
pub use floors::{Floors, Shares};
pub use lab::{Effect, Forkable, Frame, Handlers, Judged, simulate};
pub use matrix::{
    Counted, DegenerateLine, IdleMatcher, IdlePart, Matrix, NeverFailed, PackMatrix, RuleLine,
    SCHEMA, SurvivorGroup, TamperPart, WirePart,
};
pub use page::page_of_matrix;
pub use rules::{Kill, Stray, first_kill, rules};
pub use tamper::{
    Attempt, Change, Count, Judgement, Mark, MatcherAt, Matchers, Meddler, Order, Path, Purpose,
    Recorded, Recorder, Survivor, Tally, Tampering, Working, attempts, came_to_an_end, idle,
    tamper,
};
pub use text::text_of_matrix;
