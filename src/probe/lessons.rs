//! What the target's own frames tell of how it names its fields and in which form it has them.
//!
//! Pure. A field of the document that is missing, beside one that the document does not know, is a guess; each
//! frame adds to it: by the value, where it is what was sent under the document's name; by the name.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::draft::{Because, Draft, Other};
use super::words::{are_alike, same_words, shared_words};
use crate::protocol::{
    Catalogue, Field, FieldKind, FieldShape, Message, Shape, Type, Variant, variant_of,
};
use crate::value::Value;

/// Message, and the dotted path of a field as the document has it.
type Spot = (String, String);

#[derive(Clone, Debug, Default)]
pub(super) struct Lessons {
    /// How often a field came by the document's name.
    own: BTreeMap<Spot, usize>,
    /// Other names for it, and what speaks for them.
    other: BTreeMap<Spot, BTreeMap<String, Evidence>>,
    /// Other forms of its values, and how often; the empty name is the document's.
    forms: BTreeMap<Spot, BTreeMap<&'static str, usize>>,
}

#[derive(Clone, Debug, Default)]
struct Evidence {
    points: usize,
    times: usize,
    why: &'static str,
}

/// Points that a guess needs at least.
const ENOUGH: usize = 2;

impl Lessons {
    /// Takes in one message of the target. `sent` are the fields that the case sent before, by the document's names.
    pub(super) fn frame(
        &mut self,
        catalogue: &Catalogue,
        message: &Message,
        frame: &Value,
        sent: &[(String, Value)],
    ) {
        let wire = &catalogue.wire;
        let (Some(shape), Some(body)) = (&message.server, wire.body(frame)) else {
            return;
        };
        let envelope: Vec<&str> = if wire.body_key.is_none() {
            let stamps = wire.stamp.iter().map(|(key, _)| key.as_str());
            stamps.chain([wire.type_key.as_str()]).collect()
        } else {
            Vec::new()
        };
        let required = variant_of(&shape.variants, body);
        self.object(
            message,
            "",
            &fields_of(shape),
            required,
            body,
            &envelope,
            sent,
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an object, where it stands, and what is known of it"
    )]
    fn object(
        &mut self,
        message: &Message,
        above: &str,
        fields: &[&Field],
        variant: Option<&Variant>,
        body: &Value,
        envelope: &[&str],
        sent: &[(String, Value)],
    ) {
        let Some(pairs) = body.as_map() else { return };
        let spot = |name: &str| (message.name.clone(), format!("{above}{name}"));
        let mut pairings = Vec::new();
        let known = |name: &str| fields.iter().any(|field| field.name == name);
        let unknown: Vec<(&str, &Value)> = pairs
            .iter()
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
            .filter(|(key, _)| !known(key) && !envelope.contains(key))
            .collect();
        let is_required = |field: &Field| match variant {
            Some(variant) => {
                (variant.fields.iter()).any(|own| own.name == field.name && !own.shape.optional)
            }
            None => !field.shape.optional,
        };
        let missing: Vec<&&Field> = fields
            .iter()
            .filter(|field| body.get(&field.name).is_none())
            .collect();
        for field in fields {
            if let Some(value) = body.get(&field.name) {
                *self.own.entry(spot(&field.name)).or_default() += 1;
                self.value(message, above, field, value, sent);
            }
        }
        let must = missing.iter().filter(|field| is_required(field)).count();
        for field in &missing {
            for (key, value) in &unknown {
                if !fits(&field.shape, value) {
                    continue;
                }
                let (mut points, why) = match () {
                    () if is_as_sent(&field.name, value, sent) => (4, "its value is what was sent"),
                    () if same_words(&field.name, key) => (6, "the same words"),
                    () if are_alike(&field.name, key) => (3, "a word for the same"),
                    () if shared_words(&field.name, key) > 0 => (2, "a guess: a word in common"),
                    () if is_required(field) && must == 1 && unknown.len() == 1 => {
                        (2, "a guess: nothing else was left")
                    }
                    () => continue,
                };
                // What speaks for the pair besides.
                points +=
                    usize::from(are_alike(&field.name, key)) + 2 * usize::from(is_required(field));
                pairings.push((points, field.name.clone(), (*key).to_owned(), why));
            }
        }
        pairings.sort_by_key(|(points, ..)| std::cmp::Reverse(*points));
        let mut used: Vec<String> = Vec::new();
        for (points, name, key, why) in pairings {
            if points < ENOUGH || used.contains(&name) || used.contains(&format!("\n{key}")) {
                continue;
            }
            used.push(name.clone());
            used.push(format!("\n{key}"));
            let evidence = self
                .other
                .entry(spot(&name))
                .or_default()
                .entry(key.clone())
                .or_default();
            if points > evidence.points {
                evidence.why = why;
            }
            evidence.points = evidence.points.max(points);
            evidence.times += 1;
            if let (Some(field), Some(value)) = (
                fields.iter().find(|field| field.name == name),
                body.get(&key),
            ) {
                self.value(message, above, field, value, sent);
            }
        }
    }

    fn value(
        &mut self,
        message: &Message,
        above: &str,
        field: &Field,
        value: &Value,
        sent: &[(String, Value)],
    ) {
        let path = format!("{above}{}", field.name);
        if let Some(form) = form_of(&field.shape, value) {
            let spot = (message.name.clone(), path.clone());
            *self.forms.entry(spot).or_default().entry(form).or_default() += 1;
        }
        let inner = format!("{path}.");
        self.inside(message, &inner, &field.shape, value, sent);
    }

    fn inside(
        &mut self,
        message: &Message,
        above: &str,
        shape: &FieldShape,
        value: &Value,
        sent: &[(String, Value)],
    ) {
        match (&shape.kind, value) {
            (FieldKind::Object(fields), Value::Map(_)) => {
                let fields: Vec<&Field> = fields.iter().collect();
                self.object(message, above, &fields, None, value, &[], sent);
            }
            (FieldKind::ListOf(item), Value::List(values)) => {
                for value in values {
                    self.inside(message, above, item, value, sent);
                }
            }
            (FieldKind::MapOf(item), Value::Map(pairs)) => {
                for (_, value) in pairs {
                    self.inside(message, above, item, value, sent);
                }
            }
            _ => {}
        }
    }

    /// The names and forms that single messages have, by what was seen so far.
    pub(super) fn teach(&self, draft: &mut Draft) {
        draft.renamed.retain(|it| it.it.client);
        draft.forms.retain(|it| it.it.client);
        for (spot, names) in &self.other {
            let Some((wire, evidence)) = self.winner(spot, names) else {
                continue;
            };
            let last = spot.1.rsplit('.').next().unwrap_or_default();
            let everywhere = draft.rename.iter().find(|it| it.it.0 == last);
            if everywhere.is_some_and(|it| it.it.1 == *wire) {
                continue;
            }
            let why = format!("seen {}: {}", times(evidence.times), evidence.why);
            draft
                .renamed
                .push(Because::new(other(spot, wire.clone()), why));
        }
        for spot in self.own.keys() {
            let last = spot.1.rsplit('.').next().unwrap_or_default();
            let renamed = draft.rename.iter().any(|it| it.it.0 == last);
            let winner = self
                .other
                .get(spot)
                .and_then(|names| self.winner(spot, names));
            if renamed && winner.is_none() {
                let why = "here it has the document's name";
                let other = other(spot, last.to_owned());
                draft.renamed.push(Because::new(other, why));
            }
        }
        for (spot, forms) in &self.forms {
            let all: usize = forms.values().sum();
            for (form, count) in forms {
                if !form.is_empty() && count * 2 > all {
                    let why = format!("seen {}", times(*count));
                    draft.forms.push(Because::new(other(spot, *form), why));
                }
            }
        }
    }

    fn winner<'n>(
        &self,
        spot: &Spot,
        names: &'n BTreeMap<String, Evidence>,
    ) -> Option<(&'n String, &'n Evidence)> {
        let best = names
            .iter()
            .max_by_key(|(_, evidence)| (evidence.points, evidence.times))?;
        let own = self.own.get(spot).copied().unwrap_or(0);
        (best.1.times > own).then_some(best)
    }

    /// Fields that have another name in most messages that were seen: name, the other one, and in how many.
    pub(super) fn widespread(&self) -> Vec<(String, String, usize)> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        let last = |path: &'_ Spot| path.1.rfind('.').map_or(0, |dot| dot + 1);
        for spot in self.own.keys() {
            let names = counts.entry(&spot.1[last(spot)..]).or_default();
            *names.entry("").or_default() += 1;
        }
        for (spot, others) in &self.other {
            if let Some((wire, _)) = self.winner(spot, others) {
                let names = counts.entry(&spot.1[last(spot)..]).or_default();
                *names.entry(wire).or_default() += 1;
                if self.own.contains_key(spot) {
                    *names.entry("").or_default() -= 1;
                }
            }
        }
        let mut found = Vec::new();
        for (name, wires) in counts {
            let all: usize = wires.values().sum();
            let most = wires.iter().max_by_key(|(_, count)| **count);
            if let Some((wire, count)) = most
                && !wire.is_empty()
                && count * 2 > all
            {
                found.push((name.to_owned(), (*wire).to_owned(), *count));
            }
        }
        found
    }

    /// The draft with this name in every message, but where another one was seen.
    pub(super) fn everywhere(&self, draft: &Draft, name: &str, wire: &str, count: usize) -> Draft {
        let mut draft = draft.clone();
        let why = format!("in {} of the messages seen, and taken in requests", count);
        let it = (name.to_owned(), wire.to_owned());
        draft.rename.push(Because::new(it, why));
        self.teach(&mut draft);
        draft
    }
}

fn times(count: usize) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

fn other<T>(spot: &Spot, it: T) -> Other<T> {
    Other {
        message: spot.0.clone(),
        client: false,
        path: spot.1.clone(),
        it,
    }
}

/// Each field once, whichever variants have it.
fn fields_of(shape: &Shape) -> Vec<&Field> {
    let mut fields: Vec<&Field> = Vec::new();
    for variant in &shape.variants {
        for field in &variant.fields {
            // The one that says most of the value.
            match fields.iter_mut().find(|known| known.name == field.name) {
                None => fields.push(field),
                Some(known) if matches!(known.shape.kind, FieldKind::Of(Type::Any)) => {
                    *known = field
                }
                Some(_) => {}
            }
        }
    }
    fields
}

fn fits(shape: &FieldShape, value: &Value) -> bool {
    let empty = matches!(value, Value::Null);
    shape.accepts_type(value)
        || (empty && shape.nullable)
        || form_of(shape, value).is_some_and(|form| !form.is_empty())
        || matches!(shape.kind, FieldKind::OneOf(_))
}

/// The form in which the value travels, empty where it is the document's; `None` where it is none of them.
fn form_of(shape: &FieldShape, value: &Value) -> Option<&'static str> {
    let FieldKind::Of(kind) = &shape.kind else {
        return None;
    };
    if kind.accepts(value) {
        return Some("");
    }
    match (kind, value) {
        (Type::Int | Type::Number | Type::Timestamp, Value::Str(text)) => {
            text.parse::<f64>().is_ok().then_some("text")
        }
        (Type::String | Type::IsoTime, Value::Int(_)) => Some("number"),
        (Type::Base64, Value::Bin(_)) => Some("bytes"),
        (Type::Bytes, Value::Str(text)) => STANDARD.decode(text).is_ok().then_some("base64"),
        _ => None,
    }
}

/// Whether the value was sent under this name, and is none that anything might have by chance.
fn is_as_sent(name: &str, value: &Value, sent: &[(String, Value)]) -> bool {
    let telling = match value {
        Value::Str(text) => text.chars().count() >= 5,
        Value::Int(number) => !(-99..=99).contains(number),
        Value::List(items) => !items.is_empty(),
        Value::Map(pairs) => !pairs.is_empty(),
        _ => false,
    };
    telling
        && sent
            .iter()
            .any(|(field, sent)| field == name && sent == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{embedded, read_pack};

    /// A frame of a message, and the fields that were sent before it.
    type Taught<'a> = (&'a str, Value, &'a [(&'a str, &'a str)]);

    /// The draft that these frames teach.
    fn taught(pack: &str, frames: &[Taught<'_>]) -> (Draft, Lessons) {
        let source = embedded().into_iter().find(|source| source.name == pack);
        let pack = read_pack(&source.expect("a known pack")).expect("a pack");
        let mut lessons = Lessons::default();
        for (message, frame, sent) in frames {
            let message = pack.catalogue.message(message).expect("a message");
            let sent: Vec<(String, Value)> = (sent.iter())
                .map(|(name, text)| ((*name).to_owned(), Value::str(*text)))
                .collect();
            lessons.frame(&pack.catalogue, message, frame, &sent);
        }
        let mut draft = Draft::default();
        lessons.teach(&mut draft);
        (draft, lessons)
    }

    fn names(draft: &Draft) -> Vec<(&str, &str)> {
        let renamed = draft.renamed.iter();
        renamed
            .map(|it| (it.it.path.as_str(), it.it.it.as_str()))
            .collect()
    }

    fn payload(fields: &[(&'static str, &str)]) -> Value {
        let fields = fields.iter().map(|(name, text)| (*name, Value::str(*text)));
        Value::map([("type", Value::Null), ("payload", Value::map(fields))])
    }

    #[test]
    fn a_field_is_known_again_by_what_was_sent_in_it() {
        let frame = payload(&[("x", "bob-of-this-case"), ("y", "alice-of-this-case")]);
        let sent: &[_] = &[
            ("sender", "alice-of-this-case"),
            ("receiver", "bob-of-this-case"),
        ];
        let (draft, _) = taught("friendchat", &[("FRIEND_REQUEST", frame, sent)]);
        assert_eq!(names(&draft), [("receiver", "x"), ("sender", "y")]);
    }

    #[test]
    fn further_fields_are_not_taken_for_documented_ones() {
        let frame = payload(&[("sender", "a"), ("receiver", "b"), ("from", "a")]);
        let (draft, _) = taught("friendchat", &[("FRIEND_REQUEST", frame, &[])]);
        assert_eq!(names(&draft), []);
        let frame = payload(&[("sender", "a"), ("colour", "red"), ("weather", "fine")]);
        let (draft, _) = taught("friendchat", &[("FRIEND_REQUEST", frame, &[])]);
        assert_eq!(names(&draft), [], "nothing speaks for either");
    }

    #[test]
    fn a_name_is_general_where_most_messages_have_it() {
        let request = payload(&[("from", "a"), ("to", "b")]);
        let text = payload(&[("from", "a"), ("to", "b"), ("content", "c")]);
        let leave = payload(&[("sender", "a"), ("group", "g")]);
        let (draft, lessons) = taught(
            "friendchat",
            &[
                ("FRIEND_REQUEST", request, &[]),
                ("TEXT_MESSAGE", text, &[]),
                ("GROUP_LEAVE", leave, &[]),
            ],
        );
        let widespread = lessons.widespread();
        let sender = ("sender".to_owned(), "from".to_owned(), 2);
        assert!(widespread.contains(&sender), "{widespread:?}");
        let general = lessons.everywhere(&draft, "sender", "from", 2);
        assert_eq!(
            general.rename[0].it,
            ("sender".to_owned(), "from".to_owned())
        );
        let kept = general
            .renamed
            .iter()
            .find(|it| it.it.message == "GROUP_LEAVE");
        assert_eq!(kept.map(|it| it.it.it.as_str()), Some("sender"));
    }
}
