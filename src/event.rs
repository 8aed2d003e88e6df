//! What happened, as data: the versioned stream that a run writes and everything else renders from.
//!
//! Knows nobody. One event is one JSON object on one line; a reader ignores fields and events that it
//! does not know. Times are microseconds since the start of the case, or of the run where no case is named.

use serde::{Deserialize, Serialize};

/// The version of the stream and of the JSON report.
pub const SCHEMA: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    RunStarted {
        schema: u32,
        /// The version of wireproof that ran.
        version: String,
        /// How every verdict names the target: a URL, or "built-in reference server".
        target: String,
        /// RFC 3339, UTC.
        started: String,
        seed: u64,
        packs: Vec<PackInfo>,
        /// How many cases the run means to run.
        cases: usize,
        /// Which part of a plan this run is, where several runs share one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Something about the target that concerns the whole run, in one sentence.
    Remark {
        pack: String,
        text: String,
    },
    CaseStarted {
        /// `pack/scenario[permutation]`
        case: String,
        pack: String,
        scenario: String,
        about: Option<String>,
        /// `file:line:col` of the scenario.
        at: String,
        /// The requirements that the case proves if all its steps hold.
        covers: Vec<String>,
        /// The command that runs this one case again.
        rerun: String,
    },
    Opened {
        case: String,
        us: u64,
        actor: String,
        connection: u32,
    },
    Sent {
        case: String,
        us: u64,
        actor: String,
        connection: u32,
        /// `None` for raw and malformed frames.
        message: Option<String>,
        /// `file:line:col` of the step.
        at: String,
        why: SentFor,
        frame: Frame,
    },
    Received {
        case: String,
        us: u64,
        actor: String,
        connection: u32,
        /// The place in this connection's inbox, from 0.
        seq: u32,
        /// `None` where the frame is no message of the document.
        message: Option<String>,
        frame: Frame,
    },
    /// A value that the catalogue marks as secret, before the first frame that holds it.
    Secret {
        case: String,
        value: String,
    },
    /// What a received frame was taken for.
    Taken {
        case: String,
        connection: u32,
        seq: u32,
        by: TakenBy,
        at: String,
    },
    Closed {
        case: String,
        us: u64,
        actor: String,
        connection: u32,
        end: End,
    },
    /// A step of the case's own held.
    Held {
        case: String,
        us: u64,
        at: String,
        step: String,
        proves: Vec<String>,
    },
    Silence {
        case: String,
        us: u64,
        at: String,
        actor: String,
        shown: SilenceShown,
    },
    Reading {
        case: String,
        pack: String,
        id: String,
        option: String,
        at: String,
    },
    /// A received frame departs from the documented shape of its message.
    Shape {
        case: String,
        pack: String,
        message: String,
        /// Dotted, `$` being the frame: `$.payload.code`.
        path: String,
        kind: ShapeKind,
        level: Level,
        expected: String,
        received: String,
        section: String,
    },
    /// A message whose type the document does not know: a warning, once a type.
    UnknownMessage {
        case: String,
        pack: String,
        name: String,
    },
    Deviation {
        case: String,
        us: u64,
        deviation: Deviation,
    },
    /// The last lines that the server wrote while the case ran, where wireproof launched it.
    ServerLog {
        case: String,
        lines: Vec<String>,
    },
    CaseFinished {
        case: String,
        us: u64,
        end: CaseEnd,
    },
    /// The case does not count as it ran until here, and starts again.
    CaseWithdrawn {
        case: String,
        reason: String,
    },
    RunFinished {
        us: u64,
        end: RunEnd,
    },
}

/// One of several runs that share a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1.
    pub index: usize,
    pub of: usize,
    /// How many cases the whole plan has.
    pub whole: usize,
}

/// What the stream says of a pack, so that it can be rendered without the pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackInfo {
    pub pack: String,
    pub title: String,
    pub document: String,
    pub codec: String,
    pub requirements: Vec<RequirementInfo>,
    pub readings: Vec<ReadingInfo>,
    /// Where the target's profile departs from the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<Departure>,
    /// The deviations that the profile promises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownDeviation>,
}

/// Something that the target does in another way than the document says, by its profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// What it is about, in words.
    pub what: String,
    /// As the document has it.
    pub document: String,
    /// As the target has it.
    pub target: String,
}

/// A promise that something fails, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDeviation {
    /// `file:line:col` of the profile.
    pub at: String,
    /// The cases that it is about; none where it is about a shape.
    pub cases: Vec<String>,
    /// The message and the path whose shape it is about.
    pub shape: Option<(String, String)>,
    /// A requirement, a kind of deviation or of shape finding, or `blocked`.
    pub fails: String,
    pub reason: String,
    /// It may also hold.
    pub sometimes: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequirementInfo {
    pub id: String,
    pub level: Level,
    pub section: String,
    pub text: String,
    /// Why no client can bring it about; such a requirement is never judged.
    pub unprovokable: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadingInfo {
    pub id: String,
    pub question: String,
    /// Option and meaning, in the catalogue's order.
    pub options: Vec<(String, String)>,
    pub settled: Settled,
    /// What this run was told, for readings settled by the profile.
    pub value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settled {
    Observed,
    Profile,
    Free,
}

/// How binding the contradicted statement is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Must,
    Should,
    Advice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SentFor {
    Step,
    Flow,
    Fence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenBy {
    Step,
    Flow,
    Fence,
    /// A `may receive`.
    Allowance,
    Spontaneous,
    /// Reported as a deviation.
    Deviation,
}

/// A frame for people: never longer than a few kilobytes, whatever came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub kind: FrameKind,
    /// Bytes on the wire, payload only.
    pub bytes: u64,
    /// The decoded value on one line, in the scenario language's notation, or the raw text where it does not decode.
    pub text: String,
    /// Lower-case hex of the first bytes, for binary frames.
    pub hex: Option<String>,
    /// Something was left out of `text` or `hex`.
    pub cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameKind {
    Text,
    Binary,
    Ping,
}

/// How a connection ended, told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum End {
    /// We closed it.
    ByUs,
    /// A close frame from the server, with its code (1005: none given).
    Close { code: u16, reason: String },
    /// The stream ended without a close frame.
    Eof,
    /// The connection was reset.
    Reset,
    /// The server broke the transport's own rules.
    Protocol { error: String },
    /// It never opened.
    Refused { error: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeKind {
    Missing,
    WrongType,
    UndocumentedValue,
    DuplicateKey,
    DuplicateElement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilenceShown {
    /// A fence came back, and nothing was there before it.
    Fenced,
    /// A silence window went by.
    Waited,
    /// Both, since this server was seen to answer out of order.
    FencedAndWaited,
    /// The fence did not come back; the window was waited instead.
    FenceUnanswered,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deviation {
    pub kind: DeviationKind,
    pub level: Level,
    /// The requirements of the step that did not hold; empty where it proves none.
    pub requirements: Vec<String>,
    /// `file:line:col` of the step.
    pub at: String,
    /// The step's own source line.
    pub step: String,
    pub actor: Option<String>,
    /// One sentence for people, lower case, no full stop.
    pub message: String,
    /// What the step expected and what came, pretty, line by line comparable.
    pub expected: Option<String>,
    pub received: Option<String>,
    /// What the acting client sent last before this step.
    pub sent: Option<String>,
    /// The closest frame that was not it, and where it went.
    pub near: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviationKind {
    /// Nothing came before the deadline.
    Missing,
    /// The message came, and differs.
    Mismatch,
    /// A message that nothing accounts for.
    Unexpected,
    /// The message came, but too early.
    Order,
    /// A frame of the step's own message departs from the catalogue.
    Shape,
    /// The frame is not what the codec allows, or has no message type.
    Codec,
    /// The server closed the connection.
    Closed,
    /// The server went away, or answers nobody any more.
    Gone,
    /// The server did not close the connection, or not so.
    NotClosed,
    /// The server refused the connection, or did not refuse it.
    Connect,
    /// Captured values contradict each other or a matcher.
    Check,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum CaseEnd {
    /// Ran to its end, or to a `must` deviation: the deviations tell the outcome.
    Judged,
    /// A flow's step failed; another case tests it.
    Blocked {
        flow: String,
        reason: String,
        tested_by: Option<String>,
    },
    NotApplicable {
        reason: String,
    },
    CouldNotRun {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum RunEnd {
    Completed,
    Interrupted,
    /// The target was not there, not a WebSocket server, silent, foreign, or went away.
    TargetUnfit {
        reason: String,
    },
}

impl DeviationKind {
    pub const ALL: [DeviationKind; 11] = [
        DeviationKind::Missing,
        DeviationKind::Mismatch,
        DeviationKind::Unexpected,
        DeviationKind::Order,
        DeviationKind::Shape,
        DeviationKind::Codec,
        DeviationKind::Closed,
        DeviationKind::NotClosed,
        DeviationKind::Connect,
        DeviationKind::Check,
        DeviationKind::Gone,
    ];

    /// As the stream has it.
    pub fn name(self) -> &'static str {
        match self {
            DeviationKind::Missing => "missing",
            DeviationKind::Mismatch => "mismatch",
            DeviationKind::Unexpected => "unexpected",
            DeviationKind::Order => "order",
            DeviationKind::Shape => "shape",
            DeviationKind::Codec => "codec",
            DeviationKind::Closed => "closed",
            DeviationKind::NotClosed => "not-closed",
            DeviationKind::Connect => "connect",
            DeviationKind::Check => "check",
            DeviationKind::Gone => "gone",
        }
    }
}

impl ShapeKind {
    pub const ALL: [ShapeKind; 5] = [
        ShapeKind::Missing,
        ShapeKind::WrongType,
        ShapeKind::UndocumentedValue,
        ShapeKind::DuplicateKey,
        ShapeKind::DuplicateElement,
    ];

    /// As the stream has it.
    pub fn name(self) -> &'static str {
        match self {
            ShapeKind::Missing => "missing",
            ShapeKind::WrongType => "wrong-type",
            ShapeKind::UndocumentedValue => "undocumented-value",
            ShapeKind::DuplicateKey => "duplicate-key",
            ShapeKind::DuplicateElement => "duplicate-element",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_in_the_stream() {
        for kind in DeviationKind::ALL {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
        for kind in ShapeKind::ALL {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
    }
}
