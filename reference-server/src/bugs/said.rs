//! A request as a bug looks at it: its kind and its fields, whichever the codec. And frames made worse.

use serde_json::Value;

use crate::protocol::{ConnId, Effect, Frame};

/// What came.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) conn: ConnId,
    /// The discriminator as text; empty where there is none.
    pub(super) kind: String,
    /// The fields; null where the frame has none.
    pub(super) body: Value,
    /// Whether the frame was a value of the codec at all.
    pub(super) sound: bool,
    pub(super) length: usize,
    /// The frame, where it was text.
    pub(super) text: String,
}

impl Said {
    pub(super) fn new(conn: ConnId, frame: &Frame) -> Said {
        let (value, text) = match frame {
            Frame::Text(text) => (serde_json::from_str(text).ok(), text.clone()),
            Frame::Binary(bytes) => (unpack(bytes), String::new()),
        };
        let sound = value.is_some();
        let whole = value.unwrap_or_default();
        let kind = ["type", "action", "mode", "code"]
            .iter()
            .find_map(|key| whole.get(key))
            .map(|kind| {
                kind.as_str()
                    .map_or_else(|| kind.to_string(), str::to_owned)
            });
        let body = whole
            .get("payload")
            .or(whole.get("message").filter(|inner| inner.is_object()))
            .unwrap_or(&whole);
        Said {
            conn,
            kind: kind.unwrap_or_default(),
            body: body.clone(),
            sound,
            length: frame.len(),
            text,
        }
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    pub(super) fn lacks(&self, field: &str) -> bool {
        self.body.is_object() && self.body.get(field).is_none()
    }

    pub(super) fn field(&self, field: &str) -> &Value {
        self.body.get(field).unwrap_or(&Value::Null)
    }

    /// The text in a field; empty where it is none.
    pub(super) fn text_in(&self, field: &str) -> &str {
        self.field(field).as_str().unwrap_or_default()
    }

    /// What somebody logs in with.
    pub(super) fn secret(&self) -> Option<&str> {
        let names = ["password", "pass", "passwordHash"];
        let texts = names.iter().map(|name| self.text_in(name));
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// The number in a field, whatever its size.
    pub(super) fn number_in(&self, field: &str) -> Option<f64> {
        self.field(field).as_f64()
    }
}

/// Loosely: what JSON cannot say becomes text.
fn unpack(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest).ok()?;
    Some(loose(&value))
}

fn loose(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Nil => Value::Null,
        rmpv::Value::Boolean(bool) => Value::Bool(*bool),
        rmpv::Value::Integer(int) => match (int.as_i64(), int.as_u64()) {
            (Some(int), _) => Value::from(int),
            (_, int) => Value::from(int),
        },
        rmpv::Value::F32(float) => Value::from(*float),
        rmpv::Value::F64(float) => Value::from(*float),
        rmpv::Value::Array(items) => Value::Array(items.iter().map(loose).collect()),
        rmpv::Value::Map(pairs) => Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.as_str().unwrap_or("?").to_owned(), loose(value)))
                .collect(),
        ),
        other => Value::String(other.as_str().unwrap_or("?").to_owned()),
    }
}

/// Whether it sends this connection a text with this in it.
pub(super) fn tells(effect: &Effect, conn: ConnId, part: &str) -> bool {
    match effect {
        Effect::Send {
            to,
            frame: Frame::Text(text),
        } => *to == conn && text.contains(part),
        _ => false,
    }
}

/// The same frame with one field more; of text frames alone.
pub(super) fn with_field(frame: Frame, field: &str, value: &str) -> Frame {
    match frame {
        Frame::Text(text) => match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(mut fields)) => {
                fields.insert(field.to_owned(), value.into());
                Frame::Text(Value::Object(fields).to_string())
            }
            _ => Frame::Text(text),
        },
        other => other,
    }
}

/// Without its last bytes.
pub(super) fn cut(frame: Frame) -> Frame {
    match frame {
        Frame::Text(mut text) => {
            text.pop();
            Frame::Text(text)
        }
        Frame::Binary(mut bytes) => {
            bytes.pop();
            Frame::Binary(bytes)
        }
    }
}

/// The same frame with null in every field of this name.
pub(super) fn with_null(frame: Frame, field: &str) -> Frame {
    match frame {
        Frame::Text(text) => match serde_json::from_str::<Value>(&text) {
            Ok(mut value) => {
                blank(&mut value, field);
                Frame::Text(value.to_string())
            }
            Err(_) => Frame::Text(text),
        },
        Frame::Binary(bytes) => {
            let mut rest = bytes.as_slice();
            let Ok(rmpv::Value::Map(mut pairs)) = rmpv::decode::read_value(&mut rest) else {
                return Frame::Binary(bytes);
            };
            for (key, value) in &mut pairs {
                if key.as_str() == Some(field) {
                    *value = rmpv::Value::Nil;
                }
            }
            let mut spoilt = Vec::new();
            match rmpv::encode::write_value(&mut spoilt, &rmpv::Value::Map(pairs)) {
                Ok(()) => Frame::Binary(spoilt),
                Err(_) => Frame::Binary(bytes),
            }
        }
    }
}

fn blank(value: &mut Value, field: &str) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                if key == field {
                    *inner = Value::Null;
                } else {
                    blank(inner, field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank(item, field)),
        _ => {}
    }
}
