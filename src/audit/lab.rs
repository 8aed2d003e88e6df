//! One case against pure handlers, in virtual time: no sockets, no sleeping, the same engine.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::codec::{Codec, FrameKind as Travels};
use crate::engine::{Action, Engine, Input, Options, Outbound, Received};
use crate::event::{CaseEnd, Deviation, End, Event, FrameKind, Level};
use crate::plan::Case;

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

/// Runs a case to its end. `codec` is the target's.
pub fn simulate(case: &Arc<Case>, codec: Codec, handlers: &mut dyn Handlers) -> Judged {
    let options = Options {
        run_tag: "lab".to_owned(),
        seed: 1,
        started: 1_700_000_000,
        overtaken: false,
        fences_unanswered: false,
    };
    let mut lab = Lab {
        engine: Engine::new(case.clone(), options),
        codec,
        now: 0,
        inputs: VecDeque::new(),
        open: Vec::new(),
    };
    lab.engine.start();
    while lab.engine.end().is_none() {
        lab.carry_out(handlers);
        match lab.inputs.pop_front() {
            Some(input) => {
                lab.now += 1;
                lab.engine.on(input, lab.now);
            }
            None => {
                lab.now = lab
                    .engine
                    .deadline()
                    .unwrap_or(lab.now + 1)
                    .max(lab.now + 1);
                lab.engine.on(Input::Tick, lab.now);
            }
        }
    }
    let events = lab.engine.take_events();
    let deviations = events.iter().filter_map(|event| match event {
        Event::Deviation { deviation, .. } => Some(deviation.clone()),
        _ => None,
    });
    Judged {
        end: lab.engine.end().cloned().unwrap_or(CaseEnd::Judged),
        deviations: deviations.collect(),
        events,
    }
}

struct Lab {
    engine: Engine,
    codec: Codec,
    now: u64,
    inputs: VecDeque<Input>,
    /// Whether the server still thinks that the connection is there.
    open: Vec<bool>,
}

impl Lab {
    fn carry_out(&mut self, handlers: &mut dyn Handlers) {
        for action in self.engine.take_actions() {
            let now_ms = self.now / 1000;
            let effects = match action {
                Action::Open { connection } => {
                    self.open.push(true);
                    self.inputs.push_back(Input::Opened { connection });
                    handlers.connected(connection, now_ms)
                }
                Action::Send { connection, what } => match self.frame(what) {
                    Some(frame) if self.is_open(connection) => {
                        handlers.received(connection, frame, now_ms)
                    }
                    _ => Vec::new(),
                },
                Action::Close { connection } => {
                    self.inputs.push_back(Input::Ended {
                        connection,
                        end: End::ByUs,
                    });
                    self.leave(connection, handlers)
                }
                Action::Drop { connection } => self.leave(connection, handlers),
            };
            self.apply(effects, handlers);
        }
    }

    fn is_open(&self, connection: u32) -> bool {
        self.open.get(connection as usize).copied().unwrap_or(false)
    }

    fn leave(&mut self, connection: u32, handlers: &mut dyn Handlers) -> Vec<Effect> {
        if !self.is_open(connection) {
            return Vec::new();
        }
        self.open[connection as usize] = false;
        handlers.disconnected(connection, self.now / 1000)
    }

    fn apply(&mut self, effects: Vec<Effect>, handlers: &mut dyn Handlers) {
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
                    effects.extend(self.leave(connection, handlers));
                }
                Effect::Reset { connection } if self.is_open(connection) => {
                    let end = End::Reset;
                    self.inputs.push_back(Input::Ended { connection, end });
                    effects.extend(self.leave(connection, handlers));
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
