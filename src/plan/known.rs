//! Whether the known deviations of a profile are about anything.

use std::sync::Arc;

use super::{Selection, plan};
use crate::scenario::Pack;
use crate::source::{Diagnostic, Diagnostics};
use crate::target::{KnownWhat, Profile};

/// A promise about a case that there is not is a mistake in the profile.
pub fn check_known(pack: &Arc<Pack>, profile: &Profile) -> Diagnostics {
    let cases = plan(
        std::slice::from_ref(pack),
        &Arc::default(),
        &Selection::default(),
    );
    let mut problems = Diagnostics::default();
    for known in &profile.known {
        let KnownWhat::Cases(pattern) = &known.what else {
            continue;
        };
        if !cases.iter().any(|case| known.is_about(&case.id)) {
            let ids = cases.iter().map(|case| case.id.as_str());
            let inside = ids
                .clone()
                .filter_map(|id| id.split_once('/'))
                .map(|(_, id)| id);
            problems.push(
                Diagnostic::new(&known.place, format!("no case is called \"{pattern}\""))
                    .suggest(pattern, ids.chain(inside)),
            );
        }
    }
    problems
}
