//! One case as a state machine, and the only judge: inputs in, actions and judgements out.
//!
//! Does no I/O and has no clock: every input carries the time. So the same judge serves live runs, replays
//! and virtual time. Never sees YAML, bytes on a socket or reports.
//!
//! - [`Engine`]: feed it [`Input`]s, carry out its [`Action`]s, pass on its events, tick it at its deadline.
//! - `inbox`: what arrived on a connection, and what each frame was taken for.
//! - `scope`: what references mean while the case runs; fresh identities, data.
//! - `steps`: the interpreter; `receive`, `silence`: its two ways to wait for frames; `judge`: its verdicts.
//! - `explain`, `render`: values and differences, for people.

mod explain;
mod inbox;
mod judge;
mod receive;
mod render;
mod scope;
mod silence;
mod state;
mod steps;

pub use render::{frame_of_value, text_of};
pub use state::{Action, Engine, Input, Options, Outbound, Received};

/// Microseconds since the start of the case.
pub type Micros = u64;
