//! The first question: which pack, over what, in which codec and frames, with names or numbers for types.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

use super::bench::{AT_ONCE, Bench};
use super::draft::Draft;
use super::numbers::enumerations;
use crate::codec::FrameKind as Travels;
use crate::event::FrameKind;
use crate::protocol::{Identified, WireCodec, check};
use crate::runner::{Conversation, ConverseError, Target, end_in_words, question};
use crate::scenario::Pack;
use crate::target::{Frames, Framing, Me};
use crate::value::Value;

/// What the target speaks, as far as one question tells.
pub(super) enum Greeting {
    /// Drafts that account for its answers equally well, the likeliest first.
    Known(Vec<(Arc<Pack>, Draft)>),
    /// It answers two packs' questions equally well.
    Ambiguous(Vec<String>),
    /// Nothing that came is of any of the packs: what each way of speaking gave.
    Foreign(Vec<String>),
    /// It cannot be reached.
    Unfit(String),
}

/// How messages travel.
#[derive(Clone, Copy)]
struct Way {
    codec: WireCodec,
    frames: Option<Frames>,
    framing: Option<Framing>,
    name: &'static str,
}

const SOCKET: [Way; 3] = [
    way(
        WireCodec::Json,
        Some(Frames::Text),
        None,
        "JSON in text frames",
    ),
    way(
        WireCodec::MessagePack,
        Some(Frames::Binary),
        None,
        "MessagePack in binary frames",
    ),
    way(
        WireCodec::Json,
        Some(Frames::Binary),
        None,
        "JSON in binary frames",
    ),
];

const STREAM: [Way; 4] = [
    way(
        WireCodec::Json,
        None,
        None,
        "JSON, a newline after each value",
    ),
    way(
        WireCodec::Json,
        None,
        Some(Framing::Length),
        "JSON, a length before each message",
    ),
    way(
        WireCodec::MessagePack,
        None,
        None,
        "MessagePack, one value after the other",
    ),
    way(
        WireCodec::MessagePack,
        None,
        Some(Framing::Length),
        "MessagePack, a length before each message",
    ),
];

const fn way(
    codec: WireCodec,
    frames: Option<Frames>,
    framing: Option<Framing>,
    name: &'static str,
) -> Way {
    Way {
        codec,
        frames,
        framing,
        name,
    }
}

/// What an answer of the pack is worth, and the answer that the question is meant to get.
const MESSAGE: i64 = 100;
const EXPECTED: i64 = 50;
/// An answer in the pack's envelope, of a type that the pack does not know: an error of the server's own, perhaps.
const STRANGER: i64 = 20;
/// A departure from a message's shape.
const FAULT: i64 = 3;

/// Asks in all the ways there are, until one is understood.
pub(super) async fn greet(bench: &Bench, packs: &[Arc<Pack>], url: &str) -> Greeting {
    let mut gave = Vec::new();
    let mut unreachable = Vec::new();
    for (place, url) in places(url).into_iter().enumerate() {
        if place > 0 && bench.time_is_up() {
            break;
        }
        let mut best: Vec<(i64, Arc<Pack>, Draft)> = Vec::new();
        let ways: &[Way] = if is_stream(&url) { &STREAM } else { &SOCKET };
        // Of this place: a server that is no WebSocket may still be one of a stream.
        let mut closed = false;
        for way in ways {
            let asked = packs.iter().map(|pack| {
                let draft = drafted(pack, &url, *way);
                ask(bench, pack, draft)
            });
            let answers = join_all(asked).await;
            for (pack, answer) in packs.iter().zip(answers) {
                match answer {
                    Answer::Unreachable(reason) => {
                        closed = true;
                        let reason = format!("{url}: {reason}");
                        if !unreachable.contains(&reason) {
                            unreachable.push(reason);
                        }
                    }
                    Answer::Nothing(what) => {
                        let name = &pack.catalogue.name;
                        gave.push(format!("{url}, {}, as {name}: {what}", way.name));
                    }
                    Answer::Spoke(points, draft) => best.push((points, pack.clone(), *draft)),
                }
            }
            let known = best.iter().any(|(points, ..)| *points >= MESSAGE);
            if closed || known || bench.time_is_up() {
                break;
            }
        }
        let understood = best.iter().any(|(points, ..)| *points >= MESSAGE / 2);
        if !understood && !closed {
            for way in ways.iter().filter(|way| way.codec == WireCodec::Json) {
                let numbers = numbered(bench, packs, &url, *way).await;
                if !numbers.is_empty() {
                    best = numbers;
                    break;
                }
            }
        }
        let Some(most) = best.iter().map(|(points, ..)| *points).max() else {
            continue;
        };
        best.retain(|(points, ..)| *points == most);
        let mut names: Vec<String> = (best.iter())
            .map(|(_, pack, _)| pack.catalogue.name.clone())
            .collect();
        names.sort();
        names.dedup();
        return match names.len() {
            1 => Greeting::Known(
                best.into_iter()
                    .map(|(_, pack, draft)| (pack, draft))
                    .collect(),
            ),
            _ => Greeting::Ambiguous(names),
        };
    }
    match unreachable.first() {
        Some(reason) if gave.is_empty() => Greeting::Unfit(reason.clone()),
        _ => Greeting::Foreign([gave, unreachable].concat()),
    }
}

/// The URL; and the same place by the other means, where it may be meant.
fn places(url: &str) -> Vec<String> {
    match url.split_once("://") {
        None => vec![format!("ws://{url}"), format!("tcp://{url}")],
        Some(("ws", place)) if !place.trim_end_matches('/').contains('/') => {
            vec![
                url.to_owned(),
                format!("tcp://{}", place.trim_end_matches('/')),
            ]
        }
        Some(("tcp", place)) => vec![url.to_owned(), format!("ws://{place}")],
        Some(_) => vec![url.to_owned()],
    }
}

fn is_stream(url: &str) -> bool {
    url.starts_with("tcp:") || url.starts_with("tls:")
}

/// The document's own way, but for what is another one.
fn drafted(pack: &Pack, url: &str, way: Way) -> Draft {
    let usual = match way.codec {
        WireCodec::Json => Frames::Text,
        WireCodec::MessagePack => Frames::Binary,
    };
    Draft {
        pack: pack.catalogue.name.clone(),
        url: url.to_owned(),
        codec: (pack.catalogue.wire.codec != way.codec).then_some(way.codec),
        frames: way.frames.filter(|frames| *frames != usual),
        framing: way.framing,
        ..Draft::default()
    }
}

enum Answer {
    Unreachable(String),
    /// No message of the pack; what it was instead.
    Nothing(String),
    Spoke(i64, Box<Draft>),
}

async fn ask(bench: &Bench, pack: &Arc<Pack>, draft: Draft) -> Answer {
    let Some(target) = bench.target(pack, &draft) else {
        return Answer::Nothing("not asked: the pack has no such dialect".to_owned());
    };
    let Some((name, question)) = question(pack, &target, &bench.fresh_tag()) else {
        let why = "not asked: the pack has no fence that needs no login";
        return Answer::Nothing(why.to_owned());
    };
    match bench.ask(&target, &question).await {
        Err(ConverseError::Open(error)) => Answer::Unreachable(error.to_string()),
        Err(ConverseError::Unsayable(reason)) => Answer::Nothing(reason),
        Ok(heard) => match assess(pack, &target, &question, &heard) {
            Some(points) => Answer::Spoke(points, Box::new(draft)),
            None => Answer::Nothing(told(&name, &heard)),
        },
    }
}

/// How well the answers are those of a server of the pack; `None` where none is.
fn assess(pack: &Pack, target: &Target, question: &Value, heard: &Conversation) -> Option<i64> {
    let expected = expected_answer(pack);
    let me = Me {
        fields: &[],
        now: 0,
    };
    let as_sent = target.profile.dialect.outgoing(question.clone(), &me);
    let mut most: Option<i64> = None;
    for (kind, bytes) in &heard.came {
        let right_kind = target.endpoint.is_raw()
            || matches!(
                (kind, target.frames),
                (FrameKind::Text, Travels::Text) | (FrameKind::Binary, Travels::Binary)
            );
        let Ok(value) = target.codec.decode(bytes) else {
            continue;
        };
        if value == as_sent {
            return None;
        }
        let value = target.profile.dialect.incoming(value);
        let message = match pack.catalogue.identify(&value) {
            Identified::Message(message) => message,
            Identified::Unknown(_) if pack.catalogue.wire.body(&value).is_some() => {
                most = most.max(Some(STRANGER));
                continue;
            }
            _ => continue,
        };
        if message.server.is_none() {
            continue;
        }
        let faults = i64::try_from(check(&pack.catalogue, message, &value).len()).unwrap_or(0);
        let mut points = MESSAGE - FAULT * faults;
        points += if Some(message.name.as_str()) == expected {
            EXPECTED
        } else {
            0
        };
        points -= if right_kind { 0 } else { MESSAGE / 2 };
        most = most.max(Some(points));
    }
    most
}

fn expected_answer(pack: &Pack) -> Option<&str> {
    let fence = pack.fences.iter().find(|fence| fence.since.is_none())?;
    Some(&fence.answered_by.message)
}

fn told(name: &str, heard: &Conversation) -> String {
    let mut parts = Vec::new();
    if let Some((_, bytes)) = heard.came.first() {
        let text = String::from_utf8_lossy(bytes);
        let short: String = text.chars().take(80).collect();
        parts.push(format!("{name} is answered with {}", Value::str(short)));
    }
    match &heard.end {
        Some(end) => parts.push(end_in_words(end)),
        None if parts.is_empty() => parts.push(format!("no answer to {name}")),
        None => {}
    }
    parts.join("; ")
}

/// The same question with numbers for symbols.
async fn numbered(
    bench: &Bench,
    packs: &[Arc<Pack>],
    url: &str,
    way: Way,
) -> Vec<(i64, Arc<Pack>, Draft)> {
    let asked = packs.iter().flat_map(|pack| {
        let drafts = enumerations(&pack.catalogue).into_iter();
        drafts.map(move |constants| async move {
            if bench.time_is_up() {
                return None;
            }
            let draft = Draft {
                constants,
                ..drafted(pack, url, way)
            };
            match ask(bench, pack, draft).await {
                Answer::Spoke(points, draft) if points >= MESSAGE => {
                    Some((points, pack.clone(), *draft))
                }
                _ => None,
            }
        })
    });
    let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    answers.into_iter().flatten().collect()
}
