//! The interpreter: which step comes next, and what it does at once. What has to wait is left to others.

use std::ops::Deref;
use std::sync::Arc;

use super::inbox::{Connection, State};
use super::judge::{Failure, Stop};
use super::receive::{Receiving, resolve_envelope};
use super::render::{brief, frame_of_bytes, frame_of_value};
use super::scope::FenceScope;
use super::state::{Action, Engine, Outbound, Permission, Stage, Todo, micros};
use super::{Micros, explain};
use crate::event::{CaseEnd, DeviationKind, End, Event, Frame, FrameKind, SentFor};
use crate::protocol::{self, WireCodec};
use crate::scenario::{
    Condition, Expr, Outgoing, Pattern, Receive, Settles, Start, Step, StepKind, Unresolved, Until,
    unhex,
};
use crate::value::Value;

/// A step in its list.
#[derive(Clone)]
pub(super) struct StepAt {
    list: Arc<[Step]>,
    index: usize,
}

impl StepAt {
    pub(super) fn all(list: &Arc<[Step]>) -> impl Iterator<Item = StepAt> + '_ {
        (0..list.len()).map(|index| StepAt {
            list: list.clone(),
            index,
        })
    }
}

impl Deref for StepAt {
    type Target = Step;

    fn deref(&self) -> &Step {
        &self.list[self.index]
    }
}

/// A list of steps that is under way, and what comes when it is done.
#[derive(Clone)]
pub(super) struct Level {
    steps: Arc<[Step]>,
    next: usize,
    after: After,
}

#[derive(Clone)]
enum After {
    /// The caller goes on.
    Nothing,
    LeaveFlow {
        into: Vec<(String, String)>,
    },
    NextElement {
        rest: std::vec::IntoIter<Value>,
        name: String,
        collect: Vec<(String, Expr)>,
    },
    NextRound {
        until: Until,
        collect: Vec<(String, Expr)>,
        rounds: usize,
        step: StepAt,
    },
}

/// What the case waits for, other than silence.
#[derive(Clone)]
pub(super) struct Wait {
    pub(super) deadline: Option<Micros>,
    pub(super) kind: WaitKind,
}

#[derive(Clone)]
pub(super) enum WaitKind {
    /// A connection to open; with a step, to be refused.
    Open {
        connection: u32,
        refusal: Option<StepAt>,
    },
    /// The end of a connection that we closed.
    OurClose {
        connection: u32,
    },
    Receive(Receiving),
    /// The server's close.
    TheirClose {
        connection: u32,
        step: StepAt,
        code: Option<Pattern>,
    },
}

impl Engine {
    pub(super) fn begin(&mut self) {
        if let Err(error) = self.scopes.bind_case(&self.case, self.options.seed) {
            self.stop = Some(Stop::harness(&error));
            return;
        }
        if let Some(reason) = self.unmet_need() {
            self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
            return;
        }
        let case = self.case.clone();
        for actor in 0..case.scenario.actors.len() {
            for allowance in &case.pack.spontaneous {
                let scope = FenceScope {
                    scopes: &self.scopes,
                    actor,
                    fresh: "",
                };
                let expected = allowance.expected.as_ref();
                let fields = expected.and_then(|expected| expected.fields.resolve(&scope).ok());
                let contradicts = allowance.contradicts.iter().cloned().collect::<Vec<_>>();
                let forbids =
                    !contradicts.is_empty() && self.level_of(&contradicts) == protocol::Level::Must;
                let (actor, allowance) = (Some(actor), allowance.clone());
                self.permissions.push(Permission {
                    actor,
                    allowance,
                    fields,
                    envelope: Vec::new(),
                    used: 0,
                    spontaneous: true,
                    forbids,
                });
            }
        }
        for (i, actor) in case.scenario.actors.iter().enumerate() {
            match &actor.starts {
                Start::Offline => {}
                Start::Connected => self.stages.push_back(Stage::Connected(i)),
                Start::Flow(flow) => self.stages.push_back(Stage::Start(i, flow.clone())),
            }
        }
        self.stages.push_back(Stage::Scenario);
    }

    fn unmet_need(&self) -> Option<String> {
        let case = self.case.clone();
        let unmet = case
            .scenario
            .needs
            .iter()
            .find(|need| !self.holds(need, &mut Vec::new()))?;
        let value = unmet
            .subject
            .resolve(&self.scopes)
            .map_or_else(|_| "not set".to_owned(), |value| brief(&value));
        Some(format!(
            "needs {} to be {}; it is {value}",
            unmet.subject, unmet.pattern
        ))
    }

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

    /// A list of steps is done: return, or go round again.
    fn end_of_list(&mut self) -> Result<(), Unresolved> {
        let Some(level) = self.levels.pop() else {
            return Ok(());
        };
        match level.after {
            After::Nothing => {}
            After::LeaveFlow { into } => {
                if let Some(step) = self.scopes.leave_flow(&into) {
                    self.hold(&step, &[]);
                }
            }
            After::NextElement {
                mut rest,
                name,
                collect,
            } => {
                self.collect(&collect)?;
                if let Some(element) = rest.next() {
                    self.scopes.bind(&name, element);
                    let after = After::NextElement {
                        rest,
                        name,
                        collect,
                    };
                    self.levels.push(Level {
                        steps: level.steps,
                        next: 0,
                        after,
                    });
                }
            }
            After::NextRound {
                until,
                collect,
                rounds,
                step,
            } => {
                self.collect(&collect)?;
                if let Until::Holds(conditions) = &until
                    && conditions
                        .iter()
                        .all(|condition| self.holds(condition, &mut Vec::new()))
                {
                    return Ok(());
                }
                self.start_round(level.steps, until, collect, rounds, step);
            }
        }
        Ok(())
    }

    fn start_round(
        &mut self,
        steps: Arc<[Step]>,
        until: Until,
        collect: Vec<(String, Expr)>,
        rounds: usize,
        step: StepAt,
    ) {
        let first = StepAt {
            list: steps.clone(),
            index: 0,
        };
        let racing = match &until {
            // After the last round only the end is waited for.
            Until::Received(until) => {
                let first = (rounds > 0).then_some(first);
                StepAt::all(until)
                    .next()
                    .map(|until| std::iter::once(until).chain(first).collect())
            }
            Until::Holds(_) if rounds == 0 => {
                let failure = Failure::new(
                    DeviationKind::Unexpected,
                    "the loop went on past its last round",
                );
                self.fail(&step, failure);
                return;
            }
            Until::Holds(_) => None,
        };
        let rounds = rounds.saturating_sub(1);
        let after = After::NextRound {
            until,
            collect,
            rounds,
            step: step.clone(),
        };
        self.levels.push(Level {
            steps,
            next: 0,
            after,
        });
        if let Some(racing) = racing
            && let Err(error) = self.receive(step, racing, true)
        {
            self.stop = Some(Stop::harness(&error));
        }
    }

    /// A race is over: the `until` ends the loop, the first step begins a round.
    pub(super) fn race_won_by(&mut self, winner: usize) {
        if winner == 0 {
            self.levels.pop();
        } else if let Some(level) = self.levels.last_mut() {
            level.next = 1;
        }
    }

    /// Neither came, and the case goes on behind the loop.
    pub(super) fn leave_loop(&mut self) {
        self.levels.pop();
    }

    fn collect(&mut self, collect: &[(String, Expr)]) -> Result<(), Unresolved> {
        for (name, expr) in collect {
            let value = expr.resolve(&self.scopes)?;
            let mut list = match self.scopes.variable(name) {
                Some(Value::List(items)) => items.clone(),
                _ => Vec::new(),
            };
            match value {
                Value::List(items) => list.extend(items),
                other => list.push(other),
            }
            self.scopes.bind(name, Value::List(list));
        }
        Ok(())
    }

    fn run_todo(&mut self, todo: Todo) {
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

    fn begin_stage(&mut self, stage: Stage) {
        match stage {
            Stage::Connected(actor) => self.todo.push_back(Todo::Connect(actor)),
            Stage::Start(actor, flow) => {
                let Some(flow) = self.case.pack.flow(&flow).cloned() else {
                    return;
                };
                let actors = flow
                    .actors
                    .iter()
                    .map(|name| (name.clone(), actor))
                    .collect();
                self.scopes.enter_flow(&flow.name, None, actors, Vec::new());
                let after = After::LeaveFlow { into: Vec::new() };
                self.levels.push(Level {
                    steps: flow.steps.clone(),
                    next: 0,
                    after,
                });
            }
            Stage::Scenario => {
                let steps = self.case.scenario.steps.clone();
                self.levels.push(Level {
                    steps,
                    next: 0,
                    after: After::Nothing,
                });
            }
        }
    }

    fn open(&mut self, actor: usize) -> u32 {
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

    fn open_wait(&self, connection: u32, refusal: Option<StepAt>) -> Wait {
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

    fn run(&mut self, step: &StepAt) -> Result<(), Unresolved> {
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

    /// The steps that hold other steps.
    fn run_block(&mut self, step: &StepAt) -> Result<(), Unresolved> {
        match &step.kind {
            StepKind::Use {
                flow,
                actors,
                arguments,
                into,
                tested,
            } => {
                let Some(flow) = self.case.pack.flow(flow).cloned() else {
                    return Ok(());
                };
                let actors = actors
                    .iter()
                    .map(|(name, actor)| (name.clone(), self.actor(actor)))
                    .collect();
                let resolve = |(name, value): &(String, Expr)| {
                    Ok((name.clone(), value.resolve(&self.scopes)?))
                };
                let arguments = arguments.iter().map(resolve).collect::<Result<_, _>>()?;
                let tested_at = (*tested || !step.proves.is_empty()).then(|| step.clone());
                self.scopes
                    .enter_flow(&flow.name, tested_at, actors, arguments);
                let after = After::LeaveFlow { into: into.clone() };
                self.levels.push(Level {
                    steps: flow.steps.clone(),
                    next: 0,
                    after,
                });
            }
            StepKind::When {
                conditions,
                then,
                otherwise,
            } => {
                let mut captures = Vec::new();
                let holds = conditions
                    .iter()
                    .all(|condition| self.holds(condition, &mut captures));
                let steps = if holds { then } else { otherwise };
                if holds {
                    captures
                        .into_iter()
                        .for_each(|(name, value)| self.scopes.bind(&name, value));
                }
                self.levels.push(Level {
                    steps: steps.clone(),
                    next: 0,
                    after: After::Nothing,
                });
            }
            StepKind::ForEach {
                list,
                name,
                steps,
                at_most,
                collect,
            } => {
                self.start_collecting(collect);
                let mut items = match list.resolve(&self.scopes)? {
                    Value::List(items) => items,
                    other => vec![other],
                };
                items.truncate(*at_most);
                let mut rest = items.into_iter();
                if let Some(element) = rest.next() {
                    self.scopes.bind(name, element);
                    let after = After::NextElement {
                        rest,
                        name: name.clone(),
                        collect: collect.clone(),
                    };
                    self.levels.push(Level {
                        steps: steps.clone(),
                        next: 0,
                        after,
                    });
                }
            }
            StepKind::RepeatUntil {
                until,
                steps,
                at_most,
                collect,
            } => {
                self.start_collecting(collect);
                self.start_round(
                    steps.clone(),
                    until.clone(),
                    collect.clone(),
                    *at_most,
                    step.clone(),
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn start_collecting(&mut self, collect: &[(String, Expr)]) {
        for (name, _) in collect {
            self.scopes.bind(name, Value::List(Vec::new()));
        }
    }

    fn connect(&mut self, step: &StepAt, actor: &str) -> Result<(), Unresolved> {
        let index = self.actor(actor);
        if self.open_connection(index).is_some() {
            let reason = format!("{}: {actor} is connected already", step.place);
            self.stop = Some(Stop::End(CaseEnd::CouldNotRun { reason }));
        } else {
            self.todo.push_front(Todo::Connect(index));
        }
        Ok(())
    }

    fn check(&mut self, step: &StepAt, conditions: &[Condition]) {
        for condition in conditions {
            let mut captures = Vec::new();
            if self.holds(condition, &mut captures) {
                captures
                    .into_iter()
                    .for_each(|(name, value)| self.scopes.bind(&name, value));
                continue;
            }
            let value = condition.subject.resolve(&self.scopes).ok();
            let wanted = condition
                .pattern
                .resolve(&self.scopes)
                .unwrap_or(Pattern::Absent);
            let subject = condition.subject.to_string();
            let (expected, received) = explain::compare(&subject, &wanted, value.as_ref());
            let message = format!("{subject} is not what it must be");
            let failure = Failure::new(DeviationKind::Check, message)
                .expected(expected)
                .received(received);
            self.fail(step, failure);
            return;
        }
        self.hold(step, &[]);
    }

    /// Whether a condition holds; a reference without a value is absent.
    pub(super) fn holds(&self, condition: &Condition, captures: &mut Vec<(String, Value)>) -> bool {
        let value = condition.subject.resolve(&self.scopes).ok();
        condition
            .pattern
            .resolve(&self.scopes)
            .is_ok_and(|pattern| pattern.matches(value.as_ref(), captures))
    }

    /// The actor that a step names; names were checked when the scenario was read.
    pub(super) fn actor(&self, name: &str) -> usize {
        self.scopes.actor(name).unwrap_or(0)
    }

    fn send(&mut self, step: &StepAt, actor_name: &str, what: &Outgoing) -> Result<(), Unresolved> {
        let actor = self.actor(actor_name);
        let Some(connection) = self.current[actor] else {
            self.stop = Some(Stop::not_connected(step, actor_name));
            return Ok(());
        };
        let (message, outbound) = self.outbound(what, None)?;
        // A connection that the server closed shows at the next step that receives.
        if !self.connection(connection).is_open() {
            return Ok(());
        }
        let why = if self.scopes.flow().is_some() {
            SentFor::Flow
        } else {
            SentFor::Step
        };
        let shown = self.push_send(
            connection,
            message.as_deref(),
            &step.place.to_string(),
            why,
            outbound,
        );
        self.last_sent = Some((actor, shown));
        self.sent_anything = true;
        let fences = self.case.pack.fences.iter().enumerate();
        let over: Vec<usize> = fences
            .filter(|(_, f)| f.until.is_some() && f.until == message)
            .map(|(i, _)| i)
            .collect();
        for fence in over {
            self.connection_mut(connection).usable_fences[fence] = false;
        }
        Ok(())
    }

    /// The frame for what a step or a fence sends, and the name of its message.
    pub(super) fn outbound(
        &self,
        what: &Outgoing,
        fence: Option<&FenceScope<'_>>,
    ) -> Result<(Option<String>, Outbound), Unresolved> {
        let resolve = |expr: &Expr| match fence {
            Some(scope) => expr.resolve(scope),
            None => expr.resolve(&self.scopes),
        };
        let catalogue = &self.case.pack.catalogue;
        let now = self.unix_now();
        let empty_for_null = |value| {
            if matches!(value, Value::Null) {
                Value::Map(Vec::new())
            } else {
                value
            }
        };
        Ok(match what {
            Outgoing::Message { name, fields } => {
                let discriminator = self.discriminator(name);
                let discriminator = discriminator.unwrap_or_else(|| Value::str(name));
                let body = empty_for_null(resolve(fields)?);
                (
                    Some(name.clone()),
                    Outbound::Value(catalogue.wire.wrap(&discriminator, body, now)),
                )
            }
            Outgoing::Malformed { name, body } => {
                (None, Outbound::Value(self.malformed(name, resolve(body)?)))
            }
            Outgoing::MalformedAs(message) => match resolve(message)? {
                Value::Map(pairs) if pairs.len() == 1 => {
                    let (name, body) = &pairs[0];
                    let name = name
                        .as_str()
                        .map_or_else(|| name.to_string(), str::to_owned);
                    (None, Outbound::Value(self.malformed(&name, body.clone())))
                }
                other => (None, Outbound::Value(other)),
            },
            Outgoing::Text(text) => match resolve(text)? {
                Value::Str(text) => (None, Outbound::Text(text)),
                other => (None, Outbound::Text(other.to_string())),
            },
            Outgoing::Binary(digits) => (
                None,
                Outbound::Binary(
                    resolve(digits)?
                        .as_str()
                        .and_then(unhex)
                        .unwrap_or_default(),
                ),
            ),
            Outgoing::Value(value) => (None, Outbound::Value(resolve(value)?)),
            Outgoing::Fragments(parts) => {
                let text = |part: &Expr| Ok(resolve(part)?.as_str().unwrap_or_default().to_owned());
                (
                    None,
                    Outbound::Fragments(parts.iter().map(text).collect::<Result<_, Unresolved>>()?),
                )
            }
            Outgoing::Ping(text) => (None, Outbound::Ping(text.clone())),
        })
    }

    /// What stands on the wire for a message, by what is known of the target.
    fn discriminator(&self, name: &str) -> Option<Value> {
        let message = self.case.pack.catalogue.message(name)?;
        let named_by = message.named_by.as_ref();
        let option = named_by.and_then(|reading| self.scopes.reading(&reading.id));
        Some(option.map_or_else(|| message.discriminator.clone(), Value::str))
    }

    /// A frame with any discriminator and any body.
    fn malformed(&self, name: &str, body: Value) -> Value {
        let catalogue = &self.case.pack.catalogue;
        let known = self.discriminator(name);
        let numeric = catalogue
            .messages
            .iter()
            .any(|m| matches!(m.discriminator, Value::Int(_)));
        let number = name.parse().ok().filter(|_| numeric).map(Value::Int);
        let discriminator = known.or(number).unwrap_or_else(|| Value::str(name));
        catalogue.wire.wrap(&discriminator, body, self.unix_now())
    }

    fn unix_now(&self) -> i64 {
        self.options.started + i64::try_from(self.now / 1_000_000).unwrap_or(0)
    }

    /// Sends, and says so; the text of the frame is handed back.
    pub(super) fn push_send(
        &mut self,
        connection: u32,
        message: Option<&str>,
        at: &str,
        why: SentFor,
        what: Outbound,
    ) -> String {
        let frame = self.frame_of(&what);
        let shown = frame.text.clone();
        self.events.push(Event::Sent {
            case: self.case.id.clone(),
            us: self.now,
            actor: self
                .actor_name(self.connection(connection).actor)
                .to_owned(),
            connection,
            message: message.map(str::to_owned),
            at: at.to_owned(),
            why,
            frame,
        });
        self.actions.push(Action::Send { connection, what });
        shown
    }

    fn frame_of(&self, what: &Outbound) -> Frame {
        let kind = match self.case.pack.catalogue.wire.codec {
            WireCodec::Json => FrameKind::Text,
            WireCodec::MessagePack => FrameKind::Binary,
        };
        match what {
            Outbound::Value(value) => frame_of_value(kind, value, None),
            Outbound::Text(text) => frame_of_bytes(FrameKind::Text, text.as_bytes()),
            Outbound::Binary(bytes) => frame_of_bytes(FrameKind::Binary, bytes),
            Outbound::Fragments(parts) => {
                frame_of_bytes(FrameKind::Text, parts.concat().as_bytes())
            }
            Outbound::Ping(text) => frame_of_bytes(FrameKind::Ping, text.as_bytes()),
        }
    }

    /// The patience of a step, in a deadline.
    pub(super) fn deadline_of(&self, receive: &Receive) -> Micros {
        self.now + micros(receive.within.unwrap_or(self.case.profile.timeouts.answer))
    }

    pub(super) fn observe(&mut self, reading: &str, option: &str, at: &str) {
        let known = self
            .observed
            .iter()
            .any(|(id, seen)| id == reading && seen == option);
        self.scopes.observe(reading, option);
        if known {
            return;
        }
        self.observed.push((reading.to_owned(), option.to_owned()));
        self.events.push(Event::Reading {
            case: self.case.id.clone(),
            pack: self.case.pack.catalogue.name.clone(),
            id: reading.to_owned(),
            option: option.to_owned(),
            at: at.to_owned(),
        });
    }

    pub(super) fn settle(&mut self, settles: &Settles, seen: bool, at: &str) {
        for (reading, option) in if seen { &settles.seen } else { &settles.unseen } {
            self.observe(reading, option, at);
        }
    }
}
