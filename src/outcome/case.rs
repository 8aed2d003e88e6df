//! One case: what became of it, its deviations, and its exchange where a reader will want to see it.
//!
//! Refuses to count anything but a finished case without a `must` deviation as conforming.

use std::fmt;

use serde::Serialize;

use crate::event::{Deviation, End, Event, Frame, Level, SentFor, SilenceShown, TakenBy};

/// How a case came out. Exactly one holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Ran to its end without a `must` deviation; warnings and notes do not count against it.
    Conforms,
    /// Has at least one `must` deviation.
    Deviates,
    /// A flow's step failed before the case could judge; `tested_by` names the case for that flow.
    Blocked {
        flow: String,
        reason: String,
        tested_by: Option<String>,
    },
    NotApplicable {
        reason: String,
    },
    /// The harness, the network, or a server that went away; also where the log ends in the middle.
    CouldNotRun {
        reason: String,
    },
}

/// Why a case could not run whose end the log does not have.
pub(super) const LOG_ENDS: &str = "the log ends here";

impl Outcome {
    /// The outcome's name in the JSON report.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Conforms => "conforms",
            Outcome::Deviates => "deviates",
            Outcome::Blocked { .. } => "blocked",
            Outcome::NotApplicable { .. } => "not_applicable",
            Outcome::CouldNotRun { .. } => "could_not_run",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Outcome::Conforms | Outcome::Deviates => None,
            Outcome::Blocked { reason, .. }
            | Outcome::NotApplicable { reason }
            | Outcome::CouldNotRun { reason } => Some(reason),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Conforms => "conforms",
            Outcome::Deviates => "deviates",
            Outcome::Blocked { .. } => "blocked",
            Outcome::NotApplicable { .. } => "not applicable",
            Outcome::CouldNotRun { .. } => "could not run",
        })
    }
}

#[derive(Clone, Debug)]
pub struct Case {
    /// `pack/scenario[permutation]`
    pub id: String,
    pub pack: String,
    pub scenario: String,
    pub about: Option<String>,
    /// `file:line:col` of the scenario.
    pub at: String,
    /// The requirements that the case proves if all its steps hold.
    pub covers: Vec<String>,
    pub rerun: String,
    pub outcome: Outcome,
    /// Whether the outcome was the expected one; a separate question from what it was.
    pub expected: bool,
    /// Microseconds; until the case finished, those of its last event.
    pub duration_us: u64,
    /// In the order in which they were found, of every level.
    pub deviations: Vec<Deviation>,
    /// How many of the case's own steps held.
    pub held: usize,
    /// How many frames were sent and received.
    pub frames: usize,
    pub silences: Vec<Silence>,
    /// The last lines that a launched server wrote meanwhile, where the case deviates.
    pub server_log: Vec<String>,
    /// Empty for a case that conforms or is not applicable.
    pub exchange: Exchange,
}

impl Case {
    /// The deviations of one level.
    pub fn deviations_of(&self, level: Level) -> impl Iterator<Item = &Deviation> {
        self.deviations.iter().filter(move |d| d.level == level)
    }

    /// Whether the log ends before the case does.
    pub fn cut_off(&self) -> bool {
        self.outcome.reason() == Some(LOG_ENDS)
    }

    pub fn judged(&self) -> bool {
        matches!(self.outcome, Outcome::Conforms | Outcome::Deviates)
    }
}

/// A place where nothing was to arrive, and how that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Silence {
    pub at: String,
    pub actor: String,
    pub shown: SilenceShown,
}

/// What went over the wire in one case, in order, never more than a fixed number of entries and bytes.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    pub entries: Vec<Entry>,
    /// How many entries were left out of the middle (or all, where the run's own bound was reached).
    pub left_out: usize,
    bytes: usize,
}

/// One line of an exchange.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Since the start of the case.
    pub us: u64,
    /// Empty where no actor is concerned.
    pub actor: String,
    pub connection: u32,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Opened,
    Sent {
        message: Option<String>,
        why: SentFor,
        at: String,
        frame: Frame,
    },
    Received {
        seq: u32,
        message: Option<String>,
        frame: Frame,
        /// What the frame was taken for, and by which step.
        taken: Option<(TakenBy, String)>,
    },
    Closed(End),
    /// Here the case's deviation of this index was found.
    Deviated(usize),
}

const HEAD: usize = 60;
const MOST_ENTRIES: usize = 400;
const MOST_BYTES: usize = 256 * 1024;

impl Entry {
    /// `None` for events that put nothing on the wire.
    pub(super) fn of(event: &Event) -> Option<Entry> {
        let (us, actor, connection, what) = match event.clone() {
            Event::Opened {
                us,
                actor,
                connection,
                ..
            } => (us, actor, connection, What::Opened),
            Event::Sent {
                us,
                actor,
                connection,
                message,
                at,
                why,
                frame,
                ..
            } => {
                let what = What::Sent {
                    message,
                    why,
                    at,
                    frame,
                };
                (us, actor, connection, what)
            }
            Event::Received {
                us,
                actor,
                connection,
                seq,
                message,
                frame,
                ..
            } => {
                let what = What::Received {
                    seq,
                    message,
                    frame,
                    taken: None,
                };
                (us, actor, connection, what)
            }
            Event::Closed {
                us,
                actor,
                connection,
                end,
                ..
            } => (us, actor, connection, What::Closed(end)),
            _ => return None,
        };
        Some(Entry {
            us,
            actor,
            connection,
            what,
        })
    }
}

impl Exchange {
    /// The bytes that the entries hold, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.bytes += weight(&entry);
        self.entries.push(entry);
        while self.entries.len() > 1
            && (self.entries.len() > MOST_ENTRIES || self.bytes > MOST_BYTES)
        {
            let middle = HEAD.min(self.entries.len() / 2);
            self.bytes -= weight(&self.entries.remove(middle));
            self.left_out += 1;
        }
    }

    pub(super) fn take(&mut self, connection: u32, seq: u32, by: TakenBy, at: &str) {
        let frame = self
            .entries
            .iter_mut()
            .rev()
            .filter(|entry| entry.connection == connection)
            .find_map(|entry| match &mut entry.what {
                What::Received { seq: s, taken, .. } if *s == seq => Some(taken),
                _ => None,
            });
        if let Some(taken) = frame {
            *taken = Some((by, at.to_owned()));
        }
    }

    /// How long the answer to our last request on its connection took, where this received frame is one:
    /// the next frame after what a flow or a fence sent, taken by the same.
    pub(super) fn answered_after(&self, connection: u32, seq: u32, by: TakenBy) -> Option<u64> {
        let mut own = (self.entries.iter().rev()).filter(|entry| entry.connection == connection);
        let received = own.find(|entry| match &entry.what {
            What::Received { seq: s, .. } => *s == seq,
            _ => false,
        })?;
        let sent = own.next()?;
        let asked = match &sent.what {
            What::Sent { why, .. } => *why,
            _ => return None,
        };
        let fits = matches!(
            (asked, by),
            (SentFor::Flow, TakenBy::Flow) | (SentFor::Fence, TakenBy::Fence)
        );
        fits.then(|| received.us.saturating_sub(sent.us))
    }

    pub(super) fn forget(&mut self) {
        self.left_out += self.entries.len();
        self.entries = Vec::new();
        self.bytes = 0;
    }
}

fn weight(entry: &Entry) -> usize {
    let text = match &entry.what {
        What::Sent { frame, .. } | What::Received { frame, .. } => {
            frame.text.len() + frame.hex.as_ref().map_or(0, String::len)
        }
        What::Closed(End::Close { reason, .. }) => reason.len(),
        What::Closed(End::Protocol { error } | End::Refused { error }) => error.len(),
        What::Closed(_) | What::Opened | What::Deviated(_) => 0,
    };
    size_of::<Entry>() + text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FrameKind;

    fn sent(us: u64, text: &str) -> Entry {
        Entry {
            us,
            actor: "alice".into(),
            connection: 0,
            what: What::Sent {
                message: None,
                why: SentFor::Step,
                at: String::new(),
                frame: Frame {
                    kind: FrameKind::Text,
                    bytes: text.len() as u64,
                    text: text.into(),
                    hex: None,
                    cut: false,
                },
            },
        }
    }

    #[test]
    fn long_exchange_keeps_its_start_and_its_end() {
        let mut exchange = Exchange::default();
        for us in 0..1_000 {
            exchange.push(sent(us, "x"));
        }
        assert_eq!(exchange.entries.len(), MOST_ENTRIES);
        assert_eq!(exchange.left_out, 1_000 - MOST_ENTRIES);
        assert_eq!(exchange.entries[0].us, 0);
        assert_eq!(exchange.entries[exchange.entries.len() - 1].us, 999);
    }

    #[test]
    fn big_frames_are_bounded_by_bytes() {
        let mut exchange = Exchange::default();
        for us in 0..300 {
            exchange.push(sent(us, &"x".repeat(4_000)));
        }
        assert!(exchange.bytes() <= MOST_BYTES);
        assert_eq!(exchange.entries.len() + exchange.left_out, 300);
        assert_eq!(exchange.entries[exchange.entries.len() - 1].us, 299);
    }
}
