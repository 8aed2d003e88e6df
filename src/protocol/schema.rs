//! Holds a received frame to the catalogue: every documented field, with its type.
//!
//! Extra fields are free. A value outside a documented list is a lesser fault than a wrong type, since
//! the documents' lists are not closed.

use std::collections::HashSet;

use super::{Catalogue, Field, FieldKind, FieldShape, Level, Message, Variant};
use crate::value::Value;

/// One departure of a frame from the documented shape of its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Dotted, `$` being the frame: `$.payload.code`.
    pub path: String,
    pub kind: FaultKind,
    pub level: Level,
    pub expected: String,
    pub received: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    Missing,
    WrongType,
    UndocumentedValue,
    DuplicateKey,
    DuplicateElement,
}

/// Everything that is wrong with a frame that the server sent as this message.
pub fn check(catalogue: &Catalogue, message: &Message, frame: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let wire = &catalogue.wire;
    check_duplicates(frame, "$", &mut faults);
    for (key, kind) in &wire.stamp {
        match frame.get(key) {
            None => faults.push(missing(format!("$.{key}"), kind.name())),
            Some(value) if !kind.accepts(value) => {
                faults.push(wrong_type(
                    format!("$.{key}"),
                    kind.name().to_owned(),
                    value,
                ));
            }
            Some(_) => {}
        }
    }
    let Some(shape) = &message.server else {
        return faults;
    };
    let at = wire
        .body_key
        .as_ref()
        .map_or_else(|| "$".to_owned(), |key| format!("$.{key}"));
    match wire.body(frame) {
        None => faults.push(missing(at, "object")),
        Some(body @ Value::Map(_)) => {
            if wire.body_key.is_some() {
                check_duplicates(body, &at, &mut faults);
            }
            faults.extend(check_variants(&shape.variants, body, &at));
        }
        Some(other) => faults.push(wrong_type(at, "object".to_owned(), other)),
    }
    faults
}

/// The faults against the variant that the frame's documented values single out (success has code 0), else
/// against the one that fits best; where a variant fits, there are none.
fn check_variants(variants: &[Variant], body: &Value, at: &str) -> Vec<Fault> {
    let faults_of = |variant: &Variant| {
        let mut faults = Vec::new();
        check_fields(&variant.fields, body, at, &mut faults);
        faults
    };
    if let Some(variant) = variants
        .iter()
        .find(|variant| is_singled_out(variant, body))
    {
        return faults_of(variant);
    }
    variants
        .iter()
        .map(faults_of)
        .min_by_key(Vec::len)
        .unwrap_or_default()
}

/// The variant that the documented values of a body single out, else the one that fits best.
pub fn variant_of<'s>(variants: &'s [Variant], body: &Value) -> Option<&'s Variant> {
    let lacks = |variant: &&Variant| {
        let mut faults = Vec::new();
        check_fields(&variant.fields, body, "$", &mut faults);
        faults.len()
    };
    let singled_out = variants
        .iter()
        .find(|variant| is_singled_out(variant, body));
    singled_out.or_else(|| variants.iter().min_by_key(lacks))
}

fn is_singled_out(variant: &Variant, body: &Value) -> bool {
    let mut constants = variant
        .fields
        .iter()
        .filter_map(|field| match &field.shape.kind {
            FieldKind::OneOf(values) => Some((&field.name, values)),
            _ => None,
        });
    let holds = |(name, values): (&String, &Vec<(Value, String)>)| {
        body.get(name)
            .is_some_and(|value| values.iter().any(|(known, _)| known == value))
    };
    constants.next().is_some_and(holds) && constants.all(holds)
}

fn check_fields(fields: &[Field], value: &Value, at: &str, faults: &mut Vec<Fault>) {
    for field in fields {
        let path = format!("{at}.{}", field.name);
        match value.get(&field.name) {
            None if field.shape.optional => {}
            None => faults.push(missing(path, &field.shape.describe())),
            Some(value) => check_field(&field.shape, value, &path, faults),
        }
    }
}

fn check_field(shape: &FieldShape, value: &Value, path: &str, faults: &mut Vec<Fault>) {
    if matches!(value, Value::Null) && shape.nullable {
        return;
    }
    if !shape.accepts_type(value) {
        faults.push(wrong_type(path.to_owned(), shape.describe(), value));
        return;
    }
    match (&shape.kind, value) {
        (FieldKind::OneOf(values), value) if !values.iter().any(|(known, _)| known == value) => {
            faults.push(Fault {
                path: path.to_owned(),
                kind: FaultKind::UndocumentedValue,
                level: Level::Should,
                expected: shape.describe(),
                received: brief(value),
            });
        }
        (FieldKind::ListOf(item), Value::List(items)) => {
            if let Some(level) = shape.distinct {
                check_distinct(items, level, path, faults);
            }
            for value in items {
                check_field(item, value, &format!("{path}[]"), faults);
            }
        }
        (FieldKind::MapOf(item), Value::Map(pairs)) => {
            for (_, value) in pairs {
                check_field(item, value, &format!("{path}.*"), faults);
            }
        }
        (FieldKind::Object(fields), value) => {
            check_duplicates(value, path, faults);
            check_fields(fields, value, path, faults);
        }
        _ => {}
    }
}

fn check_duplicates(value: &Value, path: &str, faults: &mut Vec<Fault>) {
    let Some(pairs) = value.as_map() else { return };
    if pairs.len() > 64 {
        return;
    }
    for (i, (key, _)) in pairs.iter().enumerate() {
        if pairs[..i].iter().any(|(other, _)| other == key) {
            faults.push(Fault {
                path: format!("{path}.{}", key.as_str().unwrap_or("?")),
                kind: FaultKind::DuplicateKey,
                level: Level::Should,
                expected: "each key once".to_owned(),
                received: format!("{key} twice"),
            });
        }
    }
}

/// An element that is the same as an earlier one; the first such is reported. Long lists stay cheap.
fn check_distinct(items: &[Value], level: Level, path: &str, faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    let twice = items.iter().find(|item| !seen.insert(item.to_string()));
    faults.extend(twice.map(|item| Fault {
        path: path.to_owned(),
        kind: FaultKind::DuplicateElement,
        level,
        expected: "each element once".to_owned(),
        received: format!("{} twice", brief(item)),
    }));
}

fn missing(path: String, expected: &str) -> Fault {
    Fault {
        path,
        kind: FaultKind::Missing,
        level: Level::Must,
        expected: expected.to_owned(),
        received: "nothing".to_owned(),
    }
}

fn wrong_type(path: String, expected: String, value: &Value) -> Fault {
    Fault {
        path,
        kind: FaultKind::WrongType,
        level: Level::Must,
        expected,
        received: format!("{} {}", value.type_name(), brief(value)),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
