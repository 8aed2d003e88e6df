//! Which cases run: every permutation of every scenario, filtered by parts of their ids.

use std::sync::Arc;

use super::Case;
use crate::scenario::{Pack, covers};
use crate::target::Profile;

/// What to keep of all the cases there are.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// A case is kept when its id contains one of these; all are kept where there is none.
    pub filters: Vec<String>,
    /// A case is kept when its id is one of these; all are kept where there is none.
    pub exact: Vec<String>,
}

impl Selection {
    fn keeps(&self, id: &str) -> bool {
        (self.filters.is_empty()
            || self
                .filters
                .iter()
                .any(|filter| id.contains(filter.as_str())))
            && (self.exact.is_empty() || self.exact.iter().any(|exact| id == exact))
    }
}

/// The selected cases of the packs, in the order of their files.
pub fn plan(packs: &[Arc<Pack>], profile: &Arc<Profile>, selection: &Selection) -> Vec<Arc<Case>> {
    let mut cases: Vec<Arc<Case>> = Vec::new();
    for pack in packs {
        for scenario in &pack.scenarios {
            for (permutation, row) in scenario.permutations.iter().enumerate() {
                let id = case_id(&pack.catalogue.name, &scenario.id, &row.name);
                if selection.keeps(&id) {
                    cases.push(Arc::new(Case {
                        id,
                        number: cases.len(),
                        pack: pack.clone(),
                        scenario: scenario.clone(),
                        permutation,
                        covers: covers(pack, scenario, row),
                        profile: profile.clone(),
                    }));
                }
            }
        }
    }
    cases
}

fn case_id(pack: &str, scenario: &str, permutation: &str) -> String {
    if permutation.is_empty() {
        format!("{pack}/{scenario}")
    } else {
        format!("{pack}/{scenario}[{permutation}]")
    }
}
