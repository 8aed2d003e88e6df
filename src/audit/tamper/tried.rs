//! One tampering tried: a fork of the case gets the spoilt frame, and goes on until somebody notices.

use super::is_fence;
use super::marks::Marks;
use super::record::Sent;
use super::tampering::{Tampering, changed};
use super::watch::{Fate, Unnoticed, Watch};
use crate::audit::lab::{Forkable, Simulation};
use crate::engine::{Input, Received};
use crate::event::{Event, TakenBy};
use crate::value::Value;

/// How late a delayed frame is: later than any answer is waited for.
const LATE_MS: u64 = 10_000;

pub(super) struct Tried<'a> {
    simulation: Simulation<Box<dyn Forkable>>,
    marks: &'a Marks<'a>,
    sent: &'a Sent<'a>,
    tampering: &'a Tampering,
    /// A frame that is kept back, and until when at the latest.
    held: Option<(Input, u64)>,
    watch: Watch,
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
            watch: Watch::new(seen, by.is_some_and(is_fence)),
        }
    }

    /// Spoils the frame that is about to arrive on the connection, and plays on until that is noticed.
    pub(super) fn play(self, connection: u32, frame: &Input) -> Fate {
        self.play_until(Watch::has_noticed, connection, frame)
    }

    /// The same, on beyond mere warnings.
    pub(super) fn play_on(self, connection: u32, frame: &Input) -> Fate {
        self.play_until(Watch::has_failed, connection, frame)
    }

    fn play_until(mut self, enough: fn(&Watch) -> bool, connection: u32, frame: &Input) -> Fate {
        self.spoil(connection, frame);
        while !enough(&self.watch)
            && let Some(input) = self.simulation.next()
        {
            let follows =
                matches!(&input, Input::Frame { connection: at, .. } if *at == connection);
            let by_fence = self.feed(input);
            let due = match (&self.held, self.tampering) {
                // What overtakes it is not the reply of a fence that only its delay brought about.
                (Some(_), Tampering::Swap) => follows && !by_fence,
                (Some((_, until)), _) => *until <= self.simulation.now_ms(),
                (None, _) => false,
            };
            if due && let Some((held, _)) = self.held.take() {
                self.feed(held);
            }
        }
        self.watch.fate()
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

    /// Hands on; whether it was the reply of a fence.
    fn feed(&mut self, input: Input) -> bool {
        let mut by_fence = false;
        self.simulation.feed(input);
        for event in self.simulation.take_events() {
            by_fence |= matches!(&event, Event::Taken { by, .. } if *by == TakenBy::Fence);
            self.watch.see(&event);
        }
        by_fence
    }
}
