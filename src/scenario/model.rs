//! A valid scenario: what is left once a file has been read, and nothing in it can be misspelt any more.
//!
//! Every step keeps its place, so that a deviation points at the line that states what was expected.

use std::sync::Arc;
use std::time::Duration;

use super::{Expr, Pattern, Reference};
use crate::protocol::Catalogue;
use crate::source::Place;

/// A catalogue with its flows, fences and scenarios: everything there is to say about one protocol.
#[derive(Debug)]
pub struct Pack {
    pub catalogue: Catalogue,
    pub flows: Vec<Arc<Flow>>,
    pub fences: Vec<Fence>,
    pub spontaneous: Vec<Allowance>,
    pub scenarios: Vec<Arc<Scenario>>,
}

impl Pack {
    pub fn flow(&self, name: &str) -> Option<&Arc<Flow>> {
        self.flows.iter().find(|flow| flow.name == name)
    }
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub id: String,
    pub about: Option<String>,
    pub place: Place,
    pub actors: Vec<Actor>,
    pub data: Vec<Data>,
    /// One unnamed row without bindings where the scenario has no permutations.
    pub permutations: Vec<Permutation>,
    pub needs: Vec<Condition>,
    /// Whether the end may send a fence.
    pub ends_with_fence: bool,
    pub steps: Arc<[Step]>,
}

#[derive(Clone, Debug)]
pub struct Actor {
    pub name: String,
    pub place: Place,
    /// The actor whose identity this one shares.
    pub same_user_as: Option<String>,
    pub starts: Start,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    Offline,
    Connected,
    /// By the flow of this name.
    Flow(String),
}

/// Bytes to transfer, made from a seed.
#[derive(Clone, Debug)]
pub struct Data {
    pub name: String,
    /// How many: a size such as 160KiB, or a number.
    pub bytes: Expr,
    pub seed: u64,
    pub chunks: Chunks,
}

/// How data is cut; expressions, since a permutation or a setting may say.
#[derive(Clone, Debug)]
pub enum Chunks {
    /// Into so many.
    Count(Expr),
    /// Into chunks of so many bytes.
    Of(Expr),
}

#[derive(Clone, Debug)]
pub struct Permutation {
    /// Between the square brackets of the case's name; empty for none.
    pub name: String,
    pub bindings: Vec<(String, Expr)>,
}

/// A reusable list of steps with parameters.
#[derive(Debug)]
pub struct Flow {
    pub name: String,
    pub place: Place,
    pub actors: Vec<String>,
    pub parameters: Vec<String>,
    pub steps: Arc<[Step]>,
}

/// A request and its own reply, without side effect, that shows what has been handled by now.
#[derive(Debug)]
pub struct Fence {
    pub place: Place,
    /// Usable once such a message was received; from the opening of the connection where there is none.
    pub since: Option<Expected>,
    /// Not usable any more once this message was sent.
    pub until: Option<String>,
    pub sends: Outgoing,
    pub answered_by: Expected,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub place: Place,
    pub kind: StepKind,
    pub proves: Vec<Proof>,
}

impl Step {
    /// The source line of the step, for people.
    pub fn source(&self) -> String {
        self.place
            .line_text()
            .trim()
            .trim_start_matches("- ")
            .trim()
            .to_owned()
    }
}

/// What a step proves: an id, or a permutation's value that holds one.
#[derive(Clone, Debug)]
pub enum Proof {
    Id(String),
    Of(Reference),
}

#[derive(Clone, Debug)]
pub enum StepKind {
    Send {
        actor: String,
        what: Outgoing,
    },
    Receive(Receive),
    /// Nothing unaccounted for arrives at the actor, or at anybody.
    ///
    /// With `settles` it never fails: what its holding, and its not holding, says about a reading.
    Nothing {
        actor: Option<String>,
        wait: bool,
        settles: Settles,
    },
    MayReceive {
        actor: String,
        allowance: Allowance,
    },
    /// The server may end the connection from here on.
    MayBeClosed {
        actor: String,
        settles: Settles,
    },
    InAnyOrder {
        receives: Arc<[Step]>,
        within: Option<Duration>,
    },
    ForEach {
        list: Expr,
        name: String,
        steps: Arc<[Step]>,
        at_most: usize,
        collect: Vec<(String, Expr)>,
    },
    RepeatUntil {
        until: Until,
        steps: Arc<[Step]>,
        at_most: usize,
        collect: Vec<(String, Expr)>,
    },
    /// `into` pairs our name with the flow's.
    Use {
        flow: String,
        actors: Vec<(String, String)>,
        arguments: Vec<(String, Expr)>,
        into: Vec<(String, String)>,
        /// The flow itself is what is tested, though it proves nothing by an id.
        tested: bool,
    },
    When {
        conditions: Vec<Condition>,
        then: Arc<[Step]>,
        otherwise: Arc<[Step]>,
    },
    Connect {
        actor: String,
    },
    Disconnect {
        actor: String,
    },
    Vanish {
        actor: String,
    },
    Reconnect {
        actor: String,
    },
    Closed {
        actor: String,
        code: Option<Pattern>,
        within: Option<Duration>,
    },
    FailsToConnect {
        actor: String,
    },
    Check(Vec<Condition>),
    Observe(Vec<(String, String)>),
}

#[derive(Clone, Debug)]
pub struct Receive {
    pub actor: String,
    pub expected: Expected,
    pub within: Option<Duration>,
    /// The message may have come before those that earlier steps took.
    pub early: bool,
}

/// What ends a loop.
#[derive(Clone, Debug)]
pub enum Until {
    /// One `receives` that races with the first step of the loop.
    Received(Arc<[Step]>),
    /// Conditions, looked at after each round.
    Holds(Vec<Condition>),
}

/// Readings and options: what happening shows, and what not happening shows.
#[derive(Clone, Debug, Default)]
pub struct Settles {
    pub seen: Vec<(String, String)>,
    pub unseen: Vec<(String, String)>,
}

/// A message and what its fields must be.
#[derive(Clone, Debug)]
pub struct Expected {
    pub message: String,
    pub fields: Pattern,
    /// Fields of the envelope.
    pub envelope: Vec<(String, Pattern)>,
}

#[derive(Clone, Debug)]
pub struct Allowance {
    pub place: Place,
    /// `None`: any message of the document.
    pub expected: Option<Expected>,
    /// Of any message: it is held to its shape, and a frame of no documented type is not meant.
    pub documented: bool,
    /// More than once.
    pub any_number: bool,
    /// The requirement that its coming contradicts, for spontaneous messages.
    pub contradicts: Option<String>,
    pub settles: Settles,
    /// What a client answers at once, for spontaneous messages.
    pub answer: Option<Box<Answer>>,
}

/// The answer to a spontaneous message, and what the server may say to that.
#[derive(Clone, Debug)]
pub struct Answer {
    pub sends: Outgoing,
    /// One such message for each answer; the same message otherwise makes the case inapplicable.
    pub then: Option<Expected>,
}

#[derive(Clone, Debug)]
pub enum Outgoing {
    /// A message by the catalogue; the discriminator is known, the fields are checked.
    Message {
        name: String,
        fields: Expr,
    },
    /// Any discriminator, any body.
    Malformed {
        name: String,
        body: Expr,
    },
    /// The same by reference: a map of one discriminator and its body.
    MalformedAs(Expr),
    Text(Expr),
    /// Hex digits.
    Binary(Expr),
    /// A whole frame, encoded.
    Value(Expr),
    /// One text message in several frames.
    Fragments(Vec<Expr>),
    Ping(String),
}

/// A reference and what it must be.
#[derive(Clone, Debug)]
pub struct Condition {
    pub place: Place,
    pub subject: Reference,
    pub pattern: Pattern,
}
