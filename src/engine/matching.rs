//! Which frames fit what is waited for, and which are of the expected message but are not it.

use super::inbox::Entry;
use super::shape::is_misshapen;
use super::state::Engine;
use super::wait::{At, Item, WaitKind};
use crate::scenario::{ANYTHING, Pattern};
use crate::value::Value;

impl Engine {
    /// The frames on the items' connections that nothing accounts for yet, oldest first.
    pub(super) fn candidates(&self, items: &[Item]) -> Vec<At> {
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

    pub(super) fn entry(&self, (connection, seq): At) -> &Entry {
        &self.connection(connection).inbox[seq as usize]
    }

    pub(super) fn is_message(&self, entry: &Entry, name: &str) -> bool {
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

    pub(super) fn fits(&self, item: &Item, at: At) -> bool {
        self.current[item.actor] == Some(at.0)
            && self.matches(item, self.entry(at), &mut Vec::new())
    }

    pub(super) fn matches(
        &self,
        item: &Item,
        entry: &Entry,
        captures: &mut Vec<(String, Value)>,
    ) -> bool {
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
    pub(super) fn mismatch(
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
}

/// A frame without a body has no fields.
pub(super) fn matches_body(
    fields: &Pattern,
    body: Option<&Value>,
    captures: &mut Vec<(String, Value)>,
) -> bool {
    match body {
        Some(body) => fields.matches(Some(body), captures),
        None => fields.matches(Some(&Value::Map(Vec::new())), captures),
    }
}
