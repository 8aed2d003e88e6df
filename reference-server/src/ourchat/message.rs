//! What the server sends: messages as they are built, and their bytes.
//! Every message that goes to a client is a [`Kind`]; there are no others.

use serde_json::{Map, Value};

use crate::message::Kinded;
use crate::protocol::Frame;

/// The kind of a message that the server sends; its number is the document's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    UserMessage = 0,
    RegisterResponse = 5,
    LoginResponse = 7,
    NewSessionResponse = 9,
    AccountInfo = 11,
    ServerStatus = 12,
    InitiateVerification = 13,
    VerificationStatus = 15,
    LogoutResponse = 17,
    Error = 18,
}

/// A message to a client.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) code: Code,
    /// The fields besides the code.
    pub(super) fields: Map<String, Value>,
}

/// How the kind is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    Number,
    /// As text, which the document does not allow.
    Text,
    /// Not at all, which the document does not allow.
    Missing,
}

impl Kinded for Message {
    type Kind = Kind;

    fn kind(&self) -> Kind {
        self.kind
    }
}

impl Message {
    /// A message whose fields are those of the given object.
    pub(super) fn new(kind: Kind, fields: Value) -> Message {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let code = Code::Number;
        Message { kind, code, fields }
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    pub(super) fn status(&self) -> Option<u64> {
        self.get("status").and_then(Value::as_u64)
    }

    /// The frame that carries it.
    pub(super) fn encode(self) -> Frame {
        let number = self.kind as u64;
        let code = match self.code {
            Code::Number => Some(Value::from(number)),
            Code::Text => Some(Value::from(number.to_string())),
            Code::Missing => None,
        };
        let mut frame = Map::new();
        if let Some(code) = code {
            frame.insert("code".to_owned(), code);
        }
        frame.extend(self.fields);
        Frame::Text(Value::Object(frame).to_string())
    }
}
