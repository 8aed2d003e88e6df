//! Messages of `protocol.yaml`: discriminator, directions, variants, fields and their marks.

use super::read::{place_of, scalar};
use super::{Field, FieldKind, FieldShape, Level, Message, Reading, Shape, Type, Variant};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node, Place, entries, text_of};
use crate::value::Value;

pub(super) fn read_message(
    key: &Node,
    node: &Node,
    readings: &[Reading],
    problems: &mut Diagnostics,
) -> Option<Message> {
    let name = text_of(key);
    let mut fields = Fields::of(node, "a message", problems)?;
    let section = fields.text("section", problems);
    let discriminator = match fields.optional("wire") {
        None => Some(Value::str(&name)),
        Some(node) if node.as_map().is_some() => None,
        Some(node) => {
            if scalar(node).is_none() {
                problems.push(node.expected("a discriminator, a scalar"));
            }
            scalar(node)
        }
    };
    let named_by = match fields.optional("wire") {
        Some(node) if node.as_map().is_some() => Some(read_naming(node, readings, problems)?),
        _ => None,
    };
    let discriminator = discriminator.or_else(|| {
        let reading = named_by.as_ref()?;
        reading.default.as_ref().map(Value::str)
    });
    report_unknown_readings(node, readings, problems);
    let (client, server) = (fields.optional("client"), fields.optional("server"));
    let nobody = client.is_none() && server.is_none();
    let client = client.and_then(|node| read_shape(node, problems));
    let server = server.and_then(|node| read_shape(node, problems));
    if nobody {
        problems.push(Diagnostic::new(
            &key.place,
            format!("message {name} needs `client`, `server` or both"),
        ));
    }
    fields.finish(&[], problems);
    Some(Message {
        name,
        section: section?.to_owned(),
        discriminator: discriminator?,
        named_by,
        client,
        server,
    })
}

/// The marks `reading: id` of fields, however deep.
fn report_unknown_readings(node: &Node, readings: &[Reading], problems: &mut Diagnostics) {
    for (key, value) in node.as_map().unwrap_or_default() {
        match value.as_str() {
            Some(id) if key.as_str() == Some("reading") && !id.starts_with('<') => {
                if !readings.iter().any(|reading| reading.id == id) {
                    problems.push(
                        Diagnostic::new(&value.place, format!("unknown reading \"{id}\""))
                            .suggest(id, readings.iter().map(|reading| &reading.id)),
                    );
                }
            }
            _ => report_unknown_readings(value, readings, problems),
        }
    }
}

/// `{ reading: id }`: a reading that the profile settles; its options are the names on the wire.
fn read_naming(node: &Node, readings: &[Reading], problems: &mut Diagnostics) -> Option<Reading> {
    let mut fields = Fields::of(node, "`wire`", problems)?;
    let id = fields.text("reading", problems);
    fields.finish(&[], problems);
    let id = id?;
    let with_default = |reading: &&Reading| reading.default.is_some();
    let found = readings.iter().filter(with_default).find(|r| r.id == id);
    if found.is_none() {
        let known = readings.iter().filter(with_default);
        problems.push(
            Diagnostic::new(
                &node.place,
                format!("no reading with a default is called \"{id}\""),
            )
            .suggest(id, known.map(|reading| reading.id.as_str())),
        );
    }
    found.cloned()
}

fn read_shape(node: &Node, problems: &mut Diagnostics) -> Option<Shape> {
    let fields = entries(Some(node), "the fields of a message", problems);
    if let [(key, variants)] = fields.as_slice()
        && key.as_str() == Some("variants")
    {
        let variants = entries(Some(variants), "variants", problems)
            .into_iter()
            .map(|(name, node)| Variant {
                name: text_of(name),
                fields: read_fields(node, problems),
            })
            .collect();
        return Some(Shape { variants });
    }
    Some(Shape {
        variants: vec![Variant {
            name: String::new(),
            fields: read_fields(node, problems),
        }],
    })
}

fn read_fields(node: &Node, problems: &mut Diagnostics) -> Vec<Field> {
    let mut fields = Vec::new();
    for (key, node) in entries(Some(node), "the fields of a message", problems) {
        let name = key
            .as_str()
            .map_or_else(|| key.place.text().to_owned(), str::to_owned);
        if let Some(shape) = read_field(node, problems) {
            fields.push(Field { name, shape });
        }
    }
    fields
}

fn read_field(node: &Node, problems: &mut Diagnostics) -> Option<FieldShape> {
    let plain = |kind| FieldShape {
        kind,
        optional: false,
        nullable: false,
        secret: false,
        opaque: false,
        unordered: false,
        distinct: None,
        reading: None,
    };
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(plain(FieldKind::Of(read_type(node, problems)?)));
    }
    let mut fields = Fields::of(node, "a field", problems)?;
    let given = ["is", "one of", "list of", "map of", "object"]
        .iter()
        .filter(|kind| node.get(kind).is_some())
        .count();
    let kinds: Vec<FieldKind> = [
        fields
            .optional("is")
            .and_then(|node| Some(FieldKind::Of(read_type(node, problems)?))),
        fields
            .optional("one of")
            .map(|node| FieldKind::OneOf(read_values(node, problems))),
        fields
            .optional("list of")
            .and_then(|node| Some(FieldKind::ListOf(Box::new(read_field(node, problems)?)))),
        fields
            .optional("map of")
            .and_then(|node| Some(FieldKind::MapOf(Box::new(read_field(node, problems)?)))),
        fields
            .optional("object")
            .map(|node| FieldKind::Object(read_fields(node, problems))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let shape = FieldShape {
        optional: fields.flag("optional", false, problems),
        nullable: fields.flag("nullable", false, problems),
        secret: fields.flag("secret", false, problems),
        opaque: fields.flag("opaque", false, problems),
        unordered: fields.flag("unordered", false, problems),
        distinct: fields
            .optional_text("distinct", problems)
            .and_then(|name| level_of(place_of(node, "distinct"), name, problems)),
        reading: fields.optional_text("reading", problems).map(str::to_owned),
        ..plain(FieldKind::Of(Type::Any))
    };
    fields.finish(&[], problems);
    match <[FieldKind; 1]>::try_from(kinds) {
        Ok([kind]) => Some(FieldShape { kind, ..shape }),
        Err(_) if given == 1 => None,
        Err(_) => {
            let message =
                "a field has exactly one of `is`, `one of`, `list of`, `map of`, `object`";
            problems.push(
                Diagnostic::new(&node.place, message).help("inner fields stand under `object`"),
            );
            None
        }
    }
}

fn read_values(node: &Node, problems: &mut Diagnostics) -> Vec<(Value, String)> {
    let mut values = Vec::new();
    for (key, meaning) in entries(Some(node), "one of", problems) {
        match scalar(key) {
            Some(value) => values.push((value, text_of(meaning))),
            None => problems.push(Diagnostic::new(
                &key.place,
                "a documented value is a scalar",
            )),
        }
    }
    values
}

/// The level of this name.
pub(super) fn level_of(place: &Place, name: &str, problems: &mut Diagnostics) -> Option<Level> {
    let found = Level::ALL.into_iter().find(|level| level.name() == name);
    if found.is_none() {
        problems.push(
            Diagnostic::new(place, format!("unknown level \"{name}\""))
                .help("the levels are must, should and advice")
                .suggest(name, Level::ALL.map(Level::name)),
        );
    }
    found
}

/// A type in angle brackets.
pub(super) fn read_type(node: &Node, problems: &mut Diagnostics) -> Option<Type> {
    let text = node.as_str().unwrap_or_default();
    let name = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let found = name.and_then(Type::from_name);
    if found.is_none() {
        let shown = if text.is_empty() {
            node.place.text()
        } else {
            text
        };
        problems.push(
            Diagnostic::new(&node.place, format!("`{shown}` is no type"))
                .help("types stand in angle brackets, such as <string>")
                .suggest(text, Type::ALL.map(|kind| format!("<{}>", kind.name()))),
        );
    }
    found
}
