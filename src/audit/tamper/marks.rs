//! What the catalogue says of the fields of one message, and which tamperings nobody can notice for it.
//!
//! A tampering is equivalent by a mark alone, never by anybody's word.

use serde::Serialize;

use super::tampering::{Change, Path, Tampering};
use crate::event::TakenBy;
use crate::protocol::{Catalogue, Field, FieldKind, FieldShape, Message, Type};
use crate::value::Value;

/// Why a tampering cannot be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The value means nothing to a client.
    Opaque,
    /// What time it is.
    Time,
    /// The field may be absent.
    Optional,
    /// The field may be null.
    Nullable,
    /// The order of the list is open.
    Unordered,
    /// The form of the field is a reading, or the document names no type.
    Reading,
    /// No field of the message.
    Undocumented,
    /// A `may receive` or a spontaneous message accounts for it, whether it comes or not.
    Permitted,
}

/// The marks of a message's fields.
pub(super) struct Marks<'c> {
    catalogue: &'c Catalogue,
    message: Option<&'c Message>,
}

impl<'c> Marks<'c> {
    pub(super) fn new(catalogue: &'c Catalogue, message: Option<&'c Message>) -> Marks<'c> {
        Marks { catalogue, message }
    }

    pub(super) fn is_type_key(&self, name: &str) -> bool {
        self.catalogue.wire.type_key == name
    }

    /// A frame of a type that no document has.
    pub(super) fn unheard_of(&self) -> Value {
        let kind = Value::str("wireproof-unheard-of");
        self.catalogue.wire.wrap(&kind, Value::Map(Vec::new()), 0)
    }

    /// The mark by which a tampering that was not noticed is equivalent.
    pub(super) fn excuse(&self, tampering: &Tampering, by: TakenBy) -> Option<Mark> {
        let permitted = matches!(by, TakenBy::Allowance | TakenBy::Spontaneous);
        let mark = match tampering {
            Tampering::Drop | Tampering::Delay | Tampering::Swap | Tampering::Duplicate => None,
            Tampering::Misdirect | Tampering::Add => return None,
            Tampering::Field(path, change) => self.excuse_change(path, change),
        };
        mark.or(permitted.then_some(Mark::Permitted))
    }

    fn excuse_change(&self, path: &Path, change: &Change) -> Option<Mark> {
        let text = path.to_string();
        let envelope = text
            .strip_prefix("$.")
            .and_then(|key| self.catalogue.stamp(key));
        let shapes = self.shapes(path);
        if shapes.is_empty() {
            return match (envelope, change) {
                // What the envelope is stamped with is the time, in whichever form the catalogue allows.
                (Some(_), Change::Increment | Change::Decrement | Change::Character) => {
                    Some(Mark::Time)
                }
                (Some(Type::Any), Change::Null | Change::Retype) => Some(Mark::Reading),
                (Some(_), _) => None,
                (None, _) if self.is_body(&text) => None,
                (None, _) => Some(Mark::Undocumented),
            };
        }
        let any = |has: fn(&FieldShape) -> bool| shapes.iter().any(|shape| has(shape));
        let mark = match change {
            Change::Remove | Change::Rename => (Mark::Optional, any(|s| s.optional)),
            Change::Null if any(|s| s.nullable) => (Mark::Nullable, true),
            Change::Null | Change::Retype if any(has_open_form) => (Mark::Reading, true),
            Change::Reverse if any(|s| s.unordered) => (Mark::Unordered, true),
            Change::Increment | Change::Decrement | Change::Character if any(is_time) => {
                (Mark::Time, true)
            }
            _ => (Mark::Opaque, any(|s| s.opaque)),
        };
        mark.1.then_some(mark.0)
    }

    /// The shapes that the catalogue has for a path, in whichever variant.
    pub(super) fn shapes(&self, path: &Path) -> Vec<&'c FieldShape> {
        let Some(shape) = self.message.and_then(|message| message.server.as_ref()) else {
            return Vec::new();
        };
        let wire = &self.catalogue.wire;
        let text = path.to_string();
        let inside = match &wire.body_key {
            Some(key) => text.strip_prefix(&format!("$.{key}.")),
            None => text.strip_prefix("$."),
        };
        let Some(inside) = inside else {
            return Vec::new();
        };
        let variants = shape.variants.iter();
        variants
            .filter_map(|variant| find_field(&variant.fields, inside))
            .collect()
    }

    /// A documented value of the field by its place.
    pub(super) fn documented(&self, path: &Path, place: usize) -> Option<Value> {
        match &self.shapes(path).first()?.kind {
            FieldKind::OneOf(values) => values.get(place).map(|(value, _)| value.clone()),
            _ => None,
        }
    }

    fn is_body(&self, path: &str) -> bool {
        let body = self.catalogue.wire.body_key.as_deref();
        path.strip_prefix("$.") == body
    }
}

/// A form that is a reading's, or a type that the document does not name.
fn has_open_form(shape: &FieldShape) -> bool {
    shape.reading.is_some() || matches!(shape.kind, FieldKind::Of(Type::Any))
}

fn is_time(shape: &FieldShape) -> bool {
    matches!(shape.kind, FieldKind::Of(Type::Timestamp | Type::IsoTime))
}

fn find_field<'c>(fields: &'c [Field], path: &str) -> Option<&'c FieldShape> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let name = first.trim_end_matches("[]");
    let mut shape = &fields.iter().find(|field| field.name == name)?.shape;
    for _ in 0..(first.len() - name.len()) / 2 {
        let FieldKind::ListOf(item) = &shape.kind else {
            return None;
        };
        shape = item;
    }
    match (rest, &shape.kind) {
        (None, _) => Some(shape),
        (Some(rest), FieldKind::Object(fields)) => find_field(fields, rest),
        (Some(_), _) => None,
    }
}
