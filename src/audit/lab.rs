//! One case against pure handlers, in virtual time: no sockets, no sleeping, the same engine.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::codec::{Codec, FrameKind as Travels};
use crate::engine::{Action, Engine, Input, Options, Outbound, Received};
use crate::event::{CaseEnd, Deviation, End, Event, FrameKind, Level};
use crate::plan::Case;
use crate::value::Value;

/// A frame, text or binary, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: FrameKind,
    pub bytes: Vec<u8>,
}

/// What a server does about something that happened.
#[derive(Clone, Debug)]
pub enum Effect {
    Send {
        to: u32,
        frame: Frame,
    },
    Close {
        connection: u32,
        code: u16,
    },
    /// Ends the connection without a close frame.
    Reset {
        connection: u32,
    },
}

/// A server without sockets and without a clock.
pub trait Handlers {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect>;
    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect>;
    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect>;
}

/// A server that can be doubled in the state it is in.
pub trait Forkable: Handlers {
    fn fork(&self) -> Box<dyn Forkable>;
}

impl<H: Handlers + ?Sized> Handlers for &mut H {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        (**self).connected(connection, now_ms)
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        (**self).received(connection, frame, now_ms)
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        (**self).disconnected(connection, now_ms)
    }
}

impl<H: Handlers + ?Sized> Handlers for Box<H> {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        (**self).connected(connection, now_ms)
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        (**self).received(connection, frame, now_ms)
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        (**self).disconnected(connection, now_ms)
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Judged {
    pub end: CaseEnd,
    pub deviations: Vec<Deviation>,
    pub events: Vec<Event>,
}

impl Judged {
    pub fn deviates(&self) -> bool {
        self.deviations
            .iter()
            .any(|deviation| deviation.level == Level::Must)
    }

    pub fn conforms(&self) -> bool {
        self.end == CaseEnd::Judged && !self.deviates()
    }

    /// Whether a deviation of any level names the requirement.
    pub fn names(&self, requirement: &str) -> bool {
        self.deviations
            .iter()
            .any(|deviation| deviation.requirements.iter().any(|id| id == requirement))
    }
}

/// When a case begins, in seconds since the Unix epoch.
const STARTED: u32 = 1_700_000_000;

/// Runs a case to its end. `codec` is the target's.
pub fn simulate(case: &Arc<Case>, codec: Codec, handlers: &mut dyn Handlers) -> Judged {
    let mut simulation = Simulation::new(case, codec, handlers);
    while let Some(input) = simulation.next() {
        simulation.feed(input);
    }
    let events = simulation.take_events();
    let deviations = events.iter().filter_map(|event| match event {
        Event::Deviation { deviation, .. } => Some(deviation.clone()),
        _ => None,
    });
    Judged {
        end: simulation.engine.end().cloned().unwrap_or(CaseEnd::Judged),
        deviations: deviations.collect(),
        events,
    }
}

/// A case under way against a server, one input after the other.
pub(super) struct Simulation<H> {
    engine: Engine,
    server: H,
    codec: Codec,
    /// Microseconds.
    now: u64,
    /// What is on its way to the client.
    inputs: VecDeque<Input>,
    /// Whether the server still thinks that the connection is there.
    open: Vec<bool>,
}

impl<H: Handlers> Simulation<H> {
    pub(super) fn new(case: &Arc<Case>, codec: Codec, server: H) -> Simulation<H> {
        let options = Options {
            run_tag: "lab".to_owned(),
            seed: 1,
            started: i64::from(STARTED),
            overtaken: false,
            fences_unanswered: false,
        };
        let mut engine = Engine::new(case.clone(), options);
        engine.start();
        Simulation {
            engine,
            server,
            codec,
            now: 0,
            inputs: VecDeque::new(),
            open: Vec::new(),
        }
    }

    /// What the client is told next: the oldest of what is on its way, else that time went by. `None` when the
    /// case is over.
    pub(super) fn next(&mut self) -> Option<Input> {
        if self.engine.end().is_some() {
            return None;
        }
        self.carry_out();
        let on_its_way = self.inputs.pop_front();
        if on_its_way.is_none() {
            let deadline = self.engine.deadline().unwrap_or(0);
            self.now = deadline.max(self.now + 1) - 1;
        }
        Some(on_its_way.unwrap_or(Input::Tick))
    }

    pub(super) fn feed(&mut self, input: Input) {
        self.now += 1;
        self.engine.on(input, self.now);
    }

    /// The server's clock, which agrees with the engine's.
    pub(super) fn now_ms(&self) -> u64 {
        u64::from(STARTED) * 1000 + self.now / 1000
    }

    pub(super) fn take_events(&mut self) -> Vec<Event> {
        self.engine.take_events()
    }

    /// A value as it travels; empty where the codec has no form for it.
    pub(super) fn encode(&self, value: &Value) -> (FrameKind, Vec<u8>) {
        (self.travels(), self.codec.encode(value).unwrap_or_default())
    }

    /// A connection that is open, and not this one.
    pub(super) fn other_than(&self, connection: u32) -> Option<u32> {
        let mut open = (0u32..).zip(&self.open).filter(|(_, open)| **open);
        open.find(|(other, _)| *other != connection)
            .map(|(other, _)| other)
    }

    fn carry_out(&mut self) {
        for action in self.engine.take_actions() {
            let now_ms = self.now_ms();
            let effects = match action {
                Action::Open { connection } => {
                    self.open.push(true);
                    self.inputs.push_back(Input::Opened { connection });
                    self.server.connected(connection, now_ms)
                }
                Action::Send { connection, what } => match self.frame(what) {
                    Some(frame) if self.is_open(connection) => {
                        self.server.received(connection, frame, now_ms)
                    }
                    _ => Vec::new(),
                },
                Action::Close { connection } => {
                    self.inputs.push_back(Input::Ended {
                        connection,
                        end: End::ByUs,
                    });
                    self.leave(connection)
                }
                Action::Drop { connection } => self.leave(connection),
            };
            self.apply(effects);
        }
    }

    fn is_open(&self, connection: u32) -> bool {
        self.open.get(connection as usize).copied().unwrap_or(false)
    }

    fn leave(&mut self, connection: u32) -> Vec<Effect> {
        if !self.is_open(connection) {
            return Vec::new();
        }
        self.open[connection as usize] = false;
        self.server.disconnected(connection, self.now / 1000)
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Send { to, frame } if self.is_open(to) => {
                    let frame = self.decode(frame);
                    self.inputs.push_back(Input::Frame {
                        connection: to,
                        frame,
                    });
                }
                Effect::Close { connection, code } if self.is_open(connection) => {
                    let end = End::Close {
                        code,
                        reason: String::new(),
                    };
                    self.inputs.push_back(Input::Ended { connection, end });
                    effects.extend(self.leave(connection));
                }
                Effect::Reset { connection } if self.is_open(connection) => {
                    let end = End::Reset;
                    self.inputs.push_back(Input::Ended { connection, end });
                    effects.extend(self.leave(connection));
                }
                Effect::Send { .. } | Effect::Close { .. } | Effect::Reset { .. } => {}
            }
        }
    }

    fn travels(&self) -> FrameKind {
        match self.codec.frames() {
            Travels::Text => FrameKind::Text,
            Travels::Binary => FrameKind::Binary,
        }
    }

    /// The frame on the wire; a ping is answered below the protocol, and what cannot be encoded is not sent.
    fn frame(&self, what: Outbound) -> Option<Frame> {
        let text = |text: String| Frame {
            kind: FrameKind::Text,
            bytes: text.into_bytes(),
        };
        Some(match what {
            Outbound::Value(value) => Frame {
                kind: self.travels(),
                bytes: self.codec.encode(&value).ok()?,
            },
            Outbound::Text(plain) => text(plain),
            Outbound::Binary(bytes) => Frame {
                kind: FrameKind::Binary,
                bytes,
            },
            Outbound::Fragments(parts) => text(parts.concat()),
            Outbound::Ping(_) => return None,
        })
    }

    fn decode(&self, frame: Frame) -> Received {
        let value = if frame.kind == self.travels() {
            self.codec
                .decode(&frame.bytes)
                .map_err(|error| error.to_string())
        } else {
            Err("a frame of the other kind".to_owned())
        };
        Received {
            kind: frame.kind,
            bytes: frame.bytes,
            value,
        }
    }
}

impl Simulation<Box<dyn Forkable>> {
    /// The same case once more, from here on.
    pub(super) fn fork(&self) -> Self {
        Simulation {
            engine: self.engine.clone(),
            server: self.server.fork(),
            codec: self.codec,
            now: self.now,
            inputs: self.inputs.clone(),
            open: self.open.clone(),
        }
    }
}
