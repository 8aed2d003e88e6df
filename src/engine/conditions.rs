//! Conditions over values, and readings: what is asked, and what the case saw.

use super::explain;
use super::failure::Failure;
use super::stack::StepAt;
use super::state::Engine;
use crate::event::{DeviationKind, Event};
use crate::scenario::{Condition, Pattern, Settles};
use crate::value::Value;

impl Engine {
    pub(super) fn check(&mut self, step: &StepAt, conditions: &[Condition]) {
        for condition in conditions {
            let mut captures = Vec::new();
            if self.holds(condition, &mut captures) {
                captures
                    .into_iter()
                    .for_each(|(name, value)| self.scopes.bind(&name, value));
                continue;
            }
            let value = condition.subject.resolve(&self.scopes).ok();
            let wanted = condition
                .pattern
                .resolve(&self.scopes)
                .unwrap_or(Pattern::Absent);
            let subject = condition.subject.to_string();
            let (expected, received) = explain::compare(&subject, &wanted, value.as_ref());
            let message = format!("{subject} is not what it must be");
            let failure = Failure::new(DeviationKind::Check, message)
                .expected(expected)
                .received(received);
            self.fail(step, failure);
            return;
        }
        self.hold(step, &[]);
    }

    /// Whether a condition holds; a reference without a value is absent.
    pub(super) fn holds(&self, condition: &Condition, captures: &mut Vec<(String, Value)>) -> bool {
        let value = condition.subject.resolve(&self.scopes).ok();
        condition
            .pattern
            .resolve(&self.scopes)
            .is_ok_and(|pattern| pattern.matches(value.as_ref(), captures))
    }

    pub(super) fn observe(&mut self, reading: &str, option: &str, at: &str) {
        let known = self
            .observed
            .iter()
            .any(|(id, seen)| id == reading && seen == option);
        self.scopes.observe(reading, option);
        if known {
            return;
        }
        self.observed.push((reading.to_owned(), option.to_owned()));
        self.events.push(Event::Reading {
            case: self.case.id.clone(),
            pack: self.case.pack.catalogue.name.clone(),
            id: reading.to_owned(),
            option: option.to_owned(),
            at: at.to_owned(),
        });
    }

    pub(super) fn settle(&mut self, settles: &Settles, seen: bool, at: &str) {
        for (reading, option) in if seen { &settles.seen } else { &settles.unseen } {
            self.observe(reading, option, at);
        }
    }
}
