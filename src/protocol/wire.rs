//! The envelope: where the message type and the fields stand in a frame, both ways.

use super::{Catalogue, Message, Type};
use crate::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireCodec {
    Json,
    MessagePack,
}

impl WireCodec {
    pub fn name(self) -> &'static str {
        match self {
            WireCodec::Json => "json",
            WireCodec::MessagePack => "messagepack",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Wire {
    pub codec: WireCodec,
    /// The key of the discriminator, at the top of the frame.
    pub type_key: String,
    /// The key under which the fields stand; `None` where they stand in the frame itself.
    pub body_key: Option<String>,
    /// Further fields of the envelope.
    pub stamp: Vec<(String, Type)>,
}

/// What a decoded frame is, by its discriminator.
#[derive(Debug)]
pub enum Identified<'a> {
    /// A message of the document; its fields (an empty map where the body is missing).
    Message(&'a Message),
    /// A frame with a discriminator that the document does not know.
    Unknown(String),
    /// Not a frame of this protocol at all; the reason, in words.
    Unrecognised(String),
}

impl Wire {
    /// The whole frame for a message: discriminator, stamp, fields.
    pub fn wrap(&self, discriminator: &Value, body: Value, now_seconds: i64) -> Value {
        let mut frame = vec![(Value::str(&self.type_key), discriminator.clone())];
        for (key, kind) in &self.stamp {
            let now = match kind {
                Type::String => Value::str(now_seconds.to_string()),
                _ => Value::Int(i128::from(now_seconds)),
            };
            frame.push((Value::str(key), now));
        }
        match (&self.body_key, body) {
            (Some(key), body) => frame.push((Value::str(key), body)),
            // A field of the body stands for the stamp of the same name.
            (None, Value::Map(fields)) => {
                frame.retain(|(key, _)| !fields.iter().any(|(field, _)| field == key));
                frame.extend(fields);
            }
            (None, _) => {}
        }
        Value::Map(frame)
    }

    /// The fields of a frame; `None` where there is no body.
    pub fn body<'a>(&self, frame: &'a Value) -> Option<&'a Value> {
        match &self.body_key {
            Some(key) => frame.get(key),
            None => Some(frame),
        }
    }
}

impl Catalogue {
    /// Names a decoded frame by its discriminator.
    pub fn identify(&self, frame: &Value) -> Identified<'_> {
        if frame.as_map().is_none() {
            return Identified::Unrecognised(format!(
                "the frame is a {}, not an object",
                frame.type_name()
            ));
        }
        let key = &self.wire.type_key;
        let Some(kind) = frame.get(key) else {
            return Identified::Unrecognised(format!("the frame has no `{key}`"));
        };
        match self.messages.iter().find(|message| message.is_named(kind)) {
            Some(message) => Identified::Message(message),
            None => Identified::Unknown(
                kind.as_str()
                    .map_or_else(|| kind.to_string(), str::to_owned),
            ),
        }
    }
}
