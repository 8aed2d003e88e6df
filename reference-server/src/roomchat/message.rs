//! What the server sends: messages as they are built, and their bytes.
//! Every message type that goes to a client is a [`Kind`]; there are no others.

use serde_json::{Map, Value};

use crate::message::{Kinded, kinds};
use crate::protocol::Frame;

kinds! {
    ResponseLogin = "RESPONSE_LOGIN",
    ResponseSignup = "RESPONSE_SIGNUP",
    CreateRoom = "CREATE_ROOM",
    SndMsg = "SND_MSG",
    ReadMsg = "READ_MSG",
    SearchUser = "SEARCH_USER",
    DeleteRoom = "DELETE_ROOM",
    DeleteMsg = "DELETE_MSG",
    EditMsg = "EDIT_MSG",
    OldDialogs = "OLD_DIALOGS",
}

/// A message to a client.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) form: Form,
    fields: Map<String, Value>,
}

/// How a message is wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// An object with its type, as documented.
    Typed,
    /// An object without it.
    Untyped,
    /// A list with the object in it.
    Listed,
}

impl Kinded for Message {
    type Kind = Kind;

    fn kind(&self) -> Kind {
        self.kind
    }
}

impl Message {
    /// A message with the fields of the given object.
    pub(super) fn new(kind: Kind, fields: Value) -> Message {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Message {
            kind,
            form: Form::Typed,
            fields,
        }
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    pub(super) fn remove(&mut self, field: &str) {
        self.fields.shift_remove(field);
    }

    /// The bytes it takes up while it is kept, roughly.
    pub(super) fn weight(&self) -> usize {
        let text = |value: &Value| value.as_str().map_or(32, str::len);
        128 + self.fields.values().map(text).sum::<usize>()
    }

    /// The frame that carries it.
    pub(super) fn encode(self) -> Frame {
        let mut frame = Map::new();
        if self.form != Form::Untyped {
            frame.insert("type".into(), self.kind.name().into());
        }
        frame.extend(self.fields);
        let frame = match self.form {
            Form::Listed => Value::Array(vec![Value::Object(frame)]),
            Form::Typed | Form::Untyped => Value::Object(frame),
        };
        Frame::Text(frame.to_string())
    }
}
