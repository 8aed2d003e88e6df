//! Tampered frames: every frame that a correct server sends in a case is spoilt in every way there is, one at
//! a time, and the suite has to notice.
//!
//! What cannot be noticed is *equivalent*, and only the catalogue's marks can say so: a timestamp's value, an
//! opaque field's, a message that a permission covers. Frames of set-up flows count when the case is blocked;
//! replies to fences are left alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lab::{Effect, Frame, Handlers, Judged, simulate};
use crate::codec::Codec;
use crate::event::{CaseEnd, Event, TakenBy};
use crate::plan::Case;
use crate::protocol::{Catalogue, Field, FieldKind, FieldShape, Identified, Type};
use crate::scenario::Pack;
use crate::value::Value;

/// What is done to a frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tampering {
    Drop,
    Duplicate,
    /// It arrives with the first input after this many milliseconds.
    Delay,
    /// To another connection.
    Misdirect,
    /// It comes after the next frame to the same connection.
    Swap,
    /// A frame of an undocumented type comes before it.
    Add,
    /// One field is changed; the path has `[]` for an element.
    Field {
        path: String,
        change: Change,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Remove,
    Null,
    Retype,
    Alter,
    Rename,
}

impl Change {
    const ALL: [Change; 5] = [
        Change::Remove,
        Change::Null,
        Change::Retype,
        Change::Alter,
        Change::Rename,
    ];

    fn name(self) -> &'static str {
        match self {
            Change::Remove => "removed",
            Change::Null => "null",
            Change::Retype => "of another type",
            Change::Alter => "changed",
            Change::Rename => "renamed",
        }
    }
}

impl std::fmt::Display for Tampering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Tampering::Drop => f.write_str("dropped"),
            Tampering::Duplicate => f.write_str("sent twice"),
            Tampering::Delay => f.write_str("delayed past the deadline"),
            Tampering::Misdirect => f.write_str("sent to another connection"),
            Tampering::Swap => f.write_str("swapped with the next"),
            Tampering::Add => f.write_str("preceded by an undocumented frame"),
            Tampering::Field { path, change } => write!(f, "{path} {}", change.name()),
        }
    }
}

/// A tampering that no step noticed.
#[derive(Clone, Debug)]
pub struct Survivor {
    pub message: String,
    pub tampering: Tampering,
    pub case: String,
    /// The step, flow step or permission that took the frame, `file:line:col`.
    pub at: String,
}

/// What became of all the tamperings of some cases.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub killed: usize,
    pub equivalent: usize,
    pub survivors: Vec<Survivor>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.killed += other.killed;
        self.equivalent += other.equivalent;
        self.survivors.extend(other.survivors);
    }

    /// Killed of those that could be noticed, from 0 to 1.
    pub fn share(&self) -> f64 {
        let all = self.killed + self.survivors.len();
        if all == 0 {
            1.0
        } else {
            self.killed as f64 / all as f64
        }
    }
}

/// A frame of the undisturbed run.
struct Sent {
    value: Value,
    message: String,
    taken: Option<(TakenBy, String)>,
    /// The next frame to the same connection is judged, too; a fence's reply may come in any order.
    has_next: bool,
    /// Somebody else is connected.
    has_others: bool,
}

/// Tampers with every frame of a case; `reference` makes a correct server.
pub fn tamper(
    pack: &Pack,
    case: &Arc<Case>,
    codec: Codec,
    reference: &dyn Fn() -> Box<dyn Handlers>,
) -> Tally {
    let catalogue = &pack.catalogue;
    let mut tally = Tally::default();
    let Some(record) = record(catalogue, case, codec, reference()) else {
        return tally;
    };
    for (index, frame) in record.sent.iter().enumerate() {
        let Some((by, at)) = &frame.taken else {
            continue;
        };
        if *by == TakenBy::Fence {
            continue;
        }
        for tampering in tamperings(catalogue, frame) {
            if is_equivalent(catalogue, frame, *by, &tampering) {
                tally.equivalent += 1;
                continue;
            }
            let mut server = Tampered {
                inner: reference(),
                codec,
                catalogue,
                index,
                tampering: tampering.clone(),
                seen: 0,
                open: Vec::new(),
                held: None,
            };
            let judged = simulate(case, codec, &mut server);
            if is_noticed(&judged) {
                tally.killed += 1;
            } else if tampering == Tampering::Duplicate && permitted(&judged) > record.permitted {
                // The second one came where a permission stands.
                tally.equivalent += 1;
            } else {
                let message = frame.message.clone();
                tally.survivors.push(Survivor {
                    message,
                    tampering,
                    case: case.id.clone(),
                    at: at.clone(),
                });
            }
        }
    }
    tally
}

/// Whether a reader of the run would know that something was wrong.
fn is_noticed(judged: &Judged) -> bool {
    !judged.deviations.is_empty()
        || matches!(judged.end, CaseEnd::Blocked { .. })
        || judged
            .events
            .iter()
            .any(|event| matches!(event, Event::Shape { .. } | Event::UnknownMessage { .. }))
}

/// How many frames were accounted for by permissions.
fn permitted(judged: &Judged) -> usize {
    let by_permission = |event: &&Event| {
        matches!(
            event,
            Event::Taken {
                by: TakenBy::Allowance | TakenBy::Spontaneous,
                ..
            }
        )
    };
    judged.events.iter().filter(by_permission).count()
}

/// The undisturbed run.
struct Record {
    sent: Vec<Sent>,
    /// Frames that permissions account for.
    permitted: usize,
}

/// The frames of the undisturbed run; `None` where the case does not conform.
fn record(
    catalogue: &Catalogue,
    case: &Arc<Case>,
    codec: Codec,
    reference: Box<dyn Handlers>,
) -> Option<Record> {
    let mut recorder = Recorder {
        inner: reference,
        sent: Vec::new(),
        open: Vec::new(),
    };
    let judged = simulate(case, codec, &mut recorder);
    if !judged.conforms() {
        return None;
    }
    let mut taken = BTreeMap::new();
    for event in &judged.events {
        if let Event::Taken {
            connection,
            seq,
            by,
            at,
            ..
        } = event
        {
            taken.insert((*connection, *seq), (*by, at.clone()));
        }
    }
    let mut seqs: BTreeMap<u32, u32> = BTreeMap::new();
    let mut sent = Vec::new();
    let frames = recorder.sent;
    for (i, (to, frame, has_others)) in frames.iter().enumerate() {
        let seq = seqs.entry(*to).or_insert(0);
        let value = codec.decode(&frame.bytes).unwrap_or(Value::Null);
        let message = match catalogue.identify(&value) {
            Identified::Message(message) => message.name.clone(),
            _ => String::new(),
        };
        let is_judged = |seq: u32| {
            taken
                .get(&(*to, seq))
                .is_some_and(|(by, _)| *by != TakenBy::Fence)
        };
        let has_next = frames[i + 1..].iter().any(|(next, _, _)| next == to) && is_judged(*seq + 1);
        let taken = taken.get(&(*to, *seq)).cloned();
        sent.push(Sent {
            value,
            message,
            taken,
            has_next,
            has_others: *has_others,
        });
        *seq += 1;
    }
    Some(Record {
        sent,
        permitted: permitted(&judged),
    })
}

fn tamperings(catalogue: &Catalogue, frame: &Sent) -> Vec<Tampering> {
    let mut all = vec![
        Tampering::Drop,
        Tampering::Duplicate,
        Tampering::Delay,
        Tampering::Add,
    ];
    if frame.has_others {
        all.push(Tampering::Misdirect);
    }
    if frame.has_next {
        all.push(Tampering::Swap);
    }
    let mut paths = Vec::new();
    collect_paths(&frame.value, "$", 0, &mut paths);
    let type_path = format!("$.{}", catalogue.wire.type_key);
    for path in paths.into_iter().filter(|path| *path != type_path) {
        all.extend(Change::ALL.map(|change| Tampering::Field {
            path: path.clone(),
            change,
        }));
    }
    all
}

fn collect_paths(value: &Value, at: &str, depth: usize, paths: &mut Vec<String>) {
    match value {
        Value::Map(pairs) if depth < 6 => {
            for (key, value) in pairs {
                let path = format!("{at}.{}", key.as_str().unwrap_or_default());
                collect_paths(value, &path, depth + 1, paths);
                paths.push(path);
            }
        }
        // One element stands for all.
        Value::List(items) if depth < 6 => {
            if let Some(first @ Value::Map(_)) = items.first() {
                collect_paths(first, &format!("{at}[]"), depth + 1, paths);
            }
        }
        _ => {}
    }
}

/// Whether the catalogue's marks say that nobody can notice.
fn is_equivalent(catalogue: &Catalogue, frame: &Sent, by: TakenBy, tampering: &Tampering) -> bool {
    let permitted = matches!(by, TakenBy::Allowance | TakenBy::Spontaneous);
    match tampering {
        Tampering::Drop | Tampering::Delay | Tampering::Swap | Tampering::Duplicate => permitted,
        Tampering::Misdirect | Tampering::Add => false,
        Tampering::Field {
            path,
            change: Change::Alter,
        } => {
            permitted
                || mark(
                    catalogue,
                    frame,
                    path,
                    |shape| shape.opaque || is_time(shape),
                    Type::Timestamp,
                )
        }
        Tampering::Field { path, change } => {
            let nulled = *change == Change::Null
                && mark(catalogue, frame, path, |shape| shape.nullable, Type::Any);
            let absent = matches!(change, Change::Remove | Change::Rename)
                && mark(catalogue, frame, path, |shape| shape.optional, Type::Any);
            nulled || absent || !is_documented(catalogue, frame, path)
        }
    }
}

fn is_time(shape: &FieldShape) -> bool {
    matches!(
        shape.kind,
        FieldKind::Of(Type::Timestamp | Type::IsoTime | Type::Any)
    )
}

/// Whether the field at the path has a mark; a field of the envelope has it by its type.
fn mark(
    catalogue: &Catalogue,
    frame: &Sent,
    path: &str,
    has: impl Fn(&FieldShape) -> bool,
    stamp: Type,
) -> bool {
    if let Some(kind) = path.strip_prefix("$.").and_then(|key| catalogue.stamp(key)) {
        return kind == stamp;
    }
    shapes(catalogue, frame, path).into_iter().any(has)
}

fn is_documented(catalogue: &Catalogue, frame: &Sent, path: &str) -> bool {
    let envelope = path.strip_prefix("$.").is_some_and(|key| {
        catalogue.stamp(key).is_some() || catalogue.wire.body_key.as_deref() == Some(key)
    });
    envelope || !shapes(catalogue, frame, path).is_empty()
}

/// The shapes that the catalogue has for a path, in whichever variant.
fn shapes<'c>(catalogue: &'c Catalogue, frame: &Sent, path: &str) -> Vec<&'c FieldShape> {
    let Some(shape) = catalogue
        .message(&frame.message)
        .and_then(|message| message.server.as_ref())
    else {
        return Vec::new();
    };
    let prefix = catalogue
        .wire
        .body_key
        .as_ref()
        .map_or_else(|| "$.".to_owned(), |key| format!("$.{key}."));
    let Some(rest) = path.strip_prefix(&prefix) else {
        return Vec::new();
    };
    let find = |fields: &'c [Field]| find_field(fields, rest);
    shape
        .variants
        .iter()
        .filter_map(|variant| find(&variant.fields))
        .collect()
}

fn find_field<'c>(fields: &'c [Field], path: &str) -> Option<&'c FieldShape> {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let name = first.trim_end_matches("[]");
    let mut shape = &fields.iter().find(|field| field.name == name)?.shape;
    if first.ends_with("[]")
        && let FieldKind::ListOf(item) = &shape.kind
    {
        shape = item;
    }
    match (rest, &shape.kind) {
        (None, _) => Some(shape),
        (Some(rest), FieldKind::Object(fields)) => find_field(fields, rest),
        (Some(_), _) => None,
    }
}

/// Notes every frame that the server sends to a connection that is there.
struct Recorder {
    inner: Box<dyn Handlers>,
    sent: Vec<(u32, Frame, bool)>,
    open: Vec<u32>,
}

impl Recorder {
    fn note(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        for effect in &effects {
            if let Effect::Send { to, frame } = effect
                && self.open.contains(to)
            {
                self.sent.push((*to, frame.clone(), self.open.len() > 1));
            }
        }
        effects
    }
}

impl Handlers for Recorder {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.push(connection);
        let effects = self.inner.connected(connection, now_ms);
        self.note(effects)
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        let effects = self.inner.received(connection, frame, now_ms);
        self.note(effects)
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.retain(|open| *open != connection);
        let effects = self.inner.disconnected(connection, now_ms);
        self.note(effects)
    }
}

/// Like the inner server, but for one frame.
struct Tampered<'a> {
    inner: Box<dyn Handlers>,
    codec: Codec,
    catalogue: &'a Catalogue,
    index: usize,
    tampering: Tampering,
    seen: usize,
    open: Vec<u32>,
    /// A frame that is kept back, and until when: a time, or the next frame to its connection.
    held: Option<(u32, Frame, u64)>,
}

/// Longer than any step waits.
const LATE_MS: u64 = 10_000;

impl Tampered<'_> {
    fn distort(&mut self, effects: Vec<Effect>, now_ms: u64) -> Vec<Effect> {
        let mut distorted = Vec::new();
        if self
            .held
            .as_ref()
            .is_some_and(|(_, _, until)| *until <= now_ms)
            && let Some((to, frame, _)) = self.held.take()
        {
            distorted.push(Effect::Send { to, frame });
        }
        for effect in effects {
            let Effect::Send { to, frame } = effect else {
                distorted.push(effect);
                continue;
            };
            if !self.open.contains(&to) {
                continue;
            }
            let index = self.seen;
            self.seen += 1;
            if index == self.index {
                self.spoil(to, frame, now_ms, &mut distorted);
                continue;
            }
            let follows = self.tampering == Tampering::Swap
                && self.held.as_ref().is_some_and(|(held, _, _)| *held == to);
            distorted.push(Effect::Send { to, frame });
            if follows && let Some((to, frame, _)) = self.held.take() {
                distorted.push(Effect::Send { to, frame });
            }
        }
        distorted
    }

    fn spoil(&mut self, to: u32, frame: Frame, now_ms: u64, out: &mut Vec<Effect>) {
        match &self.tampering {
            Tampering::Drop => {}
            Tampering::Duplicate => {
                out.push(Effect::Send {
                    to,
                    frame: frame.clone(),
                });
                out.push(Effect::Send { to, frame });
            }
            Tampering::Delay => self.held = Some((to, frame, now_ms + LATE_MS)),
            Tampering::Swap => self.held = Some((to, frame, u64::MAX)),
            Tampering::Misdirect => {
                let other = self
                    .open
                    .iter()
                    .find(|other| **other != to)
                    .copied()
                    .unwrap_or(to);
                out.push(Effect::Send { to: other, frame });
            }
            Tampering::Add => {
                let strange = self.catalogue.wire.wrap(
                    &Value::str("wireproof-unheard-of"),
                    Value::Map(Vec::new()),
                    0,
                );
                let bytes = self.codec.encode(&strange).unwrap_or_default();
                out.push(Effect::Send {
                    to,
                    frame: Frame {
                        kind: frame.kind,
                        bytes,
                    },
                });
                out.push(Effect::Send { to, frame });
            }
            Tampering::Field { path, change } => {
                let Ok(mut value) = self.codec.decode(&frame.bytes) else {
                    return;
                };
                let segments: Vec<&str> = path.split('.').skip(1).collect();
                change_at(&mut value, &segments, *change);
                let bytes = self.codec.encode(&value).unwrap_or_default();
                out.push(Effect::Send {
                    to,
                    frame: Frame {
                        kind: frame.kind,
                        bytes,
                    },
                });
            }
        }
    }
}

impl Handlers for Tampered<'_> {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.push(connection);
        let effects = self.inner.connected(connection, now_ms);
        self.distort(effects, now_ms)
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        let effects = self.inner.received(connection, frame, now_ms);
        self.distort(effects, now_ms)
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.open.retain(|open| *open != connection);
        let effects = self.inner.disconnected(connection, now_ms);
        self.distort(effects, now_ms)
    }
}

fn change_at(value: &mut Value, path: &[&str], change: Change) {
    let [first, rest @ ..] = path else { return };
    let name = first.trim_end_matches("[]");
    let Value::Map(pairs) = value else { return };
    let Some(at) = pairs.iter().position(|(key, _)| key.as_str() == Some(name)) else {
        return;
    };
    if !rest.is_empty() {
        match &mut pairs[at].1 {
            Value::List(items) if first.ends_with("[]") => {
                if let Some(item) = items.first_mut() {
                    change_at(item, rest, change);
                }
            }
            inner => change_at(inner, rest, change),
        }
        return;
    }
    match change {
        Change::Remove => {
            pairs.remove(at);
        }
        Change::Null => pairs[at].1 = Value::Null,
        Change::Retype => pairs[at].1 = retyped(&pairs[at].1),
        Change::Alter => pairs[at].1 = altered(&pairs[at].1),
        Change::Rename => pairs[at].0 = Value::Str(format!("{name}_")),
    }
}

fn retyped(value: &Value) -> Value {
    match value {
        Value::Str(_) | Value::Bin(_) => Value::Int(7),
        Value::Int(number) => Value::Str(number.to_string()),
        Value::F32(_) | Value::Float(_) | Value::Bool(_) | Value::Null | Value::Ext(..) => {
            Value::str("7")
        }
        Value::List(_) => Value::Map(Vec::new()),
        Value::Map(_) => Value::List(Vec::new()),
    }
}

fn altered(value: &Value) -> Value {
    match value {
        Value::Null => Value::Int(0),
        Value::Bool(bool) => Value::Bool(!bool),
        Value::Int(int) => Value::Int(int + 1),
        Value::F32(float) => Value::F32(float + 1.0),
        Value::Float(float) => Value::Float(float + 1.0),
        Value::Str(text) => Value::Str(altered_text(text)),
        Value::Bin(bytes) => {
            let mut bytes = bytes.clone();
            match bytes.first_mut() {
                Some(first) => *first = first.wrapping_add(1),
                None => bytes.push(0),
            }
            Value::Bin(bytes)
        }
        Value::Ext(kind, bytes) => Value::Ext(kind.wrapping_add(1), bytes.clone()),
        Value::List(items) => {
            let mut items = items.clone();
            match items.pop() {
                Some(_) => {}
                None => items.push(Value::Null),
            }
            Value::List(items)
        }
        Value::Map(pairs) => Value::Map(
            pairs
                .iter()
                .take(pairs.len().saturating_sub(1))
                .cloned()
                .collect(),
        ),
    }
}

/// One character is another; base64 stays base64.
fn altered_text(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    match chars.first_mut() {
        Some(first) => *first = if *first == 'B' { 'C' } else { 'B' },
        None => chars.push('B'),
    }
    chars.into_iter().collect()
}
