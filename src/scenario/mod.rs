//! The scenario language: YAML in, valid scenarios out, or every mistake at its place.
//!
//! Knows the catalogue and the source text; knows nothing of targets, frames or time.

mod check;
mod coverage;
mod duration;
mod expr;
mod model;
mod names;
mod pack;
mod pattern;
mod read_message;
mod read_pattern;
mod read_scenario;
mod read_step;
mod read_value;

pub use check::{check, check_stories};
pub use coverage::{covers, flows_used, received_messages};
pub use duration::{parse_duration, size_of};
pub use expr::{Expr, Part, Reference, Scope, Unresolved};
pub use model::{
    Actor, Allowance, Answer, Chunks, Condition, Data, Expected, Fence, Flow, Outgoing, Pack,
    Permutation, Proof, Receive, Scenario, Settles, Start, Step, StepKind, Until,
};
pub use pack::{PackSource, ScenarioReader, embedded, read_pack};
pub use pattern::{Captures, Pattern, assignment, full_assignment};
pub use read_message::ANYTHING;
pub use read_value::unhex;
