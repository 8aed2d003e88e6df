//! The shape of received messages: what a frame has wrong by the catalogue, and whose fault that is.

use super::explain;
use super::failure::Failure;
use super::inbox::Entry;
use super::state::Engine;
use crate::event::{DeviationKind, ShapeKind};
use crate::protocol::{Fault, FaultKind, Level};
use crate::scenario::Step;

impl Engine {
    /// Reports what a received frame of an own step has wrong; whether that ended the case.
    pub(super) fn judge_shape(
        &mut self,
        step: &Step,
        connection: u32,
        seq: u32,
    ) -> Option<Vec<String>> {
        let entry = &self.connection(connection).inbox[seq as usize];
        let Some(message) = entry.message else {
            // Taken as anything: there is no shape to hold it to.
            return Some(Vec::new());
        };
        let message = &self.case.pack.catalogue.messages[message];
        let requirement = message.shape_requirement();
        let grave: Vec<&Fault> = entry
            .faults
            .iter()
            .filter(|fault| fault.level == Level::Must)
            .collect();
        let [first, rest @ ..] = grave.as_slice() else {
            return Some(vec![requirement]);
        };
        if self.scopes.flow().is_some() {
            return None;
        }
        let (name, path) = (&message.name, &first.path);
        let text = match first.kind {
            FaultKind::Missing => format!("{name} lacks `{path}`"),
            _ => format!("`{path}` of {name} has the wrong type"),
        };
        let text = if rest.is_empty() {
            text
        } else {
            format!("{text}, and {} more", rest.len())
        };
        let lines = |pick: fn(&Fault) -> &str| {
            let lines: Vec<String> = grave
                .iter()
                .map(|fault| format!("{}: {}", fault.path, pick(fault)))
                .collect();
            lines.join("\n")
        };
        let failure = Failure::new(DeviationKind::Shape, text)
            .expected(lines(|fault| &fault.expected))
            .received(lines(|fault| &fault.received))
            .at_actor(self.connection(connection).actor);
        self.deviate(
            &step.place.to_string(),
            &step.source(),
            Level::Must,
            vec![requirement],
            failure,
        );
        None
    }

    /// The requirement of the message's shape, where the frame departs from it gravely.
    pub(super) fn misshapen(&self, entry: &Entry) -> Option<String> {
        let message = entry.message.filter(|_| is_misshapen(entry))?;
        Some(self.case.pack.catalogue.messages[message].shape_requirement())
    }

    /// A received message in lines.
    pub(super) fn show_entry(&self, connection: u32, seq: u32) -> String {
        let entry = &self.connection(connection).inbox[seq as usize];
        let catalogue = &self.case.pack.catalogue;
        let name = entry.message.map_or("unknown message", |index| {
            catalogue.messages[index].name.as_str()
        });
        explain::received_alone(name, catalogue.wire.body(&entry.frame))
    }
}

/// A frame that departs gravely from its shape cannot be told to be somebody else's.
pub(super) fn is_misshapen(entry: &Entry) -> bool {
    entry
        .faults
        .iter()
        .any(|fault| fault.level == crate::protocol::Level::Must)
}

pub(super) fn shape_kind(kind: FaultKind) -> ShapeKind {
    match kind {
        FaultKind::Missing => ShapeKind::Missing,
        FaultKind::WrongType => ShapeKind::WrongType,
        FaultKind::UndocumentedValue => ShapeKind::UndocumentedValue,
        FaultKind::DuplicateKey => ShapeKind::DuplicateKey,
        FaultKind::DuplicateElement => ShapeKind::DuplicateElement,
    }
}
