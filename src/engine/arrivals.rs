//! A frame arrives: which message it is, whether it is one at all, and whether it has an owner already.

use super::boundary::Received;
use super::failure::Failure;
use super::inbox::{Entry, Taken};
use super::judge::event_level;
use super::render::{frame_of_bytes, frame_of_value, text_of};
use super::shape::shape_kind;
use super::state::Engine;
use crate::event::{DeviationKind, Event, Frame, TakenBy};
use crate::protocol::{Fault, Identified, check};
use crate::value::Value;

/// More frames than this that nothing accounts for, on one connection, are a flood.
const FLOOD_FRAMES: usize = 1_000;

const FLOOD_BYTES: usize = 64 << 20;

impl Engine {
    pub(super) fn on_frame(&mut self, connection: u32, frame: Received) {
        if self.connection(connection).has_ended() {
            return;
        }
        let value = match frame.value {
            Ok(value) => value,
            Err(reason) => {
                let shown = frame_of_bytes(frame.kind, &frame.bytes);
                self.refuse_frame(connection, shown, frame.bytes.len(), Value::Null, &reason);
                return;
            }
        };
        let shown = frame_of_value(frame.kind, &value, Some(&frame.bytes));
        let case = self.case.clone();
        let catalogue = &case.pack.catalogue;
        let message = match catalogue.identify(&value) {
            Identified::Unrecognised(_) | Identified::Unknown(_)
                if self.awaits_anything(connection) =>
            {
                let bytes = frame.bytes.len();
                self.push_entry(connection, None, shown, value, bytes, Vec::new(), None);
                return;
            }
            Identified::Unrecognised(_) | Identified::Unknown(_)
                if self.may_receive_anything(connection) =>
            {
                let taken = Taken {
                    by: TakenBy::Allowance,
                    at: String::new(),
                };
                let bytes = frame.bytes.len();
                self.push_entry(
                    connection,
                    None,
                    shown,
                    value,
                    bytes,
                    Vec::new(),
                    Some(taken),
                );
                return;
            }
            Identified::Unrecognised(reason) => {
                self.refuse_frame(connection, shown, frame.bytes.len(), value, &reason);
                return;
            }
            Identified::Unknown(name) => {
                let pack = catalogue.name.clone();
                let taken = Taken {
                    by: TakenBy::Spontaneous,
                    at: String::new(),
                };
                self.push_entry(
                    connection,
                    None,
                    shown,
                    value,
                    frame.bytes.len(),
                    Vec::new(),
                    Some(taken),
                );
                self.events.push(Event::UnknownMessage {
                    case: case.id.clone(),
                    pack,
                    name,
                });
                return;
            }
            Identified::Message(message) => message,
        };
        let index = catalogue
            .messages
            .iter()
            .position(|known| std::ptr::eq(known, message));
        let faults = if message.server.is_some() {
            check(catalogue, message, &value)
        } else {
            Vec::new()
        };
        // What answers that which no document defines is held to no shape, unless a step expects it.
        let reported = !self.may_receive_anything(connection);
        for fault in faults.iter().filter(|_| reported) {
            self.events.push(Event::Shape {
                case: case.id.clone(),
                pack: catalogue.name.clone(),
                message: message.name.clone(),
                path: fault.path.clone(),
                kind: shape_kind(fault.kind),
                level: event_level(fault.level),
                expected: fault.expected.clone(),
                received: fault.received.clone(),
                section: message.section.clone(),
            });
        }
        self.note_fence_states(connection, &message.name, &value);
        let taken = self.answers_fence(connection, &message.name, &value);
        self.push_entry(
            connection,
            index,
            shown,
            value,
            frame.bytes.len(),
            faults,
            taken,
        );
        self.answer_spontaneous(connection, &message.name);
        let flooded = self.connection(connection);
        if flooded.pending > FLOOD_FRAMES || flooded.pending_bytes > FLOOD_BYTES {
            let actor = flooded.actor;
            let message = format!(
                "{} is flooded with messages that nothing accounts for",
                self.actor_name(actor)
            );
            self.deviate_anywhere(Failure::new(DeviationKind::Unexpected, message).at_actor(actor));
        }
    }

    /// Whether `may receive: anything` stands for the connection's actor.
    fn may_receive_anything(&self, connection: u32) -> bool {
        let actor = self.connection(connection).actor;
        let mut stated = self.permissions.iter().filter(|p| !p.spontaneous);
        stated.any(|p| {
            let any = p.allowance.expected.is_none() && !p.allowance.documented;
            p.actor == Some(actor) && any
        })
    }

    /// A frame that is no message of the protocol at all.
    fn refuse_frame(
        &mut self,
        connection: u32,
        shown: Frame,
        bytes: usize,
        value: Value,
        reason: &str,
    ) {
        let taken = Taken {
            by: TakenBy::Deviation,
            at: String::new(),
        };
        let text = if shown.text.is_empty() {
            shown.hex.clone().unwrap_or_default()
        } else {
            shown.text.clone()
        };
        self.push_entry(
            connection,
            None,
            shown,
            value,
            bytes,
            Vec::new(),
            Some(taken),
        );
        let actor = self.connection(connection).actor;
        let message = format!(
            "{} received a frame that is no message: {reason}",
            self.actor_name(actor)
        );
        let received = text_of(&text, 600).0;
        self.deviate_anywhere(
            Failure::new(DeviationKind::Codec, message)
                .received(received)
                .at_actor(actor),
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one entry, built in one place"
    )]
    fn push_entry(
        &mut self,
        connection: u32,
        message: Option<usize>,
        shown: Frame,
        frame: Value,
        bytes: usize,
        faults: Vec<Fault>,
        taken: Option<Taken>,
    ) {
        let case = self.case.id.clone();
        let name = message.map(|index| self.case.pack.catalogue.messages[index].name.clone());
        let actor = self
            .actor_name(self.connection(connection).actor)
            .to_owned();
        let at = self.now;
        let by = taken.clone();
        let entry = Entry {
            message,
            frame,
            bytes,
            at,
            faults,
            taken,
        };
        let seq = self.connection_mut(connection).push(entry);
        let us = self.now;
        self.events.push(Event::Received {
            case: case.clone(),
            us,
            actor,
            connection,
            seq,
            message: name,
            frame: shown,
        });
        if let Some(Taken { by, at }) = by {
            self.events.push(Event::Taken {
                case,
                connection,
                seq,
                by,
                at,
            });
        }
    }

    pub(super) fn take(&mut self, connection: u32, seq: u32, by: TakenBy, at: &str) {
        self.connection_mut(connection).take(
            seq,
            Taken {
                by,
                at: at.to_owned(),
            },
        );
        // What came before it and nothing accounts for is pending by now.
        if matches!(by, TakenBy::Step | TakenBy::Flow) {
            let connection = self.connection_mut(connection);
            connection.doubtful = false;
            connection.last_request = None;
        }
        let case = self.case.id.clone();
        self.events.push(Event::Taken {
            case,
            connection,
            seq,
            by,
            at: at.to_owned(),
        });
    }
}
