//! What stands in a field of a step, told apart from the story that it stands in.

use super::Usual;
use crate::fuzz::datum::Datum;
use crate::fuzz::sequence::Actor;
use crate::scenario::{Expr, Part, Reference};

/// Longer texts are not taken over.
const LONGEST_USE: usize = 200;

/// What stands there, freed from the story that it stands in.
pub(super) fn usual(expr: &Expr, sender: &str, actors: &[String]) -> Option<Usual> {
    Some(match expr {
        // Stories of long texts are told elsewhere.
        Expr::Literal(value) if Datum::Value(value.clone()).longest() > LONGEST_USE => return None,
        Expr::Literal(value) => Usual::Value(value.clone()),
        Expr::Ref(reference) => {
            let root = reference.root();
            let rest = reference.path[1..].join(".");
            if root == sender && !rest.is_empty() {
                Usual::Own(rest)
            } else if actors.iter().any(|actor| actor == root) && !rest.is_empty() {
                Usual::Other(rest)
            } else if ["settings", "nobody", "now"].contains(&root) {
                Usual::Given(reference.path.join("."))
            } else if rest.is_empty() {
                Usual::Captured(root.to_owned())
            } else {
                return None;
            }
        }
        Expr::Text(_) => return None,
        Expr::List(items) => {
            let items = items.iter().map(|item| usual(item, sender, actors));
            Usual::List(items.collect::<Option<_>>()?)
        }
        Expr::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                let key = key.literal()?.as_str()?.to_owned();
                Some((key, usual(value, sender, actors)?))
            });
            Usual::Map(pairs.collect::<Option<_>>()?)
        }
    })
}

/// The request of a fence, asked by this actor.
pub(super) fn datum(expr: &Expr, actor: Actor) -> Datum {
    let path = |reference: &Reference| match reference.root() {
        "me" => {
            let mut path = reference.path.clone();
            path[0] = actor.name().to_owned();
            path.join(".")
        }
        "fresh" => "nobody".to_owned(),
        _ => reference.path.join("."),
    };
    match expr {
        Expr::Literal(value) => Datum::Value(value.clone()),
        Expr::Ref(reference) => Datum::Reference(path(reference)),
        Expr::Text(parts) => {
            Datum::Template(parts.iter().fold(String::new(), |text, part| match part {
                Part::Plain(plain) => text + plain,
                Part::Ref(reference) => text + &format!("${{{}}}", path(reference)),
            }))
        }
        Expr::List(items) => Datum::List(items.iter().map(|item| datum(item, actor)).collect()),
        Expr::Map(pairs) => Datum::Map(
            pairs
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.literal()?.as_str()?.to_owned(), datum(value, actor)))
                })
                .collect(),
        ),
    }
}
