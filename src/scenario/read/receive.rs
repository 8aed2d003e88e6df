//! The steps that say what arrives: `receives`, `may receive`, `in any order`.

use super::expected::read_expected;
use super::options::StepReader;
use super::step::read_step;
use crate::scenario::{Allowance, Expected, Receive, Step, StepKind};
use crate::source::Node;

impl StepReader<'_, '_> {
    pub(super) fn read_receive(&mut self, actor: String) -> Option<Receive> {
        self.allowed.push("proves");
        let within = self.duration("within")?;
        let closed = self.flag("exactly");
        let early = self.flag("early");
        let envelope = self.option("envelope");
        let expected = read_expected(self.argument, envelope, closed, self.names, self.problems)?;
        self.declare_captures(&expected);
        Some(Receive {
            actor,
            expected,
            within,
            early,
        })
    }

    pub(super) fn read_may_receive(&mut self, actor: String) -> Option<StepKind> {
        let any_number = self.flag("any number");
        let envelope = self.option("envelope");
        let settles = self.settles()?;
        let place = self.key.place.clone();
        if let Some(word @ ("anything" | "any message")) = self.argument.as_str() {
            let allowance = Allowance {
                place,
                expected: None,
                documented: word == "any message",
                any_number: true,
                contradicts: None,
                settles,
                answer: None,
            };
            return Some(StepKind::MayReceive { actor, allowance });
        }
        let expected = read_expected(self.argument, envelope, false, self.names, self.problems)?;
        if !expected.fields.capture_names().is_empty() {
            self.problem(
                &self.argument.place,
                "`may receive` captures nothing, since it need not come",
            );
            return None;
        }
        let allowance = Allowance {
            place,
            expected: Some(expected),
            documented: true,
            any_number,
            contradicts: None,
            settles,
            answer: None,
        };
        Some(StepKind::MayReceive { actor, allowance })
    }

    pub(super) fn read_any_order(&mut self) -> Option<StepKind> {
        self.allowed.push("proves");
        let within = self.duration("within")?;
        // What is captured here is bound only behind the group.
        let before = self.names.variables.len();
        let mut bound = Vec::new();
        let mut receives = Vec::new();
        for item in self.argument.as_list().unwrap_or_default() {
            receives.extend(read_step(item, self.names, self.problems));
            bound.append(&mut self.names.variables.split_off(before));
        }
        bound.iter().for_each(|name| self.names.declare(name));
        if self.argument.as_list().is_none_or(<[Node]>::is_empty) {
            self.problem(
                &self.argument.place,
                "`in any order` takes a list of `receives` steps",
            );
        }
        for step in receives.iter() {
            if !only_receives(step) {
                self.problem(
                    &step.place,
                    "`in any order` holds `receives` steps only, and `for each` of such without `collect`",
                );
                return None;
            }
        }
        Some(StepKind::InAnyOrder {
            receives: receives.into(),
            within,
        })
    }

    pub(super) fn declare_captures(&mut self, expected: &Expected) {
        let envelope = expected
            .envelope
            .iter()
            .flat_map(|(_, pattern)| pattern.capture_names());
        self.names
            .declare_captures(expected.fields.capture_names().into_iter().chain(envelope));
    }
}

/// Whether a step waits for messages, or for one with each element of a list.
fn only_receives(step: &Step) -> bool {
    match &step.kind {
        StepKind::Receive(_) => true,
        StepKind::ForEach { steps, collect, .. } => {
            collect.is_empty() && steps.iter().all(only_receives)
        }
        _ => false,
    }
}
