//! Tampering between the suite and a real server: what a server that passes sends is spoilt on its way to the
//! engine, one frame a run.
//!
//! Does no I/O: whoever drives a case hands each input over and passes on what comes back. A real server cannot be
//! forked, so each tampering is a run of its own, and only a sample of all there are is tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::judge;
use super::marks::Marks;
use super::order::Order;
use super::record::{Record, Sent, settle};
use super::tampering::{Tampering, changed};
use super::watch::{Unnoticed, Watch};
use super::{Tally, is_fence, purpose};
use crate::codec::Codec;
use crate::engine::{Input, Micros, Received};
use crate::event::{CaseEnd, Event};
use crate::plan::Case;
use crate::protocol::{Catalogue, Identified};
use crate::value::Value;

/// How late a delayed frame is, in microseconds: later than any answer is waited for.
const LATE: Micros = 60_000_000;

/// Notes what comes in a case that nobody tampers with.
pub struct Recorder<'c> {
    catalogue: &'c Catalogue,
    sent: Vec<Sent<'c>>,
    wire: Connections,
}

/// The frames of a case that conforms.
pub struct Recorded<'c> {
    pub case: Arc<Case>,
    record: Record<'c>,
}

/// Which connections are open, and how many frames came on each.
#[derive(Default)]
struct Connections {
    open: BTreeMap<u32, u32>,
}

impl Connections {
    /// The place of a frame on its connection, from 0.
    fn see(&mut self, input: &Input) -> Option<u32> {
        match input {
            Input::Opened { connection } => {
                self.open.insert(*connection, 0);
                None
            }
            Input::Ended { connection, .. } => {
                self.open.remove(connection);
                None
            }
            Input::Frame { connection, .. } => {
                let next = self.open.entry(*connection).or_default();
                *next += 1;
                Some(*next - 1)
            }
            _ => None,
        }
    }

    fn other_than(&self, connection: u32) -> Option<u32> {
        self.open.keys().copied().find(|other| *other != connection)
    }
}

fn name_of<'c>(catalogue: &'c Catalogue, value: &Value) -> Option<&'c str> {
    match catalogue.identify(value) {
        Identified::Message(message) => Some(message.name.as_str()),
        _ => None,
    }
}

impl<'c> Recorder<'c> {
    pub fn new(catalogue: &'c Catalogue) -> Recorder<'c> {
        Recorder {
            catalogue,
            sent: Vec::new(),
            wire: Connections::default(),
        }
    }

    /// Sees an input on its way to the engine.
    pub fn see(&mut self, input: &Input) {
        let seq = self.wire.see(input);
        if let (Input::Frame { connection, frame }, Some(seq)) = (input, seq) {
            let value = frame.value.clone().unwrap_or(Value::Null);
            let message = name_of(self.catalogue, &value);
            let has_others = self.wire.other_than(*connection).is_some();
            self.sent
                .push(Sent::new(value, message, has_others, (*connection, seq)));
        }
    }

    /// What there is to tamper with; `None` where the case does not conform.
    pub fn finish(self, case: Arc<Case>, events: Vec<Event>) -> Option<Recorded<'c>> {
        let record = settle(self.sent, events)?;
        Some(Recorded { case, record })
    }
}

/// One tampering of one frame of one case.
pub struct Attempt<'r, 'c> {
    recorded: &'r Recorded<'c>,
    sent: &'r Sent<'c>,
    marks: Marks<'c>,
    tampering: Tampering,
}

/// All that can be done to the recorded cases: to the frames of steps first, then of flows, then of fences, each in
/// an order that the seed says.
pub fn attempts<'r, 'c>(
    catalogue: &'c Catalogue,
    recorded: &'r [Recorded<'c>],
    seed: u64,
) -> Vec<Attempt<'r, 'c>> {
    let mut all = Vec::new();
    for recorded in recorded {
        for sent in recorded.record.sent.iter().filter(|sent| sent.is_judged()) {
            let message = sent.message.and_then(|name| catalogue.message(name));
            let tamperings = sent.tamperings(&Marks::new(catalogue, message));
            all.extend(tamperings.into_iter().map(|tampering| Attempt {
                recorded,
                sent,
                marks: Marks::new(catalogue, message),
                tampering,
            }));
        }
    }
    shuffle(&mut all, seed);
    all.sort_by_key(|attempt| {
        let taken = attempt.sent.taken.as_ref();
        taken.map(|(by, _)| purpose(*by))
    });
    all
}

/// Fisher and Yates, with numbers by SplitMix64.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    let mut number = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for i in (1..items.len()).rev() {
        let other = number() % (i as u64 + 1);
        items.swap(i, usize::try_from(other).unwrap_or(i));
    }
}

impl<'c> Attempt<'_, 'c> {
    pub fn case(&self) -> &Arc<Case> {
        &self.recorded.case
    }

    pub fn meddler(&self, catalogue: &'c Catalogue, codec: Codec) -> Meddler<'_, 'c> {
        Meddler {
            catalogue,
            codec,
            attempt: self,
            wire: Connections::default(),
            held: None,
            done: false,
        }
    }

    /// Counts what came of a run in which the meddler did its work.
    pub fn count(&self, order: &Order<'_>, events: &[Event], tally: &mut Tally) {
        let Some((by, at)) = &self.sent.taken else {
            return;
        };
        let mut watch = Watch::new(Unnoticed::default(), is_fence(*by));
        for event in events {
            watch.see(event);
            if watch.has_noticed() {
                break;
            }
        }
        judge(
            tally,
            &self.marks,
            order,
            self.sent,
            (*by, at),
            &self.recorded.case,
            self.tampering.clone(),
            watch.fate(),
            &self.recorded.record.undisturbed,
        );
    }
}

/// Whether such a run says anything: it came to an end of its own.
pub fn came_to_an_end(end: &CaseEnd) -> bool {
    matches!(end, CaseEnd::Judged | CaseEnd::Blocked { .. })
}

/// Stands between a case's connections and the engine, and spoils one frame.
pub struct Meddler<'a, 'c> {
    catalogue: &'c Catalogue,
    codec: Codec,
    attempt: &'a Attempt<'a, 'c>,
    wire: Connections,
    /// A frame that is kept back, and until when at the latest.
    held: Option<(Input, Micros)>,
    done: bool,
}

impl Meddler<'_, '_> {
    /// Whether the frame came again, and was spoilt.
    pub fn has_meddled(&self) -> bool {
        self.done
    }

    /// What the engine gets instead of this input, oldest first.
    pub fn meddle(&mut self, input: Input, now: Micros) -> Vec<Input> {
        let seq = self.wire.see(&input);
        let mut instead = match (&input, seq) {
            (Input::Frame { connection, frame }, Some(seq))
                if !self.done && self.is_meant((*connection, seq), frame) =>
            {
                self.spoil(*connection, frame.clone(), now)
            }
            _ => {
                let follows = self.follows(&input);
                let mut instead = vec![input];
                let due = |(_, until): &(Input, Micros)| follows || *until <= now;
                if self.held.as_ref().is_some_and(due) {
                    instead.extend(self.held.take().map(|(held, _)| held));
                }
                return instead;
            }
        };
        if instead.is_empty() {
            instead.push(Input::Tick);
        }
        instead
    }

    fn is_meant(&self, at: (u32, u32), frame: &Received) -> bool {
        let message = frame
            .value
            .as_ref()
            .ok()
            .and_then(|value| name_of(self.catalogue, value));
        self.attempt.sent.place() == at && message == self.attempt.sent.message
    }

    /// Whether it is the frame that a swapped one is to come after.
    fn follows(&self, input: &Input) -> bool {
        let (Input::Frame { connection, frame }, Tampering::Swap) =
            (input, &self.attempt.tampering)
        else {
            return false;
        };
        let message = frame
            .value
            .as_ref()
            .ok()
            .and_then(|value| name_of(self.catalogue, value));
        let (meant, _) = self.attempt.sent.place();
        *connection == meant && message.is_some() && message == self.attempt.sent.next_message
    }

    fn spoil(&mut self, connection: u32, frame: Received, now: Micros) -> Vec<Input> {
        let Ok(value) = frame.value.clone() else {
            return vec![Input::Frame { connection, frame }];
        };
        let whole = |connection| Input::Frame {
            connection,
            frame: frame.clone(),
        };
        let other = |value: Value| Input::Frame {
            connection,
            frame: Received {
                kind: frame.kind,
                bytes: self.codec.encode(&value).unwrap_or_default(),
                value: Ok(value),
            },
        };
        let instead = match &self.attempt.tampering {
            Tampering::Drop => Vec::new(),
            Tampering::Duplicate => vec![whole(connection), whole(connection)],
            Tampering::Delay | Tampering::Swap => {
                let until = match self.attempt.tampering {
                    Tampering::Swap => Micros::MAX,
                    _ => now.saturating_add(LATE),
                };
                self.held = Some((whole(connection), until));
                Vec::new()
            }
            Tampering::Misdirect => match self.wire.other_than(connection) {
                Some(other) => vec![whole(other)],
                // Nobody else is there this time.
                None => return vec![whole(connection)],
            },
            Tampering::Add => vec![other(self.attempt.marks.unheard_of()), whole(connection)],
            Tampering::Field(path, change) => {
                let spoilt = changed(&self.attempt.marks, &value, path, change);
                if spoilt == value {
                    // The field is not there this time.
                    return vec![whole(connection)];
                }
                vec![other(spoilt)]
            }
        };
        self.done = true;
        instead
    }
}
