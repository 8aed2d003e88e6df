//! YAML into a matcher, held to the field of the catalogue that it looks at.

use regex::Regex;

use super::names::Names;
use super::read_step::OPTIONS;
use super::read_value::{
    CONSTRUCTORS, constructor, inner_value, literal, read_constructor, read_key, read_plain_text,
    read_value,
};
use super::{Expr, Pattern};
use crate::protocol::{Field, FieldKind, FieldShape, Type};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

pub(super) const COMBINATORS: [&str; 8] = [
    "$contains",
    "$unordered",
    "$each",
    "$consecutive",
    "$length",
    "$not",
    "$either",
    "$all",
];

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

/// Reads the matchers of an object's fields; `lookup` gives the shapes that a field may have.
pub(super) fn read_fields<'s>(
    node: &Node,
    lookup: impl Fn(&str) -> Result<Vec<&'s FieldShape>, Vec<&'s str>>,
    what: &str,
    closed: bool,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Pattern> {
    Reader { names, closed }.fields(node, lookup, what, problems)
}

struct Reader<'a> {
    names: &'a Names<'a>,
    closed: bool,
}

impl Reader<'_> {
    fn pattern(
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

    fn combinator(
        &self,
        name: &str,
        key: &Node,
        argument: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        let list =
            |shape: Option<&FieldShape>, problems: &mut Diagnostics| -> Option<Vec<Pattern>> {
                let Some(items) = argument.as_list() else {
                    problems.push(Diagnostic::new(
                        &argument.place,
                        format!("`{name}` takes a list"),
                    ));
                    return None;
                };
                let items: Vec<_> = items
                    .iter()
                    .map(|item| self.pattern(item, shape, problems))
                    .collect();
                items.into_iter().collect()
            };
        if matches!(name, "$contains" | "$unordered")
            && argument.as_str().is_some_and(|text| text.starts_with('$'))
        {
            let list = read_value(argument, self.names, problems)?;
            self.item_shape(key, shape, problems)?;
            return Some(Pattern::ElementsOf {
                list,
                only: name == "$unordered",
            });
        }
        match name {
            "$contains" => Some(Pattern::Contains(list(
                self.item_shape(key, shape, problems)?,
                problems,
            )?)),
            "$unordered" => Some(Pattern::Unordered(list(
                self.item_shape(key, shape, problems)?,
                problems,
            )?)),
            "$either" => Some(Pattern::Either(list(shape, problems)?)),
            "$all" => Some(Pattern::All(list(shape, problems)?)),
            "$each" => {
                let item_shape = self.item_shape(key, shape, problems)?;
                Some(Pattern::Each(Box::new(
                    self.pattern(argument, item_shape, problems)?,
                )))
            }
            "$consecutive" => {
                let item_shape = self.item_shape(key, shape, problems)?;
                Some(Pattern::Consecutive(Box::new(
                    self.pattern(argument, item_shape, problems)?,
                )))
            }
            "$length" => Some(Pattern::Length(Box::new(
                self.pattern(argument, None, problems)?,
            ))),
            "$not" => Some(Pattern::Unlike(Box::new(
                self.pattern(argument, shape, problems)?,
            ))),
            _ if CONSTRUCTORS.contains(&name) => {
                let expr = read_constructor(name, key, argument, self.names, problems)?;
                if let Some(value) = expr.literal() {
                    self.check_value(argument, &value, shape, problems)?;
                }
                Some(Pattern::Is(expr))
            }
            _ => {
                problems.push(
                    Diagnostic::new(&key.place, format!("unknown matcher `{name}`"))
                        .suggest(name, COMBINATORS.iter().chain(&CONSTRUCTORS)),
                );
                None
            }
        }
    }

    fn map(
        &self,
        node: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        match shape.map(|shape| &shape.kind) {
            Some(FieldKind::Object(fields)) => {
                let lookup = |name: &str| match fields.iter().find(|field| field.name == name) {
                    Some(field) => Ok(vec![&field.shape]),
                    None => Err(fields.iter().map(|field| field.name.as_str()).collect()),
                };
                self.fields(node, lookup, "this object", problems)
            }
            Some(FieldKind::MapOf(item)) => {
                self.fields(node, |_| Ok(vec![&**item]), "this map", problems)
            }
            None | Some(FieldKind::Of(Type::Any | Type::Map)) => {
                self.fields(node, |_| Ok(Vec::new()), "this map", problems)
            }
            Some(_) => {
                self.contradiction(node, "a map", shape, problems);
                None
            }
        }
    }

    fn fields<'s>(
        &self,
        node: &Node,
        lookup: impl Fn(&str) -> Result<Vec<&'s FieldShape>, Vec<&'s str>>,
        what: &str,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        let Some(pairs) = node.as_map() else {
            problems.push(Diagnostic::new(
                &node.place,
                format!("expected a map of fields, not {}", node.a_type()),
            ));
            return None;
        };
        let mut fields = Vec::new();
        let mut whole = true;
        for (key, value) in pairs {
            let name = match read_key(key, problems) {
                Some(Expr::Literal(Value::Str(name))) => name,
                Some(Expr::Literal(other)) => other.to_string(),
                _ => return None,
            };
            let pattern = match lookup(&name) {
                Ok(shapes) => self.in_one_of(value, &shapes, problems),
                Err(known) => {
                    problems.push(unknown_field(key, &name, what, known));
                    None
                }
            };
            match pattern {
                Some(pattern) => fields.push((name, pattern)),
                None => whole = false,
            }
        }
        whole.then_some(Pattern::Map {
            fields,
            closed: self.closed,
        })
    }

    /// The matcher under the first shape that allows it.
    fn in_one_of(
        &self,
        node: &Node,
        shapes: &[&FieldShape],
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        let mut first = None;
        for shape in shapes {
            let mut local = Diagnostics::default();
            let pattern = self.pattern(node, Some(shape), &mut local);
            if pattern.is_some() {
                return pattern;
            }
            first.get_or_insert(local);
        }
        match first {
            None => self.pattern(node, None, problems),
            Some(found) => {
                problems.extend(found);
                None
            }
        }
    }

    fn item_shape<'s>(
        &self,
        node: &Node,
        shape: Option<&'s FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Option<&'s FieldShape>> {
        match shape.map(|shape| &shape.kind) {
            Some(FieldKind::ListOf(item)) => Some(Some(item)),
            None | Some(FieldKind::Of(Type::Any | Type::List)) => Some(None),
            Some(_) => {
                self.contradiction(node, "a list", shape, problems);
                None
            }
        }
    }

    fn check_value(
        &self,
        node: &Node,
        value: &Value,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<()> {
        let Some(shape) = shape else { return Some(()) };
        if !shape.accepts_type(value) {
            let what = match value {
                Value::Null => "null".to_owned(),
                Value::Int(_) => format!("the int {value}"),
                _ => format!("a {}", value.type_name()),
            };
            self.contradiction(node, &what, Some(shape), problems);
            return None;
        }
        if let FieldKind::OneOf(known) = &shape.kind
            && !known.iter().any(|(known, _)| known == value)
        {
            problems.push(
                Diagnostic::new(
                    &node.place,
                    format!("{value} is no documented value of this field"),
                )
                .help(format!("the catalogue has {}", shape.describe())),
            );
            return None;
        }
        Some(())
    }

    fn check_type(
        &self,
        node: &Node,
        kind: Type,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<()> {
        let Some(shape) = shape else { return Some(()) };
        let possible = match &shape.kind {
            FieldKind::Of(own) => own.overlaps(kind),
            FieldKind::OneOf(values) => values.iter().any(|(value, _)| kind.accepts(value)),
            FieldKind::ListOf(_) => kind.overlaps(Type::List),
            FieldKind::MapOf(_) | FieldKind::Object(_) => kind.overlaps(Type::Map),
        };
        if possible || (shape.nullable && kind == Type::Null) {
            return Some(());
        }
        self.contradiction(node, &format!("<{}>", kind.name()), Some(shape), problems);
        None
    }

    fn contradiction(
        &self,
        node: &Node,
        what: &str,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) {
        let documented = shape.map_or_else(String::new, FieldShape::describe);
        problems.push(Diagnostic::new(
            &node.place,
            format!("{what} can never match; the catalogue has {documented}"),
        ));
    }
}

/// `what` is the message, or "this object".
pub(super) fn unknown_field(
    key: &Node,
    name: &str,
    what: &str,
    known: impl IntoIterator<Item = impl AsRef<str>>,
) -> Diagnostic {
    let unknown = Diagnostic::new(&key.place, format!("unknown field \"{name}\" in {what}"));
    if OPTIONS.contains(&name) {
        unknown.help(format!(
            "`{name}` is an option; it stands beside the message, as a key of the step"
        ))
    } else {
        unknown.suggest(name, known)
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

/// The shapes of a field that stands in several variants.
pub(super) fn shapes_of<'s>(
    fields: impl Iterator<Item = &'s Field>,
    name: &str,
) -> Vec<&'s FieldShape> {
    fields
        .filter(|field| field.name == name)
        .map(|field| &field.shape)
        .collect()
}
