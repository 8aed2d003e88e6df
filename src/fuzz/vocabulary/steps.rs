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
pub(super) fn links_of(pack: &Pack, steps: &[Step], links: &mut Vec<bool>) {
    for step in steps {
        match &step.kind {
            StepKind::Connect { .. } | StepKind::Reconnect { .. } => links.push(true),
            StepKind::Disconnect { .. } | StepKind::Vanish { .. } | StepKind::Closed { .. } => {
                links.push(false);
            }
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    links_of(pack, &flow.steps, links);
                }
            }
            StepKind::When {
                then, otherwise, ..
            } => {
                links_of(pack, then, links);
                links_of(pack, otherwise, links);
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

/// What is sent in these steps, flows that they use included: by which of the actors, and which message.
pub(super) fn requests_of(
    pack: &Pack,
    steps: &[Step],
    actors: &[String],
    requests: &mut Vec<(usize, String)>,
) {
    let place = |name: &str| actors.iter().position(|actor| actor == name);
    for step in steps {
        match &step.kind {
            StepKind::Send {
                actor,
                what: Outgoing::Message { name, .. },
            } => requests.extend(place(actor).map(|actor| (actor, name.clone()))),
            StepKind::Use {
                flow,
                actors: played,
                ..
            } => {
                let Some(flow) = pack.flow(flow) else {
                    continue;
                };
                let mut inner = Vec::new();
                requests_of(pack, &flow.steps, &flow.actors, &mut inner);
                let ours = |at: usize| {
                    let theirs = flow.actors.get(at)?;
                    let (_, ours) = played.iter().find(|(name, _)| name == theirs)?;
                    place(ours)
                };
                let inner = inner.into_iter();
                requests.extend(inner.filter_map(|(at, message)| Some((ours(at)?, message))));
            }
            _ => {
                for inner in inner_lists(step) {
                    requests_of(pack, inner, actors, requests);
                }
            }
        }
    }
}

/// What is sent (true) and received in these steps, in order.
pub(super) fn traffic_of(pack: &Pack, steps: &[Step], traffic: &mut Vec<bool>) {
    for step in steps {
        match &step.kind {
            StepKind::Send { .. } => traffic.push(true),
            StepKind::Receive(_) | StepKind::Closed { .. } => traffic.push(false),
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    traffic_of(pack, &flow.steps, traffic);
                }
            }
            _ => {
                for inner in inner_lists(step) {
                    traffic_of(pack, inner, traffic);
                }
            }
        }
    }
}

/// Whether what is sent there is followed by the end of the connection, or is allowed to be.
pub(super) fn may_end_after(steps: &[Step], at: usize, who: &str) -> bool {
    let allows =
        |step: &Step| matches!(&step.kind, StepKind::MayBeClosed { actor, .. } if actor == who);
    let ends = |step: &Step| matches!(&step.kind, StepKind::Closed { actor, .. } if actor == who);
    let leaves = |step: &Step| matches!(&step.kind, StepKind::Disconnect { actor } if actor == who);
    let sends = |step: &Step| matches!(&step.kind, StepKind::Send { actor, .. } if actor == who);
    let permits = |step: &Step| {
        matches!(
            step.kind,
            StepKind::MayBeClosed { .. } | StepKind::MayReceive { .. }
        )
    };
    let takes = |step: &Step| {
        let takes = matches!(
            step.kind,
            StepKind::Receive(_) | StepKind::Nothing { .. } | StepKind::Closed { .. }
        );
        takes || permits(step)
    };
    if steps.get(at + 1).is_some_and(leaves) {
        return true;
    }
    // A permission stands right before what it is for, or after it and before nothing else.
    let before = steps[..at].iter().rev().take_while(|step| permits(step));
    let mut after = (at + 1..steps.len()).take_while(|i| takes(&steps[*i]));
    let for_the_next = |i: usize| {
        let next = steps[i..].iter().find(|step| !permits(step));
        next.is_some_and(sends)
    };
    before.into_iter().any(allows)
        || after.any(|i| ends(&steps[i]) || (allows(&steps[i]) && !for_the_next(i)))
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
