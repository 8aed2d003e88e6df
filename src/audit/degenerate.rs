//! Degenerate servers: wrong in one simple way about everything. No case may conform on the simplest.
//!
//! What a pack needs for plausible answers is derived from its catalogue; nothing here knows a protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lab::{Effect, Forkable, Frame, Handlers, simulate};
use crate::codec::{Codec, FrameKind as Travels};
use crate::event::{Event, FrameKind};
use crate::plan::Case;
use crate::protocol::{Catalogue, FieldKind, FieldShape, Identified, Message, Type};
use crate::scenario::Pack;
use crate::value::Value;

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Silent,
    ClosesAtOnce,
    ClosesOnMessage,
    Resets,
    Echoes,
    WrongCodec,
    /// Answers every request with a refusal of the pack's own.
    RefusesAll,
    /// Answers every request with the most plausible success.
    AcceptsAll,
    /// Like the reference, but from its second answer to a connection on repeats the first.
    Replays,
    /// Like the reference, but says everything twice.
    AnswersTwice,
    /// Like the reference, but tells everybody.
    AnswersEverybody,
}

impl Wrong {
    pub const ALL: [Wrong; 11] = [
        Wrong::Silent,
        Wrong::ClosesAtOnce,
        Wrong::ClosesOnMessage,
        Wrong::Resets,
        Wrong::Echoes,
        Wrong::WrongCodec,
        Wrong::RefusesAll,
        Wrong::AcceptsAll,
        Wrong::Replays,
        Wrong::AnswersTwice,
        Wrong::AnswersEverybody,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Wrong::Silent => "silent",
            Wrong::ClosesAtOnce => "closes at once",
            Wrong::ClosesOnMessage => "closes on any message",
            Wrong::Resets => "resets",
            Wrong::Echoes => "echoes",
            Wrong::WrongCodec => "wrong codec",
            Wrong::RefusesAll => "refuses everything",
            Wrong::AcceptsAll => "accepts everything",
            Wrong::Replays => "replays its first answer",
            Wrong::AnswersTwice => "answers twice",
            Wrong::AnswersEverybody => "answers everybody",
        }
    }

    /// Whether it is the reference server with its answers distorted.
    fn starts_from_the_reference(self) -> bool {
        matches!(
            self,
            Wrong::Replays | Wrong::AnswersTwice | Wrong::AnswersEverybody
        )
    }

    /// Whether no case at all may conform on such a server.
    pub fn is_hopeless(self) -> bool {
        matches!(
            self,
            Wrong::Silent
                | Wrong::ClosesAtOnce
                | Wrong::ClosesOnMessage
                | Wrong::Resets
                | Wrong::Echoes
                | Wrong::WrongCodec
        )
    }
}

/// What the suite says of a degenerate server.
#[derive(Clone, Debug)]
pub struct Impression {
    pub wrong: Wrong,
    /// The cases that conform, though the server did something wrong in them.
    pub conforms: Vec<String>,
    /// The requirements that count as met, over all cases.
    pub met: Vec<String>,
    /// Those of them that a conforming case proves: nothing else in that case noticed either.
    pub met_where_conforming: Vec<String>,
}

/// Runs every case against the server; `reference` makes a correct one, for those that start from it.
pub fn degenerate(
    pack: &Pack,
    cases: &[Arc<Case>],
    codec: Codec,
    wrong: Wrong,
    reference: &dyn Fn() -> Box<dyn Forkable>,
) -> Impression {
    let mut conforms = Vec::new();
    let mut held: BTreeMap<String, bool> = BTreeMap::new();
    let mut unnoticed = BTreeSet::new();
    for case in cases {
        let mut server = Degenerate {
            wrong,
            codec,
            catalogue: &pack.catalogue,
            reference: reference(),
            open: BTreeSet::new(),
            first: BTreeMap::new(),
            did_wrong: !wrong.starts_from_the_reference(),
        };
        let judged = simulate(case, codec, &mut server);
        // Whoever tells everybody tells the right one, where there is but one.
        let conforms_here = judged.conforms() && server.did_wrong;
        if conforms_here {
            conforms.push(case.id.clone());
        }
        for event in &judged.events {
            match event {
                Event::Held { proves, .. } => {
                    for id in proves {
                        held.entry(id.clone()).or_insert(true);
                        if conforms_here {
                            unnoticed.insert(id.clone());
                        }
                    }
                }
                Event::Deviation { deviation, .. } => {
                    for id in &deviation.requirements {
                        held.insert(id.clone(), false);
                    }
                }
                _ => {}
            }
        }
    }
    let met: Vec<String> = held
        .into_iter()
        .filter(|(_, held)| *held)
        .map(|(id, _)| id)
        .collect();
    let met_where_conforming = met.iter().filter(|id| unnoticed.contains(*id));
    Impression {
        wrong,
        conforms,
        met_where_conforming: met_where_conforming.cloned().collect(),
        met,
    }
}

struct Degenerate<'a> {
    wrong: Wrong,
    codec: Codec,
    catalogue: &'a Catalogue,
    reference: Box<dyn Forkable>,
    open: BTreeSet<u32>,
    /// The first frame that each connection was sent.
    first: BTreeMap<u32, Frame>,
    /// It did something else than a correct server.
    did_wrong: bool,
}

impl Handlers for Degenerate<'_> {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.insert(connection);
        let effects = self.reference.connected(connection, now_ms);
        match self.wrong {
            Wrong::ClosesAtOnce => vec![Effect::Close {
                connection,
                code: 1000,
            }],
            Wrong::Resets => vec![Effect::Reset { connection }],
            Wrong::Replays | Wrong::AnswersTwice | Wrong::AnswersEverybody => self.distort(effects),
            _ => Vec::new(),
        }
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        match self.wrong {
            Wrong::Silent | Wrong::ClosesAtOnce => Vec::new(),
            Wrong::ClosesOnMessage => vec![Effect::Close {
                connection,
                code: 1000,
            }],
            Wrong::Resets => vec![Effect::Reset { connection }],
            Wrong::Echoes => vec![Effect::Send {
                to: connection,
                frame,
            }],
            Wrong::WrongCodec | Wrong::RefusesAll | Wrong::AcceptsAll => {
                self.answer(connection, &frame)
            }
            Wrong::Replays | Wrong::AnswersTwice | Wrong::AnswersEverybody => {
                let effects = self.reference.received(connection, frame, now_ms);
                self.distort(effects)
            }
        }
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.remove(&connection);
        let effects = self.reference.disconnected(connection, now_ms);
        self.distort(effects)
    }
}

impl Degenerate<'_> {
    fn distort(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut distorted = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { to, frame } => match self.wrong {
                    Wrong::Replays => {
                        let first = self.first.entry(to).or_insert_with(|| frame.clone());
                        self.did_wrong |= *first != frame;
                        let frame = first.clone();
                        distorted.push(Effect::Send { to, frame });
                    }
                    Wrong::AnswersTwice => {
                        self.did_wrong = true;
                        distorted.push(Effect::Send {
                            to,
                            frame: frame.clone(),
                        });
                        distorted.push(Effect::Send { to, frame });
                    }
                    Wrong::AnswersEverybody => {
                        self.did_wrong |= self.open.len() > 1;
                        let everybody = self.open.iter().map(|to| Effect::Send {
                            to: *to,
                            frame: frame.clone(),
                        });
                        distorted.extend(everybody);
                    }
                    _ => {}
                },
                other => distorted.push(other),
            }
        }
        distorted
    }

    /// An answer from the catalogue alone: the server messages of the request's section that no client sends.
    fn answer(&self, connection: u32, frame: &Frame) -> Vec<Effect> {
        let Ok(value) = self.codec.decode(&frame.bytes) else {
            return Vec::new();
        };
        let Identified::Message(request) = self.catalogue.identify(&value) else {
            return Vec::new();
        };
        let in_section =
            |message: &&Message| message.section == request.section && message.server.is_some();
        let pure = |message: &&Message| in_section(message) && message.client.is_none();
        let messages = &self.catalogue.messages;
        let own = messages
            .iter()
            .filter(|message| message.name == request.name && message.server.is_some());
        let named = |message: &&Message| {
            pure(message)
                && message
                    .name
                    .starts_with(request.name.trim_end_matches("REQUEST"))
        };
        // Where success and failure are messages of their own, the document tells of the failure last.
        let its_own = match self.wrong {
            Wrong::RefusesAll => messages.iter().rfind(named),
            _ => messages.iter().find(named),
        };
        let answer = its_own
            .or_else(|| messages.iter().find(pure))
            .or(own.into_iter().next());
        let Some(answer) = answer else {
            return Vec::new();
        };
        let body = self.body_of(answer, self.catalogue.wire.body(&value));
        let frame = self
            .catalogue
            .wire
            .wrap(&answer.discriminator, body, 1_700_000_000);
        let codec = match (self.wrong, self.codec) {
            (Wrong::WrongCodec, Codec::Json) => Codec::MessagePack,
            (Wrong::WrongCodec, Codec::MessagePack) => Codec::Json,
            (_, codec) => codec,
        };
        let kind = match codec.frames() {
            Travels::Text => FrameKind::Text,
            Travels::Binary => FrameKind::Binary,
        };
        let Ok(bytes) = codec.encode(&frame) else {
            return Vec::new();
        };
        vec![Effect::Send {
            to: connection,
            frame: Frame { kind, bytes },
        }]
    }

    fn body_of(&self, answer: &Message, request: Option<&Value>) -> Value {
        let Some(shape) = &answer.server else {
            return Value::Map(Vec::new());
        };
        let variant = match self.wrong {
            Wrong::RefusesAll => shape.variants.last(),
            _ => shape.variants.first(),
        };
        let fields = variant
            .map(|variant| variant.fields.as_slice())
            .unwrap_or_default();
        Value::map(fields.iter().map(|field| {
            let echoed = request
                .and_then(|request| request.get(&field.name))
                .filter(|v| field.shape.accepts_type(v));
            (
                field.name.clone(),
                echoed
                    .cloned()
                    .unwrap_or_else(|| self.plausible(&field.shape)),
            )
        }))
    }

    fn plausible(&self, shape: &FieldShape) -> Value {
        let refuses = self.wrong == Wrong::RefusesAll;
        match &shape.kind {
            FieldKind::OneOf(values) if refuses => values
                .last()
                .map_or(Value::Null, |(value, _)| value.clone()),
            FieldKind::OneOf(values) => values
                .first()
                .map_or(Value::Null, |(value, _)| value.clone()),
            FieldKind::ListOf(_) => Value::List(Vec::new()),
            FieldKind::MapOf(_) => Value::Map(Vec::new()),
            FieldKind::Object(fields) => Value::map(
                fields
                    .iter()
                    .map(|field| (field.name.clone(), self.plausible(&field.shape))),
            ),
            FieldKind::Of(kind) => match kind {
                Type::Bool => Value::Bool(!refuses),
                Type::Int | Type::Number => Value::Int(if refuses { 1 } else { 0 }),
                Type::Timestamp => Value::Int(1_700_000_000),
                Type::Id => Value::Int(1),
                Type::Status => Value::Int(if refuses { 400 } else { 200 }),
                Type::String | Type::Base64 => Value::str("AAAA"),
                Type::IsoTime => Value::str("2026-01-01T00:00:00Z"),
                Type::Bytes => Value::Bin(Vec::new()),
                Type::List => Value::List(Vec::new()),
                Type::Map => Value::Map(Vec::new()),
                Type::Any | Type::Null => Value::Null,
            },
        }
    }
}
