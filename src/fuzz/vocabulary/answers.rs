//! Which answers of the server's say that a request was done, and whose secrets stand in which fields.

use super::steps::inner_lists;
use crate::protocol::{Catalogue, Field, FieldKind, Message};
use crate::scenario::{Expr, Outgoing, Pack, Pattern, Step, StepKind};
use crate::value::Value;

/// An answer that a flow waits for, or that holds data: so a server answers who asks for what may be asked for.
#[derive(Debug)]
pub struct Served {
    pub message: String,
    /// Telling fields and the values that they have where it goes well, as [`plain`] has them.
    pub fields: Vec<(String, Vec<String>)>,
}

/// A secret of a user's in a field of a message.
#[derive(Debug, PartialEq)]
pub struct Secret {
    pub message: String,
    pub field: String,
    /// What it is called: `token`, as in `$alice.token`.
    pub own: String,
}

/// A value without its type: some servers say a code as a number, and some as text.
pub(in crate::fuzz) fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn served(pack: &Pack, telling: &[String]) -> Vec<Served> {
    let mut all: Vec<Served> = data(&pack.catalogue, telling).collect();
    for flow in &pack.flows {
        each_step(&flow.steps, &mut |step| {
            if let StepKind::Receive(receive) = &step.kind {
                let fields = fields_of(&receive.expected.fields);
                let fields = fields.iter().filter(|(name, _)| telling.contains(name));
                let fields = fields.filter_map(|(name, pattern)| {
                    let values = values_of(pattern)?;
                    Some((name.clone(), values.iter().map(plain).collect()))
                });
                all.push(Served {
                    message: receive.expected.message.clone(),
                    fields: fields.collect(),
                });
            }
        });
    }
    all
}

/// Messages that have no field to say that it went wrong, but lists of something.
fn data<'a>(catalogue: &'a Catalogue, telling: &'a [String]) -> impl Iterator<Item = Served> + 'a {
    let known = |message: &&Message| {
        let shape = message.server.iter();
        let mut fields = shape.flat_map(|shape| shape.variants.iter().flat_map(|v| &v.fields));
        let is_list = |field: &Field| matches!(field.shape.kind, FieldKind::ListOf(_));
        let mut tells = message.server.iter().flat_map(|shape| shape.field_names());
        !tells.any(|name| telling.iter().any(|known| known == name)) && fields.any(is_list)
    };
    let messages = catalogue.messages.iter().filter(known);
    messages.map(|message| Served {
        message: message.name.clone(),
        fields: Vec::new(),
    })
}

pub(super) fn secrets(pack: &Pack) -> Vec<Secret> {
    let mut all = Vec::new();
    for flow in &pack.flows {
        each_step(&flow.steps, &mut |step| match &step.kind {
            StepKind::Send {
                actor,
                what:
                    Outgoing::Message {
                        name,
                        fields: Expr::Map(pairs),
                    },
            } => {
                for (key, value) in pairs {
                    if let (Some(Value::Str(field)), Expr::Ref(reference)) = (key.literal(), value)
                        && reference.root() == actor
                        && reference.path.len() == 2
                    {
                        add(&mut all, &pack.catalogue, name, &field, &reference.path[1]);
                    }
                }
            }
            StepKind::Receive(receive) => {
                let message = &receive.expected.message;
                for (field, pattern) in fields_of(&receive.expected.fields) {
                    if let Pattern::Capture(_, name) = pattern
                        && let Some((who, own)) = name.split_once('.')
                        && *who == receive.actor
                    {
                        add(&mut all, &pack.catalogue, message, field, own);
                    }
                }
            }
            _ => {}
        });
    }
    all
}

fn add(all: &mut Vec<Secret>, catalogue: &Catalogue, message: &str, field: &str, own: &str) {
    let Some(known) = catalogue.message(message) else {
        return;
    };
    let shapes = [&known.client, &known.server];
    let secret = |known: &Field| known.name == field && known.shape.secret;
    let is_secret = shapes.into_iter().flatten().any(|shape| {
        let mut fields = shape.variants.iter().flat_map(|variant| &variant.fields);
        fields.any(secret)
    });
    let secret = Secret {
        message: message.to_owned(),
        field: field.to_owned(),
        own: own.to_owned(),
    };
    if is_secret && !all.contains(&secret) {
        all.push(secret);
    }
}

fn each_step(steps: &[Step], act: &mut dyn FnMut(&Step)) {
    for step in steps {
        act(step);
        for inner in inner_lists(step) {
            each_step(inner, act);
        }
    }
}

/// Those of the first alternative, where there are several.
fn fields_of(pattern: &Pattern) -> &[(String, Pattern)] {
    match pattern {
        Pattern::Map { fields, .. } => fields,
        Pattern::Either(patterns) => patterns.first().map_or(&[], fields_of),
        _ => &[],
    }
}

/// What a matcher wants, where it wants one of a few plain values.
fn values_of(pattern: &Pattern) -> Option<Vec<Value>> {
    match pattern {
        Pattern::Is(expr) => Some(vec![expr.literal()?]),
        Pattern::OneOf(values) => Some(values.clone()),
        Pattern::Code(inner) | Pattern::Capture(inner, _) => values_of(inner),
        _ => None,
    }
}
