//! What is known of the target before the run: where it is, its dialect, how patient to be.

mod profile;

pub use profile::{Profile, Timeouts};
