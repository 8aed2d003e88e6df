//! What clients send: frames become requests, by their mode and with their fields as they came.
//! Refuses what has no mode; whether a field is there and of its type is asked by who needs it.

use serde_json::{Map, Value};

use super::message::UNPROCESSABLE;
use super::readings::{Departure, Readings};
use crate::protocol::Frame;

/// The modes of the document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    CheckConnection,
    CheckToken,
    Auth,
    Register,
    Logout,
    CreateChat,
    GetChats,
    GetMessages,
    SendMessage,
    /// None of them.
    Unknown,
}

/// A request of some mode.
pub(super) struct Request {
    pub(super) mode: Mode,
    /// The mode as it was named; the answer names it likewise.
    pub(super) name: String,
    fields: Map<String, Value>,
}

/// The greatest length of the name of an unknown mode that is still said back.
const MAX_NAME: usize = 64;

impl Request {
    /// Reads a text frame; there are no binary ones in this protocol.
    pub(super) fn parse(frame: Frame, readings: &Readings) -> Option<Request> {
        let Frame::Text(text) = frame else {
            return None;
        };
        let Value::Object(fields) = serde_json::from_str(&text).ok()? else {
            return None;
        };
        let name = fields.get("mode")?.as_str()?;
        let mode = Mode::of(name, readings);
        let name: String = name.chars().take(MAX_NAME).collect();
        Some(Request { mode, name, fields })
    }

    /// Whether a field is there, be it null.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// A field that must be there.
    pub(super) fn value(&self, field: &str) -> Result<&Value, u16> {
        self.fields.get(field).ok_or(UNPROCESSABLE)
    }

    /// A text that must be there.
    pub(super) fn text(&self, field: &str) -> Result<&str, u16> {
        self.value(field)?.as_str().ok_or(UNPROCESSABLE)
    }
}

impl Mode {
    fn of(name: &str, readings: &Readings) -> Mode {
        let create_chat = if readings.take(Departure::ChatsArePersonal) {
            "createPersonalChat"
        } else {
            "createChat"
        };
        match name {
            "checkConnection" => Mode::CheckConnection,
            "checkToken" => Mode::CheckToken,
            "auth" => Mode::Auth,
            "register" => Mode::Register,
            "logout" => Mode::Logout,
            "getChats" => Mode::GetChats,
            "getMessages" => Mode::GetMessages,
            "sendMessage" => Mode::SendMessage,
            name if name == create_chat => Mode::CreateChat,
            _ => Mode::Unknown,
        }
    }
}
