//! A message as a step expects it: one that the server may send, its fields, its envelope.

use super::fields::{read_fields, shapes_of, unknown_field};
use super::message::{find_message, one_message};
use super::pattern::read_pattern;
use crate::protocol::{Catalogue, Field, Message, Shape, Type, Variant};
use crate::scenario::names::Names;
use crate::scenario::{Expected, Pattern};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};

/// Stands for a frame of any type, documented or not, or of none.
pub const ANYTHING: &str = "anything";

/// `{ MESSAGE: { field: matcher } }`, as the server may send it.
pub(super) fn read_expected(
    node: &Node,
    envelope: Option<&Node>,
    closed: bool,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expected> {
    let (key, body) = one_message(node, problems)?;
    if key.as_str() == Some(ANYTHING) {
        return Some(Expected {
            message: ANYTHING.to_owned(),
            fields: read_pattern(body, None, closed, names, problems)?,
            envelope: Vec::new(),
        });
    }
    let message = find_message(key, names.catalogue, problems)?;
    let Some(shape) = &message.server else {
        problems.push(Diagnostic::new(
            &key.place,
            format!("the server never sends {}; clients do", message.name),
        ));
        return None;
    };
    let fields = read_body_pattern(body, shape, message, closed, names, problems)
        .map(|fields| with_envelope(fields, names.catalogue));
    let envelope = envelope.map_or(Some(Vec::new()), |node| {
        read_envelope(node, names, problems)
    });
    Some(Expected {
        message: message.name.clone(),
        fields: fields?,
        envelope: envelope?,
    })
}

/// Where the fields stand in the frame itself, closing them does not shut out the envelope.
fn with_envelope(pattern: Pattern, catalogue: &Catalogue) -> Pattern {
    match pattern {
        Pattern::Map {
            mut fields,
            closed: true,
        } if catalogue.wire.body_key.is_none() => {
            let stamps = catalogue.wire.stamp.iter().map(|(name, _)| name);
            for name in [&catalogue.wire.type_key].into_iter().chain(stamps) {
                if !fields.iter().any(|(known, _)| known == name) {
                    let anything = vec![Pattern::Absent, Pattern::Of(Type::Any)];
                    fields.push((name.clone(), Pattern::Either(anything)));
                }
            }
            let closed = true;
            Pattern::Map { fields, closed }
        }
        Pattern::Either(options) => {
            let options = options.into_iter();
            Pattern::Either(options.map(|o| with_envelope(o, catalogue)).collect())
        }
        other => other,
    }
}

fn read_body_pattern(
    body: &Node,
    shape: &Shape,
    message: &Message,
    closed: bool,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Pattern> {
    if matches!(body.kind, Kind::Null) {
        return Some(Pattern::Map {
            fields: Vec::new(),
            closed,
        });
    }
    if let Some([(key, options)]) = body.as_map()
        && let (Some("$either"), Some(options)) = (key.as_str(), options.as_list())
    {
        let options: Vec<_> = options
            .iter()
            .map(|body| read_body_pattern(body, shape, message, closed, names, problems))
            .collect();
        return Some(Pattern::Either(options.into_iter().collect::<Option<_>>()?));
    }
    let fields = fields_of(shape);
    let lookup = |name: &str| {
        let shapes = shapes_of(fields.iter(), name);
        if shapes.is_empty() {
            // The fields of a bare envelope, such as a timestamp beside the fields.
            if names.catalogue.wire.body_key.is_none() && names.catalogue.stamp(name).is_some() {
                return Ok(Vec::new());
            }
            return Err(shape.field_names().collect());
        }
        Ok(shapes)
    };
    read_fields(body, lookup, &message.name, closed, names, problems)
}

/// The fields of all variants; one that some variant lacks may be absent.
fn fields_of(shape: &Shape) -> Vec<Field> {
    let variants = &shape.variants;
    let lacks = |name: &str| {
        let has = |variant: &Variant| variant.fields.iter().any(|field| field.name == name);
        !variants.iter().all(has)
    };
    let mut fields: Vec<Field> = variants
        .iter()
        .flat_map(|variant| variant.fields.clone())
        .collect();
    for field in &mut fields {
        field.shape.optional |= lacks(&field.name);
    }
    fields
}

fn read_envelope(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<(String, Pattern)>> {
    let Some(pairs) = node.as_map() else {
        problems.push(Diagnostic::new(
            &node.place,
            "`envelope` is a map of the frame's own keys",
        ));
        return None;
    };
    let mut fields = Vec::new();
    for (key, value) in pairs {
        let name = key.as_str().unwrap_or_default().to_owned();
        let wire = &names.catalogue.wire;
        let stamps = wire.stamp.iter().map(|(name, _)| name);
        let known: Vec<&String> = [&wire.type_key]
            .into_iter()
            .chain(&wire.body_key)
            .chain(stamps)
            .collect();
        if !known.contains(&&name) {
            problems.push(unknown_field(key, &name, "the envelope", known));
            return None;
        }
        fields.push((name, read_pattern(value, None, false, names, problems)?));
    }
    Some(fields)
}
