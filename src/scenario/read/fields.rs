//! The matchers of an object's fields, each under the shapes that the catalogue gives the field.

use super::options::OPTIONS;
use super::pattern::Reader;
use super::value::read_key;
use crate::protocol::{Field, FieldKind, FieldShape, Type};
use crate::scenario::names::Names;
use crate::scenario::{Expr, Pattern};
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::value::Value;

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

impl Reader<'_> {
    pub(super) fn map(
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

    pub(super) fn fields<'s>(
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
