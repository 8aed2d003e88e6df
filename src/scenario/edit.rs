//! The same scenario with one of its steps changed, for those who ask what a step is worth.

use std::sync::Arc;

use super::{Scenario, Step, StepKind, Until};

impl Scenario {
    /// A copy in which the step that stands at this place (`file:line:col`) is changed; `None` where none does.
    pub fn with_step(&self, at: &str, change: &dyn Fn(&mut Step)) -> Option<Scenario> {
        let steps = with_step(&self.steps, at, change)?;
        Some(Scenario {
            steps,
            ..self.clone()
        })
    }
}

fn with_step(steps: &Arc<[Step]>, at: &str, change: &dyn Fn(&mut Step)) -> Option<Arc<[Step]>> {
    let changed = |step: &Step| -> Option<Step> {
        let mut step = step.clone();
        if step.place.to_string() == at {
            change(&mut step);
            return Some(step);
        }
        let inner = step.kind.lists();
        let found = inner
            .into_iter()
            .any(|list| match with_step(list, at, change) {
                Some(new) => {
                    *list = new;
                    true
                }
                None => false,
            });
        found.then_some(step)
    };
    let (index, step) = steps
        .iter()
        .enumerate()
        .find_map(|(index, step)| Some((index, changed(step)?)))?;
    let mut steps = steps.to_vec();
    steps[index] = step;
    Some(steps.into())
}

impl StepKind {
    /// The lists of steps inside.
    fn lists(&mut self) -> Vec<&mut Arc<[Step]>> {
        match self {
            StepKind::InAnyOrder { receives, .. } => vec![receives],
            StepKind::ForEach { steps, .. } => vec![steps],
            StepKind::RepeatUntil { until, steps, .. } => match until {
                Until::Received(received) => vec![received, steps],
                Until::Holds(_) => vec![steps],
            },
            StepKind::When {
                then, otherwise, ..
            } => vec![then, otherwise],
            _ => Vec::new(),
        }
    }
}
