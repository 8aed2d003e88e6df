//! What is known of the target before the run: where it is, its dialect, how patient to be with it.
//!
//! - [`read_profile`]: a profile's YAML into an [`Address`] and a [`Profile`], or all that is wrong with it.
//! - [`Dialect`]: frames as the document has them ↔ frames as they travel here; pure.
//! - [`Known`]: the deviations that are promised.
//! - [`schema()`]: the JSON Schema of a profile, for editors.

mod accounts;
mod dialect;
mod field_rule;
mod known;
mod launch;
mod log;
mod profile;
mod read;
mod read_accounts;
mod read_dialect;
mod read_known;
mod read_launch;
mod read_overlay;
mod schema;
mod server;
mod template;
mod translate;
mod users;
#[cfg(unix)]
mod watcher;

pub use accounts::{Accounts, CONNECTS, Instead, Lent, Pool};
pub use dialect::Dialect;
pub use known::{Known, KnownWhat};
pub use launch::{Launch, Launching, PORT, Ready, free_port};
pub use profile::{
    Address, Departure, Echo, Frames, Framing, Limits, NotOffered, Profile, Timeouts, WireChoice,
};
pub use read::{pack_of, read_profile};
pub use schema::schema;
pub use server::{LaunchError, Server, Watcher};
pub use template::Me;
pub use users::{PasswordForm, Users};
#[cfg(unix)]
pub use watcher::watch_over;
