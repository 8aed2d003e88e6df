//! wireproof proves on the wire that a chat server does what its protocol document says.
//!
//! This is the map of the house; the rooms stand in the order in which data passes through them.
//!
//! What is known before a run:
//!
//! - [`value`]: the codec-neutral value, and [`event`]: what happened, as data. They know nobody.
//! - [`source`]: YAML text with a place for every node, and the diagnostics that point into it.
//! - [`protocol`]: a pack's catalogue: wire, messages, fields, requirements, readings.
//! - [`scenario`]: the scenario language; flows and fences; what a case covers.
//! - [`target`]: the dialect of a target, how patient to be with it, and how to launch it.
//! - [`plan`]: scenarios × profile → cases.
//!
//! What happens in a run:
//!
//! - [`codec`]: bytes ↔ value, pure and strict. [`transport`]: WebSocket connections, and every way they end.
//! - [`engine`]: one case as a state machine without I/O: the only judge.
//! - [`runner`]: drives engines from real sockets; so many cases at once; preflight; early stop.
//! - [`probe`]: gets to know a target by a few of those cases, and writes its profile.
//!
//! What comes of it:
//!
//! - [`outcome`]: events → verdicts per case, requirement and run; a pure fold.
//! - [`report`]: one file a format, each a consumer of events.
//! - [`audit`]: the same engine against servers that are wrong on purpose, in virtual time.
//! - [`fuzz`]: sequences that nobody thought of, and what goes wrong as scenarios.
//! - `embed`: the cases as tests of a server's own.
//! - [`cli`]: arguments into options; [`exit`]: every exit code.
//!
//! The scenarios themselves are under `scenarios/`, the servers that they are tried on in the crate
//! `wireproof_reference`. `tests/imports.rs` holds the rooms to who may know whom.

pub mod audit;
pub mod cli;
pub mod codec;
#[cfg(feature = "libtest")]
pub mod embed;
pub mod engine;
pub mod event;
pub mod exit;
pub mod fuzz;
pub mod outcome;
pub mod plan;
pub mod probe;
pub mod protocol;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod source;
pub mod target;
pub mod transport;
pub mod value;
