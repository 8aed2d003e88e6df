//! Folds the event stream into what it means: a verdict per case, per requirement, per run.
//!
//! A pure fold: the same events in any interleaving of cases give the same [`Run`], so parallel runs,
//! replays and shards agree. Does no I/O, reads no clock, and decides no exit code.

mod case;
#[cfg(test)]
pub(crate) mod fixture;
mod fold;
mod pack;
mod promise;
mod run;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use case::{Case, Entry, Exchange, Outcome, Silence, What};
pub use fold::Fold;
pub use pack::{Observed, Pack, Reading, Requirement, Verdict};
pub use promise::{Broken, Promise};
pub use run::{Facts, Remark, Run, ShapeFinding, Summary, UnknownMessage};
