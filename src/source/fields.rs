//! Reads a map key by key, so that what is missing, unknown or of the wrong kind is all reported.

use super::{Diagnostic, Diagnostics, Kind, Node};

/// A map that is being read; [`Fields::finish`] reports the keys that nobody asked for.
pub struct Fields<'a> {
    node: &'a Node,
    what: &'static str,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// `what` names the thing in messages: "a message", "a scenario".
    pub fn of(
        node: &'a Node,
        what: &'static str,
        problems: &mut Diagnostics,
    ) -> Option<Fields<'a>> {
        if matches!(node.kind, Kind::Map(_)) {
            return Some(Fields {
                node,
                what,
                known: Vec::new(),
            });
        }
        problems.push(Diagnostic::new(
            &node.place,
            format!("{what} is a map, not {}", node.a_type()),
        ));
        None
    }

    pub fn optional(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.node.get(key)
    }

    pub fn required(&mut self, key: &'static str, problems: &mut Diagnostics) -> Option<&'a Node> {
        let found = self.optional(key);
        if found.is_none() {
            problems.push(Diagnostic::new(
                &self.node.place,
                format!("{} needs `{key}`", self.what),
            ));
        }
        found
    }

    /// A text, required.
    pub fn text(&mut self, key: &'static str, problems: &mut Diagnostics) -> Option<&'a str> {
        let node = self.required(key, problems)?;
        expect_text(node, key, problems)
    }

    /// A text, optional.
    pub fn optional_text(
        &mut self,
        key: &'static str,
        problems: &mut Diagnostics,
    ) -> Option<&'a str> {
        let node = self.optional(key)?;
        expect_text(node, key, problems)
    }

    /// `true` or `false`; `default` where the key is absent.
    pub fn flag(&mut self, key: &'static str, default: bool, problems: &mut Diagnostics) -> bool {
        match self.optional(key) {
            None => default,
            Some(Node {
                kind: Kind::Bool(flag),
                ..
            }) => *flag,
            Some(node) => {
                problems.push(Diagnostic::new(
                    &node.place,
                    format!("`{key}` is true or false"),
                ));
                default
            }
        }
    }

    /// Reports every key that was not asked for; `others` are known besides, and read elsewhere.
    pub fn finish(self, others: &[&'static str], problems: &mut Diagnostics) {
        let Kind::Map(pairs) = &self.node.kind else {
            return;
        };
        for (key, _) in pairs {
            let name = key.as_str().unwrap_or_default();
            if !self.known.contains(&name) && !others.contains(&name) {
                problems.push(
                    Diagnostic::new(
                        &key.place,
                        format!("unknown key `{}` in {}", key.place.text(), self.what),
                    )
                    .suggest(name, self.known.iter().chain(others)),
                );
            }
        }
    }
}

fn expect_text<'a>(node: &'a Node, key: &str, problems: &mut Diagnostics) -> Option<&'a str> {
    let text = node.as_str();
    if text.is_none() {
        problems.push(Diagnostic::new(
            &node.place,
            format!("`{key}` is text, not {}", node.a_type()),
        ));
    }
    text
}
