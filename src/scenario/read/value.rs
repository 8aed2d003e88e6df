//! YAML into a value with references: what a step sends, a parameter, a binding.

use super::constructor::read_constructor;
use crate::protocol::Type;
use crate::scenario::names::Names;
use crate::scenario::{Expr, Part};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

pub(super) fn read_value(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    match &node.kind {
        Kind::Str { text, .. } => read_text(node, text, names, problems),
        Kind::List(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| read_value(item, names, problems))
                .collect();
            Some(Expr::List(items.into_iter().collect::<Option<_>>()?))
        }
        Kind::Map(pairs) => {
            if let [(key, argument)] = pairs.as_slice()
                && let Some(name) = constructor(key)
            {
                return read_constructor(name, key, argument, names, problems);
            }
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(key, value)| {
                    Some((
                        read_key(key, problems)?,
                        read_value(value, names, problems)?,
                    ))
                })
                .collect();
            Some(Expr::Map(pairs.into_iter().collect::<Option<_>>()?))
        }
        _ => literal(node).map(Expr::Literal),
    }
}

/// The scalar, list or map as it stands: no references, no constructors.
pub(super) fn literal(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(bool) => Value::Bool(*bool),
        Kind::Int(int) => Value::Int(*int),
        Kind::Float(float) => Value::Float(*float),
        Kind::Str { text, .. } => Value::str(text),
        Kind::List(items) => Value::List(items.iter().map(literal).collect::<Option<_>>()?),
        Kind::Map(pairs) => Value::Map(
            pairs
                .iter()
                .map(|(key, value)| Some((literal(key)?, literal(value)?)))
                .collect::<Option<_>>()?,
        ),
    })
}

/// The name of a constructor or matcher in a one-key map: a key with one `$`.
pub(super) fn constructor(key: &Node) -> Option<&str> {
    key.as_str()
        .filter(|text| text.starts_with('$') && !text.starts_with("$$"))
}

/// A key of a plain map; `$$x` stands for `$x`.
pub(super) fn read_key(key: &Node, problems: &mut Diagnostics) -> Option<Expr> {
    match key.as_str() {
        Some(text) if text.starts_with("$$") => Some(Expr::Literal(Value::str(&text[1..]))),
        Some(text) if text.starts_with('$') => {
            problems.push(
                Diagnostic::new(
                    &key.place,
                    format!("`{text}` stands beside other keys, or is unknown"),
                )
                .help("write $$ for a key that begins with $"),
            );
            None
        }
        _ => literal(key).map(Expr::Literal),
    }
}

pub(super) fn read_text(
    node: &Node,
    text: &str,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    if text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(is_matcher)
    {
        problems.push(
            Diagnostic::new(
                &node.place,
                format!("`{text}` is a matcher; here a value is sent"),
            )
            .help("for the text itself write { $eq: \"…\" }"),
        );
        return None;
    }
    read_plain_text(node, text, names, problems)
}

/// Whether what stands between angle brackets means a matcher; markup, say, does not.
fn is_matcher(inner: &str) -> bool {
    let bare = inner.rsplit_once(" as ").map_or(inner, |(bare, _)| bare);
    Type::from_name(bare).is_some()
        || bare == "absent"
        || ["one of ", "not ", "/"]
            .iter()
            .any(|start| bare.starts_with(start))
        || bare.split_once("..").is_some_and(|(low, high)| {
            [low, high]
                .iter()
                .all(|end| end.is_empty() || end.parse::<f64>().is_ok())
        })
}

/// Text that is no matcher: a reference, text with references, or as it stands.
pub(super) fn read_plain_text(
    node: &Node,
    text: &str,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    if let Some(path) = text.strip_prefix('$')
        && !path.starts_with(['$', '{'])
    {
        return names.reference(path, &node.place, problems).map(Expr::Ref);
    }
    if !text.contains('$') {
        return Some(Expr::Literal(Value::str(text)));
    }
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let Some((path, after)) = after.split_once('}') else {
                problems.push(Diagnostic::new(&node.place, "`${` without its `}`"));
                return None;
            };
            parts.push(Part::Plain(std::mem::take(&mut plain)));
            parts.push(Part::Ref(names.reference(path, &node.place, problems)?));
            rest = after;
        } else {
            plain.push('$');
        }
    }
    plain.push_str(rest);
    if parts.is_empty() {
        return Some(Expr::Literal(Value::Str(plain)));
    }
    parts.push(Part::Plain(plain));
    Some(Expr::Text(parts))
}

/// The plain scalar inside a matcher, `<one of 0|online>`: typed as YAML would type it.
pub(super) fn inner_value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match (text.parse::<i128>(), text.parse::<f64>()) {
            (Ok(int), _) => Value::Int(int),
            (_, Ok(float)) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Value::Float(float)
            }
            _ => Value::str(text),
        },
    }
}
