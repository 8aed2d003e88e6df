//! Which cases are played to get to know a target: few that between them say and hear most messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::plan::{Case, Selection, plan};
use crate::scenario::{Outgoing, Pack, Scenario, Start, Step, StepKind};

/// A case that may be played, what it costs and what it shows.
#[derive(Clone, Debug)]
pub(super) struct Scout {
    pub(super) case: String,
    cost: usize,
    /// Messages that are sent or received, flows included.
    messages: BTreeSet<String>,
    /// Actors that come in by a flow.
    logged_in: usize,
}

/// One case of each scenario that sends nothing malformed, the cheapest first.
pub(super) fn scouts(pack: &Arc<Pack>) -> Vec<Scout> {
    let cases = plan(
        std::slice::from_ref(pack),
        &Arc::default(),
        &Selection::default(),
    );
    let mut scouts = Vec::new();
    let mut last: Option<Arc<Case>> = None;
    for case in cases {
        let another = last
            .as_ref()
            .is_none_or(|last| !Arc::ptr_eq(&last.scenario, &case.scenario));
        if another {
            scouts.extend(scout(pack, &case));
        }
        last = Some(case);
    }
    scouts.sort_by_key(|scout| scout.cost);
    scouts
}

fn scout(pack: &Pack, case: &Case) -> Option<Scout> {
    let scenario: &Scenario = &case.scenario;
    let mut walk = Walk {
        pack,
        messages: BTreeSet::new(),
        steps: 0,
        odd: false,
        depth: 0,
    };
    let flow = |start: &Start| match start {
        Start::Flow(flow) => pack.flow(flow).cloned(),
        Start::Offline | Start::Connected => None,
    };
    let flows: Vec<_> = (scenario.actors.iter())
        .filter_map(|actor| flow(&actor.starts))
        .collect();
    flows.iter().for_each(|flow| walk.steps(&flow.steps));
    walk.steps(&scenario.steps);
    (!walk.odd && (scenario.data.is_empty() || walk.steps < 80)).then(|| Scout {
        case: case.id.clone(),
        cost: walk.steps + 5 * scenario.actors.len(),
        messages: walk.messages,
        logged_in: flows.len(),
    })
}

struct Walk<'a> {
    pack: &'a Pack,
    messages: BTreeSet<String>,
    steps: usize,
    /// Something is sent that is no message of the document.
    odd: bool,
    depth: usize,
}

impl Walk<'_> {
    fn steps(&mut self, steps: &[Step]) {
        if self.depth > 8 {
            return;
        }
        for step in steps {
            self.steps += 1;
            match &step.kind {
                StepKind::Send { what, .. } => match what {
                    Outgoing::Message { name, .. } => drop(self.messages.insert(name.clone())),
                    _ => self.odd = true,
                },
                StepKind::Receive(receive) => {
                    self.messages.insert(receive.expected.message.clone());
                }
                StepKind::MayReceive { allowance, .. } => {
                    let expected = allowance.expected.iter();
                    self.messages
                        .extend(expected.map(|expected| expected.message.clone()));
                }
                StepKind::Use { flow, .. } => {
                    if let Some(flow) = self.pack.flow(flow).cloned() {
                        self.depth += 1;
                        self.steps(&flow.steps);
                        self.depth -= 1;
                    }
                }
                _ => {
                    for inner in step.inner() {
                        self.steps(std::slice::from_ref(inner));
                    }
                }
            }
        }
    }
}

/// The cheapest case of one user who comes in, and of two; the cheapest of all where nobody has to.
pub(super) fn ways_in(scouts: &[Scout]) -> Vec<String> {
    let cheapest = |users: usize| scouts.iter().find(|scout| scout.logged_in == users);
    let mut ways: Vec<&Scout> = [cheapest(1), cheapest(2)].into_iter().flatten().collect();
    if ways.is_empty() {
        ways.extend(scouts.first());
    }
    ways.iter().map(|scout| scout.case.clone()).collect()
}

/// Cases that between them have all messages that any case has; each adds one at least.
pub(super) fn covering(scouts: &[Scout]) -> Vec<String> {
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut chosen = Vec::new();
    loop {
        let gain = |scout: &Scout| {
            let new = scout.messages.iter().filter(|name| !seen.contains(name));
            new.count() * 10_000 / scout.cost.max(1)
        };
        let best = scouts.iter().max_by_key(|scout| gain(scout));
        match best.filter(|scout| scout.messages.iter().any(|name| !seen.contains(name))) {
            Some(scout) => {
                seen.extend(&scout.messages);
                chosen.push(scout.case.clone());
            }
            None => return chosen,
        }
    }
}
