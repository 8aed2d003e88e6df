//! Reading: YAML into scenarios and into what a pack says in the same language, every mistake at its place.
//!
//! - `scenario`, `permutations`, `data`: a scenario from the outside in. `flows`, `fences`: what all cases share.
//! - `step`: the verbs; `receive`, `blocks`: steps that wait, steps that hold steps. `options`, `proves`,
//!   `conditions`: what stands beside a verb.
//! - `message`, `expected`, `outgoing`, `sent`: the message of a step, held to the catalogue.
//! - `pattern`, `combinators`, `fields`, `shape`: matchers, held to the field that they look at.
//! - `value`, `constructor`: values with references.

mod blocks;
mod combinators;
mod conditions;
mod constructor;
mod data;
mod expected;
mod fences;
mod fields;
mod flows;
mod message;
mod options;
mod outgoing;
mod pattern;
mod permutations;
mod proves;
mod receive;
mod scenario;
mod sent;
mod shape;
mod step;
mod value;

pub use constructor::unhex;
pub use expected::ANYTHING;
pub(super) use fences::{read_fences, read_spontaneous};
pub(super) use flows::{read_flows, read_signatures};
pub(super) use scenario::read_scenario;
