//! Where a pack's scenarios and flows leave the order of two frames open: then nobody can notice a swap.

use std::collections::{HashMap, HashSet};

use super::marks::Mark;
use crate::event::TakenBy;
use crate::scenario::{Pack, Step, StepKind};

/// The steps of a pack that state no order, by where they stand (`file:line:col`).
pub struct Order<'p> {
    /// Of each step in an `in any order`: the place of that.
    block: HashMap<String, &'p Step>,
    /// What they receive may have come before what earlier steps took.
    early: HashSet<String>,
}

impl<'p> Order<'p> {
    pub fn of(pack: &'p Pack) -> Order<'p> {
        let mut order = Order {
            block: HashMap::new(),
            early: HashSet::new(),
        };
        let scenarios = pack.scenarios.iter().flat_map(|s| s.steps.iter());
        let flows = pack.flows.iter().flat_map(|flow| flow.steps.iter());
        scenarios.chain(flows).for_each(|step| order.note(step));
        order
    }

    fn note(&mut self, step: &'p Step) {
        match &step.kind {
            StepKind::InAnyOrder { receives, .. } => {
                for inner in receives.iter() {
                    self.block.insert(inner.place.to_string(), step);
                }
            }
            StepKind::Receive(receive) if receive.early => {
                self.early.insert(step.place.to_string());
            }
            _ => {}
        }
        step.inner().into_iter().for_each(|inner| self.note(inner));
    }

    /// Why the frame that the step at `at` took may come after the next one to its connection.
    pub(super) fn excuse(&self, at: &str, next: Option<&(TakenBy, String)>) -> Option<Mark> {
        let (by, next) = next?;
        if matches!(by, TakenBy::Allowance | TakenBy::Spontaneous) {
            return Some(Mark::Permitted);
        }
        let block = |at| self.block.get(at).copied();
        let together = match (block(at), block(next)) {
            (Some(one), Some(other)) => std::ptr::eq(one, other) && at != next,
            _ => false,
        };
        let early = self.early.contains(at) || self.early.contains(next);
        (together || early).then_some(Mark::Unordered)
    }
}
