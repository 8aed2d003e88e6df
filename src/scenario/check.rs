//! What can only be seen of a whole pack: requirements that nothing proves, flows that use themselves,
//! names that a flow does not give.

use std::collections::HashSet;

use super::{Pack, Proof, Step, StepKind, covers};
use crate::source::{Diagnostic, Diagnostics};

/// Everything that is wrong with a pack as a whole.
pub fn check(pack: &Pack) -> Diagnostics {
    let mut problems = check_stories(pack);
    if !problems.is_empty() {
        return problems;
    }
    let mut proved = HashSet::new();
    for scenario in &pack.scenarios {
        for permutation in &scenario.permutations {
            proved.extend(covers(pack, scenario, permutation));
        }
    }
    for requirement in &pack.catalogue.requirements {
        if requirement.unprovokable.is_none() && !proved.contains(&requirement.id) {
            let help = if requirement.id.starts_with("shape.") {
                "let a scenario's own step receive this message"
            } else {
                "add `proves:` to the step that shows it, or say `unprovokable:` and why"
            };
            problems.push(
                Diagnostic::new(
                    &requirement.place,
                    format!("no step proves requirement \"{}\"", requirement.id),
                )
                .help(help),
            );
        }
    }
    problems
}

/// What is wrong with flows and scenarios, however little they prove.
pub fn check_stories(pack: &Pack) -> Diagnostics {
    let mut problems = Diagnostics::default();
    check_flows(pack, &mut problems);
    if !problems.is_empty() {
        return problems;
    }
    for scenario in &pack.scenarios {
        for permutation in &scenario.permutations {
            check_proofs(pack, &scenario.steps, permutation, &mut problems);
        }
    }
    problems
}

/// Proofs by reference must name a requirement in every permutation.
fn check_proofs(
    pack: &Pack,
    steps: &[Step],
    permutation: &super::Permutation,
    problems: &mut Diagnostics,
) {
    for step in steps {
        for proof in &step.proves {
            let Proof::Of(reference) = proof else {
                continue;
            };
            let binding = permutation
                .bindings
                .iter()
                .find(|(name, _)| name == reference.root());
            let value = binding.and_then(|(_, value)| value.literal());
            let shown = value.as_ref().map(ToString::to_string).unwrap_or_default();
            let id = value.as_ref().and_then(|value| value.as_str());
            let id = id.unwrap_or_default();
            if pack.catalogue.requirement(id).is_none() {
                let known = pack
                    .catalogue
                    .requirements
                    .iter()
                    .map(|requirement| requirement.id.as_str());
                problems.push(
                    Diagnostic::new(
                        &reference.place,
                        format!("{reference} is {shown}, which is no requirement"),
                    )
                    .suggest(id, known),
                );
            }
        }
        for inner in step.inner() {
            check_proofs(pack, std::slice::from_ref(inner), permutation, problems);
        }
    }
}

fn check_flows(pack: &Pack, problems: &mut Diagnostics) {
    for flow in &pack.flows {
        let mut seen = Vec::new();
        if reaches(pack, &flow.name, &flow.name, &mut seen) {
            problems.push(Diagnostic::new(
                &flow.place,
                format!("flow {} uses itself", flow.name),
            ));
        }
    }
    if problems.is_empty() {
        let steps = pack.flows.iter().flat_map(|flow| flow.steps.iter());
        for step in steps.chain(
            pack.scenarios
                .iter()
                .flat_map(|scenario| scenario.steps.iter()),
        ) {
            check_into(pack, step, problems);
        }
    }
}

fn reaches(pack: &Pack, from: &str, goal: &str, seen: &mut Vec<String>) -> bool {
    let Some(flow) = pack.flow(from) else {
        return false;
    };
    flow.steps.iter().flat_map(used_flows).any(|next| {
        if next == goal {
            return true;
        }
        if seen.contains(&next) {
            return false;
        }
        seen.push(next.clone());
        reaches(pack, &next, goal, seen)
    })
}

fn used_flows(step: &Step) -> Vec<String> {
    let mut names: Vec<String> = step.inner().into_iter().flat_map(used_flows).collect();
    if let StepKind::Use { flow, .. } = &step.kind {
        names.push(flow.clone());
    }
    names
}

/// What `into` takes out of a flow must be something that the flow binds.
fn check_into(pack: &Pack, step: &Step, problems: &mut Diagnostics) {
    if let StepKind::Use { flow, into, .. } = &step.kind
        && let Some(flow) = pack.flow(flow)
    {
        let mut bound = flow.parameters.clone();
        flow.steps
            .iter()
            .for_each(|step| add_bound(step, &mut bound));
        for (_, theirs) in into {
            if !bound.contains(theirs) {
                problems.push(
                    Diagnostic::new(
                        &step.place,
                        format!("flow {} binds no \"{theirs}\"", flow.name),
                    )
                    .suggest(theirs, bound.iter()),
                );
            }
        }
    }
    for inner in step.inner() {
        check_into(pack, inner, problems);
    }
}

fn add_bound(step: &Step, bound: &mut Vec<String>) {
    match &step.kind {
        StepKind::Receive(receive) => {
            bound.extend(
                receive
                    .expected
                    .fields
                    .capture_names()
                    .into_iter()
                    .map(str::to_owned),
            );
        }
        StepKind::Check(conditions) => {
            bound.extend(
                conditions
                    .iter()
                    .flat_map(|c| c.pattern.capture_names())
                    .map(str::to_owned),
            );
        }
        StepKind::ForEach { collect, .. } | StepKind::RepeatUntil { collect, .. } => {
            bound.extend(collect.iter().map(|(name, _)| name.clone()));
        }
        StepKind::Use { into, .. } => bound.extend(into.iter().map(|(name, _)| name.clone())),
        _ => {}
    }
    step.inner()
        .into_iter()
        .for_each(|step| add_bound(step, bound));
}
