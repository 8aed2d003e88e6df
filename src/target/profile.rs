//! What a run takes for granted of its target, whether a profile or the command line says so.

use std::time::Duration;

use super::{Accounts, Dialect, Known, Launching, Users};
use crate::protocol::WireCodec;
use crate::value::Value;

/// What a run takes for granted of its target. The default is the document's own.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Reading and option, for readings that the profile settles.
    pub readings: Vec<(String, String)>,
    /// Setting and value, over the catalogue's default.
    pub settings: Vec<(String, Value)>,
    pub timeouts: Timeouts,
    pub wire: WireChoice,
    pub dialect: Dialect,
    /// Where the profile departs from the document, each in words.
    pub departures: Vec<Departure>,
    pub users: Users,
    pub limits: Limits,
    pub not_offered: Vec<NotOffered>,
    /// Users that exist already, where none are to be made.
    pub accounts: Option<Accounts>,
    /// Messages of which a connection takes one: logins, where it is of one user for good.
    pub once_per_connection: Vec<String>,
    /// Messages after which it takes another.
    pub again_after: Vec<String>,
    pub echoes: Vec<Echo>,
    /// How often an idle connection is pinged.
    pub keep_alive: Option<Duration>,
    /// After so long without a message, the target may end a connection.
    pub idle_limit: Option<Duration>,
    pub known: Vec<Known>,
}

impl Profile {
    /// Why nothing is asked of a message here, where the profile says that it is not offered.
    pub fn lacks_message(&self, name: &str) -> Option<String> {
        let lacks = |absent: &&NotOffered| absent.message && absent.name == name;
        self.not_offered.iter().find(lacks).map(NotOffered::reason)
    }

    /// Why a case that covers these requirements does not apply.
    pub fn lacks_requirement(&self, covers: &[String]) -> Option<String> {
        let lacks = |absent: &&NotOffered| {
            !absent.message && covers.iter().any(|id| matches_glob(&absent.name, id))
        };
        self.not_offered.iter().find(lacks).map(NotOffered::reason)
    }
}

/// Where a target is, and what it takes to be let in.
#[derive(Clone, Debug, Default)]
pub struct Address {
    pub url: Option<String>,
    pub headers: Vec<(String, String)>,
    pub subprotocol: Option<String>,
    /// A PEM file, relative to the folder of the profile.
    pub ca: Option<String>,
    pub insecure: bool,
    /// How the server is started, where it is not there by itself.
    pub launch: Option<Launching>,
}

/// Codec, frames and framing, where they are not the document's.
#[derive(Clone, Copy, Debug, Default)]
pub struct WireChoice {
    pub codec: Option<WireCodec>,
    pub frames: Option<Frames>,
    pub framing: Option<Framing>,
}

/// The kind of WebSocket frame that messages travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    Text,
    Binary,
}

impl Frames {
    pub fn name(self) -> &'static str {
        match self {
            Frames::Text => "text",
            Frames::Binary => "binary",
        }
    }
}

/// How messages are told apart on a raw TCP connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// By themselves; ours end in a newline where the codec is JSON.
    #[default]
    Newline,
    /// By themselves, with nothing between.
    Bare,
    /// By their length before them: 4 bytes, big-endian.
    Length,
}

impl Framing {
    pub(super) const ALL: [(&'static str, Framing); 3] = [
        ("newline", Framing::Newline),
        ("bare", Framing::Bare),
        ("length", Framing::Length),
    ];

    pub fn name(self) -> &'static str {
        match self {
            Framing::Newline => "newline",
            Framing::Bare => "bare",
            Framing::Length => "length",
        }
    }
}

/// Something that this target does in another way than the document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// What it is about: `the type of RESPONSE_LOGIN`.
    pub what: String,
    /// As the document has it.
    pub document: String,
    /// As this target has it.
    pub target: String,
}

/// More than this is not sent; a case that would is not applicable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Bytes of a message on the wire.
    pub message: Option<usize>,
    /// Characters of a text within it.
    pub text: Option<usize>,
}

/// A message, or requirements by a pattern, that the target does not implement.
#[derive(Clone, Debug)]
pub struct NotOffered {
    pub name: String,
    pub message: bool,
}

impl NotOffered {
    fn reason(&self) -> String {
        format!("the profile says that {} is not offered", self.name)
    }
}

/// What the sender of a message gets, too, where the document has no such thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Echo {
    /// The message that is sent, and what stands for it in a frame of the document.
    pub sent: String,
    pub sent_kind: Value,
    /// The message that comes, and what stands for it.
    pub comes: String,
    pub comes_kind: Value,
    /// The fields that are as they were sent: by these it is known.
    pub same: Vec<String>,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection to open, handshakes included.
    pub connect: Duration,
    /// For a message that a step expects.
    pub answer: Duration,
    /// The silence window, where no fence shows silence.
    pub silence: Duration,
    /// After a close handshake, before the case goes on: what a server may take to notice that somebody has left.
    pub goodbye: Duration,
    /// For a whole case.
    pub case: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(5),
            silence: Duration::from_millis(300),
            goodbye: Duration::from_millis(10),
            case: Duration::from_secs(60),
        }
    }
}

/// Whether a text is of a pattern in which `*` stands for anything.
pub(super) fn matches_glob(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fits) in [
            ("a.b", "a.b", true),
            ("a.b", "a.bc", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("*b*b", "abab", true),
            ("*b*b", "ab", false),
            ("login.*[x]", "login.y[x]", true),
        ] {
            assert_eq!(matches_glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
