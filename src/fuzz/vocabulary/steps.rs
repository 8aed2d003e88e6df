//! What the steps of flows and scenarios do: who sends what, and where a connection begins and ends.

use crate::scenario::{Outgoing, Pack, Start, Step, StepKind, Until};

/// Of the flows that take a new user from nothing to a connection, the one that says most on the way.
pub(super) fn start_flow(pack: &Pack) -> Option<&crate::scenario::Flow> {
    let candidates = pack.flows.iter().filter(|flow| {
        let mut links = Vec::new();
        links_of(pack, &flow.steps, &mut links);
        let connected = links.first() == Some(&true) && links.last() == Some(&true);
        flow.actors.len() == 1 && flow.parameters.is_empty() && connected
    });
    let starts = candidates.max_by_key(|flow| {
        let mut sent = Vec::new();
        sent_by(pack, &flow.steps, &mut sent);
        // The pack's own scenarios know best where to start from.
        let actors = pack.scenarios.iter().flat_map(|scenario| &scenario.actors);
        let started = actors.filter(|actor| actor.starts == Start::Flow(flow.name.clone()));
        (started.count(), sent.len())
    });
    starts.map(|flow| &**flow)
}

/// Connections that are opened (true) and closed, in order.
fn links_of(pack: &Pack, steps: &[Step], links: &mut Vec<bool>) {
    for step in steps {
        match &step.kind {
            StepKind::Connect { .. } | StepKind::Reconnect { .. } => links.push(true),
            StepKind::Disconnect { .. } | StepKind::Vanish { .. } => links.push(false),
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    links_of(pack, &flow.steps, links);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn receives(pack: &Pack, steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.kind {
        StepKind::Receive(_) => true,
        StepKind::Use { flow, .. } => {
            let flow = pack.flow(flow);
            flow.is_some_and(|flow| receives(pack, &flow.steps))
        }
        _ => inner_lists(step)
            .into_iter()
            .any(|inner| receives(pack, inner)),
    })
}

pub(super) fn sent_by(pack: &Pack, steps: &[Step], sent: &mut Vec<String>) {
    for step in steps {
        match &step.kind {
            StepKind::Send {
                what: Outgoing::Message { name, .. },
                ..
            } => sent.push(name.clone()),
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    sent_by(pack, &flow.steps, sent);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn may_end(step: &Step, who: &str) -> bool {
    match &step.kind {
        StepKind::MayBeClosed { actor, .. }
        | StepKind::Closed { actor, .. }
        | StepKind::Disconnect { actor } => actor == who,
        _ => false,
    }
}

pub(super) fn inner_lists(step: &Step) -> Vec<&[Step]> {
    match &step.kind {
        StepKind::InAnyOrder { receives, .. } => vec![receives],
        StepKind::ForEach { steps, .. } => vec![steps],
        StepKind::RepeatUntil { until, steps, .. } => match until {
            Until::Received(until) => vec![until, steps],
            Until::Holds(_) => vec![steps],
        },
        StepKind::When {
            then, otherwise, ..
        } => vec![then, otherwise],
        _ => Vec::new(),
    }
}

