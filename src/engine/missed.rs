//! What did not come as it was expected: out of order, different, cut off, or not at all; and where it went.

use super::connections::describe;
use super::explain;
use super::failure::Failure;
use super::inbox::State;
use super::render::brief;
use super::state::Engine;
use super::wait::{At, Item, Receiving};
use crate::event::{DeviationKind, TakenBy};
use crate::scenario::{Pattern, StepKind};

impl Engine {
    pub(super) fn fail_order(&mut self, item: &Item, at: At) {
        let actor = self.actor_name(item.actor).to_owned();
        let message = format!(
            "{} came to {actor} before what an earlier step expects first",
            item.message
        );
        let failure = Failure::new(DeviationKind::Order, message)
            .received(self.show_entry(at.0, at.1))
            .at_actor(item.actor);
        self.fail(&item.step, failure);
    }

    pub(super) fn fail_mismatch(&mut self, receiving: &Receiving, item: &Item, at: At) {
        let entry = self.entry(at);
        let body = self.case.pack.catalogue.wire.body(&entry.frame);
        let (mut expected, mut received) = explain::compare(&item.message, &item.fields, body);
        for (key, wanted) in &item.envelope {
            let found = entry.frame.get(key);
            let shown = found.map_or_else(|| "absent".to_owned(), brief);
            let want = if wanted.matches(found, &mut Vec::new()) {
                shown.clone()
            } else {
                wanted.to_string()
            };
            expected.push_str(&format!("\nenvelope {key}: {want}"));
            received.push_str(&format!("\nenvelope {key}: {shown}"));
        }
        let shape: Vec<String> = self.misshapen(entry).into_iter().collect();
        let enveloped = |(key, wanted): &(String, Pattern)| {
            wanted.matches(entry.frame.get(key), &mut Vec::new())
        };
        let well_formed = shape.is_empty() && item.envelope.iter().all(enveloped);
        let twin = self.already_taken(item, at.0);
        let message = format!(
            "{} came to {}, but differs",
            item.message,
            self.actor_name(item.actor)
        );
        let failure = Failure::new(DeviationKind::Mismatch, message)
            .expected(expected)
            .received(received)
            .near(twin)
            .well_formed(well_formed)
            .contradicts(shape)
            .at_actor(item.actor);
        // Whatever the level, this frame has been reported.
        self.take(at.0, at.1, TakenBy::Deviation, &item.step.place.to_string());
        self.fail_item(receiving, item, failure);
    }

    pub(super) fn ended(&self, item: &Item) -> Option<String> {
        match &self.connection(self.current[item.actor]?).state {
            State::Ended(end) => Some(describe(end)),
            _ => None,
        }
    }

    pub(super) fn fail_ended(&mut self, receiving: &Receiving, item: &Item) {
        let how = self.ended(item).unwrap_or_default();
        // Whatever the level, this end has been reported.
        if let Some(connection) = self.current[item.actor] {
            self.connection_mut(connection).may_be_closed = true;
        }
        let actor = self.actor_name(item.actor);
        let message = format!(
            "{actor}'s connection ended while {actor} waited for {}: {how}",
            item.message
        );
        let failure = Failure::new(DeviationKind::Closed, message)
            .expected(explain::expected_alone(&item.message, &item.fields))
            .received(how)
            .well_formed(true)
            .at_actor(item.actor);
        self.fail_item(receiving, item, failure);
    }

    pub(super) fn fail_missing(&mut self, receiving: &Receiving, item: &Item) {
        let actor = self.actor_name(item.actor);
        let what = if receiving.race {
            let names: Vec<&str> = receiving
                .items
                .iter()
                .map(|item| item.message.as_str())
                .collect();
            names.join(" or ")
        } else {
            item.message.clone()
        };
        let waited = receiving.patience(self.now);
        let message = format!("{actor} waited {waited} in vain for {what}");
        let mut failure = Failure::new(DeviationKind::Missing, message)
            .expected(explain::expected_alone(&item.message, &item.fields))
            .near(self.nearest(item))
            .well_formed(true)
            .at_actor(item.actor);
        if let Some((seq, _)) =
            self.current[item.actor].and_then(|id| self.connection(id).pending().last())
            && let Some(id) = self.current[item.actor]
        {
            failure = failure.received(self.show_entry(id, seq));
        }
        self.fail_item(receiving, item, failure);
    }

    /// In a group, the group's proofs fail with the item's.
    fn fail_item(&mut self, receiving: &Receiving, item: &Item, failure: Failure) {
        if matches!(receiving.step.kind, StepKind::InAnyOrder { .. }) {
            let mut proofs = self.proofs(&receiving.step);
            self.spare_form(&mut proofs, &failure);
            self.fail(&item.step, failure.contradicts(proofs));
        } else {
            self.fail(&item.step, failure);
        }
        if receiving.race && self.stop.is_none() {
            self.leave_loop();
        }
    }

    /// Where a frame went that would have matched: to somebody else, or to an earlier step.
    fn nearest(&self, item: &Item) -> Option<String> {
        for connection in &self.connections {
            for entry in &connection.inbox {
                if connection.actor != item.actor && self.matches(item, entry, &mut Vec::new()) {
                    let who = self.actor_name(connection.actor);
                    return Some(format!(
                        "it arrived at {who}, {} ms into the case",
                        entry.at / 1000
                    ));
                }
            }
        }
        self.already_taken(item, self.current[item.actor]?)
    }

    fn already_taken(&self, item: &Item, connection: u32) -> Option<String> {
        let inbox = &self.connection(connection).inbox;
        let twin = inbox
            .iter()
            .find(|entry| entry.taken.is_some() && self.matches(item, entry, &mut Vec::new()))?;
        let at = twin
            .taken
            .as_ref()
            .map(|taken| taken.at.as_str())
            .filter(|at| !at.is_empty())?;
        Some(format!(
            "a message that matches came before, and was already taken by {at}"
        ))
    }
}
