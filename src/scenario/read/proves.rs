//! `proves`: the requirements that a step shows, each of them known and provable.

use super::options::StepReader;
use crate::scenario::Proof;
use crate::source::{Diagnostic, Kind, Node};

impl StepReader<'_, '_> {
    pub(super) fn read_proves(&mut self) -> Option<Vec<Proof>> {
        if !self.allowed.contains(&"proves") {
            return Some(Vec::new());
        }
        let Some(node) = self.option("proves") else {
            return Some(Vec::new());
        };
        if self.names.in_flow {
            self.problem(
                &node.place,
                "the steps of a flow prove nothing; let a scenario's own step prove it",
            );
            return None;
        }
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            self.problem(&node.place, "`proves` names no requirement");
        }
        items.iter().map(|item| self.read_proof(item)).collect()
    }

    fn read_proof(&mut self, node: &Node) -> Option<Proof> {
        let text = node.as_str().unwrap_or_default();
        if let Some(path) = text.strip_prefix('$') {
            return self
                .names
                .reference(path, &node.place, self.problems)
                .map(Proof::Of);
        }
        match self.names.catalogue.requirement(text) {
            Some(requirement) if requirement.unprovokable.is_none() => {
                Some(Proof::Id(text.to_owned()))
            }
            Some(_) => {
                self.problem(
                    &node.place,
                    &format!("the catalogue says that no client can provoke {text}"),
                );
                None
            }
            None => {
                let known = self
                    .names
                    .catalogue
                    .requirements
                    .iter()
                    .map(|requirement| requirement.id.as_str());
                let shown = node.place.text();
                self.problems.push(
                    Diagnostic::new(&node.place, format!("unknown requirement \"{shown}\""))
                        .suggest(text, known),
                );
                None
            }
        }
    }
}
