//! What a case can wait for: frames, the opening or the end of a connection, silence.

use super::Micros;
use super::stack::StepAt;
use crate::event::SilenceShown;
use crate::scenario::Pattern;

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
    /// The time that a server may take to notice that end.
    Goodbye,
    Receive(Receiving),
    /// The server's close.
    TheirClose {
        connection: u32,
        step: StepAt,
        code: Option<Pattern>,
    },
}

/// What is waited for.
#[derive(Clone)]
pub(super) struct Receiving {
    /// The step that holds when all is there.
    pub(super) step: StepAt,
    pub(super) items: Vec<Item>,
    /// Whichever comes first; the others are not waited for.
    pub(super) race: bool,
    pub(super) began: Micros,
    /// The count of this wait.
    pub(super) number: u64,
}

impl Receiving {
    /// For how long this has been waited for, in words.
    pub(super) fn patience(&self, now: Micros) -> String {
        match now.saturating_sub(self.began) / 1000 {
            ms if ms < 1000 => format!("{ms} ms"),
            ms if ms % 1000 < 100 => format!("{} s", ms / 1000),
            ms => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        }
    }
}

#[derive(Clone)]
pub(super) struct Item {
    pub(super) step: StepAt,
    pub(super) actor: usize,
    pub(super) message: String,
    pub(super) fields: Pattern,
    pub(super) envelope: Vec<(String, Pattern)>,
    pub(super) early: bool,
}

/// A frame by its connection and its place there.
pub(super) type At = (u32, u32);

/// A silence that is being shown.
#[derive(Clone)]
pub(super) struct Silence {
    /// `None`: the end of the case.
    pub(super) step: Option<StepAt>,
    pub(super) watched: Vec<usize>,
    pub(super) phase: Phase,
    pub(super) window: bool,
    /// A fence's reply may have been another's second copy: its own would come now.
    pub(super) doubtful: bool,
    pub(super) shown: SilenceShown,
    pub(super) deadline: Option<Micros>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Acting,
    Watched,
    Window,
}

/// A fence that is out.
#[derive(Clone)]
pub(super) struct PendingFence {
    pub(super) connection: u32,
    pub(super) message: String,
    pub(super) fields: Pattern,
    /// Whether its reply can be told from any other.
    pub(super) fresh: bool,
    pub(super) purpose: FenceFor,
    pub(super) at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FenceFor {
    Silence,
    /// The first of a pair that watches a relay: the acting connection's.
    Acting {
        then: u32,
        wait: u64,
    },
    /// The second: the receiver's.
    Receiver {
        wait: u64,
    },
    /// Its silence is over; a late reply is still accounted for.
    Nobody,
}
