//! How the search can be broken. The search for a name that nobody has is left alone: it harms nobody
//! and is therefore asked often.

use serde_json::{Value, json};

use super::super::message::Kind::SearchUser;
use super::super::message::Message;
use super::edit::{altered, keep, sends};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[rule(
    "search.found",
    &[
        way("nobody is found", |_, effects| {
            altered(effects, SearchUser, |message| {
                message.set("user", json!([]))
            })
        }),
        way("who is found has another name", |_, effects| {
            altered(effects, SearchUser, |message| {
                let other = |name: &Value| match name {
                    Value::String(name) => format!("not-{name}").into(),
                    name => name.clone(),
                };
                if let Some(Value::Array(names)) = message.get("user") {
                    let others: Vec<Value> = names.iter().map(other).collect();
                    message.set("user", others);
                }
            })
        }),
        way("no answer where somebody is found", |_, effects| {
            keep(effects, |effect| {
                !(sends(effect, SearchUser) && effect.message().is_some_and(finds))
            })
        }),
    ],
)];

/// Whether a search found somebody.
pub(super) fn finds(message: &Message) -> bool {
    matches!(message.get("user"), Some(Value::Array(names)) if !names.is_empty())
}
