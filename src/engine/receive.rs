//! Waiting for messages: one, several in any order, or whichever of two comes first.
//!
//! A frame that is of the expected message but differs ends the wait at once: nothing could account for it.

use super::Micros;
use super::blocks::elements;
use super::failure::Stop;
use super::permissions::resolve_envelope;
use super::stack::StepAt;
use super::state::{Engine, micros};
use super::wait::{At, Item, Receiving, Wait, WaitKind};
use crate::event::TakenBy;
use crate::scenario::{StepKind, Unresolved, assignment};

impl Engine {
    /// Begins to wait for what the steps receive.
    pub(super) fn receive(
        &mut self,
        step: StepAt,
        steps: Vec<StepAt>,
        race: bool,
    ) -> Result<(), Unresolved> {
        let mut items = Vec::new();
        let mut deadline = self.now;
        for item in &steps {
            self.await_also(item, &mut items, &mut deadline)?;
            if self.stop.is_some() {
                return Ok(());
            }
        }
        if let StepKind::InAnyOrder {
            within: Some(within),
            ..
        } = &step.kind
        {
            deadline = self.now + micros(*within);
        }
        self.waits += 1;
        if let [item] = items.as_slice() {
            self.watch_order(item.actor, self.waits);
        }
        let receiving = Receiving {
            step,
            items,
            race,
            began: self.now,
            number: self.waits,
        };
        self.wait = Some(Wait {
            deadline: Some(deadline),
            kind: WaitKind::Receive(receiving),
        });
        Ok(())
    }

    /// What a step receives, with each element of a list where it is a loop.
    fn await_also(
        &mut self,
        step: &StepAt,
        items: &mut Vec<Item>,
        deadline: &mut Micros,
    ) -> Result<(), Unresolved> {
        match &step.kind {
            StepKind::Receive(receive) => {
                let actor = self.actor(&receive.actor);
                if self.current[actor].is_none() {
                    self.stop = Some(Stop::not_connected(step, &receive.actor));
                    return Ok(());
                }
                *deadline = (*deadline).max(self.deadline_of(receive));
                items.push(Item {
                    actor,
                    message: receive.expected.message.clone(),
                    fields: receive.expected.fields.resolve(&self.scopes)?,
                    envelope: resolve_envelope(&receive.expected, &self.scopes)?,
                    early: receive.early,
                    step: step.clone(),
                });
            }
            StepKind::ForEach {
                list,
                name,
                steps,
                at_most,
                ..
            } => {
                for element in elements(list.resolve(&self.scopes)?, *at_most) {
                    self.scopes.bind(name, element);
                    for step in StepAt::all(steps) {
                        self.await_also(&step, items, deadline)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Sees whether what is waited for is there; `true` when the wait is over, one way or the other.
    pub(super) fn poll_receive(&mut self, receiving: &Receiving, over: bool) -> bool {
        let items = &receiving.items;
        let candidates = self.candidates(items);
        let fits = |i: usize, c: usize| self.fits(&items[i], candidates[c]);
        let assigned = assignment(items.len(), candidates.len(), fits);
        if receiving.race {
            let winner = assigned
                .iter()
                .enumerate()
                .filter_map(|(i, c)| Some((candidates[(*c)?], i)))
                .min();
            if let Some((at, i)) = winner {
                self.race_won_by(i);
                self.take_for(&[(&items[i], at)]);
                return true;
            }
        } else if assigned.iter().all(Option::is_some) {
            let taken: Vec<(&Item, At)> = items
                .iter()
                .zip(&assigned)
                .filter_map(|(item, c)| Some((item, candidates[(*c)?])))
                .collect();
            if self.take_for(&taken) && matches!(receiving.step.kind, StepKind::InAnyOrder { .. }) {
                self.hold(&receiving.step, &[]);
            }
            return true;
        }
        let missing: Vec<usize> = (0..items.len())
            .filter(|&i| assigned[i].is_none())
            .collect();
        let used: Vec<At> = assigned.iter().flatten().map(|&c| candidates[c]).collect();
        let mut outstanding = missing.clone();
        if let Some((i, at)) = self.mismatch(items, &missing, &used, &candidates) {
            self.fail_mismatch(receiving, &items[i], at);
            outstanding.retain(|&other| other != i);
        } else if let Some(&i) = missing.iter().find(|&&i| self.ended(&items[i]).is_some()) {
            self.fail_ended(receiving, &items[i]);
        } else if let Some(&i) = missing.first().filter(|_| over) {
            self.fail_missing(receiving, &items[i]);
        } else {
            return missing.is_empty();
        }
        if self.stop.is_none() {
            let looked_at = items.iter().zip(&assigned);
            for (item, c) in looked_at.filter_map(|(item, c)| Some((item, (*c)?))) {
                let (connection, seq) = candidates[c];
                let at = item.step.place.to_string();
                self.take(connection, seq, TakenBy::Step, &at);
            }
            outstanding.into_iter().for_each(|i| self.excuse(&items[i]));
        }
        true
    }

    /// Takes the frames for their items: order, shape, captures, proofs. Whether all of that was fine.
    fn take_for(&mut self, taken: &[(&Item, At)]) -> bool {
        let by = if self.scopes.flow().is_some() {
            TakenBy::Flow
        } else {
            TakenBy::Step
        };
        let before: Vec<Option<u32>> = taken
            .iter()
            .map(|(_, at)| self.connection(at.0).last_taken)
            .collect();
        for (item, (connection, seq)) in taken {
            self.take(*connection, *seq, by, &item.step.place.to_string());
            let mut captures = Vec::new();
            self.matches(item, self.entry((*connection, *seq)), &mut captures);
            for (name, value) in captures {
                self.scopes.bind(&name, value);
            }
            if !item.early {
                let last = &mut self.connection_mut(*connection).last_taken;
                *last = (*last).max(Some(*seq));
            }
        }
        for ((item, (connection, seq)), before) in taken.iter().zip(before) {
            if !item.early && before.is_some_and(|before| *seq < before) {
                self.fail_order(item, (*connection, *seq));
                return false;
            }
            if self.scopes.flow().is_some() {
                continue;
            }
            match self.judge_shape(&item.step, *connection, *seq) {
                Some(requirements) => self.hold(&item.step, &requirements),
                None => return false,
            }
        }
        true
    }
}
