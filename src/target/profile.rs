//! The dialect of a target: the readings and settings that the document leaves to it.

use std::time::Duration;

use crate::value::Value;

/// What a run takes for granted of its target.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Reading and option, for readings that the profile settles.
    pub readings: Vec<(String, String)>,
    /// Setting and value, over the catalogue's default.
    pub settings: Vec<(String, Value)>,
    pub timeouts: Timeouts,
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
    /// For a whole case.
    pub case: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(5),
            silence: Duration::from_millis(300),
            case: Duration::from_secs(60),
        }
    }
}
