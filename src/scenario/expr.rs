//! Values with references in them: what a step sends, and what a matcher compares with.
//!
//! References are resolved after parsing, against a scope; never by replacing text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::source::Place;
use crate::value::Value;

#[derive(Clone, Debug)]
pub enum Expr {
    Literal(Value),
    Ref(Reference),
    /// Text with references inside.
    Text(Vec<Part>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
}

#[derive(Clone, Debug)]
pub enum Part {
    Plain(String),
    Ref(Reference),
}

/// `$alice.name`: a root and the way from there.
#[derive(Clone, Debug)]
pub struct Reference {
    pub path: Vec<String>,
    pub place: Place,
}

impl Reference {
    pub fn root(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.path.join("."))
    }
}

/// Where references find their values.
pub trait Scope {
    /// The value of a root with its first steps taken, and how many segments of the path that used up.
    fn find(&self, path: &[String]) -> Option<(Value, usize)>;
}

/// A reference that has no value, or whose value has no such part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reference} has no value here")]
pub struct Unresolved {
    pub reference: String,
    pub place: String,
}

impl Reference {
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Value, Unresolved> {
        let unresolved = || Unresolved {
            reference: self.to_string(),
            place: self.place.to_string(),
        };
        let (mut value, used) = scope.find(&self.path).ok_or_else(unresolved)?;
        for segment in &self.path[used..] {
            value = part(&value, segment).ok_or_else(unresolved)?;
        }
        Ok(value)
    }
}

/// The part of a value that a segment names: a field, an element, or something derived.
fn part(value: &Value, segment: &str) -> Option<Value> {
    match value {
        Value::Map(_) if value.get(segment).is_some() => value.get(segment).cloned(),
        Value::List(items) if segment.bytes().all(|b| b.is_ascii_digit()) => {
            items.get(segment.parse::<usize>().ok()?).cloned()
        }
        _ => derived(value, segment),
    }
}

fn derived(value: &Value, segment: &str) -> Option<Value> {
    match (segment, value) {
        ("length", Value::List(items)) => Some(Value::Int(items.len() as i128)),
        ("length", Value::Str(text)) => Some(Value::Int(text.chars().count() as i128)),
        ("length", Value::Bin(bytes)) => Some(Value::Int(bytes.len() as i128)),
        ("text", Value::Str(_)) | ("number", Value::Int(_)) => Some(value.clone()),
        ("text", Value::Int(_) | Value::Float(_)) => Some(Value::Str(value.to_string())),
        ("number", Value::Str(text)) => text.parse().ok().map(Value::Int),
        ("unbase64", Value::Str(text)) => STANDARD.decode(text).ok().map(Value::Bin),
        ("unbase64", Value::List(items)) => {
            let mut joined = Vec::new();
            for item in items {
                joined.extend(STANDARD.decode(item.as_str()?).ok()?);
            }
            Some(Value::Bin(joined))
        }
        _ => None,
    }
}

impl Expr {
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Value, Unresolved> {
        Ok(match self {
            Expr::Literal(value) => value.clone(),
            Expr::Ref(reference) => reference.resolve(scope)?,
            Expr::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Plain(plain) => text.push_str(plain),
                        Part::Ref(reference) => match reference.resolve(scope)? {
                            Value::Str(inner) => text.push_str(&inner),
                            other => text.push_str(&other.to_string()),
                        },
                    }
                }
                Value::Str(text)
            }
            Expr::List(items) => Value::List(
                items
                    .iter()
                    .map(|item| item.resolve(scope))
                    .collect::<Result<_, _>>()?,
            ),
            Expr::Map(pairs) => {
                let resolve =
                    |(key, value): &(Expr, Expr)| Ok((key.resolve(scope)?, value.resolve(scope)?));
                Value::Map(
                    pairs
                        .iter()
                        .map(resolve)
                        .collect::<Result<_, Unresolved>>()?,
                )
            }
        })
    }

    /// The value, where it holds no reference.
    pub fn literal(&self) -> Option<Value> {
        struct Nothing;
        impl Scope for Nothing {
            fn find(&self, _: &[String]) -> Option<(Value, usize)> {
                None
            }
        }
        self.resolve(&Nothing).ok()
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Literal(value) => write!(f, "{value}"),
            Expr::Ref(reference) => write!(f, "{reference}"),
            Expr::Text(parts) => parts.iter().try_for_each(|part| match part {
                Part::Plain(plain) => f.write_str(plain),
                Part::Ref(reference) => write!(f, "${{{}}}", reference.path.join(".")),
            }),
            Expr::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Expr::Map(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}
