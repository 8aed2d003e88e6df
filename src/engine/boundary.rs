//! What goes into an engine and what comes out: inputs, actions, and what a case is run with.

use crate::event::{End, FrameKind};
use crate::value::Value;

/// What the engine is told.
#[derive(Clone, Debug)]
pub enum Input {
    Opened {
        connection: u32,
    },
    Refused {
        connection: u32,
        error: String,
    },
    Frame {
        connection: u32,
        frame: Received,
    },
    Ended {
        connection: u32,
        end: End,
    },
    /// Nothing happened, but time went by.
    Tick,
}

/// A frame as the codec left it.
#[derive(Clone, Debug)]
pub struct Received {
    pub kind: FrameKind,
    pub bytes: Vec<u8>,
    /// The value, or why the bytes are none.
    pub value: Result<Value, String>,
}

/// What the engine wants done, in this order.
#[derive(Clone, Debug)]
pub enum Action {
    Open {
        connection: u32,
    },
    /// The next `Sent` event among the events is about this frame.
    Send {
        connection: u32,
        what: Outbound,
    },
    /// Close properly.
    Close {
        connection: u32,
    },
    /// Drop the connection without a close.
    Drop {
        connection: u32,
    },
}

#[derive(Clone, Debug)]
pub enum Outbound {
    Value(Value),
    Text(String),
    Binary(Vec<u8>),
    Fragments(Vec<String>),
    Ping(String),
}

/// What a case is run with, besides the case itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// Part of every fresh name, so that two runs against one server do not collide.
    pub run_tag: String,
    /// Governs data; never identities.
    pub seed: u64,
    /// Seconds since the Unix epoch at the start of the case.
    pub started: i64,
    /// This target was seen to answer out of order: fences alone show no silence.
    pub overtaken: bool,
    /// This target leaves fences unanswered: silence is waited for.
    pub fences_unanswered: bool,
}
