//! Bytes to [`Value`] and back, in the codecs that packs are written in: JSON and MessagePack.
//!
//! Pure. Refuses what the formats forbid (bytes after the value, truncation, bad UTF-8, reserved bytes),
//! what would exhaust memory or stack (nesting, more values than a chat message can need), and to write
//! what a codec cannot say. Loses nothing: duplicate keys, keys of any type and widths of floats are kept.

mod json;
#[cfg(test)]
mod json_tests;
mod messagepack;
#[cfg(test)]
mod messagepack_tests;
mod split;

use std::fmt;

pub use self::split::{Split, Splitter, TooLong};
use crate::value::Value;

/// Levels of lists and maps that are read; what is nested deeper is an error.
pub const MAX_DEPTH: usize = 128;

/// Levels of lists and maps that are written.
///
/// More than is read, since a test may send what it would not accept.
pub const MAX_DEPTH_WRITTEN: usize = 512;

/// Values in one message, lists, maps and keys included: a frame of 4 MiB can hold 4 million nils, which
/// would take 128 MiB.
pub const MAX_VALUES: usize = 200_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    Json,
    MessagePack,
}

/// The kind of WebSocket frame that a codec travels in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    Text,
    Binary,
}

impl Codec {
    /// By the name that packs and profiles use: `json` or `messagepack`.
    pub fn from_name(name: &str) -> Option<Codec> {
        match name {
            "json" => Some(Codec::Json),
            "messagepack" => Some(Codec::MessagePack),
            _ => None,
        }
    }

    /// The name that packs and profiles use.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Json => "json",
            Codec::MessagePack => "messagepack",
        }
    }

    pub fn frames(self) -> FrameKind {
        match self {
            Codec::Json => FrameKind::Text,
            Codec::MessagePack => FrameKind::Binary,
        }
    }

    /// The bytes of one value: compact JSON, or MessagePack with the shortest forms.
    pub fn encode(self, value: &Value) -> Result<Vec<u8>, EncodeError> {
        check(self, value, 0)?;
        let bytes = match self {
            Codec::Json => serde_json::to_vec(value).map_err(|error| error.to_string()),
            Codec::MessagePack => rmp_serde::to_vec(value).map_err(|error| error.to_string()),
        };
        bytes.map_err(|reason| EncodeError {
            codec: self,
            path: "$".to_owned(),
            reason,
        })
    }

    /// The one value that these bytes are, all of them.
    pub fn decode(self, bytes: &[u8]) -> Result<Value, DecodeError> {
        match self {
            Codec::Json => json::decode(bytes),
            Codec::MessagePack => messagepack::decode(bytes),
        }
    }
}

/// The format's own name, for people.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Codec::Json => "JSON",
            Codec::MessagePack => "MessagePack",
        })
    }
}

/// These bytes are not one value of the codec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {codec} at byte {offset}: {reason}")]
pub struct DecodeError {
    pub codec: Codec,
    /// From 0: where the offending byte is, or where the value starts that is cut short.
    pub offset: usize,
    pub reason: String,
}

/// The codec has no notation for this value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{codec} cannot say {path}: {reason}")]
pub struct EncodeError {
    pub codec: Codec,
    /// Where in the value, dotted, `$` being the whole: `$.payload.data.0`.
    pub path: String,
    pub reason: String,
}

/// Asked before a library writes, since both write something else instead: serde_json lists of numbers for
/// bytes, `null` for NaN and text for integer keys; rmp-serde 16 bytes for an integer of 128 bits.
fn check(codec: Codec, value: &Value, depth: usize) -> Result<(), EncodeError> {
    let refuse = |reason: &str| {
        Err(EncodeError {
            codec,
            path: "$".to_owned(),
            reason: reason.to_owned(),
        })
    };
    match (value, codec) {
        (Value::List(_) | Value::Map(_), _) if depth == MAX_DEPTH_WRITTEN => {
            refuse(&format!("nested deeper than {MAX_DEPTH_WRITTEN} levels"))
        }
        (Value::List(items), _) => {
            for (i, item) in items.iter().enumerate() {
                check(codec, item, depth + 1).map_err(|error| error.under(&i.to_string()))?;
            }
            Ok(())
        }
        (Value::Map(pairs), _) => {
            for (key, value) in pairs {
                match (key, codec) {
                    (Value::Str(_), _) => {}
                    (_, Codec::Json) => {
                        return refuse(&format!(
                            "a key is {} {key}, not a string",
                            key.type_name()
                        ));
                    }
                    (_, Codec::MessagePack) => {
                        check(codec, key, depth + 1).map_err(|error| error.under("<key>"))?;
                    }
                }
                check(codec, value, depth + 1)
                    .map_err(|error| error.under(key.as_str().unwrap_or("<key>")))?;
            }
            Ok(())
        }
        (Value::Bin(_), Codec::Json) => refuse("bytes have no notation"),
        (Value::Ext(..), Codec::Json) => refuse("an extension has no notation"),
        (Value::F32(_) | Value::Float(_), Codec::Json)
            if !value.as_number().is_some_and(f64::is_finite) =>
        {
            refuse(&format!("{value} has no notation"))
        }
        (Value::Int(int), Codec::MessagePack)
            if i64::try_from(*int).is_err() && u64::try_from(*int).is_err() =>
        {
            refuse(&format!("{int} is beyond 64 bits"))
        }
        _ => Ok(()),
    }
}

impl EncodeError {
    /// The same error, seen from the value that holds this one under `step`.
    fn under(mut self, step: &str) -> EncodeError {
        self.path = format!("$.{step}{}", self.path.trim_start_matches('$'));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for codec in [Codec::Json, Codec::MessagePack] {
            assert_eq!(Codec::from_name(codec.name()), Some(codec));
        }
        assert_eq!(Codec::from_name("JSON"), None);
    }

    #[test]
    fn what_a_codec_cannot_say_is_refused_with_its_place() {
        let inside = |value| Value::map([("a", Value::List(vec![Value::Null, value]))]);
        for (codec, value, error) in [
            (
                Codec::Json,
                Value::Bin(vec![1]),
                "JSON cannot say $.a.1: bytes have no notation",
            ),
            (
                Codec::Json,
                Value::Ext(1, vec![]),
                "JSON cannot say $.a.1: an extension has no notation",
            ),
            (
                Codec::Json,
                Value::Float(f64::NAN),
                "JSON cannot say $.a.1: NaN has no notation",
            ),
            (
                Codec::Json,
                Value::F32(f32::INFINITY),
                "JSON cannot say $.a.1: inf has no notation",
            ),
            (
                Codec::Json,
                Value::Map(vec![(Value::Int(7), Value::Null)]),
                "JSON cannot say $.a.1: a key is int 7, not a string",
            ),
            (
                Codec::MessagePack,
                Value::Int(1 << 64),
                "MessagePack cannot say $.a.1: 18446744073709551616 is beyond 64 bits",
            ),
        ] {
            let refused = codec.encode(&inside(value)).expect_err(error);
            assert_eq!(refused.to_string(), error);
        }
    }

    #[test]
    fn nesting_is_written_to_a_limit_and_refused_beyond() {
        let nested = |levels| (0..levels).fold(Value::Null, |value, _| Value::List(vec![value]));
        for codec in [Codec::Json, Codec::MessagePack] {
            codec
                .encode(&nested(MAX_DEPTH_WRITTEN))
                .expect("at the limit");
            let error = codec
                .encode(&nested(MAX_DEPTH_WRITTEN + 1))
                .expect_err("beyond it");
            assert_eq!(error.reason, "nested deeper than 512 levels");
        }
    }
}
