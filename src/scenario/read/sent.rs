//! Holds what is sent to the catalogue: a step that says `sends` sends what the document allows.

use super::fields::unknown_field;
use crate::protocol::{Field, FieldKind, FieldShape, Message, Shape, Type};
use crate::scenario::Expr;
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::value::Value;

/// Holds what is sent to the best-fitting variant: no unknown, missing or mistyped field.
pub(super) fn check_sent(
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

/// Whether a literal can be of the type; references are not known before the run.
pub(super) fn may_be(expr: &Expr, accepts: impl Fn(&Value) -> bool, kind: Option<Type>) -> bool {
    match expr {
        Expr::Literal(value) => accepts(value),
        Expr::Ref(_) => true,
        Expr::Text(_) => kind.is_none_or(|kind| kind.overlaps(Type::String)),
        Expr::List(_) => accepts(&Value::List(Vec::new())),
        Expr::Map(_) => accepts(&Value::Map(Vec::new())),
    }
}
