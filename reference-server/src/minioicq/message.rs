//! What the server sends: messages as they are built, and their bytes.
//! Every action that goes to a client is a [`Kind`]; there are no others.

use rmpv::Value;

use crate::message::{Kinded, kinds};
use crate::protocol::Frame;

kinds! {
    RegisterSuccess = "auth.register.success",
    LoginSuccess = "auth.login.success",
    LoginFail = "auth.login.fail",
    UserSync = "user.sync",
    HeartbeatAck = "heartbeat.ack",
    SendFail = "message.send.fail",
    Push = "message.push",
    Spawn = "chat.spawn",
    AvatarAck = "avatar.set.ack",
    UserPush = "user.push",
    Retrieve = "message.retrieve",
}

/// A message to a client.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) form: Form,
}

/// How a message is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    MessagePack,
    /// The document does not allow the others.
    WithByteAfter,
    JsonText,
}

impl Kinded for Message {
    type Kind = Kind;

    fn kind(&self) -> Kind {
        self.kind
    }
}

impl Message {
    pub(super) fn new(kind: Kind, fields: Vec<(&'static str, Value)>) -> Message {
        let form = Form::MessagePack;
        Message { kind, fields, form }
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, value)| value)
    }

    pub(super) fn set(&mut self, field: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.fields.iter_mut().find(|(name, _)| *name == field) {
            Some((_, old)) => *old = value,
            None => self.fields.push((field, value)),
        }
    }

    pub(super) fn remove(&mut self, field: &str) {
        self.fields.retain(|(name, _)| *name != field);
    }

    /// The bytes it takes up while it is stored, roughly.
    pub(super) fn weight(&self) -> usize {
        64 + self
            .fields
            .iter()
            .map(|(name, value)| name.len() + weight(value))
            .sum::<usize>()
    }

    /// The frame that carries it.
    pub(super) fn encode(self) -> Frame {
        let action = ("action", Value::from(self.kind.name()));
        let pairs = [action].into_iter().chain(self.fields);
        let map = Value::Map(
            pairs
                .map(|(name, value)| (Value::from(name), value))
                .collect(),
        );
        if self.form == Form::JsonText {
            return Frame::Text(map.to_string());
        }
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &map).expect("memory takes what is written to it");
        if self.form == Form::WithByteAfter {
            bytes.push(0xc0);
        }
        Frame::Binary(bytes)
    }
}

fn weight(value: &Value) -> usize {
    32 + match value {
        Value::String(text) => text.as_bytes().len(),
        Value::Binary(bytes) => bytes.len(),
        Value::Array(values) => values.iter().map(weight).sum(),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| weight(key) + weight(value))
            .sum(),
        _ => 0,
    }
}

/// A map with these fields.
pub(super) fn map(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Map(
        fields
            .into_iter()
            .map(|(name, value)| (Value::from(name), value))
            .collect(),
    )
}

/// A field of a map.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let pairs = value.as_map()?;
    pairs
        .iter()
        .find(|(key, _)| key.as_str() == Some(name))
        .map(|(_, value)| value)
}
