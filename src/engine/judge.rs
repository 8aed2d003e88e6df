//! The verdicts: a step held, a step did not, the case is over. Connections opening and ending.

use super::inbox::{Entry, State, Taken};
use super::render::{frame_of_bytes, frame_of_value};
use super::state::Engine;
use super::steps::{StepAt, Wait, WaitKind};
use super::{Received, explain};
use crate::event::{
    CaseEnd, Deviation, DeviationKind, End, Event, Level as EventLevel, ShapeKind, TakenBy,
};
use crate::protocol::{Fault, FaultKind, Identified, Level, check};
use crate::scenario::{Proof, Scenario, Settles, Step, StepKind, Unresolved, received_messages};
use crate::value::Value;

/// More frames than this that nothing accounts for, on one connection, are a flood.
const FLOOD_FRAMES: usize = 10_000;
const FLOOD_BYTES: usize = 64 << 20;

/// Why a case goes no further.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    End(CaseEnd),
    /// All steps were judged, or a `must` failed.
    Judged,
}

impl Stop {
    /// A mistake of the scenario or of ours: never the server's fault.
    pub(super) fn harness(error: &Unresolved) -> Stop {
        Stop::End(CaseEnd::CouldNotRun {
            reason: error.to_string(),
        })
    }

    pub(super) fn not_connected(step: &Step, actor: &str) -> Stop {
        Stop::End(CaseEnd::CouldNotRun {
            reason: format!("{}: {actor} has no connection", step.place),
        })
    }
}

/// What did not hold, in the making.
pub(super) struct Failure {
    kind: DeviationKind,
    message: String,
    expected: Option<String>,
    received: Option<String>,
    near: Option<String>,
    /// Requirements besides those that the step proves.
    contradicts: Vec<String>,
    actor: Option<usize>,
}

impl Failure {
    pub(super) fn new(kind: DeviationKind, message: impl Into<String>) -> Failure {
        let message = message.into();
        Failure {
            kind,
            message,
            expected: None,
            received: None,
            near: None,
            contradicts: Vec::new(),
            actor: None,
        }
    }

    pub(super) fn expected(self, text: String) -> Failure {
        Failure {
            expected: Some(text),
            ..self
        }
    }

    pub(super) fn received(self, text: String) -> Failure {
        Failure {
            received: Some(text),
            ..self
        }
    }

    pub(super) fn near(self, near: Option<String>) -> Failure {
        Failure { near, ..self }
    }

    pub(super) fn contradicts(self, requirements: Vec<String>) -> Failure {
        Failure {
            contradicts: requirements,
            ..self
        }
    }

    pub(super) fn at_actor(self, actor: usize) -> Failure {
        Failure {
            actor: Some(actor),
            ..self
        }
    }
}

impl Engine {
    /// The requirements that a step proves, by id.
    pub(super) fn proofs(&self, step: &Step) -> Vec<String> {
        step.proves
            .iter()
            .filter_map(|proof| match proof {
                Proof::Id(id) => Some(id.clone()),
                Proof::Of(reference) => {
                    let value = reference.resolve(&self.scopes.scenario()).ok()?;
                    value.as_str().map(str::to_owned)
                }
            })
            .collect()
    }

    /// A step held; the steps of flows prove nothing.
    pub(super) fn hold(&mut self, step: &Step, also: &[String]) {
        if self.scopes.flow().is_some() {
            return;
        }
        let mut proves = self.proofs(step);
        let catalogue = &self.case.pack.catalogue;
        let known = also.iter().filter(|id| catalogue.requirement(id).is_some());
        proves.extend(known.cloned());
        self.events.push(Event::Held {
            case: self.case.id.clone(),
            us: self.now,
            at: step.place.to_string(),
            step: step.source(),
            proves,
        });
    }

    /// A step did not hold. In a flow that blocks the case, unless the flow is what is tested; else it is a
    /// deviation of the step's level.
    pub(super) fn fail(&mut self, step: &Step, failure: Failure) {
        if let Some(tested) = self.scopes.tested_at() {
            let proofs = self.proofs(&tested);
            let level = self.level_of(&proofs);
            self.deviate(
                &step.place.to_string(),
                &step.source(),
                level,
                proofs,
                failure,
            );
            // The rest of the flow cannot be judged; nor can what rests on it.
            self.stop = Some(Stop::Judged);
            return;
        }
        if let Some(flow) = self.scopes.flow() {
            let reason = format!("{} ({}: {})", failure.message, step.place, step.source());
            let tested_by = self.tested_by(step);
            self.stop = Some(Stop::End(CaseEnd::Blocked {
                flow: flow.to_owned(),
                reason,
                tested_by,
            }));
            return;
        }
        let proofs = self.proofs(step);
        let level = self.level_of(&proofs);
        self.deviate(
            &step.place.to_string(),
            &step.source(),
            level,
            proofs,
            failure,
        );
    }

    /// The gravest level of the requirements; `must` where there are none.
    pub(super) fn level_of(&self, requirements: &[String]) -> Level {
        let catalogue = &self.case.pack.catalogue;
        let levels = requirements
            .iter()
            .filter_map(|id| Some(catalogue.requirement(id)?.level));
        levels.min().unwrap_or(Level::Must)
    }

    pub(super) fn deviate(
        &mut self,
        at: &str,
        step: &str,
        level: Level,
        mut requirements: Vec<String>,
        failure: Failure,
    ) {
        for id in failure.contradicts {
            if !requirements.contains(&id) {
                requirements.push(id);
            }
        }
        let deviation = Deviation {
            kind: failure.kind,
            level: event_level(level),
            requirements,
            at: at.to_owned(),
            step: step.to_owned(),
            actor: failure.actor.map(|actor| self.actor_name(actor).to_owned()),
            message: failure.message,
            expected: failure.expected,
            received: failure.received,
            sent: self
                .last_sent
                .as_ref()
                .map(|(actor, text)| format!("{}: {text}", self.actor_name(*actor))),
            near: failure.near,
        };
        self.events.push(Event::Deviation {
            case: self.case.id.clone(),
            us: self.now,
            deviation,
        });
        if level == Level::Must {
            self.stop = Some(Stop::Judged);
        } else {
            self.failed_leniently = true;
        }
    }

    /// The first scenario whose own steps receive what this step of a flow expects.
    fn tested_by(&self, step: &Step) -> Option<String> {
        let StepKind::Receive(receive) = &step.kind else {
            return None;
        };
        let tests = |scenario: &&std::sync::Arc<Scenario>| {
            received_messages(scenario).contains(&receive.expected.message.as_str())
        };
        let scenario = self.case.pack.scenarios.iter().find(tests)?;
        Some(format!("{}/{}", self.case.pack.catalogue.name, scenario.id))
    }

    pub(super) fn finish(&mut self, stop: Stop) {
        let end = match stop {
            Stop::End(end) => end,
            Stop::Judged => CaseEnd::Judged,
        };
        self.events.push(Event::CaseFinished {
            case: self.case.id.clone(),
            us: self.now,
            end: end.clone(),
        });
        self.end = Some(end);
    }

    pub(super) fn on_opened(&mut self, connection: u32) {
        if self.connection(connection).state != State::Opening {
            return;
        }
        self.connection_mut(connection).state = State::Open;
        let actor = self
            .actor_name(self.connection(connection).actor)
            .to_owned();
        self.events.push(Event::Opened {
            case: self.case.id.clone(),
            us: self.now,
            actor,
            connection,
        });
    }

    pub(super) fn on_refused(&mut self, connection: u32, error: String) {
        self.end_connection(connection, End::Refused { error });
    }

    pub(super) fn on_ended(&mut self, connection: u32, end: End) {
        self.end_connection(connection, end);
    }

    pub(super) fn end_connection(&mut self, connection: u32, end: End) {
        if self.connection(connection).has_ended() {
            return;
        }
        self.connection_mut(connection).state = State::Ended(end.clone());
        let actor = self
            .actor_name(self.connection(connection).actor)
            .to_owned();
        self.events.push(Event::Closed {
            case: self.case.id.clone(),
            us: self.now,
            actor,
            connection,
            end,
        });
        for permitted in std::mem::take(&mut self.permitted_closes) {
            if permitted.0 == connection {
                self.settle(&permitted.1, true, &permitted.2);
            } else {
                self.permitted_closes.push(permitted);
            }
        }
    }

    pub(super) fn permit_close(&mut self, connection: u32, settles: &Settles) {
        let at = self.case.scenario.place.to_string();
        if self.connection(connection).has_ended() {
            self.settle(settles, true, &at);
        } else {
            self.permitted_closes
                .push((connection, settles.clone(), at));
        }
    }

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
        shown: crate::event::Frame,
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
        let received = super::render::text_of(&text, 600).0;
        self.deviate_anywhere(
            Failure::new(DeviationKind::Codec, message)
                .received(received)
                .at_actor(actor),
        );
    }

    /// A deviation that no step asked about: at the step that waits, or at the case.
    fn deviate_anywhere(&mut self, failure: Failure) {
        let step = match self.wait.as_ref().map(|wait| &wait.kind) {
            Some(WaitKind::Receive(receiving)) => Some(receiving.step.clone()),
            _ => None,
        };
        match step {
            Some(step) => {
                if self.scopes.flow().is_some() {
                    self.fail(&step, failure);
                } else {
                    let proofs = self.proofs(&step);
                    self.deviate(
                        &step.place.to_string(),
                        &step.source(),
                        Level::Must,
                        proofs,
                        failure,
                    );
                }
            }
            None => {
                let at = self.case.scenario.place.to_string();
                self.deviate(&at, "between the steps", Level::Must, Vec::new(), failure);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one entry, built in one place"
    )]
    fn push_entry(
        &mut self,
        connection: u32,
        message: Option<usize>,
        shown: crate::event::Frame,
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
        let case = self.case.id.clone();
        self.events.push(Event::Taken {
            case,
            connection,
            seq,
            by,
            at: at.to_owned(),
        });
    }

    /// Looks whether what the case waits for has happened; hands the wait back where it has not.
    pub(super) fn poll_wait(&mut self, wait: Wait) -> Option<Wait> {
        let over = wait.deadline.is_some_and(|deadline| deadline <= self.now)
            || self.case_deadline() <= self.now;
        let done = match &wait.kind {
            WaitKind::Receive(receiving) => self.poll_receive(receiving, over),
            WaitKind::Open {
                connection,
                refusal,
            } => self.poll_open(*connection, refusal.as_ref(), over),
            WaitKind::OurClose { connection } => {
                let ended = self.connection(*connection).has_ended();
                if !ended && over {
                    self.actions.push(super::Action::Drop {
                        connection: *connection,
                    });
                    self.end_connection(*connection, End::ByUs);
                }
                ended || over
            }
            WaitKind::TheirClose {
                connection,
                step,
                code,
            } => self.poll_their_close(*connection, step, code.as_ref(), over),
        };
        (!done).then_some(wait)
    }

    fn poll_open(&mut self, connection: u32, refusal: Option<&StepAt>, over: bool) -> bool {
        let state = self.connection(connection).state.clone();
        let actor = self.connection(connection).actor;
        match (state, refusal) {
            (State::Opening, _) if !over => return false,
            (State::Open | State::Closing, None) => {}
            (State::Open | State::Closing, Some(step)) => {
                let message = format!(
                    "{} was let in, but the connection had to be refused",
                    self.actor_name(actor)
                );
                self.fail(
                    step,
                    Failure::new(DeviationKind::Connect, message).at_actor(actor),
                );
            }
            (State::Ended(End::Refused { .. }), Some(step)) => {
                self.current[actor] = None;
                self.hold(step, &[]);
            }
            (state, _) => {
                let error = match state {
                    State::Ended(end) => describe(&end),
                    _ => "it did not open in time".to_owned(),
                };
                let reason = format!("{} could not connect: {error}", self.actor_name(actor));
                self.stop = Some(Stop::End(CaseEnd::CouldNotRun { reason }));
            }
        }
        true
    }

    fn poll_their_close(
        &mut self,
        connection: u32,
        step: &StepAt,
        code: Option<&crate::scenario::Pattern>,
        over: bool,
    ) -> bool {
        let actor = self.connection(connection).actor;
        let name = self.actor_name(actor).to_owned();
        match self.connection(connection).state.clone() {
            State::Ended(end) => {
                self.connection_mut(connection).may_be_closed = true;
                let number = match &end {
                    End::Close { code, .. } => Some(Value::Int(i128::from(*code))),
                    _ => None,
                };
                match code {
                    Some(wanted) if !wanted.matches(number.as_ref(), &mut Vec::new()) => {
                        let failure = Failure::new(
                            DeviationKind::NotClosed,
                            format!("{name}'s connection ended otherwise"),
                        )
                        .expected(format!("close with code {wanted}"))
                        .received(describe(&end))
                        .at_actor(actor);
                        self.fail(step, failure);
                    }
                    _ => self.hold(step, &[]),
                }
                true
            }
            _ if over => {
                let message = format!("the server did not close {name}'s connection");
                self.fail(
                    step,
                    Failure::new(DeviationKind::NotClosed, message).at_actor(actor),
                );
                true
            }
            _ => false,
        }
    }

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

/// How a connection ended, in words.
pub(super) fn describe(end: &End) -> String {
    match end {
        End::ByUs => "we closed it".to_owned(),
        End::Close { code: 1005, .. } => "closed by the server without a code (1005)".to_owned(),
        End::Close { code, reason } if reason.is_empty() => {
            format!("closed by the server with code {code}")
        }
        End::Close { code, reason } => format!("closed by the server with code {code} ({reason})"),
        End::Eof => "the stream ended without a close frame".to_owned(),
        End::Reset => "the connection was reset".to_owned(),
        End::Protocol { error } => format!("the server broke the WebSocket protocol: {error}"),
        End::Refused { error } => error.clone(),
    }
}

pub(super) fn event_level(level: Level) -> EventLevel {
    match level {
        Level::Must => EventLevel::Must,
        Level::Should => EventLevel::Should,
        Level::Advice => EventLevel::Advice,
    }
}

fn shape_kind(kind: FaultKind) -> ShapeKind {
    match kind {
        FaultKind::Missing => ShapeKind::Missing,
        FaultKind::WrongType => ShapeKind::WrongType,
        FaultKind::UndocumentedValue => ShapeKind::UndocumentedValue,
        FaultKind::DuplicateKey => ShapeKind::DuplicateKey,
    }
}
