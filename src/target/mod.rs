//! What is known of the target before the run: where it is, its dialect, how patient to be.

mod launch;
mod log;
mod profile;
mod server;
#[cfg(unix)]
mod watcher;

pub use launch::{Launch, PORT, Ready, free_port};
pub use profile::{Profile, Timeouts};
pub use server::{LaunchError, Server, Watcher};
#[cfg(unix)]
pub use watcher::watch_over;
