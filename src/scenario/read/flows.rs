//! The flows of a pack: all their names and parameters first, then their steps.

use super::step::read_steps;
use crate::scenario::Flow;
use crate::scenario::names::{Names, Signature};
use crate::source::{Diagnostic, Diagnostics, Fields, Node};

/// The names and parameters of all flows, before any of their steps is read.
pub(in crate::scenario) fn read_signatures(
    node: Option<&Node>,
    problems: &mut Diagnostics,
) -> Vec<Signature> {
    let mut signatures = Vec::new();
    if let Some(node) = node.filter(|node| node.as_map().is_none()) {
        problems.push(node.expected("a map of flows, { name: { actors: [me], steps: […] } }"));
    }
    for (key, flow) in node.and_then(Node::as_map).unwrap_or_default() {
        let list = |name: &str, problems: &mut Diagnostics| -> Vec<String> {
            let Some(node) = flow.get(name) else {
                return Vec::new();
            };
            let names = node.as_list().map(|items| {
                items
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect()
            });
            if names.is_none() {
                problems.push(Diagnostic::new(
                    &node.place,
                    format!("`{name}` is a list of names"),
                ));
            }
            names.unwrap_or_default()
        };
        signatures.push(Signature {
            name: key.as_str().unwrap_or_default().to_owned(),
            actors: list("actors", problems),
            parameters: list("parameters", problems),
        });
    }
    signatures
}

pub(in crate::scenario) fn read_flows(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (key, node) in node.and_then(Node::as_map).unwrap_or_default() {
        let Some(mut fields) = Fields::of(node, "a flow", problems) else {
            continue;
        };
        let name = key.as_str().unwrap_or_default();
        let Some(signature) = names
            .signatures
            .iter()
            .find(|signature| signature.name == name)
        else {
            continue;
        };
        let mut names = names.clone();
        names.in_flow = true;
        names.actors.clone_from(&signature.actors);
        names.variables.clone_from(&signature.parameters);
        let steps = fields
            .required("steps", problems)
            .map(|node| read_steps(node, &mut names, problems));
        fields.finish(&["actors", "parameters"], problems);
        flows.push(Flow {
            name: name.to_owned(),
            place: key.place.clone(),
            actors: signature.actors.clone(),
            parameters: signature.parameters.clone(),
            steps: steps.unwrap_or_default(),
        });
    }
    flows
}
