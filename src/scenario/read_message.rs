//! The messages of a step: what is sent, what is expected; both held to the catalogue.

use super::names::Names;
use super::read_pattern::{read_fields, read_pattern, shapes_of, unknown_field};
use super::read_step::OPTIONS;
use super::read_value::{may_be, read_key, read_value, unhex};
use super::{Expected, Expr, Outgoing, Pattern};
use crate::protocol::{Catalogue, Field, FieldKind, FieldShape, Message, Shape, Type, Variant};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

/// `{ MESSAGE: { field: value } }`, as a client may send it.
pub(super) fn read_outgoing(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    let (key, body) = one_message(node, problems)?;
    let message = find_message(key, names.catalogue, problems)?;
    let Some(shape) = &message.client else {
        problems.push(
            Diagnostic::new(
                &key.place,
                format!("no client sends {}; the server does", message.name),
            )
            .help("to send it all the same, use `sends malformed`"),
        );
        return None;
    };
    let fields = read_value(body, names, problems)?;
    check_sent(body, &fields, shape, message, problems).then(|| Outgoing::Message {
        name: message.name.clone(),
        fields,
    })
}

/// `{ ANYTHING: anything }`: a discriminator and a body, unchecked.
pub(super) fn read_malformed(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    if node.as_str().is_some() {
        return Some(Outgoing::MalformedAs(read_value(node, names, problems)?));
    }
    let (key, body) = one_message(node, problems)?;
    let name = key
        .as_str()
        .map_or_else(|| key.place.text().to_owned(), str::to_owned);
    Some(Outgoing::Malformed {
        name,
        body: read_value(body, names, problems)?,
    })
}

/// `text`, `hex`, `value`, `fragments` or `ping`.
pub(super) fn read_raw(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    let forms = ["text", "hex", "value", "fragments", "ping"];
    let Some([(key, content)]) = node.as_map() else {
        problems.push(Diagnostic::new(&node.place, "a raw frame is one of { text: … }, { hex: … }, { value: … }, { fragments: […] }, { ping: … }"));
        return None;
    };
    let form = key.as_str().unwrap_or_default();
    let outgoing = match form {
        "text" => Some(Outgoing::Text(read_value(content, names, problems)?)),
        "value" => Some(Outgoing::Value(read_value(content, names, problems)?)),
        "hex" => {
            let digits = match content.as_str() {
                Some(_) => read_value(content, names, problems)?,
                None => Expr::Literal(Value::str(content.place.text())),
            };
            let fine = digits
                .literal()
                .is_none_or(|digits| digits.as_str().and_then(unhex).is_some());
            fine.then_some(Outgoing::Binary(digits))
        }
        "ping" => content.as_str().map(|text| Outgoing::Ping(text.to_owned())),
        "fragments" => match content.as_list() {
            Some(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|part| read_value(part, names, problems))
                    .collect();
                Some(Outgoing::Fragments(
                    parts.into_iter().collect::<Option<_>>()?,
                ))
            }
            None => None,
        },
        _ => {
            problems.push(
                Diagnostic::new(&key.place, format!("unknown raw frame \"{form}\""))
                    .suggest(form, forms),
            );
            return None;
        }
    };
    if outgoing.is_none() {
        problems.push(Diagnostic::new(
            &content.place,
            format!(
                "`{form}` takes {}",
                match form {
                    "hex" => "hex digits in quotes",
                    "fragments" => "a list of texts",
                    _ => "a text",
                }
            ),
        ));
    }
    outgoing
}

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

fn one_message<'n>(node: &'n Node, problems: &mut Diagnostics) -> Option<(&'n Node, &'n Node)> {
    match node.as_map() {
        Some([(key, body)]) => Some((key, body)),
        Some([]) | None => {
            problems.push(Diagnostic::new(
                &node.place,
                "expected one message: { MESSAGE: { field: value } }",
            ));
            None
        }
        Some(pairs) => {
            let second = &pairs[1].0;
            let is_option = second.as_str().is_some_and(|name| OPTIONS.contains(&name));
            let (message, help) = if is_option {
                (
                    "one step is one message; options stand beside it, not inside",
                    "`proves`, `within` and the like are further keys of the step",
                )
            } else {
                (
                    "one step is one message; this is a second",
                    "write a step of its own",
                )
            };
            problems.push(Diagnostic::new(&second.place, message).help(help));
            None
        }
    }
}

pub(super) fn find_message<'c>(
    key: &Node,
    catalogue: &'c Catalogue,
    problems: &mut Diagnostics,
) -> Option<&'c Message> {
    let name = key.as_str().unwrap_or_default();
    let message = catalogue.message(name);
    if message.is_none() {
        let known = catalogue
            .messages
            .iter()
            .map(|message| message.name.as_str());
        problems.push(
            Diagnostic::new(
                &key.place,
                format!("unknown message \"{}\"", key.place.text()),
            )
            .suggest(name, known),
        );
    }
    message
}

/// Holds what is sent to the best-fitting variant: no unknown, missing or mistyped field.
fn check_sent(
    body: &Node,
    fields: &Expr,
    shape: &Shape,
    message: &Message,
    problems: &mut Diagnostics,
) -> bool {
    let pairs: &[(Expr, Expr)] = match fields {
        Expr::Map(pairs) => pairs,
        Expr::Literal(Value::Null) => &[],
        // A whole body by reference is not known before the run.
        Expr::Ref(_) => return true,
        _ => {
            problems.push(Diagnostic::new(
                &body.place,
                format!("{} takes a map of fields", message.name),
            ));
            return false;
        }
    };
    let mut best: Option<Diagnostics> = None;
    for variant in &shape.variants {
        let mut found = Diagnostics::default();
        for (i, (key, value)) in pairs.iter().enumerate() {
            let name = match key {
                Expr::Literal(Value::Str(name)) => name.clone(),
                other => other.to_string(),
            };
            let (key_node, value_node) = match body.as_map().and_then(|pairs| pairs.get(i)) {
                Some((key, value)) => (key, value),
                None => (body, body),
            };
            match variant.fields.iter().find(|field| field.name == name) {
                Some(field) => check_sent_field(value_node, value, &field.shape, &name, &mut found),
                None => {
                    let known = variant.fields.iter().map(|field| &field.name);
                    found.push(unknown_field(key_node, &name, &message.name, known));
                }
            }
        }
        check_left_out(body, pairs, &variant.fields, &message.name, &mut found);
        if best.as_ref().is_none_or(|best| found.len() < best.len()) {
            best = Some(found);
        }
    }
    let found = best.unwrap_or_default();
    let fine = found.is_empty();
    problems.extend(found);
    fine
}

fn check_left_out(
    node: &Node,
    pairs: &[(Expr, Expr)],
    fields: &[Field],
    what: &str,
    problems: &mut Diagnostics,
) {
    for field in fields.iter().filter(|field| !field.shape.optional) {
        let is_key =
            |key: &Expr| matches!(key, Expr::Literal(Value::Str(name)) if *name == field.name);
        if !pairs.iter().any(|(key, _)| is_key(key)) {
            problems.push(
                Diagnostic::new(
                    &node.place,
                    format!("{what} needs the field `{}`", field.name),
                )
                .help("to leave it out on purpose, use `sends malformed`"),
            );
        }
    }
}

fn check_sent_field(
    node: &Node,
    value: &Expr,
    shape: &FieldShape,
    name: &str,
    problems: &mut Diagnostics,
) {
    let kind = match &shape.kind {
        FieldKind::Of(kind) => Some(*kind),
        _ => None,
    };
    let documented = |value: &Value| match &shape.kind {
        FieldKind::OneOf(values) => values.iter().any(|(known, _)| known == value),
        _ => true,
    };
    if !may_be(value, |value| shape.accepts_type(value), kind) {
        problems.push(
            Diagnostic::new(
                &node.place,
                format!("`{name}` is {} in the catalogue", shape.describe()),
            )
            .help("to send another type on purpose, use `sends malformed`"),
        );
        return;
    }
    if let Expr::Literal(value) = value
        && !documented(value)
    {
        problems.push(
            Diagnostic::new(
                &node.place,
                format!("{value} is no documented value of `{name}`"),
            )
            .help(format!(
                "the catalogue has {}; to send another on purpose, use `sends malformed`",
                shape.describe()
            )),
        );
        return;
    }
    if let (FieldKind::ListOf(item), Expr::List(items), Some(nodes)) =
        (&shape.kind, value, node.as_list())
    {
        for (node, value) in nodes.iter().zip(items) {
            check_sent_field(node, value, item, name, problems);
        }
    }
    if let (FieldKind::Object(fields), Expr::Map(pairs), Some(nodes)) =
        (&shape.kind, value, node.as_map())
    {
        let what = format!("`{name}`");
        for ((key_node, value_node), (_, value)) in nodes.iter().zip(pairs) {
            let name = key_node.as_str().unwrap_or_default();
            match fields.iter().find(|field| field.name == name) {
                Some(field) => check_sent_field(value_node, value, &field.shape, name, problems),
                None => {
                    let known = fields.iter().map(|field| &field.name);
                    problems.push(unknown_field(key_node, name, &what, known));
                }
            }
        }
        check_left_out(node, pairs, fields, &what, problems);
    }
    if let (FieldKind::MapOf(item), Expr::Map(pairs), Some(nodes)) =
        (&shape.kind, value, node.as_map())
    {
        for ((_, node), (_, value)) in nodes.iter().zip(pairs) {
            check_sent_field(node, value, item, name, problems);
        }
    }
}

/// A name in a map of names: the key as text.
pub(super) fn key_text(key: &Node, problems: &mut Diagnostics) -> Option<String> {
    match read_key(key, problems)? {
        Expr::Literal(Value::Str(text)) => Some(text),
        _ => {
            problems.push(Diagnostic::new(&key.place, "expected a name"));
            None
        }
    }
}
