//! Values to frames and back, as this target has them: codec, kind of frame, dialect, limits.
//!
//! Pure. Judges nothing: a frame of the wrong kind is handed on as one that is no value.

use std::fmt;
use std::sync::Arc;

use crate::codec::{Codec, FrameKind as Travels, Split};
use crate::engine::{Outbound, Received, text_of};
use crate::event::FrameKind;
use crate::protocol::WireCodec;
use crate::scenario::Pack;
use crate::target::{Frames, Framing, Me, Profile};
use crate::transport::{self, Endpoint, Outgoing};
use crate::value::Value;

/// Where a pack's cases run, and what is spoken there.
#[derive(Clone, Debug)]
pub struct Target {
    pub endpoint: Endpoint,
    pub codec: Codec,
    /// The kind of frame that values travel in.
    pub frames: Travels,
    /// The codec that the document says, in which raw frames are written.
    pub document: Codec,
    pub profile: Arc<Profile>,
    type_key: String,
    body_key: Option<String>,
}

/// What became of a sent frame on the wire.
pub(super) struct SentFrame {
    /// By the engine's number, once it is known.
    pub(super) connection: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) kind: FrameKind,
    /// The value as it travels, where that is not how the document has it.
    pub(super) text: Option<(String, bool)>,
}

/// Why a frame is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The codec has no notation for it.
    Unsayable(String),
    /// It is not for this target, by its profile.
    Inapplicable(String),
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsent::Unsayable(reason) | Unsent::Inapplicable(reason) => f.write_str(reason),
        }
    }
}

/// How much of a frame an event shows, in bytes.
const SHOWN: usize = 4096;

impl Target {
    pub fn new(endpoint: Endpoint, pack: &Pack, profile: Arc<Profile>) -> Target {
        let codec_of = |codec| match codec {
            WireCodec::Json => Codec::Json,
            WireCodec::MessagePack => Codec::MessagePack,
        };
        let document = codec_of(pack.catalogue.wire.codec);
        let codec = profile.wire.codec.map_or(document, codec_of);
        let frames = match profile.wire.frames {
            None => codec.frames(),
            Some(Frames::Text) => Travels::Text,
            Some(Frames::Binary) => Travels::Binary,
        };
        let target = Target {
            endpoint,
            codec,
            frames,
            document,
            profile,
            type_key: pack.catalogue.wire.type_key.clone(),
            body_key: pack.catalogue.wire.body_key.clone(),
        };
        target.speaking(codec, frames)
    }

    /// The same target, spoken to in this codec.
    pub(super) fn speaking(&self, codec: Codec, frames: Travels) -> Target {
        let framing = self.profile.wire.framing.unwrap_or_default();
        let split = match framing {
            Framing::Length => Split::Length,
            Framing::Newline | Framing::Bare => Split::Values(codec),
        };
        let framing = transport::Framing {
            split,
            newline: framing == Framing::Newline && codec == Codec::Json,
        };
        Target {
            endpoint: self.endpoint.clone().framed(framing),
            codec,
            frames,
            ..self.clone()
        }
    }

    /// What stands for the message in a frame of the document.
    pub(super) fn kind_of<'f>(&self, frame: &'f Value) -> Option<&'f Value> {
        frame.get(&self.type_key)
    }

    /// These fields of a frame of the document; `None` where one is missing.
    pub(super) fn fields_of(&self, frame: &Value, names: &[String]) -> Option<Vec<Value>> {
        let body = match &self.body_key {
            Some(key) => frame.get(key)?,
            None => frame,
        };
        names.iter().map(|name| body.get(name).cloned()).collect()
    }

    /// A frame of the engine's as this target has it.
    pub(super) fn encode(
        &self,
        what: Outbound,
        me: &Me<'_>,
    ) -> Result<(SentFrame, Outgoing), Unsent> {
        match what {
            Outbound::Value(value) => self.encode_value(value, me),
            Outbound::Text(text) => match self.translate(text.as_bytes(), me) {
                Some(value) => self.encode_value(value, me),
                None => Ok(plain_text(text)),
            },
            Outbound::Binary(bytes) => match self.translate(&bytes, me) {
                Some(value) => self.encode_value(value, me),
                None => Ok((
                    sent(FrameKind::Binary, &bytes),
                    Outgoing::Binary(bytes.into()),
                )),
            },
            Outbound::Ping(text) => Ok((
                sent(FrameKind::Ping, text.as_bytes()),
                Outgoing::Ping(text.into_bytes().into()),
            )),
            Outbound::Fragments(parts) => {
                let whole = parts.concat();
                if let Some(value) = self.translate(whole.as_bytes(), me) {
                    let (frame, _) = self.encode_value(value, me)?;
                    let size = frame.bytes.len().div_ceil(parts.len().max(1)).max(1);
                    let parts = frame.bytes.chunks(size).map(<[u8]>::to_vec).collect();
                    let outgoing = match frame.kind {
                        FrameKind::Binary => Outgoing::BinaryFragments(parts),
                        _ => Outgoing::Fragments(parts),
                    };
                    return Ok((frame, outgoing));
                }
                let parts = parts.into_iter().map(String::into_bytes).collect();
                Ok((
                    sent(FrameKind::Text, whole.as_bytes()),
                    Outgoing::Fragments(parts),
                ))
            }
        }
    }

    /// The value that raw bytes are in the document's codec, where the target would not know it by them: a
    /// test of how a valid message is written stays one.
    fn translate(&self, bytes: &[u8], me: &Me<'_>) -> Option<Value> {
        let foreign = self.codec != self.document || self.frames != self.document.frames();
        if self.profile.dialect.is_plain() && !foreign {
            return None;
        }
        let value = self.document.decode(bytes).ok()?;
        let changed = foreign || self.profile.dialect.outgoing(value.clone(), me) != value;
        // What the codec has no notation for, such as a number without bounds, goes out as it was written.
        let sayable = self.document.encode(&value).is_ok();
        (changed && sayable && value.as_map().is_some()).then_some(value)
    }

    fn encode_value(&self, value: Value, me: &Me<'_>) -> Result<(SentFrame, Outgoing), Unsent> {
        let value = self.profile.dialect.outgoing(value, me);
        let bytes = self.codec.encode(&value).map_err(|error| {
            let reason = format!("cannot send: {error}");
            if self.codec != self.document && self.document.encode(&value).is_ok() {
                Unsent::Inapplicable(reason)
            } else {
                Unsent::Unsayable(reason)
            }
        })?;
        self.check_limits(&value, bytes.len())?;
        let text = self.shown(&value);
        let (mut frame, outgoing) = match (self.frames, String::from_utf8(bytes)) {
            (Travels::Text, Ok(text)) => plain_text(text),
            (_, text) => {
                let bytes = text.map_or_else(|error| error.into_bytes(), String::into_bytes);
                (
                    sent(FrameKind::Binary, &bytes),
                    Outgoing::Binary(bytes.into()),
                )
            }
        };
        frame.text = text;
        Ok((frame, outgoing))
    }

    fn check_limits(&self, value: &Value, bytes: usize) -> Result<(), Unsent> {
        let limits = &self.profile.limits;
        if let Some(most) = limits.message.filter(|most| bytes > *most) {
            return Err(Unsent::Inapplicable(format!(
                "a message of {bytes} bytes is sent here; the profile's limit is {most}"
            )));
        }
        let longest = longest_text(value);
        match limits.text.filter(|most| longest > *most) {
            Some(most) => Err(Unsent::Inapplicable(format!(
                "a text of {longest} characters is sent here; the profile's limit is {most}"
            ))),
            None => Ok(()),
        }
    }

    /// A frame as the codec and the dialect see it; one of the other kind is wrong whatever it holds.
    pub(super) fn decode(&self, kind: FrameKind, bytes: &[u8]) -> Received {
        let expected = match self.frames {
            Travels::Text => FrameKind::Text,
            Travels::Binary => FrameKind::Binary,
        };
        let value = if kind == expected || self.endpoint.is_raw() {
            self.codec
                .decode(bytes)
                .map(|value| self.profile.dialect.incoming(value))
                .map_err(|error| error.to_string())
        } else {
            let (came, wanted) = match kind {
                FrameKind::Binary => ("binary", "text"),
                _ => ("text", "binary"),
            };
            Err(format!(
                "a {came} frame, where {} travels in {wanted} frames",
                self.codec
            ))
        };
        Received {
            kind,
            bytes: bytes.to_vec(),
            value,
        }
    }

    /// What came, as it travelled, where that is not how the document has it.
    pub(super) fn shown_bytes(&self, bytes: &[u8]) -> Option<(String, bool)> {
        if self.profile.dialect.is_plain() {
            return None;
        }
        self.shown(&self.codec.decode(bytes).ok()?)
    }

    fn shown(&self, value: &Value) -> Option<(String, bool)> {
        (!self.profile.dialect.is_plain()).then(|| text_of(value, SHOWN))
    }
}

fn plain_text(text: String) -> (SentFrame, Outgoing) {
    (
        sent(FrameKind::Text, text.as_bytes()),
        Outgoing::Text(text.into()),
    )
}

fn sent(kind: FrameKind, bytes: &[u8]) -> SentFrame {
    SentFrame {
        connection: 0,
        bytes: bytes.to_vec(),
        kind,
        text: None,
    }
}

fn longest_text(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.chars().count(),
        Value::List(items) => items.iter().map(longest_text).max().unwrap_or(0),
        Value::Map(pairs) => (pairs.iter())
            .map(|(_, value)| longest_text(value))
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}
