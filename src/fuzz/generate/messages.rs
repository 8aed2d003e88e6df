//! Messages as steps: as they should be, with one value out of the ordinary, or wrong in one thing.
//!
//! The bytes of a gene that say which message, which field and what about it come first, one each, so that a
//! sweep can go through all of them in turn.

use arbitrary::{Result, Unstructured};

use super::{Kind, Making, byte_below};
use crate::fuzz::datum::Datum;
use crate::fuzz::raw;
use crate::fuzz::sequence::{Act, Actor};
use crate::fuzz::values::{self, BLUNT, WRONG_WAYS, odd_values, ordinary, wrong_values};
use crate::fuzz::vocabulary::{Slot, Vocabulary, Word};
use crate::protocol::{Field, FieldKind, FieldShape, Type};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Plain,
    Odd,
    Malformed,
}

/// Ways in which a message as a whole is wrong, and a field of it apart from its value.
const WRONG_WHOLES: [&str; 5] = ["NO_SUCH_MESSAGE", "", "null", "0", "-1"];

/// So many texts are sent with nothing in between.
const TEXTS_IN_A_ROW: usize = 3;

/// Who does anything, the first most often.
const NOISY: [Actor; 6] = [
    Actor::Mallory,
    Actor::Mike,
    Actor::Mallory,
    Actor::Mallory,
    Actor::Guest,
    Actor::Phone,
];

/// Who sends, as a byte of a gene.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::fuzz) enum Who {
    Mallory = 0,
    Mike = 1,
    Phone = 5,
}

/// The first bytes of a gene: the message of this number as it should be, sent by them.
pub(in crate::fuzz) fn request(
    vocabulary: &Vocabulary,
    word: usize,
    who: Who,
    hasty: bool,
) -> Vec<u8> {
    let kind = if hasty { Kind::Hasty } else { Kind::Plain };
    let mut first = vec![kind.byte(), u8::try_from(word).unwrap_or(u8::MAX)];
    let has_slots = vocabulary.messages.get(word);
    if has_slots.is_some_and(|word| !word.slots.is_empty()) {
        first.push(0);
    }
    first.extend([0, who as u8]);
    first
}

/// The first bytes of a gene: mallory comes again.
pub(in crate::fuzz) fn link() -> Vec<u8> {
    vec![Kind::Link.byte(), 0, 0]
}

impl Making<'_> {
    pub(super) fn send(&mut self, u: &mut Unstructured<'_>, manner: Manner) -> Result<Act> {
        let words = &self.vocabulary.messages;
        let word = &words[byte_below(u, words.len())?];
        let slot = match word.slots.len() {
            0 => None,
            many => word.slots.get(byte_below(u, many)?),
        };
        let way: u8 = u.arbitrary()?;
        let actor = NOISY[byte_below(u, NOISY.len())?];
        let mut fields = Vec::new();
        for field in &word.fields {
            let target = slot.is_some_and(|slot| slot.path[0] == field.name);
            let left_out = field.shape.optional && u.ratio(1, 2)?;
            if left_out && (manner == Manner::Plain || !target) {
                continue;
            }
            let value = self.plain_field(word, field, actor, u)?;
            fields.push((field.name.clone(), value));
        }
        let mut message = word.name.clone();
        let mut body = Datum::Map(fields);
        match (manner, slot) {
            (Manner::Odd, Some(slot)) => {
                let values = odd_values(&slot.shape);
                if let Some(value) = values.get(usize::from(way) % values.len().max(1)) {
                    put(&mut body, &slot.path, value.clone());
                }
            }
            (Manner::Malformed, slot) => spoil(&mut message, &mut body, slot, way),
            (Manner::Plain, _) | (_, None) => {}
        }
        Ok(Act::Send {
            actor,
            message,
            body,
            malformed: manner == Manner::Malformed,
        })
    }

    /// One text after the other, where they are told to others; `None` where nobody writes any.
    pub(super) fn row(&mut self, u: &mut Unstructured<'_>) -> Result<Option<Act>> {
        let written: Vec<(&Word, &Slot)> = (self.vocabulary.messages.iter())
            .flat_map(|word| word.slots.iter().map(move |slot| (word, slot)))
            .filter(|(word, slot)| {
                let name = slot.path.last().map_or("", String::as_str);
                self.vocabulary.is_content(&word.name, name)
            })
            .collect();
        if written.is_empty() {
            return Ok(None);
        }
        let (word, slot) = written[byte_below(u, written.len())?];
        let actor = Actor::NOISE[byte_below(u, Actor::NOISE.len())?];
        let mut fields = Vec::new();
        for field in &word.fields {
            let value = self.plain_field(word, field, actor, u)?;
            fields.push((field.name.clone(), value));
        }
        let mut bodies = vec![Datum::Map(fields); TEXTS_IN_A_ROW];
        for (i, body) in bodies.iter_mut().enumerate() {
            put(body, &slot.path, values::word(u, i)?);
        }
        Ok(Some(Act::Burst {
            actor,
            message: word.name.clone(),
            bodies,
        }))
    }

    fn plain_field(
        &self,
        word: &Word,
        field: &Field,
        actor: Actor,
        u: &mut Unstructured<'_>,
    ) -> Result<Datum> {
        let cast = [
            (String::new(), Actor::Mallory),
            (String::new(), Actor::Mike),
        ];
        if self.crossing
            && u.ratio(1, 8)?
            && let Some(value) = self.foreign_value(&word.name, &field.name, u)?
        {
            return Ok(value);
        }
        if u.ratio(9, 10)?
            && let Some(value) = self.usual_value(&word.name, &field.name, actor, &cast, u)?
        {
            return Ok(value);
        }
        let is_id = matches!(field.shape.kind, FieldKind::Of(Type::Id));
        if is_id && !self.vocabulary.unknown.is_empty() {
            return Ok(u.choose(&self.vocabulary.unknown)?.clone());
        }
        self.inner_field(word, &field.shape, actor, u)
    }

    /// Object fields are filled from what usually stands in them, where that is known.
    fn inner_field(
        &self,
        word: &Word,
        shape: &FieldShape,
        actor: Actor,
        u: &mut Unstructured<'_>,
    ) -> Result<Datum> {
        let FieldKind::Object(inner) = &shape.kind else {
            return ordinary(shape, u);
        };
        let mut map = Vec::new();
        for field in inner {
            map.push((field.name.clone(), self.plain_field(word, field, actor, u)?));
        }
        Ok(Datum::Map(map))
    }

    pub(super) fn raw(&self, u: &mut Unstructured<'_>) -> Result<Act> {
        let way: u8 = u.arbitrary()?;
        let turn: u8 = u.arbitrary()?;
        let words = &self.vocabulary.messages;
        let word = &words[byte_below(u, words.len())?];
        let actor = NOISY[byte_below(u, NOISY.len())?];
        let mut fields = Vec::new();
        for field in &word.fields {
            fields.push((field.name.clone(), ordinary(&field.shape, u)?));
        }
        let raw = raw::spoilt_frame(self.vocabulary, word, fields, way, turn, u)?;
        Ok(Act::Raw { actor, raw })
    }
}

/// The ways in which a message can be wrong about this field, and as a whole.
pub(in crate::fuzz) fn ways_to_spoil(slot: Option<&Slot>) -> usize {
    slot.map_or(0, |_| WRONG_WAYS + 3) + WRONG_WHOLES.len() + 2
}

/// Whether a field is missing in this way, null, or of quite another type.
pub(in crate::fuzz) fn is_blunt(way: usize) -> bool {
    way == WRONG_WAYS || BLUNT.contains(&way)
}

/// One thing about the message is wrong.
fn spoil(message: &mut String, body: &mut Datum, slot: Option<&Slot>, way: u8) {
    let way = usize::from(way) % ways_to_spoil(slot);
    let whole = match slot {
        Some(slot) if way < WRONG_WAYS => {
            let mut values = wrong_values(&slot.shape);
            return put(body, &slot.path, values.swap_remove(way));
        }
        Some(slot) if way == WRONG_WAYS => return remove(body, &slot.path),
        Some(slot) if way == WRONG_WAYS + 1 => return put_twice(body, &slot.path),
        Some(slot) if way == WRONG_WAYS + 2 => {
            return at_place(body, &slot.path, &mut |value| {
                *value = Datum::List(vec![value.clone()]);
            });
        }
        Some(_) => way - WRONG_WAYS - 3,
        None => way,
    };
    match WRONG_WHOLES.get(whole) {
        Some(name) => *message = (*name).to_owned(),
        None if whole == WRONG_WHOLES.len() => *body = Datum::Map(Vec::new()),
        None => {
            if let Datum::Map(fields) = body {
                fields.push(("extra".to_owned(), Datum::Nest(3)));
            }
        }
    }
}

/// Does something to the value at the path; makes a list of one where a list's item is meant.
fn at_place(body: &mut Datum, path: &[String], act: &mut dyn FnMut(&mut Datum)) {
    let Some((first, rest)) = path.split_first() else {
        return act(body);
    };
    match body {
        Datum::Map(pairs) => {
            if let Some((_, value)) = pairs.iter_mut().find(|(key, _)| key == first) {
                at_place(value, rest, act);
            }
        }
        Datum::List(items) if first == Slot::ITEM => {
            items.truncate(1);
            if items.is_empty() {
                items.push(Datum::Value(crate::value::Value::Null));
            }
            at_place(&mut items[0], rest, act);
        }
        // Something else stands there, such as a reference to a list.
        other if first == Slot::ITEM => {
            let mut item = Datum::Value(crate::value::Value::Null);
            at_place(&mut item, rest, act);
            *other = Datum::List(vec![item]);
        }
        _ => {}
    }
}

fn put(body: &mut Datum, path: &[String], value: Datum) {
    at_place(body, path, &mut |place| *place = value.clone());
}

fn remove(body: &mut Datum, path: &[String]) {
    let Some((last, rest)) = path.split_last() else {
        return;
    };
    at_place(body, rest, &mut |parent| match parent {
        Datum::Map(pairs) => pairs.retain(|(key, _)| key != last),
        other => *other = Datum::List(Vec::new()),
    });
}

fn put_twice(body: &mut Datum, path: &[String]) {
    let Some((last, rest)) = path.split_last() else {
        return;
    };
    at_place(body, rest, &mut |parent| match parent {
        Datum::Map(pairs) => {
            let again = pairs.iter().find(|(key, _)| key == last).cloned();
            pairs.extend(again);
        }
        Datum::List(items) => {
            let again = items.first().cloned();
            items.extend(again);
        }
        _ => {}
    });
}
