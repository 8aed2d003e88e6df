//! Drives cases against a target: sockets and time in, actions out, events to whoever listens.
//!
//! Judges nothing: that is the engine's. One task owns a case and all its connections, and polls them.
//!
//! - [`run()`]: all cases, so many at once, until they are done, somebody interrupts, or the target is gone.
//! - `drive`: one case. `preflight`: whether the target is there and speaks the protocol at all.
//! - [`play`], [`listen_in`]: one case by itself. [`converse()`]: messages without a case. [`question`]: what preflight asks.
//! - [`Target`]: where, and in which codec and dialect.
//! - `lookout`: whether it still is, asked when a case has reason to doubt it.
//! - `secrets`: which values of a case are secret, so that reports can mask them.

mod alone;
mod converse;
mod drive;
mod echo;
mod lookout;
mod memory;
mod preflight;
mod run;
mod secrets;
mod speech;

pub use alone::{Between, Passed, Played, listen_in, play, play_through, unix_now};
pub use converse::{Conversation, ConverseError, converse};
pub use drive::end_in_words;
pub use preflight::question;
pub use run::{Batch, RunOptions, fresh_tag, run};
pub use speech::Target;
