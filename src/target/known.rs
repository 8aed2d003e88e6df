//! Known deviations: promises about which cases fail, and how.

use super::profile::matches_glob;
use crate::source::Place;

/// `known:` in a profile: what fails, how, and why that is known.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where the profile says so.
    pub place: Place,
    pub what: KnownWhat,
    /// A requirement, a kind of deviation, or `blocked`.
    pub fails: String,
    pub reason: String,
    /// It may also pass.
    pub sometimes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownWhat {
    /// Cases, by a pattern of their ids.
    Cases(String),
    /// The shape of a message, at a path.
    Shape { message: String, path: String },
}

impl Known {
    /// Whether it is about this case. A pattern may leave the pack out.
    pub fn is_about(&self, case: &str) -> bool {
        let KnownWhat::Cases(pattern) = &self.what else {
            return false;
        };
        let inside = case.split_once('/').map_or(case, |(_, inside)| inside);
        matches_glob(pattern, case) || matches_glob(pattern, inside)
    }
}
