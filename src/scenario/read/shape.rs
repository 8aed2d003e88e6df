//! What a field's shape rules out: a matcher that could never match is a mistake.

use super::pattern::Reader;
use crate::protocol::{FieldKind, FieldShape, Type};
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::value::Value;

impl Reader<'_> {
    pub(super) fn item_shape<'s>(
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

    pub(super) fn check_value(
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

    pub(super) fn check_type(
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

    pub(super) fn contradiction(
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
