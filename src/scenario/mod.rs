//! The scenario language: YAML in, valid scenarios out, or every mistake at its place.
//!
//! Knows the catalogue and the source text; knows nothing of targets, frames or time.
//!
//! - `model`, `expr`, `pattern`: what a scenario is made of; `matches`, `assignment`: whether values match.
//! - `pack`: a pack from its files; `read`: YAML into all of this; `names`: what a step may refer to.
//! - `edit`: the same scenario with one step changed.
//! - `check`, `coverage`: whether the pack proves what its catalogue requires.

mod assignment;
mod check;
mod coverage;
mod duration;
mod edit;
mod expr;
mod matches;
mod model;
mod names;
mod pack;
mod pattern;
mod read;

pub use assignment::{assignment, full_assignment};
pub use check::{check, check_stories};
pub use coverage::{covers, flows_used, received_messages};
pub use duration::{parse_duration, size_of};
pub use expr::{Expr, Part, Reference, Scope, Unresolved};
pub use matches::Captures;
pub use model::{
    Actor, Allowance, Answer, Chunks, Condition, Data, Expected, Fence, Flow, Outgoing, Pack,
    Permutation, Proof, Receive, Scenario, Settles, Start, Step, StepKind, Until,
};
pub use pack::{PackSource, ScenarioReader, embedded, embedded_beside, read_pack};
pub use pattern::Pattern;
pub use read::{ANYTHING, unhex};
