//! What arrived on a connection, and what each frame was taken for.

use crate::event::{End, TakenBy};
use crate::protocol::Fault;
use crate::value::Value;

/// One connection of an actor, open or gone.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) actor: usize,
    pub(super) state: State,
    pub(super) inbox: Vec<Entry>,
    /// The place of the last frame that an ordered step took.
    pub(super) last_taken: Option<u32>,
    /// Which of the catalogue's fences can be used.
    pub(super) usable_fences: Vec<bool>,
    /// The message that was sent last, other than for a fence, until a step takes something.
    pub(super) last_request: Option<String>,
    /// The answer that a step took last, if it came twice, has passed for the reply of a fence since.
    pub(super) doubtful: bool,
    /// A message was sent of which a connection takes one.
    pub(super) used_up: bool,
    /// The server may end this connection.
    pub(super) may_be_closed: bool,
    /// Frames that nothing accounts for yet.
    pub(super) pending: usize,
    pub(super) pending_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Opening,
    Open,
    /// We asked for the close.
    Closing,
    Ended(End),
}

/// A frame that arrived.
#[derive(Clone)]
pub(super) struct Entry {
    /// The message, by its index in the catalogue; `None` where the document does not know it.
    pub(super) message: Option<usize>,
    pub(super) frame: Value,
    pub(super) bytes: usize,
    pub(super) at: u64,
    pub(super) faults: Vec<Fault>,
    pub(super) taken: Option<Taken>,
}

#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) by: TakenBy,
    /// `file:line:col` of what took it.
    pub(super) at: String,
}

impl Connection {
    pub(super) fn new(actor: usize, usable_fences: Vec<bool>) -> Connection {
        Connection {
            actor,
            state: State::Opening,
            inbox: Vec::new(),
            last_taken: None,
            usable_fences,
            last_request: None,
            doubtful: false,
            used_up: false,
            may_be_closed: false,
            pending: 0,
            pending_bytes: 0,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// The frames that nothing accounts for yet, oldest first.
    pub(super) fn pending(&self) -> impl Iterator<Item = (u32, &Entry)> {
        let first = if self.pending == 0 {
            self.inbox.len()
        } else {
            0
        };
        (0u32..)
            .zip(&self.inbox)
            .skip(first)
            .filter(|(_, entry)| entry.taken.is_none())
    }

    pub(super) fn push(&mut self, entry: Entry) -> u32 {
        if entry.taken.is_none() {
            self.pending += 1;
            self.pending_bytes += entry.bytes;
        }
        self.inbox.push(entry);
        u32::try_from(self.inbox.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn take(&mut self, seq: u32, taken: Taken) {
        let entry = &mut self.inbox[seq as usize];
        if entry.taken.is_none() {
            self.pending -= 1;
            self.pending_bytes -= entry.bytes;
        }
        entry.taken = Some(taken);
    }
}
