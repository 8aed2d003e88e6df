//! What a case covers, derived from its steps; nobody writes it down twice.

use super::{Expr, Flow, Pack, Permutation, Proof, Scenario, Scope, Step, StepKind, Until};
use crate::value::Value;

/// The requirements that a case proves if all its steps hold, in the order of the catalogue.
pub fn covers(pack: &Pack, scenario: &Scenario, permutation: &Permutation) -> Vec<String> {
    let mut ids = Vec::new();
    let known = Known { permutation };
    collect(pack, &scenario.steps, &known, &mut ids);
    let order = |id: &String| {
        pack.catalogue
            .requirements
            .iter()
            .position(|requirement| requirement.id == *id)
    };
    ids.sort_by_key(order);
    ids.dedup();
    ids
}

fn collect(pack: &Pack, steps: &[Step], known: &Known<'_>, ids: &mut Vec<String>) {
    for step in steps {
        ids.extend(step.proves.iter().filter_map(|proof| known.id(proof)));
        if let StepKind::Receive(receive) = &step.kind
            && let Some(message) = pack.catalogue.message(&receive.expected.message)
        {
            let id = message.shape_requirement();
            ids.extend(
                pack.catalogue
                    .requirement(&id)
                    .map(|known| known.id.clone()),
            );
        }
        if let StepKind::When {
            conditions,
            then,
            otherwise,
        } = &step.kind
        {
            let verdict = known.judge(conditions);
            if verdict != Some(false) {
                collect(pack, then, known, ids);
            }
            if verdict != Some(true) {
                collect(pack, otherwise, known, ids);
            }
            continue;
        }
        for inner in step.inner() {
            collect(pack, std::slice::from_ref(inner), known, ids);
        }
    }
}

/// What is known before the run: the values of the permutation.
struct Known<'a> {
    permutation: &'a Permutation,
}

impl Known<'_> {
    fn id(&self, proof: &Proof) -> Option<String> {
        match proof {
            Proof::Id(id) => Some(id.clone()),
            Proof::Of(reference) => reference.resolve(self).ok()?.as_str().map(str::to_owned),
        }
    }

    /// Whether all conditions hold; `None` where that is only known in the run.
    fn judge(&self, conditions: &[super::Condition]) -> Option<bool> {
        let mut all = true;
        for condition in conditions {
            let value = condition.subject.resolve(self).ok()?;
            let pattern = condition.pattern.resolve(self).ok()?;
            all &= pattern.matches(Some(&value), &mut Vec::new());
        }
        Some(all)
    }
}

impl Scope for Known<'_> {
    fn find(&self, path: &[String]) -> Option<(Value, usize)> {
        let (_, value) = self
            .permutation
            .bindings
            .iter()
            .find(|(name, _)| *name == path[0])?;
        Some((Expr::literal(value)?, 1))
    }
}

impl Step {
    /// The steps inside this one, `when` branches included.
    pub fn inner(&self) -> Vec<&Step> {
        match &self.kind {
            StepKind::InAnyOrder { receives, .. } => receives.iter().collect(),
            StepKind::ForEach { steps, .. } => steps.iter().collect(),
            StepKind::RepeatUntil {
                until: Until::Received(until),
                steps,
                ..
            } => until.iter().chain(steps.iter()).collect(),
            StepKind::RepeatUntil { steps, .. } => steps.iter().collect(),
            StepKind::When {
                then, otherwise, ..
            } => then.iter().chain(otherwise.iter()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The flows that steps use, directly or through other flows.
pub fn flows_used(pack: &Pack, scenario: &Scenario) -> Vec<String> {
    let mut names = Vec::new();
    for actor in &scenario.actors {
        if let super::Start::Flow(flow) = &actor.starts {
            add_flow(pack, flow, &mut names);
        }
    }
    for step in scenario.steps.iter() {
        add_flows_of(pack, step, &mut names);
    }
    names
}

fn add_flow(pack: &Pack, name: &str, names: &mut Vec<String>) {
    if names.iter().any(|known| known == name) {
        return;
    }
    names.push(name.to_owned());
    if let Some(flow) = pack.flow(name) {
        let flow: &Flow = flow;
        for step in flow.steps.iter() {
            add_flows_of(pack, step, names);
        }
    }
}

fn add_flows_of(pack: &Pack, step: &Step, names: &mut Vec<String>) {
    if let StepKind::Use { flow, .. } = &step.kind {
        add_flow(pack, flow, names);
    }
    for inner in step.inner() {
        add_flows_of(pack, inner, names);
    }
}

/// The messages that a scenario's own steps receive.
pub fn received_messages(scenario: &Scenario) -> Vec<&str> {
    scenario.steps.iter().flat_map(Step::received).collect()
}

impl Step {
    /// The messages that this step receives, and the steps inside it.
    pub fn received(&self) -> Vec<&str> {
        let mut names = Vec::new();
        if let StepKind::Receive(receive) = &self.kind {
            names.push(receive.expected.message.as_str());
        }
        names.extend(self.inner().into_iter().flat_map(Step::received));
        names
    }
}
