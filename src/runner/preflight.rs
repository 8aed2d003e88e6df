//! Whether the target is there, and speaks the protocol at all: one connection, one question.
//!
//! Never judges conformance. Whatever is wrong is one line; where the target speaks another codec, that line
//! says which option lets the run go on.

use std::time::Duration;

use tokio::time::Instant;

use super::drive::end_in_words;
use super::speech::Target;
use crate::codec::{Codec, FrameKind as Travels};
use crate::engine::{Outbound, text_of};
use crate::event::FrameKind;
use crate::protocol::Identified;
use crate::scenario::{Expr, Outgoing as Sends, Pack, Scope};
use crate::target::{Me, Timeouts};
use crate::transport::{self, Incoming};
use crate::value::Value;

/// How long a target may take to answer in another codec than the one that it was silent in.
const SECOND_TRY: Duration = Duration::from_secs(1);

/// Why nothing can be tested there.
pub(super) struct Unfit {
    /// One line.
    pub(super) reason: String,
    /// Somebody is there and speaks in another way, or does not understand.
    pub(super) foreign: bool,
}

impl Unfit {
    /// The line for whoever has not tested this target before.
    pub(super) fn at_first(self) -> String {
        if self.foreign {
            let reason = self.reason;
            format!("{reason}; `wireproof probe` can find out what it speaks")
        } else {
            self.reason
        }
    }
}

pub(super) async fn preflight(
    pack: &Pack,
    target: &Target,
    timeouts: &Timeouts,
    tag: &str,
) -> Result<(), Unfit> {
    let known = |reason| Unfit {
        reason,
        foreign: false,
    };
    let foreign = |reason| Unfit {
        reason,
        foreign: true,
    };
    match ask(pack, target, timeouts, tag).await {
        Asked::Answered => Ok(()),
        Asked::Unfit(reason) => Err(known(reason)),
        Asked::Foreign(reason) => Err(foreign(reason)),
        Asked::Unheard(reason) => {
            // Perhaps it did not understand the question, and says so to no one.
            let codec = other_than(target.codec);
            let other = target.speaking(codec, codec.frames());
            let patience = Timeouts {
                answer: timeouts.answer.min(SECOND_TRY),
                ..*timeouts
            };
            match ask(pack, &other, &patience, tag).await {
                Asked::Answered => Err(known(speaks(pack, target, other.codec, other.frames))),
                _ => Err(foreign(reason)),
            }
        }
    }
}

enum Asked {
    /// A message of the protocol came back.
    Answered,
    /// Nothing came, or an end.
    Unheard(String),
    /// Something came that a server of this protocol does not say, for a reason that the line names.
    Unfit(String),
    /// A message came that is none of this protocol's.
    Foreign(String),
}

async fn ask(pack: &Pack, target: &Target, timeouts: &Timeouts, tag: &str) -> Asked {
    let mut connection = match transport::open(&target.endpoint, timeouts.connect).await {
        Ok(connection) => connection,
        Err(error) => return Asked::Unfit(error.to_string()),
    };
    let Some((name, question)) = question(pack, target, tag) else {
        return Asked::Answered;
    };
    let me = Me {
        fields: &[],
        now: super::run::unix_now(),
    };
    match target.encode(Outbound::Value(question.clone()), &me) {
        Ok((_, outgoing)) => connection.send(outgoing),
        Err(error) => return Asked::Unfit(error.to_string()),
    }
    let by = Instant::now() + timeouts.answer;
    let mut unknown: Option<String> = None;
    loop {
        let (kind, bytes) = match connection.next_by(by).await {
            None => {
                return match unknown {
                    Some(kind) => Asked::Foreign(format!(
                        "it answers {name} with \"{kind}\", which {} does not know",
                        pack.catalogue.document
                    )),
                    None => Asked::Unheard(format!(
                        "it accepts connections, but answered nothing to {name} within {:?}",
                        timeouts.answer
                    )),
                };
            }
            Some(Incoming::Pong(_)) => continue,
            Some(Incoming::End(end)) => {
                return Asked::Unheard(format!("after {name}, {}", end_in_words(&end)));
            }
            Some(Incoming::Text(text)) => (FrameKind::Text, text.as_bytes().to_vec()),
            Some(Incoming::Binary(bytes)) => (FrameKind::Binary, bytes.to_vec()),
        };
        let value = match target.decode(kind, &bytes).value {
            Ok(value) => value,
            Err(reason) => {
                return Asked::Unfit(wrong_codec(pack, target, kind, &bytes, &name, &reason));
            }
        };
        if value == question {
            return Asked::Unfit(format!(
                "it sends {name} back as it came: an echo, not a {} server",
                pack.catalogue.name
            ));
        }
        match pack.catalogue.identify(&value) {
            Identified::Message(message) if message.server.is_some() => return Asked::Answered,
            Identified::Message(message) => {
                return Asked::Foreign(format!(
                    "it answers {name} with {}, which only clients send",
                    message.name
                ));
            }
            Identified::Unknown(kind) => {
                unknown.get_or_insert(text_of(&kind, 80).0);
            }
            Identified::Unrecognised(reason) => {
                return Asked::Foreign(format!(
                    "it answers {name} with something that is no message: {reason}"
                ));
            }
        }
    }
}

fn other_than(codec: Codec) -> Codec {
    match codec {
        Codec::Json => Codec::MessagePack,
        Codec::MessagePack => Codec::Json,
    }
}

/// What it speaks instead, and the options with which the rest is tested.
fn speaks(pack: &Pack, target: &Target, codec: Codec, frames: Travels) -> String {
    let shown = |frames| match frames {
        Travels::Text => "text",
        Travels::Binary => "binary",
    };
    let mut options = Vec::new();
    if codec != target.document {
        options.push(format!("--codec {}", codec.name()));
    }
    if frames != codec.frames() {
        options.push(format!("--frames {}", shown(frames)));
    }
    let mut says = target.codec.to_string();
    if codec == target.codec {
        says = format!("{says} in {} frames", shown(target.frames));
    }
    let who = if target.codec == target.document {
        format!("{} says {says}", pack.catalogue.document)
    } else {
        format!("this run was told {says}")
    };
    let instead = if options.is_empty() {
        "run without --codec".to_owned()
    } else {
        format!("run with {}", options.join(" "))
    };
    format!(
        "it answers {codec} in {} frames; {who}; {instead} to test the rest",
        shown(frames)
    )
}

fn wrong_codec(
    pack: &Pack,
    target: &Target,
    kind: FrameKind,
    bytes: &[u8],
    name: &str,
    reason: &str,
) -> String {
    let frames = match kind {
        FrameKind::Binary => Travels::Binary,
        _ => Travels::Text,
    };
    for codec in [other_than(target.codec), target.codec] {
        let is_map = |value| matches!(value, Value::Map(_));
        if (codec, frames) != (target.codec, target.frames) && codec.decode(bytes).is_ok_and(is_map)
        {
            return speaks(pack, target, codec, frames);
        }
    }
    format!(
        "it answers {name} with a frame that is no {}: {reason}",
        target.codec
    )
}

/// The request of the fence that needs no state, from a user who does not exist.
/// Its name, and the frame as the document has it.
pub fn question(pack: &Pack, target: &Target, tag: &str) -> Option<(String, Value)> {
    let fence = pack.fences.iter().find(|fence| fence.since.is_none())?;
    let Sends::Message { name, fields } = &fence.sends else {
        return None;
    };
    if target.profile.lacks_message(name).is_some() {
        return None;
    }
    let nobody = target.profile.users.fit(format!("nobody{tag}"));
    let body = resolve(fields, &nobody)?;
    let discriminator = &pack.catalogue.message(name)?.discriminator;
    Some((
        name.clone(),
        pack.catalogue
            .wire
            .wrap(discriminator, body, super::run::unix_now()),
    ))
}

fn resolve(fields: &Expr, nobody: &str) -> Option<Value> {
    /// Every reference is a name that nobody has.
    struct Nobody<'a>(&'a str);
    impl Scope for Nobody<'_> {
        fn find(&self, path: &[String]) -> Option<(Value, usize)> {
            Some((Value::str(self.0), path.len()))
        }
    }
    fields.resolve(&Nobody(nobody)).ok()
}
