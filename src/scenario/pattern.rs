//! Matchers: what a received value must be.
//!
//! A matcher with references is resolved once, when its step begins; then it is compared without a scope.
//! Knows nothing of frames and time.

use std::fmt;

use regex::Regex;

use super::{Expr, Scope, Unresolved};
use crate::protocol::Type;
use crate::value::Value;

#[derive(Clone, Debug)]
pub enum Pattern {
    /// Equal to.
    Is(Expr),
    Of(Type),
    Absent,
    /// A number in a range, ends included.
    Range(Option<f64>, Option<f64>),
    OneOf(Vec<Value>),
    Not(Value),
    Regex(Regex),
    /// Element by element.
    List(Vec<Pattern>),
    Map {
        fields: Vec<(String, Pattern)>,
        closed: bool,
    },
    /// For each an element of its own; further elements are free.
    Contains(Vec<Pattern>),
    /// Just these, in any order.
    Unordered(Vec<Pattern>),
    /// The elements of a list by reference: for each one of its own, and with `only` no others.
    ElementsOf {
        list: Expr,
        only: bool,
    },
    Each(Box<Pattern>),
    /// Whole numbers, each one more than the one before; the matcher is for the first.
    Consecutive(Box<Pattern>),
    Length(Box<Pattern>),
    /// Of a status: of its code, whichever its form.
    Code(Box<Pattern>),
    /// Any value that does not match.
    Unlike(Box<Pattern>),
    Either(Vec<Pattern>),
    All(Vec<Pattern>),
    /// Binds what matched to a name: `chat`, or `me.user_id`.
    Capture(Box<Pattern>, String),
}

impl Pattern {
    /// The same matcher with its references replaced by values.
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Pattern, Unresolved> {
        let all = |patterns: &[Pattern]| -> Result<Vec<Pattern>, Unresolved> {
            patterns
                .iter()
                .map(|pattern| pattern.resolve(scope))
                .collect()
        };
        let boxed = |pattern: &Pattern| -> Result<Box<Pattern>, Unresolved> {
            Ok(Box::new(pattern.resolve(scope)?))
        };
        Ok(match self {
            Pattern::Is(expr) => Pattern::Is(Expr::Literal(expr.resolve(scope)?)),
            Pattern::List(items) => Pattern::List(all(items)?),
            Pattern::Contains(items) => Pattern::Contains(all(items)?),
            Pattern::Unordered(items) => Pattern::Unordered(all(items)?),
            Pattern::ElementsOf { list, only } => {
                let items = match list.resolve(scope)? {
                    Value::List(items) => items,
                    other => vec![other],
                };
                let items = items
                    .into_iter()
                    .map(|item| Pattern::Is(Expr::Literal(item)))
                    .collect();
                if *only {
                    Pattern::Unordered(items)
                } else {
                    Pattern::Contains(items)
                }
            }
            Pattern::Either(items) => Pattern::Either(all(items)?),
            Pattern::All(items) => Pattern::All(all(items)?),
            Pattern::Each(item) => Pattern::Each(boxed(item)?),
            Pattern::Consecutive(item) => Pattern::Consecutive(boxed(item)?),
            Pattern::Length(item) => Pattern::Length(boxed(item)?),
            Pattern::Code(item) => Pattern::Code(boxed(item)?),
            Pattern::Unlike(item) => Pattern::Unlike(boxed(item)?),
            Pattern::Capture(item, name) => Pattern::Capture(boxed(item)?, name.clone()),
            Pattern::Map { fields, closed } => {
                let resolve = |(name, pattern): &(String, Pattern)| {
                    Ok((name.clone(), pattern.resolve(scope)?))
                };
                Pattern::Map {
                    fields: fields.iter().map(resolve).collect::<Result<_, _>>()?,
                    closed: *closed,
                }
            }
            other => other.clone(),
        })
    }

    /// The names that a match may bind.
    pub fn capture_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |pattern| {
            if let Pattern::Capture(_, name) = pattern {
                names.push(name.as_str());
            }
        });
        names
    }

    /// The plain values that are compared with, wherever they stand.
    pub(super) fn plain_values(&self) -> Vec<&Value> {
        let mut values = Vec::new();
        self.visit(&mut |pattern| match pattern {
            Pattern::Is(Expr::Literal(value)) | Pattern::Not(value) => values.push(value),
            Pattern::OneOf(options) => values.extend(options),
            _ => {}
        });
        values
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Pattern)) {
        see(self);
        match self {
            Pattern::List(items)
            | Pattern::Contains(items)
            | Pattern::Unordered(items)
            | Pattern::Either(items)
            | Pattern::All(items) => items.iter().for_each(|item| item.visit(see)),
            Pattern::Each(item)
            | Pattern::Consecutive(item)
            | Pattern::Length(item)
            | Pattern::Code(item)
            | Pattern::Unlike(item)
            | Pattern::Capture(item, _) => item.visit(see),
            Pattern::Map { fields, .. } => fields.iter().for_each(|(_, item)| item.visit(see)),
            _ => {}
        }
    }
}

/// As it stands in a scenario, on one line.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, open: &str, items: &[Pattern], close: &str| {
            f.write_str(open)?;
            for (i, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
            }
            f.write_str(close)
        };
        match self {
            Pattern::Is(expr) => write!(f, "{expr}"),
            Pattern::Of(kind) => write!(f, "<{}>", kind.name()),
            Pattern::Absent => f.write_str("<absent>"),
            Pattern::Range(low, high) => {
                let end = |end: &Option<f64>| end.map_or_else(String::new, |end| end.to_string());
                write!(f, "<{}..{}>", end(low), end(high))
            }
            Pattern::OneOf(values) => {
                let values: Vec<String> = values.iter().map(plain).collect();
                write!(f, "<one of {}>", values.join("|"))
            }
            Pattern::Not(value) => write!(f, "<not {}>", plain(value)),
            Pattern::Regex(regex) => write!(f, "\"</{}/>\"", regex.as_str()),
            Pattern::List(items) => list(f, "[", items, "]"),
            Pattern::Map { fields, .. } => {
                f.write_str("{")?;
                for (i, (name, item)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {item}", if i == 0 { " " } else { ", " })?;
                }
                f.write_str(" }")
            }
            Pattern::Contains(items) => list(f, "{ $contains: [", items, "] }"),
            Pattern::Unordered(items) => list(f, "{ $unordered: [", items, "] }"),
            Pattern::ElementsOf { list, only: true } => write!(f, "{{ $unordered: {list} }}"),
            Pattern::ElementsOf { list, only: false } => write!(f, "{{ $contains: {list} }}"),
            Pattern::Either(items) => list(f, "{ $either: [", items, "] }"),
            Pattern::All(items) => list(f, "{ $all: [", items, "] }"),
            Pattern::Each(item) => write!(f, "{{ $each: {item} }}"),
            Pattern::Consecutive(item) => write!(f, "{{ $consecutive: {item} }}"),
            Pattern::Length(item) => write!(f, "{{ $length: {item} }}"),
            Pattern::Unlike(item) => write!(f, "{{ $not: {item} }}"),
            Pattern::Code(item) | Pattern::Capture(item, _) => write!(f, "{item}"),
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
