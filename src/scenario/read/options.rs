//! The options of a step, the keys beside its first: each is asked for, and one that nobody asked for is a
//! mistake.

use std::time::Duration;

use super::conditions::read_settles;
use crate::scenario::Settles;
use crate::scenario::duration::parse_duration;
use crate::scenario::names::Names;
use crate::source::{Diagnostic, Diagnostics, Kind, Node, Place};

/// Every option of some step.
pub(super) const OPTIONS: [&str; 15] = [
    "proves",
    "within",
    "exactly",
    "envelope",
    "silence",
    "early",
    "settles",
    "any number",
    "at most",
    "collect",
    "with",
    "into",
    "as",
    "do",
    "otherwise",
];

pub(super) struct StepReader<'r, 'a> {
    pub(super) key: &'r Node,
    pub(super) argument: &'r Node,
    pub(super) options: &'r [(Node, Node)],
    /// The options that were asked for.
    pub(super) allowed: Vec<&'static str>,
    pub(super) names: &'r mut Names<'a>,
    pub(super) problems: &'r mut Diagnostics,
}

impl<'r> StepReader<'r, '_> {
    pub(super) fn option(&mut self, name: &'static str) -> Option<&'r Node> {
        self.allowed.push(name);
        self.options
            .iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, node)| node)
    }

    pub(super) fn required(&mut self, name: &'static str) -> Option<&'r Node> {
        let found = self.option(name);
        if found.is_none() {
            let what = self.key.as_str().unwrap_or_default().to_owned();
            self.problem(&self.key.place, &format!("`{what}` needs `{name}`"));
        }
        found
    }

    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        match self.option(name) {
            None => false,
            Some(Node {
                kind: Kind::Bool(flag),
                ..
            }) => *flag,
            Some(node) => {
                self.problem(&node.place, &format!("`{name}` is true or false"));
                false
            }
        }
    }

    pub(super) fn duration(&mut self, name: &'static str) -> Option<Option<Duration>> {
        let Some(node) = self.option(name) else {
            return Some(None);
        };
        let duration = node.as_str().and_then(parse_duration);
        if duration.is_none() {
            self.problem(
                &node.place,
                &format!("`{name}` is a duration, such as 250ms or 2s"),
            );
        }
        duration.map(Some)
    }

    pub(super) fn settles(&mut self) -> Option<Settles> {
        match self.option("settles") {
            None => Some(Settles::default()),
            Some(node) => read_settles(node, self.names, self.problems),
        }
    }

    pub(super) fn silence_waits(&mut self) -> Option<bool> {
        match self.option("silence").map(|node| (node, node.as_str())) {
            None => Some(false),
            Some((_, Some("wait"))) => Some(true),
            Some((node, _)) => {
                self.problem(&node.place, "`silence` is `wait`, or not there");
                None
            }
        }
    }

    /// The entries of an option that is a map; none where it is absent.
    pub(super) fn map_of(&mut self, node: Option<&'r Node>, wanted: &str) -> &'r [(Node, Node)] {
        let entries = node.and_then(Node::as_map);
        if let (Some(node), None) = (node, entries) {
            self.problem(&node.place, wanted);
        }
        entries.unwrap_or_default()
    }

    pub(super) fn no_argument(&mut self) -> Option<()> {
        if matches!(self.argument.kind, Kind::Null) {
            return Some(());
        }
        let key = self.key.as_str().unwrap_or_default().to_owned();
        self.problem(&self.argument.place, &format!("`{key}` takes nothing"));
        None
    }

    pub(super) fn problem(&mut self, place: &Place, message: &str) {
        self.problems.push(Diagnostic::new(place, message));
    }

    /// Reports the options that this step does not have; where it could not be read to its end, only those
    /// that no step has.
    pub(super) fn finish(self, whole: bool) {
        for (key, _) in self.options {
            let name = key.as_str().unwrap_or_default();
            let known = self.allowed.contains(&name) || !whole && OPTIONS.contains(&name);
            if !known {
                let step = self.key.as_str().unwrap_or_default();
                self.problems.push(
                    Diagnostic::new(
                        &key.place,
                        format!("\"{step}\" has no option \"{}\"", key.place.text()),
                    )
                    .suggest(name, self.allowed.iter()),
                );
            }
        }
    }
}
