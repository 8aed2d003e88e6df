//! One case as a state machine, and the only judge: inputs in, actions and judgements out.
//!
//! Does no I/O and has no clock: every input carries the time. So the same judge serves live runs, replays
//! and virtual time. Never sees YAML, bytes on a socket or reports.
//!
//! - [`Engine`]: feed it [`Input`]s, carry out its [`Action`]s, pass on its events, tick it at its deadline.
//!
//! What a case is made of while it runs:
//!
//! - `boundary`: what goes in and comes out; `state`: the state that everything else works on.
//! - `stack`: the lists of steps under way; `wait`: what can be waited for; `inbox`: what arrived on a
//!   connection, and what each frame was taken for; `failure`: what did not hold, in the making.
//! - `scope`: what references mean; `identity`: users whom nobody else has.
//!
//! What it does:
//!
//! - `start`, `steps`, `ending`: the case from its beginning to its end, step by step.
//! - `blocks`: flows, alternatives, loops; `conditions`: what is asked of values; `send`; `connections`.
//! - `arrivals`: a frame comes in; `shape`: by the catalogue; `spontaneous`: it may want an answer.
//!
//! How it waits and judges:
//!
//! - `receive`: waiting for frames; `matching`: which frames fit; `missed`: what did not come, and where it went.
//! - `silence`: showing that nothing comes; `fences`: what shows it without waiting.
//! - `permissions`: what may come unasked; `leftovers`: what nothing accounts for.
//! - `judge`: the verdicts; `explain`, `render`: values and differences, for people.

mod arrivals;
mod blocks;
mod boundary;
mod conditions;
mod connections;
mod ending;
mod explain;
mod failure;
mod fences;
mod identity;
mod inbox;
mod judge;
mod leftovers;
mod matching;
mod missed;
mod permissions;
mod receive;
mod render;
mod scope;
mod send;
mod shape;
mod silence;
mod spontaneous;
mod stack;
mod start;
mod state;
mod steps;
mod wait;

pub use boundary::{Action, Input, Options, Outbound, Received};
pub use render::{frame_of_value, text_of};
pub use state::Engine;

/// Microseconds since the start of the case.
pub type Micros = u64;
