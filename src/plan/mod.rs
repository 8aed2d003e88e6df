//! Scenarios and a profile make cases: which, in which order, with which permutation.

mod case;
mod info;
mod known;
mod partition;
mod select;

pub use case::Case;
pub use info::pack_info;
pub use known::{check_accounts, check_known};
pub use partition::{Partition, PartitionError};
pub use select::{Selection, plan};
