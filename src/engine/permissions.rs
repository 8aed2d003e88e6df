//! What may arrive without being waited for: standing permissions, spontaneous messages, what was excused.

use super::inbox::Entry;
use super::matching::matches_body;
use super::state::{Engine, Permission};
use super::wait::Item;
use crate::scenario::{Allowance, Expected, Pattern, Scope, Settles, StepKind, Unresolved};
use crate::value::Value;

impl Engine {
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

    /// A step failed and the case goes on: what it waited for may still come, and is not reported again.
    pub(super) fn excuse(&mut self, item: &Item) {
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
