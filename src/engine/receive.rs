//! Waiting for messages: one, several in any order, or whichever of two comes first.
//!
//! A frame that is of the expected message but differs ends the wait at once: nothing could account for it.

use super::inbox::{Entry, State};
use super::judge::{Failure, Stop, describe};
use super::silence::FenceFor;
use super::state::{Engine, Permission};
use super::steps::{StepAt, Wait, WaitKind};
use super::{Micros, explain};
use crate::event::{DeviationKind, TakenBy};
use crate::scenario::{
    ANYTHING, Allowance, Expected, Pattern, Scope, Settles, Step, StepKind, Unresolved, assignment,
};
use crate::value::Value;

/// What is waited for.
#[derive(Clone)]
pub(super) struct Receiving {
    /// The step that holds when all is there.
    pub(super) step: StepAt,
    items: Vec<Item>,
    /// Whichever comes first; the others are not waited for.
    race: bool,
    began: Micros,
    /// The count of this wait.
    pub(super) number: u64,
}

impl Receiving {
    /// For how long this has been waited for, in words.
    fn patience(&self, now: Micros) -> String {
        match now.saturating_sub(self.began) / 1000 {
            ms if ms < 1000 => format!("{ms} ms"),
            ms if ms % 1000 < 100 => format!("{} s", ms / 1000),
            ms => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        }
    }
}

#[derive(Clone)]
struct Item {
    step: StepAt,
    actor: usize,
    message: String,
    fields: Pattern,
    envelope: Vec<(String, Pattern)>,
    early: bool,
}

/// A frame by its connection and its place there.
type At = (u32, u32);

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
        for item in steps {
            let StepKind::Receive(receive) = &item.kind else {
                continue;
            };
            let actor = self.actor(&receive.actor);
            if self.current[actor].is_none() {
                self.stop = Some(Stop::not_connected(&item, &receive.actor));
                return Ok(());
            }
            deadline = deadline.max(self.deadline_of(receive));
            items.push(Item {
                actor,
                message: receive.expected.message.clone(),
                fields: receive.expected.fields.resolve(&self.scopes)?,
                envelope: resolve_envelope(&receive.expected, &self.scopes)?,
                early: receive.early,
                step: item.clone(),
            });
        }
        if let StepKind::InAnyOrder {
            within: Some(within),
            ..
        } = &step.kind
        {
            deadline = self.now + super::state::micros(*within);
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

    /// A step failed and the case goes on: what it waited for may still come, and is not reported again.
    fn excuse(&mut self, item: &Item) {
        let StepKind::Receive(receive) = &item.step.kind else {
            return;
        };
        let allowance = Allowance {
            place: item.step.place.clone(),
            expected: Some(receive.expected.clone()),
            documented: true,
            any_number: false,
            contradicts: None,
            settles: Settles::default(),
            answer: None,
        };
        self.permissions.push(Permission {
            actor: Some(item.actor),
            allowance,
            fields: Some(item.fields.clone()),
            envelope: item.envelope.clone(),
            used: 0,
            spontaneous: false,
            forbids: false,
        });
    }

    /// The frames on the items' connections that nothing accounts for yet, oldest first.
    fn candidates(&self, items: &[Item]) -> Vec<At> {
        let mut connections: Vec<u32> = items
            .iter()
            .filter_map(|item| self.current[item.actor])
            .collect();
        connections.sort_unstable();
        connections.dedup();
        connections
            .into_iter()
            .flat_map(|id| self.connection(id).pending().map(move |(seq, _)| (id, seq)))
            .collect()
    }

    fn entry(&self, (connection, seq): At) -> &Entry {
        &self.connection(connection).inbox[seq as usize]
    }

    fn is_message(&self, entry: &Entry, name: &str) -> bool {
        name == ANYTHING
            || entry
                .message
                .is_some_and(|index| self.case.pack.catalogue.messages[index].name == name)
    }

    /// Whether a step waits for a frame of any type here.
    pub(super) fn awaits_anything(&self, connection: u32) -> bool {
        let actor = self.connection(connection).actor;
        match self.wait.as_ref().map(|wait| &wait.kind) {
            Some(WaitKind::Receive(receiving)) => receiving
                .items
                .iter()
                .any(|item| item.actor == actor && item.message == ANYTHING),
            _ => false,
        }
    }

    fn fits(&self, item: &Item, at: At) -> bool {
        self.current[item.actor] == Some(at.0)
            && self.matches(item, self.entry(at), &mut Vec::new())
    }

    fn matches(&self, item: &Item, entry: &Entry, captures: &mut Vec<(String, Value)>) -> bool {
        self.is_message(entry, &item.message)
            && item
                .envelope
                .iter()
                .all(|(key, wanted)| wanted.matches(entry.frame.get(key), captures))
            && matches_body(
                &item.fields,
                self.case.pack.catalogue.wire.body(&entry.frame),
                captures,
            )
    }

    /// A frame of an expected message that is not it, and that nothing else would account for.
    fn mismatch(
        &self,
        items: &[Item],
        missing: &[usize],
        used: &[At],
        candidates: &[At],
    ) -> Option<(usize, At)> {
        for &at in candidates.iter().filter(|at| !used.contains(at)) {
            let entry = self.entry(at);
            let suspect = missing.iter().find(|&&i| {
                self.current[items[i].actor] == Some(at.0)
                    && self.is_message(entry, &items[i].message)
            });
            if let Some(&i) = suspect
                && (self.permission_for(at.0, entry, &[]).is_none() || is_misshapen(entry))
            {
                return Some((i, at));
            }
        }
        None
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

    fn fail_order(&mut self, item: &Item, at: At) {
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

    fn fail_mismatch(&mut self, receiving: &Receiving, item: &Item, at: At) {
        let entry = self.entry(at);
        let body = self.case.pack.catalogue.wire.body(&entry.frame);
        let (mut expected, mut received) = explain::compare(&item.message, &item.fields, body);
        for (key, wanted) in &item.envelope {
            let found = entry.frame.get(key);
            let shown = found.map_or_else(|| "absent".to_owned(), super::render::brief);
            let want = if wanted.matches(found, &mut Vec::new()) {
                shown.clone()
            } else {
                wanted.to_string()
            };
            expected.push_str(&format!("\nenvelope {key}: {want}"));
            received.push_str(&format!("\nenvelope {key}: {shown}"));
        }
        let shape: Vec<String> = self.misshapen(entry).into_iter().collect();
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
            .contradicts(shape)
            .at_actor(item.actor);
        // Whatever the level, this frame has been reported.
        self.take(at.0, at.1, TakenBy::Deviation, &item.step.place.to_string());
        self.fail_item(receiving, item, failure);
    }

    /// The requirement of the message's shape, where the frame departs from it gravely.
    pub(super) fn misshapen(&self, entry: &Entry) -> Option<String> {
        let message = entry.message.filter(|_| is_misshapen(entry))?;
        Some(self.case.pack.catalogue.messages[message].shape_requirement())
    }

    fn ended(&self, item: &Item) -> Option<String> {
        match &self.connection(self.current[item.actor]?).state {
            State::Ended(end) => Some(describe(end)),
            _ => None,
        }
    }

    fn fail_ended(&mut self, receiving: &Receiving, item: &Item) {
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
            .at_actor(item.actor);
        self.fail_item(receiving, item, failure);
    }

    fn fail_missing(&mut self, receiving: &Receiving, item: &Item) {
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
            let proofs = self.proofs(&receiving.step);
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

    /// Asks the acting connection, then the receiver, for a fence each while a relay is under way: a receiver
    /// whose fence comes back first is served out of order, and then no fence shows silence.
    fn watch_order(&mut self, receiver: usize, wait: u64) {
        let Some((acting, _)) = self.last_sent else {
            return;
        };
        let relies_on_fences = self.case.scenario.steps.iter().any(relies_on_fence);
        if acting == receiver
            || !relies_on_fences
            || self.options.overtaken
            || self.options.fences_unanswered
        {
            return;
        }
        if let (Some(acting), Some(receiver)) =
            (self.open_connection(acting), self.open_connection(receiver))
        {
            self.send_fence(
                acting,
                FenceFor::Acting {
                    then: receiver,
                    wait,
                },
            );
        }
    }

    /// The standing permission, or the catalogue's spontaneous message, that would account for the frame.
    /// `spoken_for` are permissions that other frames will use up.
    pub(super) fn permission_for(
        &self,
        connection: u32,
        entry: &Entry,
        spoken_for: &[usize],
    ) -> Option<usize> {
        let actor = self.connection(connection).actor;
        let body = self.case.pack.catalogue.wire.body(&entry.frame);
        let permits = |spontaneous: bool| {
            let mut permissions = self.permissions.iter().enumerate();
            let found = permissions.find(|(i, permission)| {
                permission.spontaneous == spontaneous
                    && !permission.forbids
                    && (permission.allowance.any_number || !spoken_for.contains(i))
                    && self.permission_fits(permission, actor, entry, body)
            });
            found.map(|(i, _)| i)
        };
        permits(false).or_else(|| permits(true))
    }

    /// The requirement that such a message contradicts wherever nothing accounts for it.
    pub(super) fn forbidden_by(&self, connection: u32, entry: &Entry) -> Option<String> {
        let actor = self.connection(connection).actor;
        let body = self.case.pack.catalogue.wire.body(&entry.frame);
        let forbids = |p: &&Permission| p.forbids && self.permission_fits(p, actor, entry, body);
        self.permissions
            .iter()
            .find(forbids)?
            .allowance
            .contradicts
            .clone()
    }

    fn permission_fits(
        &self,
        permission: &Permission,
        actor: usize,
        entry: &Entry,
        body: Option<&Value>,
    ) -> bool {
        permission.actor.is_none_or(|permitted| permitted == actor)
            && (permission.allowance.any_number || permission.used == 0)
            && permission
                .envelope
                .iter()
                .all(|(key, wanted)| wanted.matches(entry.frame.get(key), &mut Vec::new()))
            && match (&permission.allowance.expected, &permission.fields) {
                (None, _) => entry.message.is_some() || !permission.allowance.documented,
                (Some(expected), Some(fields)) => {
                    self.is_message(entry, &expected.message)
                        && matches_body(fields, body, &mut Vec::new())
                }
                (Some(_), None) => false,
            }
    }
}

/// Whether a step, or one inside it, has a fence show a silence.
fn relies_on_fence(step: &Step) -> bool {
    matches!(step.kind, StepKind::Nothing { wait: false, .. })
        || step.inner().into_iter().any(relies_on_fence)
}

/// A frame that departs gravely from its shape cannot be told to be somebody else's.
fn is_misshapen(entry: &Entry) -> bool {
    entry
        .faults
        .iter()
        .any(|fault| fault.level == crate::protocol::Level::Must)
}

/// A frame without a body has no fields.
fn matches_body(
    fields: &Pattern,
    body: Option<&Value>,
    captures: &mut Vec<(String, Value)>,
) -> bool {
    match body {
        Some(body) => fields.matches(Some(body), captures),
        None => fields.matches(Some(&Value::Map(Vec::new())), captures),
    }
}

pub(super) fn resolve_envelope(
    expected: &Expected,
    scope: &dyn Scope,
) -> Result<Vec<(String, Pattern)>, Unresolved> {
    expected
        .envelope
        .iter()
        .map(|(key, wanted)| Ok((key.clone(), wanted.resolve(scope)?)))
        .collect()
}
