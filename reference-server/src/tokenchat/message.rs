//! What the server sends: answers as they are built, and their bytes.
//! The statuses are those of the document's table, and a few more of RFC 9110, section 15.

use serde_json::{Map, Value, json};

use super::readings::{Departure, Readings};
use super::request::Mode;
use crate::protocol::Frame;

pub(super) const OK: u16 = 200;
pub(super) const BAD_REQUEST: u16 = 400;
pub(super) const UNAUTHORIZED: u16 = 401;
pub(super) const TOO_MANY_TOKENS: u16 = 403;
pub(super) const NOT_FOUND: u16 = 404;
pub(super) const CONFLICT: u16 = 409;
pub(super) const TOO_LARGE: u16 = 413;
pub(super) const UNPROCESSABLE: u16 = 422;
/// Somebody else's chat.
pub(super) const LOCKED: u16 = 423;
pub(super) const FAILED: u16 = 500;
pub(super) const NOT_IMPLEMENTED: u16 = 501;
/// The server is full.
pub(super) const UNAVAILABLE: u16 = 503;

/// An answer to a request.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) mode: Mode,
    /// What stands in `mode`.
    pub(super) name: String,
    pub(super) status: u16,
    /// What stands in `status`, where it is not the status.
    pub(super) odd_status: Option<Value>,
    /// What stands in `timestamp`, where it is not the time at which it is sent.
    pub(super) timestamp: Stamp,
    pub(super) fields: Map<String, Value>,
}

/// The timestamp of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stamp {
    /// The time at which it is sent.
    Sent,
    /// None, which the document does not allow.
    Missing,
}

impl Answer {
    pub(super) fn new(mode: Mode, name: &str, status: u16) -> Answer {
        Answer {
            mode,
            name: name.to_owned(),
            status,
            odd_status: None,
            timestamp: Stamp::Sent,
            fields: Map::new(),
        }
    }

    /// The same with a field more.
    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Answer {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The same with a list, which may have another form when it is empty.
    pub(super) fn with_list(self, field: &str, list: Vec<Value>, empty: Empty) -> Answer {
        match empty {
            Empty::Null if list.is_empty() => self.with(field, Value::Null),
            Empty::Absent if list.is_empty() => self,
            _ => self.with(field, list),
        }
    }

    /// The frame that carries it when it is sent at this time.
    pub(super) fn encode(self, readings: &Readings, now_ms: u64) -> Frame {
        let mut frame = Map::new();
        frame.insert("mode".into(), self.name.into());
        if self.timestamp == Stamp::Sent {
            frame.insert("timestamp".into(), readings.stamp(now_ms));
        }
        let status = match self.odd_status {
            Some(odd) => odd,
            None if readings.take(Departure::StatusesAreNumbers) => json!(self.status),
            None => self.status.to_string().into(),
        };
        if !status.is_null() {
            frame.insert("status".into(), status);
        }
        frame.extend(self.fields);
        Frame::Text(Value::Object(frame).to_string())
    }
}

/// How a list is written that holds nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Empty {
    List,
    Null,
    Absent,
}
