//! YAML into a matcher, held to the field of the catalogue that it looks at.

use regex::Regex;

use super::value::{constructor, inner_value, literal, read_plain_text};
use crate::protocol::{FieldKind, FieldShape, Type};
use crate::scenario::names::Names;
use crate::scenario::{Expr, Pattern};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

/// Reads a matcher; with a `shape`, what that shape can never be is a mistake.
pub(super) fn read_pattern(
    node: &Node,
    shape: Option<&FieldShape>,
    closed: bool,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Pattern> {
    let reader = Reader { names, closed };
    reader.pattern(node, shape, problems)
}

pub(super) struct Reader<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) closed: bool,
}

impl Reader<'_> {
    pub(super) fn pattern(
        &self,
        node: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        let pattern = self.pattern_as_written(node, shape, problems)?;
        let is_status = shape.is_some_and(is_status);
        Some(if is_status && is_about_a_code(&pattern) {
            Pattern::Code(Box::new(pattern))
        } else {
            pattern
        })
    }

    fn pattern_as_written(
        &self,
        node: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        match &node.kind {
            Kind::Str { text, .. } => self.text(node, text, shape, problems),
            Kind::List(items) => {
                let item_shape = self.item_shape(node, shape, problems)?;
                let items: Vec<_> = items
                    .iter()
                    .map(|item| self.pattern(item, item_shape, problems))
                    .collect();
                Some(Pattern::List(items.into_iter().collect::<Option<_>>()?))
            }
            Kind::Map(pairs) => {
                if let [(key, argument)] = pairs.as_slice()
                    && let Some(name) = constructor(key)
                {
                    return self.combinator(name, key, argument, shape, problems);
                }
                self.map(node, shape, problems)
            }
            _ => {
                let value = literal(node)?;
                self.check_value(node, &value, shape, problems)?;
                Some(Pattern::Is(Expr::Literal(value)))
            }
        }
    }

    fn text(
        &self,
        node: &Node,
        text: &str,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        if let Some(inner) = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
        {
            return self.matcher(node, inner, shape, problems);
        }
        let expr = read_plain_text(node, text, self.names, problems)?;
        match &expr {
            Expr::Literal(value) => self.check_value(node, value, shape, problems)?,
            Expr::Text(_) => self.check_type(node, Type::String, shape, problems)?,
            _ => {}
        }
        Some(Pattern::Is(expr))
    }

    /// What stands between the angle brackets.
    fn matcher(
        &self,
        node: &Node,
        inner: &str,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        if let Some(regex) = inner
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
        {
            self.check_type(node, Type::String, shape, problems)?;
            return match Regex::new(regex) {
                Ok(regex) => Some(Pattern::Regex(regex)),
                Err(error) => {
                    let reason = error.to_string();
                    let reason = reason
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .trim_start_matches("error: ");
                    problems.push(Diagnostic::new(
                        &node.place,
                        format!("not a regular expression: {reason}"),
                    ));
                    None
                }
            };
        }
        if let Some((inner, capture)) = inner.rsplit_once(" as ") {
            let pattern = self.matcher(node, inner, shape, problems)?;
            self.check_capture(node, capture, problems)?;
            return Some(Pattern::Capture(Box::new(pattern), capture.to_owned()));
        }
        if let Some(values) = inner.strip_prefix("one of ") {
            let values: Vec<Value> = values.split('|').map(inner_value).collect();
            for value in &values {
                self.check_value(node, value, shape, problems)?;
            }
            return Some(Pattern::OneOf(values));
        }
        if let Some(value) = inner.strip_prefix("not ") {
            let value = inner_value(value);
            self.check_value(node, &value, shape, problems)?;
            return Some(Pattern::Not(value));
        }
        if inner == "absent" {
            return self.absent(node, shape, problems);
        }
        if let Some((low, high)) = inner.split_once("..") {
            return self.range(node, low, high, shape, problems);
        }
        if let Some(kind) = Type::from_name(inner) {
            self.check_type(node, kind, shape, problems)?;
            return Some(Pattern::Of(kind));
        }
        let known = Type::ALL
            .map(Type::name)
            .into_iter()
            .chain(["absent", "one of", "not"]);
        problems.push(
            Diagnostic::new(&node.place, format!("unknown matcher <{inner}>"))
                .help("for the text itself write { $eq: \"…\" }")
                .suggest(inner, known),
        );
        None
    }

    fn absent(
        &self,
        node: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        // A shape is given only where the field stands in every variant.
        if shape.is_some_and(|shape| !shape.optional) {
            problems.push(Diagnostic::new(
                &node.place,
                "the catalogue says that this field is always there",
            ));
            return None;
        }
        Some(Pattern::Absent)
    }

    fn range(
        &self,
        node: &Node,
        low: &str,
        high: &str,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        self.check_type(node, Type::Number, shape, problems)?;
        let end = |text: &str| {
            if text.is_empty() {
                Ok(None)
            } else if text.starts_with('.') {
                Err(())
            } else {
                text.parse::<f64>().map(Some).map_err(drop)
            }
        };
        match (end(low), end(high)) {
            (Ok(low), Ok(high))
                if low.is_some() && high.is_none_or(|high| low <= Some(high))
                    || low.is_none() && high.is_some() =>
            {
                Some(Pattern::Range(low, high))
            }
            _ => {
                problems.push(
                    Diagnostic::new(&node.place, format!("<{low}..{high}> is no range"))
                        .help("such as <1..10> or <1..>"),
                );
                None
            }
        }
    }

    fn check_capture(&self, node: &Node, name: &str, problems: &mut Diagnostics) -> Option<()> {
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        match name.split_once('.') {
            None if plain(name) => self
                .names
                .check_free(name, &node.place, problems)
                .then_some(()),
            Some((actor, field)) if plain(actor) && plain(field) => self
                .names
                .check_actor(actor, &node.place, problems)
                .then_some(()),
            _ => {
                problems.push(Diagnostic::new(
                    &node.place,
                    format!("\"{name}\" is no name for a capture"),
                ));
                None
            }
        }
    }
}

/// Whether a field holds a status, or one documented code of it in either form.
fn is_status(shape: &FieldShape) -> bool {
    match &shape.kind {
        FieldKind::Of(kind) => *kind == Type::Status,
        FieldKind::OneOf(values) => {
            let has = |wanted: &Value| values.iter().any(|(value, _)| value == wanted);
            let mut numbers = values.iter().filter_map(|(value, _)| match value {
                Value::Int(code) => Some(code),
                _ => None,
            });
            numbers.any(|code| has(&Value::str(code.to_string())))
        }
        _ => false,
    }
}

/// Whether a matcher of a status asks for its code, and not for the form that it has.
fn is_about_a_code(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Is(Expr::Literal(value)) => matches!(value, Value::Int(_)),
        Pattern::Is(Expr::Ref(_))
        | Pattern::Of(Type::Status)
        | Pattern::Range(..)
        | Pattern::OneOf(_)
        | Pattern::Not(_) => true,
        Pattern::Capture(inner, _) => is_about_a_code(inner),
        _ => false,
    }
}
