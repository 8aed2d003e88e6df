//! A case that runs: the state that the engine's other files work on, and the handles that a driver turns.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Micros;
use super::boundary::{Action, Input, Options};
use super::failure::Stop;
use super::inbox::Connection;
use super::scope::Scopes;
use super::stack::Level;
use super::wait::{PendingFence, Silence, Wait};
use crate::event::{CaseEnd, Event};
use crate::plan::Case;
use crate::scenario::{Allowance, Pattern, Settles};
use crate::value::Value;

/// A case that runs.
#[derive(Clone)]
pub struct Engine {
    pub(super) case: Arc<Case>,
    pub(super) options: Options,
    pub(super) now: Micros,
    pub(super) scopes: Scopes,
    pub(super) connections: Vec<Connection>,
    /// The connection of each actor, by the actor's index.
    pub(super) current: Vec<Option<u32>>,
    pub(super) permissions: Vec<Permission>,
    /// Connections that answered a spontaneous message, and which of the catalogue's it was.
    pub(super) answered: Vec<(u32, usize)>,
    /// Connections that the server may end, what that settles, and where it says so.
    pub(super) permitted_closes: Vec<(u32, Settles, String)>,
    pub(super) fences: Vec<PendingFence>,
    /// What comes before the next step.
    pub(super) todo: VecDeque<Todo>,
    /// What comes when no step is left: the actors' starts, then the scenario.
    pub(super) stages: VecDeque<Stage>,
    pub(super) levels: Vec<Level>,
    pub(super) wait: Option<Wait>,
    pub(super) silence: Option<Silence>,
    /// The actor who sent last, fences apart, and what.
    pub(super) last_sent: Option<(usize, String)>,
    pub(super) observed: Vec<(String, String)>,
    pub(super) stop: Option<Stop>,
    pub(super) sent_anything: bool,
    pub(super) saw_overtaking: bool,
    pub(super) saw_unanswered_fence: bool,
    pub(super) actions: Vec<Action>,
    pub(super) events: Vec<Event>,
    pub(super) concluding: bool,
    /// A `should` or `advice` did not hold, and the case went on.
    pub(super) failed_leniently: bool,
    /// Counts the waits for frames, so that a late fence knows whether its wait is still on.
    pub(super) waits: u64,
    pub(super) end: Option<CaseEnd>,
}

/// A `may receive` that stands, or a spontaneous message of the catalogue.
#[derive(Clone)]
pub(super) struct Permission {
    /// `None`: whoever it is.
    pub(super) actor: Option<usize>,
    pub(super) allowance: Allowance,
    /// The fields, resolved; `None` for any message.
    pub(super) fields: Option<Pattern>,
    pub(super) envelope: Vec<(String, Pattern)>,
    pub(super) used: usize,
    pub(super) spontaneous: bool,
    /// It permits nothing: it names the `must` that such a message contradicts.
    pub(super) forbids: bool,
}

/// What comes before the next step.
#[derive(Clone, Debug)]
pub(super) enum Todo {
    Connect(usize),
    Disconnect(usize),
}

/// A part of the case.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// An actor that starts connected.
    Connected(usize),
    /// The flow that brings an actor into its starting state.
    Start(usize, String),
    /// The scenario's own steps.
    Scenario,
}

impl Engine {
    pub fn new(case: Arc<Case>, options: Options) -> Engine {
        let scopes = Scopes::new(&case, &options);
        let actors = case.scenario.actors.len();
        Engine {
            scopes,
            options,
            now: 0,
            connections: Vec::new(),
            current: vec![None; actors],
            permissions: Vec::new(),
            answered: Vec::new(),
            permitted_closes: Vec::new(),
            fences: Vec::new(),
            todo: VecDeque::new(),
            stages: VecDeque::new(),
            levels: Vec::new(),
            wait: None,
            silence: None,
            last_sent: None,
            observed: Vec::new(),
            stop: None,
            sent_anything: false,
            saw_overtaking: false,
            saw_unanswered_fence: false,
            actions: Vec::new(),
            events: Vec::new(),
            concluding: false,
            failed_leniently: false,
            waits: 0,
            end: None,
            case,
        }
    }

    /// Before the start: the case's users are these accounts, one each.
    pub fn lend(&mut self, accounts: Vec<Vec<(String, Value)>>) {
        self.scopes.lend(accounts);
    }

    /// Begins the case; afterwards there are actions to carry out.
    pub fn start(&mut self) {
        self.begin();
        self.advance();
    }

    /// Takes note of what happened and goes on as far as that allows.
    pub fn on(&mut self, input: Input, now: Micros) {
        self.now = self.now.max(now);
        if self.end.is_some() {
            return;
        }
        match input {
            Input::Opened { connection } => self.on_opened(connection),
            Input::Refused { connection, error } => self.on_refused(connection, error),
            Input::Frame { connection, frame } => self.on_frame(connection, frame),
            Input::Ended { connection, end } => self.on_ended(connection, end),
            Input::Tick => {}
        }
        self.advance();
    }

    /// What is to be done now, in order.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// What happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// When to tick, if nothing happens before.
    pub fn deadline(&self) -> Option<Micros> {
        if self.end.is_some() {
            return None;
        }
        let wait = self.wait.as_ref().and_then(|wait| wait.deadline);
        let silence = self.silence.as_ref().and_then(|silence| silence.deadline);
        let first = wait.into_iter().chain(silence).min();
        Some(
            first
                .unwrap_or(self.case_deadline())
                .min(self.case_deadline()),
        )
    }

    /// How the case ended; `None` while it runs. Connections that are left are the caller's to drop.
    pub fn end(&self) -> Option<&CaseEnd> {
        self.end.as_ref()
    }

    /// Whether this case saw the target answer a fence before an older relay.
    pub fn saw_overtaking(&self) -> bool {
        self.saw_overtaking
    }

    /// Whether this case waited in vain for the answer to a fence.
    pub fn saw_unanswered_fence(&self) -> bool {
        self.saw_unanswered_fence
    }

    /// The id of the case.
    pub fn case_id(&self) -> &str {
        &self.case.id
    }

    /// The user whose connection this is: what is known of it, field by field.
    pub fn user(&self, connection: u32) -> &[(String, Value)] {
        self.scopes.user(self.connection(connection).actor)
    }

    /// Seconds since the Unix epoch.
    pub fn unix_now(&self) -> i64 {
        self.options.started + i64::try_from(self.now / 1_000_000).unwrap_or(0)
    }

    pub(super) fn case_deadline(&self) -> Micros {
        micros(self.case.profile.timeouts.case)
    }

    pub(super) fn actor_name(&self, actor: usize) -> &str {
        &self.case.scenario.actors[actor].name
    }

    pub(super) fn connection(&self, id: u32) -> &Connection {
        &self.connections[id as usize]
    }

    pub(super) fn connection_mut(&mut self, id: u32) -> &mut Connection {
        &mut self.connections[id as usize]
    }

    /// The actor's connection, if it is open.
    pub(super) fn open_connection(&self, actor: usize) -> Option<u32> {
        self.current[actor].filter(|id| self.connection(*id).is_open())
    }
}

pub(super) fn micros(duration: Duration) -> Micros {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
