//! Whether the target is there, and speaks the protocol at all: one connection, one question.
//!
//! Never judges conformance. Whatever is wrong is one line.

use tokio::time::{Instant, timeout_at};

use super::drive::{decode, end_in_words};
use super::run::Target;
use crate::codec::Codec;
use crate::engine::text_of;
use crate::event::FrameKind;
use crate::protocol::Identified;
use crate::scenario::{Expr, Outgoing as Sends, Pack, Scope};
use crate::target::Timeouts;
use crate::transport::{self, Incoming, Outgoing};
use crate::value::Value;

/// `Err` is the one line that says why nothing can be tested there.
pub(super) async fn preflight(
    pack: &Pack,
    target: &Target,
    timeouts: &Timeouts,
    tag: &str,
) -> Result<(), String> {
    let mut connection = transport::open(&target.endpoint, timeouts.connect)
        .await
        .map_err(|error| error.to_string())?;
    let Some((name, question)) = question(pack, tag) else {
        return Ok(());
    };
    let bytes = target
        .codec
        .encode(&question)
        .map_err(|error| error.to_string())?;
    connection.send(match target.codec.frames() {
        crate::codec::FrameKind::Text => {
            Outgoing::Text(String::from_utf8_lossy(&bytes).as_ref().into())
        }
        crate::codec::FrameKind::Binary => Outgoing::Binary(bytes.into()),
    });
    let by = Instant::now() + timeouts.answer;
    let mut unknown: Option<String> = None;
    loop {
        let (kind, bytes) = match timeout_at(by, connection.next()).await {
            Err(_) => {
                return Err(match unknown {
                    Some(kind) => format!(
                        "it answers {name} with \"{kind}\", which {} does not know",
                        pack.catalogue.document
                    ),
                    None => format!(
                        "it accepts connections, but answered nothing to {name} within {:?}",
                        timeouts.answer
                    ),
                });
            }
            Ok(Incoming::Pong(_)) => continue,
            Ok(Incoming::End(end)) => {
                return Err(format!("after {name}, {}", end_in_words(&end)));
            }
            Ok(Incoming::Text(text)) => (FrameKind::Text, text.as_bytes().to_vec()),
            Ok(Incoming::Binary(bytes)) => (FrameKind::Binary, bytes.to_vec()),
        };
        let value = match decode(kind, &bytes, target.codec).value {
            Ok(value) => value,
            Err(reason) => {
                return Err(wrong_codec(
                    pack,
                    target.codec,
                    kind,
                    &bytes,
                    &name,
                    &reason,
                ));
            }
        };
        if value == question {
            return Err(format!(
                "it sends {name} back as it came: an echo, not a {} server",
                pack.catalogue.name
            ));
        }
        match pack.catalogue.identify(&value) {
            Identified::Message(message) if message.server.is_some() => return Ok(()),
            Identified::Message(message) => {
                return Err(format!(
                    "it answers {name} with {}, which only clients send",
                    message.name
                ));
            }
            Identified::Unknown(kind) => {
                unknown.get_or_insert(text_of(&kind, 80).0);
            }
            Identified::Unrecognised(reason) => {
                return Err(format!(
                    "it answers {name} with something that is no message: {reason}"
                ));
            }
        }
    }
}

/// The request of the fence that needs no state, from a user who does not exist.
fn question(pack: &Pack, tag: &str) -> Option<(String, Value)> {
    let fence = pack.fences.iter().find(|fence| fence.since.is_none())?;
    let Sends::Message { name, fields } = &fence.sends else {
        return None;
    };
    let body = resolve(fields, tag)?;
    let discriminator = &pack.catalogue.message(name)?.discriminator;
    Some((
        name.clone(),
        pack.catalogue
            .wire
            .wrap(discriminator, body, super::run::unix_now()),
    ))
}

fn resolve(fields: &Expr, tag: &str) -> Option<Value> {
    /// Every reference is a name that nobody has.
    struct Nobody<'a>(&'a str);
    impl Scope for Nobody<'_> {
        fn find(&self, path: &[String]) -> Option<(Value, usize)> {
            Some((Value::Str(format!("nobody{}", self.0)), path.len()))
        }
    }
    fields.resolve(&Nobody(tag)).ok()
}

fn wrong_codec(
    pack: &Pack,
    codec: Codec,
    kind: FrameKind,
    bytes: &[u8],
    name: &str,
    reason: &str,
) -> String {
    let other = match codec {
        Codec::Json => Codec::MessagePack,
        Codec::MessagePack => Codec::Json,
    };
    let frames = if kind == FrameKind::Text {
        "text"
    } else {
        "binary"
    };
    if other
        .decode(bytes)
        .is_ok_and(|value| matches!(value, Value::Map(_)))
    {
        return format!(
            "it answers {name} in {other} in {frames} frames; {} says {codec}; run with --codec {} to test the rest",
            pack.catalogue.document,
            other.name(),
        );
    }
    format!("it answers {name} with a frame that is no {codec}: {reason}")
}
