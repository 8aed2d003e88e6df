//! `messages` of a profile: what it says of one message in one direction.

use super::field_rule::Form;
use crate::protocol::{Catalogue, Field, FieldKind, FieldShape, Message, Shape, scalar};
use crate::source::{Diagnostic, Diagnostics, Fields, Node, Place, entries, text_of};
use crate::value::Value;

/// What the profile says of one message in one direction.
pub(super) struct Overlay<'n> {
    pub(super) message: String,
    pub(super) direction: Direction,
    pub(super) kind: Option<Value>,
    /// Dotted paths; used ones are struck off by whoever finds the field.
    pub(super) rename: Vec<(Path<'n>, String)>,
    pub(super) values: Vec<(Path<'n>, &'n Node)>,
    pub(super) forms: Vec<(Path<'n>, Form)>,
    pub(super) extra: Vec<(String, &'n Node)>,
    pub(super) fields: Vec<String>,
}

pub(super) struct Path<'n> {
    pub(super) dotted: String,
    pub(super) place: &'n Place,
}

pub(super) fn read_messages<'n>(
    node: Option<&'n Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<Overlay<'n>> {
    let mut overlays = Vec::new();
    for (key, node) in entries(node, "messages", problems) {
        let name = text_of(key);
        let Some(message) = catalogue.message(&name) else {
            let names = catalogue.messages.iter().map(|message| &message.name);
            let message = format!("unknown message {name}");
            problems.push(Diagnostic::new(&key.place, message).suggest(&name, names));
            continue;
        };
        let Some(mut fields) = Fields::of(node, "a message", problems) else {
            continue;
        };
        for direction in [Direction::Client, Direction::Server] {
            let Some(node) = fields.optional(direction.name()) else {
                continue;
            };
            match direction.shape(message) {
                Some(shape) => {
                    overlays.extend(read_overlay(node, message, direction, shape, problems))
                }
                None => {
                    let sender = direction.name();
                    let message =
                        format!("{name} has no fields from the {sender}: it never sends it");
                    problems.push(Diagnostic::new(&node.place, message));
                }
            }
        }
        fields.finish(&[], problems);
    }
    overlays
}

fn read_overlay<'n>(
    node: &'n Node,
    message: &Message,
    direction: Direction,
    shape: &Shape,
    problems: &mut Diagnostics,
) -> Option<Overlay<'n>> {
    let mut fields = Fields::of(node, "a direction of a message", problems)?;
    let kind = fields.optional("type").and_then(|node| {
        if scalar(node).is_none() {
            problems.push(node.expected("what travels as the type, a plain value"));
        }
        scalar(node)
    });
    let path = |key: &'n Node| Path {
        dotted: text_of(key),
        place: &key.place,
    };
    let rename = entries(fields.optional("rename"), "rename", problems)
        .into_iter()
        .map(|(key, value)| (path(key), text_of(value)))
        .collect();
    let values = entries(fields.optional("values"), "values", problems)
        .into_iter()
        .map(|(key, value)| (path(key), value))
        .collect();
    let mut forms = Vec::new();
    for (key, value) in entries(fields.optional("forms"), "forms", problems) {
        let name = text_of(value);
        match Form::ALL.into_iter().find(|form| form.name() == name) {
            Some(form) => forms.push((path(key), form)),
            None => {
                let names = Form::ALL.map(Form::name);
                problems.push(
                    Diagnostic::new(&value.place, format!("unknown form \"{name}\""))
                        .help(format!("there are {}", names.join(", ")))
                        .suggest(&name, names),
                );
            }
        }
    }
    let extra = match direction {
        Direction::Client => entries(fields.optional("extra"), "extra", problems)
            .into_iter()
            .map(|(key, value)| (text_of(key), value))
            .collect(),
        Direction::Server => Vec::new(),
    };
    fields.finish(&[], problems);
    Some(Overlay {
        message: message.name.clone(),
        direction,
        kind,
        rename,
        values,
        forms,
        extra,
        fields: paths(&all_fields(shape), ""),
    })
}

/// The dotted paths of all fields, however deep.
pub(super) fn paths(fields: &[&Field], above: &str) -> Vec<String> {
    let mut all = Vec::new();
    for field in fields {
        let path = format!("{above}{}", field.name);
        let (inner, _) = inner_fields(&field.shape);
        all.extend(paths(&inner, &format!("{path}.")));
        all.push(path);
    }
    all.sort();
    all.dedup();
    all
}

/// The fields inside, through lists; and whether they are those of each value of a map.
pub(super) fn inner_fields(shape: &FieldShape) -> (Vec<&Field>, bool) {
    match &shape.kind {
        FieldKind::Object(fields) => (fields.iter().collect(), false),
        FieldKind::ListOf(item) => inner_fields(item),
        FieldKind::MapOf(item) => (inner_fields(item).0, true),
        FieldKind::Of(_) | FieldKind::OneOf(_) => (Vec::new(), false),
    }
}

impl Overlay<'_> {
    pub(super) fn report_unused(&self, problems: &mut Diagnostics) {
        let renamed = self.rename.iter().map(|(path, _)| path);
        let valued = self.values.iter().map(|(path, _)| path);
        let formed = self.forms.iter().map(|(path, _)| path);
        for path in renamed.chain(valued).chain(formed) {
            if !self.fields.contains(&path.dotted) {
                let message = format!(
                    "{} has no field `{}` from the {}",
                    self.message,
                    path.dotted,
                    self.direction.name()
                );
                problems
                    .push(Diagnostic::new(path.place, message).suggest(&path.dotted, &self.fields));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Client,
    Server,
}

impl Direction {
    pub(super) fn name(self) -> &'static str {
        match self {
            Direction::Client => "client",
            Direction::Server => "server",
        }
    }

    pub(super) fn shape(self, message: &Message) -> Option<&Shape> {
        match self {
            Direction::Client => message.client.as_ref(),
            Direction::Server => message.server.as_ref(),
        }
    }
}

pub(super) fn all_fields(shape: &Shape) -> Vec<&Field> {
    (shape.variants.iter())
        .flat_map(|variant| &variant.fields)
        .collect()
}
