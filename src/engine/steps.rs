//! The interpreter: which step comes next, and what it does at once. What has to wait is left to others.

use super::Micros;
use super::boundary::Action;
use super::failure::Stop;
use super::permissions::resolve_envelope;
use super::stack::StepAt;
use super::state::{Engine, Permission, Todo, micros};
use super::wait::{Wait, WaitKind};
use crate::event::{CaseEnd, End};
use crate::scenario::{Outgoing, Receive, StepKind, Unresolved};

impl Engine {
    /// Goes on until something has to be waited for.
    pub(super) fn advance(&mut self) {
        self.scopes.set_now(self.unix_now());
        loop {
            if self.end.is_some() {
                return;
            }
            if let Some(stop) = self.stop.take() {
                self.finish(stop);
                return;
            }
            if let Some(wait) = self.wait.take() {
                match self.poll_wait(wait) {
                    None => continue,
                    waiting => {
                        self.wait = waiting;
                        return;
                    }
                }
            }
            if self.silence.is_some() {
                if self.poll_silence() {
                    continue;
                }
                return;
            }
            if let Some(todo) = self.todo.pop_front() {
                self.run_todo(todo);
            } else {
                self.next_step();
            }
        }
    }

    fn next_step(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            match self.stages.pop_front() {
                Some(stage) => self.begin_stage(stage),
                None => self.conclude(),
            }
            return;
        };
        if level.next < level.steps.len() {
            let step = StepAt {
                list: level.steps.clone(),
                index: level.next,
            };
            level.next += 1;
            if let Err(error) = self.run(&step)
                // What a step that failed leniently left unbound, later steps cannot be judged on.
                && !self.failed_leniently
            {
                self.stop = Some(Stop::harness(&error));
            }
        } else if let Err(error) = self.end_of_list()
            && !self.failed_leniently
        {
            self.stop = Some(Stop::harness(&error));
        }
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
                    self.actions.push(Action::Drop {
                        connection: *connection,
                    });
                    self.end_connection(*connection, End::ByUs);
                }
                let notices = self.now + micros(self.case.profile.timeouts.goodbye);
                if (ended || over) && notices > self.now {
                    return Some(Wait {
                        deadline: Some(notices),
                        kind: WaitKind::Goodbye,
                    });
                }
                ended || over
            }
            WaitKind::Goodbye => over,
            WaitKind::TheirClose {
                connection,
                step,
                code,
            } => self.poll_their_close(*connection, step, code.as_ref(), over),
        };
        (!done).then_some(wait)
    }

    /// Why a step is not for this target, where its profile says so.
    fn not_offered(&self, step: &StepAt) -> Option<String> {
        let profile = &self.case.profile;
        match &step.kind {
            StepKind::Send {
                what: Outgoing::Message { name, .. },
                ..
            } => profile.lacks_message(name),
            StepKind::Receive(receive) => profile.lacks_message(&receive.expected.message),
            StepKind::InAnyOrder {
                receives: steps, ..
            } => StepAt::all(steps).find_map(|step| self.not_offered(&step)),
            _ => None,
        }
    }

    pub(super) fn run(&mut self, step: &StepAt) -> Result<(), Unresolved> {
        if let Some(reason) = self.not_offered(step) {
            self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
            return Ok(());
        }
        match &step.kind {
            StepKind::Send { actor, what } => self.send(step, actor, what),
            StepKind::Receive(_) => self.receive(step.clone(), vec![step.clone()], false),
            StepKind::InAnyOrder { receives, .. } => {
                self.receive(step.clone(), StepAt::all(receives).collect(), false)
            }
            StepKind::Nothing { actor, wait, .. } => {
                let watched = match actor {
                    Some(name) if self.current[self.actor(name)].is_none() => {
                        self.stop = Some(Stop::not_connected(step, name));
                        return Ok(());
                    }
                    Some(name) => vec![self.actor(name)],
                    None => (0..self.current.len()).collect(),
                };
                self.start_silence(Some(step.clone()), watched, *wait);
                Ok(())
            }
            StepKind::MayReceive { actor, allowance } => {
                let expected = allowance.expected.as_ref();
                let fields = expected
                    .map(|expected| expected.fields.resolve(&self.scopes))
                    .transpose()?;
                let envelope = expected
                    .map(|expected| resolve_envelope(expected, &self.scopes))
                    .transpose()?
                    .unwrap_or_default();
                let (actor, allowance) = (Some(self.actor(actor)), allowance.clone());
                self.permissions.push(Permission {
                    actor,
                    allowance,
                    fields,
                    envelope,
                    used: 0,
                    spontaneous: false,
                    forbids: false,
                });
                Ok(())
            }
            StepKind::MayBeClosed { actor, .. } => {
                if let Some(connection) = self.current[self.actor(actor)] {
                    self.connection_mut(connection).may_be_closed = true;
                    if let StepKind::MayBeClosed { settles, .. } = &step.kind {
                        self.permit_close(connection, settles);
                    }
                }
                Ok(())
            }
            StepKind::Connect { actor } => self.connect(step, actor),
            StepKind::Disconnect { actor } => {
                self.todo.push_front(Todo::Disconnect(self.actor(actor)));
                Ok(())
            }
            StepKind::Reconnect { actor } => {
                let actor = self.actor(actor);
                self.todo.push_front(Todo::Connect(actor));
                self.todo.push_front(Todo::Disconnect(actor));
                Ok(())
            }
            StepKind::Vanish { actor } => {
                let actor = self.actor(actor);
                if let Some(connection) = self.current[actor].take() {
                    self.actions.push(Action::Drop { connection });
                    self.end_connection(connection, End::ByUs);
                }
                Ok(())
            }
            StepKind::Closed {
                actor,
                code,
                within,
            } => {
                let code = code
                    .as_ref()
                    .map(|code| code.resolve(&self.scopes))
                    .transpose()?;
                match self.current[self.actor(actor)] {
                    None => self.stop = Some(Stop::not_connected(step, actor)),
                    Some(connection) => {
                        let patience = within.unwrap_or(self.case.profile.timeouts.answer);
                        let kind = WaitKind::TheirClose {
                            connection,
                            step: step.clone(),
                            code,
                        };
                        self.wait = Some(Wait {
                            deadline: Some(self.now + micros(patience)),
                            kind,
                        });
                    }
                }
                Ok(())
            }
            StepKind::FailsToConnect { actor } => {
                let connection = self.open(self.actor(actor));
                self.wait = Some(self.open_wait(connection, Some(step.clone())));
                Ok(())
            }
            StepKind::Observe(observed) => {
                for (reading, option) in observed {
                    self.observe(reading, option, &step.place.to_string());
                }
                Ok(())
            }
            StepKind::Check(conditions) => {
                self.check(step, conditions);
                Ok(())
            }
            _ => self.run_block(step),
        }
    }

    /// The actor that a step names; names were checked when the scenario was read.
    pub(super) fn actor(&self, name: &str) -> usize {
        self.scopes.actor(name).unwrap_or(0)
    }

    /// The patience of a step, in a deadline.
    pub(super) fn deadline_of(&self, receive: &Receive) -> Micros {
        self.now + micros(receive.within.unwrap_or(self.case.profile.timeouts.answer))
    }
}
