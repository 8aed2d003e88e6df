//! What the document demands, what it leaves open, and what a fresh user is made of.

use crate::source::Place;
use crate::value::Value;

/// How binding a statement is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Must,
    Should,
    Advice,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Must, Level::Should, Level::Advice];

    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Advice => "advice",
        }
    }
}

/// A statement of the document about what a server does.
#[derive(Clone, Debug)]
pub struct Requirement {
    pub id: String,
    /// Where the catalogue states it; for the shape of a message, the message.
    pub place: Place,
    pub level: Level,
    /// The heading of the document.
    pub section: String,
    pub text: String,
    /// It is about the form of messages alone: one that did not come, or came well formed with other values,
    /// says nothing against it.
    pub form: bool,
    /// Why no client can bring it about.
    pub unprovokable: Option<String>,
}

/// A question that the document leaves open.
#[derive(Clone, Debug)]
pub struct Reading {
    pub id: String,
    pub question: String,
    /// Option and meaning, the reference server's first.
    pub options: Vec<(String, String)>,
    pub settled: Settled,
    /// For readings that the profile settles.
    pub default: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Learnt from the server's own behaviour, inside the case.
    Observed,
    /// The suite has to send something; the target's profile says what.
    Profile,
    /// Any answer is fine.
    Free,
}

/// How a field of a fresh user is made.
#[derive(Clone, Debug)]
pub enum Fresh {
    Name,
    /// 64 hex digits, as a SHA-256 has.
    Hash,
    Email,
    Uuid,
    Fixed(Value),
}
