//! Values with references in them, for the further fields that a target wants in its requests.

use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

/// Who sends, and when: what a template refers to besides the message itself.
#[derive(Clone, Copy, Debug)]
pub struct Me<'a> {
    /// The fields of the user, `$me.name`.
    pub fields: &'a [(String, Value)],
    /// Seconds since the Unix epoch, `$now`.
    pub now: i64,
}

#[derive(Clone, Debug)]
pub(super) enum Template {
    Literal(Value),
    /// `$me.name`, with the field's name.
    Me(String),
    /// `$fields.name`: another field of the same message, by the document's name.
    Field(String),
    Now,
    /// Text with references inside.
    Text(Vec<Template>),
    List(Vec<Template>),
    Map(Vec<(String, Template)>),
}

impl Template {
    /// `None` where something that it refers to is not there; then the field is left out.
    pub(super) fn fill(&self, me: &Me<'_>, body: Option<&Value>) -> Option<Value> {
        Some(match self {
            Template::Literal(value) => value.clone(),
            Template::Me(field) => {
                let found = me.fields.iter().find(|(name, _)| name == field);
                found.map(|(_, value)| value.clone())?
            }
            Template::Field(field) => body?.get(field)?.clone(),
            Template::Now => Value::Int(i128::from(me.now)),
            Template::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part.fill(me, body)? {
                        Value::Str(part) => text.push_str(&part),
                        other => text.push_str(&other.to_string()),
                    }
                }
                Value::Str(text)
            }
            Template::List(items) => Value::List(
                items
                    .iter()
                    .map(|i| i.fill(me, body))
                    .collect::<Option<_>>()?,
            ),
            Template::Map(pairs) => {
                let fill = |(key, value): &(String, Template)| {
                    Some((Value::str(key), value.fill(me, body)?))
                };
                Value::Map(pairs.iter().map(fill).collect::<Option<_>>()?)
            }
        })
    }
}

/// `fields` are the names that the message has in the document.
pub(super) fn read_template(
    node: &Node,
    fields: &[&str],
    problems: &mut Diagnostics,
) -> Option<Template> {
    Some(match &node.kind {
        Kind::Null => Template::Literal(Value::Null),
        Kind::Bool(bool) => Template::Literal(Value::Bool(*bool)),
        Kind::Int(int) => Template::Literal(Value::Int(*int)),
        Kind::Float(float) => Template::Literal(Value::Float(*float)),
        Kind::Str { text, .. } => read_text(node, text, fields, problems)?,
        Kind::List(items) => {
            let items = items
                .iter()
                .map(|item| read_template(item, fields, problems));
            Template::List(
                items
                    .collect::<Vec<_>>()
                    .into_iter()
                    .collect::<Option<_>>()?,
            )
        }
        Kind::Map(pairs) => {
            let mut read = Vec::new();
            for (key, value) in pairs {
                let key = key.as_str().unwrap_or(key.place.text()).to_owned();
                read.push(read_template(value, fields, problems).map(|value| (key, value)));
            }
            Template::Map(read.into_iter().collect::<Option<_>>()?)
        }
    })
}

fn read_text(
    node: &Node,
    text: &str,
    fields: &[&str],
    problems: &mut Diagnostics,
) -> Option<Template> {
    if let Some(escaped) = text.strip_prefix("$$") {
        return Some(Template::Literal(Value::Str(format!("${escaped}"))));
    }
    if let Some(path) = text.strip_prefix('$').filter(|_| !text.starts_with("${")) {
        return reference(node, path, fields, problems);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once("${") {
        let Some((path, after)) = after.split_once('}') else {
            let message = "a reference in a text ends with \"}\"";
            problems.push(Diagnostic::new(&node.place, message));
            return None;
        };
        parts.push(Template::Literal(Value::str(plain)));
        parts.push(reference(node, path, fields, problems)?);
        rest = after;
    }
    if parts.is_empty() {
        return Some(Template::Literal(Value::str(text)));
    }
    parts.push(Template::Literal(Value::str(rest)));
    Some(Template::Text(parts))
}

fn reference(
    node: &Node,
    path: &str,
    fields: &[&str],
    problems: &mut Diagnostics,
) -> Option<Template> {
    match path.split_once('.') {
        None if path == "now" => Some(Template::Now),
        Some(("me", field)) if !field.is_empty() && !field.contains('.') => {
            Some(Template::Me(field.to_owned()))
        }
        Some(("fields", field)) if fields.contains(&field) => {
            Some(Template::Field(field.to_owned()))
        }
        Some(("fields", field)) => {
            let message = format!("the message has no field `{field}`");
            problems.push(Diagnostic::new(&node.place.find(path), message).suggest(field, fields));
            None
        }
        _ => {
            let message = format!("unknown reference `${path}`");
            problems.push(
                Diagnostic::new(&node.place, message)
                    .help("there are $me.name (a field of the user), $fields.name (a field of the message) and $now"),
            );
            None
        }
    }
}
