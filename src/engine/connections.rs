//! Connections that open, are refused, are closed by us or by the server, or end though nothing asked for it.

use super::boundary::Action;
use super::failure::{Failure, Stop};
use super::inbox::{Connection, State};
use super::stack::StepAt;
use super::state::{Engine, Todo, micros};
use super::wait::{Wait, WaitKind};
use crate::event::{CaseEnd, DeviationKind, End, Event};
use crate::scenario::{Pattern, Settles, Unresolved};
use crate::value::Value;

impl Engine {
    pub(super) fn connect(&mut self, step: &StepAt, actor: &str) -> Result<(), Unresolved> {
        let index = self.actor(actor);
        if self.open_connection(index).is_some() {
            let reason = format!("{}: {actor} is connected already", step.place);
            self.stop = Some(Stop::End(CaseEnd::CouldNotRun { reason }));
        } else {
            self.todo.push_front(Todo::Connect(index));
        }
        Ok(())
    }

    pub(super) fn run_todo(&mut self, todo: Todo) {
        match todo {
            Todo::Connect(actor) => {
                let connection = self.open(actor);
                self.wait = Some(self.open_wait(connection, None));
            }
            Todo::Disconnect(actor) => {
                let Some(connection) = self.current[actor].take() else {
                    return;
                };
                if self.connection(connection).is_open() {
                    self.connection_mut(connection).state = State::Closing;
                    self.actions.push(Action::Close { connection });
                    let deadline = Some(self.now + micros(self.case.profile.timeouts.answer));
                    self.wait = Some(Wait {
                        deadline,
                        kind: WaitKind::OurClose { connection },
                    });
                }
            }
        }
    }

    pub(super) fn open(&mut self, actor: usize) -> u32 {
        let id = u32::try_from(self.connections.len()).unwrap_or(u32::MAX);
        let usable = self
            .case
            .pack
            .fences
            .iter()
            .map(|fence| fence.since.is_none())
            .collect();
        self.connections.push(Connection::new(actor, usable));
        self.current[actor] = Some(id);
        self.actions.push(Action::Open { connection: id });
        id
    }

    pub(super) fn open_wait(&self, connection: u32, refusal: Option<StepAt>) -> Wait {
        // Whoever opens has the same patience; this is for a runner that says nothing.
        let deadline = Some(self.now + micros(self.case.profile.timeouts.connect) + 1_000_000);
        Wait {
            deadline,
            kind: WaitKind::Open {
                connection,
                refusal,
            },
        }
    }

    pub(super) fn poll_open(
        &mut self,
        connection: u32,
        refusal: Option<&StepAt>,
        over: bool,
    ) -> bool {
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

    pub(super) fn poll_their_close(
        &mut self,
        connection: u32,
        step: &StepAt,
        code: Option<&Pattern>,
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
        let by_server = end != End::ByUs;
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
                self.settle(&permitted.1, by_server, &permitted.2);
            } else {
                self.permitted_closes.push(permitted);
            }
        }
    }

    pub(super) fn permit_close(&mut self, connection: u32, settles: &Settles) {
        let at = self.case.scenario.place.to_string();
        if let State::Ended(end) = &self.connection(connection).state {
            let by_server = *end != End::ByUs;
            self.settle(settles, by_server, &at);
        } else {
            self.permitted_closes
                .push((connection, settles.clone(), at));
        }
    }

    /// The first current connection of the actors that the server ended though nothing permits it, and how.
    pub(super) fn ended_unasked(&self, actors: &[usize]) -> Option<(u32, End)> {
        let ids = actors.iter().filter_map(|actor| self.current[*actor]);
        ids.map(|id| (id, self.connection(id)))
            .find_map(|(id, connection)| match &connection.state {
                State::Ended(end) if *end != End::ByUs && !connection.may_be_closed => {
                    Some((id, end.clone()))
                }
                _ => None,
            })
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
