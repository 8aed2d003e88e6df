//! One case: a scenario with one of its permutations, ready to run against a target.

use std::sync::Arc;

use crate::scenario::{Pack, Permutation, Scenario};
use crate::target::Profile;

#[derive(Clone, Debug)]
pub struct Case {
    /// `pack/scenario[permutation]`, unique in a run.
    pub id: String,
    /// The place in the plan; fresh identities hold it.
    pub number: usize,
    pub pack: Arc<Pack>,
    pub scenario: Arc<Scenario>,
    /// The index of the permutation.
    pub permutation: usize,
    /// The requirements that the case proves if all its steps hold.
    pub covers: Vec<String>,
    pub profile: Arc<Profile>,
}

impl Case {
    /// How many different users its actors are.
    pub fn users(&self) -> usize {
        let actors = self.scenario.actors.iter();
        actors.filter(|actor| actor.same_user_as.is_none()).count()
    }

    pub fn permutation(&self) -> &Permutation {
        &self.scenario.permutations[self.permutation]
    }
}
