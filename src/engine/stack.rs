//! The lists of steps that are under way, one inside the other, and what comes when each is done.

use std::ops::Deref;
use std::sync::Arc;

use crate::scenario::{Expr, Step, Until};
use crate::value::Value;

/// A step in its list.
#[derive(Clone)]
pub(super) struct StepAt {
    pub(super) list: Arc<[Step]>,
    pub(super) index: usize,
}

impl StepAt {
    pub(super) fn all(list: &Arc<[Step]>) -> impl Iterator<Item = StepAt> + '_ {
        (0..list.len()).map(|index| StepAt {
            list: list.clone(),
            index,
        })
    }
}

impl Deref for StepAt {
    type Target = Step;

    fn deref(&self) -> &Step {
        &self.list[self.index]
    }
}

/// A list of steps that is under way, and what comes when it is done.
#[derive(Clone)]
pub(super) struct Level {
    pub(super) steps: Arc<[Step]>,
    pub(super) next: usize,
    pub(super) after: After,
}

#[derive(Clone)]
pub(super) enum After {
    /// The caller goes on.
    Nothing,
    LeaveFlow {
        into: Vec<(String, String)>,
    },
    NextElement {
        rest: std::vec::IntoIter<Value>,
        name: String,
        collect: Vec<(String, Expr)>,
    },
    NextRound {
        until: Until,
        collect: Vec<(String, Expr)>,
        rounds: usize,
        step: StepAt,
    },
}
