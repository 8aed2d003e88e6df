//! One message of the catalogue by its name, in a map with this one key.

use super::options::OPTIONS;
use super::value::read_key;
use crate::protocol::{Catalogue, Message};
use crate::scenario::Expr;
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::value::Value;

pub(super) fn one_message<'n>(
    node: &'n Node,
    problems: &mut Diagnostics,
) -> Option<(&'n Node, &'n Node)> {
    match node.as_map() {
        Some([(key, body)]) => Some((key, body)),
        Some([]) | None => {
            problems.push(Diagnostic::new(
                &node.place,
                "expected one message: { MESSAGE: { field: value } }",
            ));
            None
        }
        Some(pairs) => {
            let second = &pairs[1].0;
            let is_option = second.as_str().is_some_and(|name| OPTIONS.contains(&name));
            let (message, help) = if is_option {
                (
                    "one step is one message; options stand beside it, not inside",
                    "`proves`, `within` and the like are further keys of the step",
                )
            } else {
                (
                    "one step is one message; this is a second",
                    "write a step of its own",
                )
            };
            problems.push(Diagnostic::new(&second.place, message).help(help));
            None
        }
    }
}

pub(super) fn find_message<'c>(
    key: &Node,
    catalogue: &'c Catalogue,
    problems: &mut Diagnostics,
) -> Option<&'c Message> {
    let name = key.as_str().unwrap_or_default();
    let message = catalogue.message(name);
    if message.is_none() {
        let known = catalogue
            .messages
            .iter()
            .map(|message| message.name.as_str());
        problems.push(
            Diagnostic::new(
                &key.place,
                format!("unknown message \"{}\"", key.place.text()),
            )
            .suggest(name, known),
        );
    }
    message
}

/// A name in a map of names: the key as text.
pub(super) fn key_text(key: &Node, problems: &mut Diagnostics) -> Option<String> {
    match read_key(key, problems)? {
        Expr::Literal(Value::Str(text)) => Some(text),
        _ => {
            problems.push(Diagnostic::new(&key.place, "expected a name"));
            None
        }
    }
}
