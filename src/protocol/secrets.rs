//! The values in a frame that the catalogue marks `secret`, wherever the frame came from.

use super::{Catalogue, Field, FieldKind, FieldShape, Identified, Shape};
use crate::value::Value;

/// In the order of the catalogue; empty for a frame of no message.
pub fn secrets<'v>(catalogue: &Catalogue, frame: &'v Value) -> Vec<&'v Value> {
    let mut found = Vec::new();
    if let Identified::Message(message) = catalogue.identify(frame)
        && let Some(body) = catalogue.wire.body(frame)
    {
        // Of both directions: a server may send back what it was sent.
        let shapes = [&message.client, &message.server];
        for shape in shapes.into_iter().flatten() {
            in_shape(shape, body, &mut found);
        }
    }
    found
}

fn in_shape<'v>(shape: &Shape, body: &'v Value, found: &mut Vec<&'v Value>) {
    for variant in &shape.variants {
        in_fields(&variant.fields, body, found);
    }
}

fn in_fields<'v>(fields: &[Field], value: &'v Value, found: &mut Vec<&'v Value>) {
    for field in fields {
        if let Some(value) = value.get(&field.name) {
            in_field(&field.shape, value, found);
        }
    }
}

fn in_field<'v>(shape: &FieldShape, value: &'v Value, found: &mut Vec<&'v Value>) {
    if shape.secret {
        scalars(value, found);
        return;
    }
    match (&shape.kind, value) {
        (FieldKind::Object(fields), _) => in_fields(fields, value, found),
        (FieldKind::ListOf(item), Value::List(values)) => {
            values.iter().for_each(|value| in_field(item, value, found));
        }
        (FieldKind::MapOf(item), Value::Map(pairs)) => {
            pairs
                .iter()
                .for_each(|(_, value)| in_field(item, value, found));
        }
        _ => {}
    }
}

/// A secret may have been sent as another type: all that is in it is secret.
fn scalars<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::List(values) => values.iter().for_each(|value| scalars(value, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, value)| scalars(value, found)),
        Value::Null | Value::Bool(_) => {}
        scalar if found.contains(&scalar) => {}
        scalar => found.push(scalar),
    }
}
