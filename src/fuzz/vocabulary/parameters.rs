//! What a flow wants of its caller, and what it hands back.

use super::Parameter;
use super::steps::inner_lists;
use crate::protocol::{Field, FieldKind, FieldShape, Type};
use crate::scenario::{Expr, Outgoing, Pack, Pattern, Reference, Step, StepKind};
use crate::value::Value;

/// The names that steps bind, but for those that become fields of actors.
pub(super) fn captured(steps: &[Step], names: &mut Vec<String>) {
    let mut add = |name: &str| {
        if !name.contains('.') && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for step in steps {
        match &step.kind {
            StepKind::Receive(receive) => {
                receive
                    .expected
                    .fields
                    .capture_names()
                    .into_iter()
                    .for_each(&mut add);
            }
            StepKind::Check(conditions) => conditions
                .iter()
                .flat_map(|condition| condition.pattern.capture_names())
                .for_each(&mut add),
            StepKind::Use { into, .. } => into.iter().for_each(|(ours, _)| add(ours)),
            _ => {}
        }
    }
}

/// What a parameter of a flow is used for.
pub(super) fn wanted(pack: &Pack, steps: &[Step], name: &str, depth: usize) -> Option<Parameter> {
    if depth > 6 {
        return None;
    }
    for step in steps {
        let found = match &step.kind {
            StepKind::Send {
                what:
                    Outgoing::Message {
                        name: message,
                        fields,
                    },
                ..
            } => in_message(pack, message, fields, name),
            StepKind::Use {
                flow, arguments, ..
            } => arguments.iter().find_map(|(theirs, value)| match value {
                Expr::Ref(reference) if is_whole(reference, name) => {
                    wanted(pack, &pack.flow(flow)?.steps, theirs, depth + 1)
                }
                _ => None,
            }),
            StepKind::ForEach {
                list: Expr::Ref(reference),
                ..
            } if reference.root() == name => Some(if reference.path.len() > 1 {
                Parameter::File
            } else {
                Parameter::Unknown
            }),
            StepKind::When { conditions, .. } => {
                let about = conditions.iter().filter(|c| is_whole(&c.subject, name));
                let values: Vec<Value> = about
                    .filter_map(|condition| match &condition.pattern {
                        Pattern::Is(expr) => expr.literal(),
                        _ => None,
                    })
                    .collect();
                (!values.is_empty()).then_some(Parameter::OneOf(values))
            }
            _ => None,
        };
        let found = found.or_else(|| {
            inner_lists(step)
                .into_iter()
                .find_map(|inner| wanted(pack, inner, name, depth + 1))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_whole(reference: &Reference, name: &str) -> bool {
    reference.root() == name && reference.path.len() == 1
}

fn in_message(pack: &Pack, message: &str, fields: &Expr, name: &str) -> Option<Parameter> {
    let shape = pack.catalogue.message(message)?.client.as_ref()?;
    let known = &shape.variants.first()?.fields;
    in_fields(message, known, fields, name)
}

fn in_fields(message: &str, known: &[Field], fields: &Expr, name: &str) -> Option<Parameter> {
    let Expr::Map(pairs) = fields else {
        return None;
    };
    pairs.iter().find_map(|(key, value)| {
        let key = key.literal()?;
        let field = known
            .iter()
            .find(|field| Some(field.name.as_str()) == key.as_str())?;
        match value {
            Expr::Ref(reference) if is_whole(reference, name) => Some(Parameter::Field(
                message.to_owned(),
                field.shape.clone(),
                field.name.clone(),
            )),
            Expr::Ref(reference) if reference.root() == name => Some(Parameter::File),
            Expr::Map(_) => match &field.shape.kind {
                FieldKind::Object(inner) => in_fields(message, inner, value, name),
                _ => None,
            },
            Expr::List(items) => {
                let direct = items.iter().any(|item| match item {
                    Expr::Ref(reference) => is_whole(reference, name),
                    Expr::Map(pairs) => pairs
                        .iter()
                        .any(|(_, value)| matches!(value, Expr::Ref(r) if is_whole(r, name))),
                    _ => false,
                });
                let text = FieldShape {
                    kind: FieldKind::Of(Type::String),
                    ..field.shape.clone()
                };
                direct.then(|| Parameter::Field(message.to_owned(), text, String::new()))
            }
            _ => None,
        }
    })
}
