//! One tampering tried: a fork of the case gets the spoilt frame, and goes on until somebody notices.

use std::collections::BTreeSet;

use super::marks::Marks;
use super::record::Sent;
use super::tampering::{Tampering, changed};
use crate::audit::lab::{Forkable, Simulation};
use crate::engine::{Input, Received};
use crate::event::{CaseEnd, Event, SilenceShown, TakenBy};
use crate::value::Value;

/// How late a delayed frame is: later than any answer is waited for.
const LATE_MS: u64 = 10_000;

/// What came of it.
pub(super) enum Fate {
    /// Steps (`file:line:col`) that did not hold, and the requirements that are therefore not met.
    Noticed {
        failed: Vec<(String, String)>,
    },
    Unnoticed(Unnoticed),
}

/// What a run in which nothing was noticed has to say for itself.
#[derive(Clone, Default)]
pub(super) struct Unnoticed {
    /// How many frames permissions accounted for.
    pub(super) permitted: usize,
    /// The readings that were seen, and as what.
    pub(super) readings: BTreeSet<(String, String)>,
}

impl Unnoticed {
    pub(super) fn see(&mut self, event: &Event) {
        match event {
            Event::Taken {
                by: TakenBy::Allowance | TakenBy::Spontaneous,
                ..
            } => self.permitted += 1,
            Event::Reading { id, option, .. } => {
                self.readings.insert((id.clone(), option.clone()));
            }
            _ => {}
        }
    }
}

pub(super) struct Tried<'a> {
    simulation: Simulation<Box<dyn Forkable>>,
    marks: &'a Marks<'a>,
    sent: &'a Sent<'a>,
    tampering: &'a Tampering,
    /// A frame that is kept back, and until when at the latest.
    held: Option<(Input, u64)>,
    is_fence: bool,
    seen: Unnoticed,
    noticed: bool,
    failed: Vec<(String, String)>,
}

impl<'a> Tried<'a> {
    pub(super) fn new(
        undisturbed: &Simulation<Box<dyn Forkable>>,
        marks: &'a Marks<'a>,
        sent: &'a Sent<'a>,
        tampering: &'a Tampering,
        seen: Unnoticed,
    ) -> Tried<'a> {
        let by = sent.taken.as_ref().map(|(by, _)| *by);
        Tried {
            simulation: undisturbed.fork(),
            marks,
            sent,
            tampering,
            held: None,
            is_fence: by == Some(TakenBy::Fence),
            seen,
            noticed: false,
            failed: Vec::new(),
        }
    }

    /// Spoils the frame that is about to arrive on the connection, and plays on.
    pub(super) fn play(mut self, connection: u32, frame: &Input) -> Fate {
        self.spoil(connection, frame);
        while !self.noticed
            && let Some(input) = self.simulation.next()
        {
            let follows =
                matches!(&input, Input::Frame { connection: at, .. } if *at == connection);
            self.feed(input);
            let due = match (&self.held, self.tampering) {
                (Some(_), Tampering::Swap) => follows,
                (Some((_, until)), _) => *until <= self.simulation.now_ms(),
                (None, _) => false,
            };
            if due && let Some((held, _)) = self.held.take() {
                self.feed(held);
            }
        }
        if self.noticed {
            Fate::Noticed {
                failed: self.failed,
            }
        } else {
            Fate::Unnoticed(self.seen)
        }
    }

    fn spoil(&mut self, connection: u32, frame: &Input) {
        match self.tampering {
            Tampering::Drop => {}
            Tampering::Duplicate => {
                self.feed(frame.clone());
                self.feed(frame.clone());
            }
            Tampering::Delay => {
                let until = self.simulation.now_ms() + LATE_MS;
                self.held = Some((frame.clone(), until));
            }
            Tampering::Swap => self.held = Some((frame.clone(), u64::MAX)),
            Tampering::Misdirect => {
                let other = self.simulation.other_than(connection);
                if let Input::Frame { frame, .. } = frame.clone() {
                    self.feed(Input::Frame {
                        connection: other.unwrap_or(connection),
                        frame,
                    });
                }
            }
            Tampering::Add => {
                let strange = self.marks.unheard_of();
                self.feed(self.frame_of(connection, strange));
                self.feed(frame.clone());
            }
            Tampering::Field(path, change) => {
                let value = changed(self.marks, &self.sent.value, path, change);
                self.feed(self.frame_of(connection, value));
            }
        }
    }

    fn frame_of(&self, connection: u32, value: Value) -> Input {
        let (kind, bytes) = self.simulation.encode(&value);
        Input::Frame {
            connection,
            frame: Received {
                kind,
                bytes,
                value: Ok(value),
            },
        }
    }

    /// Hands on, and sees whether a reader of the run would know by now that something is wrong.
    fn feed(&mut self, input: Input) {
        self.simulation.feed(input);
        for event in self.simulation.take_events() {
            self.seen.see(&event);
            self.noticed |= match event {
                Event::Deviation { deviation, .. } => {
                    let at = &deviation.at;
                    let failed = deviation.requirements.into_iter();
                    self.failed.extend(failed.map(|id| (at.clone(), id)));
                    true
                }
                Event::Shape { .. } | Event::UnknownMessage { .. } => true,
                Event::CaseFinished { end, .. } => matches!(end, CaseEnd::Blocked { .. }),
                // Of a fence that does not come back, the run says so.
                Event::Silence { shown, .. } => {
                    self.is_fence && shown == SilenceShown::FenceUnanswered
                }
                _ => false,
            };
        }
    }
}
