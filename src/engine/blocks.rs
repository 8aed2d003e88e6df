//! The steps that hold other steps: flows, alternatives and loops, and what comes when their list is done.

use std::sync::Arc;

use super::failure::{Failure, Stop};
use super::stack::{After, Level, StepAt};
use super::state::Engine;
use crate::event::DeviationKind;
use crate::scenario::{Expr, Flow, Pack, Step, StepKind, Unresolved, Until};
use crate::target::{CONNECTS, Instead};
use crate::value::Value;

impl Engine {
    /// The flow of this name, or what the profile has in its place.
    pub(super) fn flow_of(&self, name: &str) -> Option<Arc<Flow>> {
        let flow = self.case.pack.flow(name)?;
        let accounts = self.case.profile.accounts.as_ref();
        Some(
            match accounts.and_then(|accounts| accounts.instead_of(name)) {
                None => flow.clone(),
                Some(instead) => Arc::new(stand_in(flow, instead, &self.case.pack)),
            },
        )
    }

    /// The steps that hold other steps.
    pub(super) fn run_block(&mut self, step: &StepAt) -> Result<(), Unresolved> {
        match &step.kind {
            StepKind::Use {
                flow,
                actors,
                arguments,
                into,
                tested,
            } => {
                let Some(flow) = self.flow_of(flow) else {
                    return Ok(());
                };
                let actors = actors
                    .iter()
                    .map(|(name, actor)| (name.clone(), self.actor(actor)))
                    .collect();
                let resolve = |(name, value): &(String, Expr)| {
                    Ok((name.clone(), value.resolve(&self.scopes)?))
                };
                let arguments = arguments.iter().map(resolve).collect::<Result<_, _>>()?;
                let tested_at = (*tested || !step.proves.is_empty()).then(|| step.clone());
                self.scopes
                    .enter_flow(&flow.name, tested_at, actors, arguments);
                let after = After::LeaveFlow { into: into.clone() };
                self.levels.push(Level {
                    steps: flow.steps.clone(),
                    next: 0,
                    after,
                });
            }
            StepKind::When {
                conditions,
                then,
                otherwise,
            } => {
                let mut captures = Vec::new();
                let holds = conditions
                    .iter()
                    .all(|condition| self.holds(condition, &mut captures));
                let steps = if holds { then } else { otherwise };
                if holds {
                    captures
                        .into_iter()
                        .for_each(|(name, value)| self.scopes.bind(&name, value));
                }
                self.levels.push(Level {
                    steps: steps.clone(),
                    next: 0,
                    after: After::Nothing,
                });
            }
            StepKind::ForEach {
                list,
                name,
                steps,
                at_most,
                collect,
            } => {
                self.start_collecting(collect);
                let mut rest = elements(list.resolve(&self.scopes)?, *at_most).into_iter();
                if let Some(element) = rest.next() {
                    self.scopes.bind(name, element);
                    let after = After::NextElement {
                        rest,
                        name: name.clone(),
                        collect: collect.clone(),
                    };
                    self.levels.push(Level {
                        steps: steps.clone(),
                        next: 0,
                        after,
                    });
                }
            }
            StepKind::RepeatUntil {
                until,
                steps,
                at_most,
                collect,
            } => {
                self.start_collecting(collect);
                self.start_round(
                    steps.clone(),
                    until.clone(),
                    collect.clone(),
                    *at_most,
                    step.clone(),
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// A list of steps is done: return, or go round again.
    pub(super) fn end_of_list(&mut self) -> Result<(), Unresolved> {
        let Some(level) = self.levels.pop() else {
            return Ok(());
        };
        match level.after {
            After::Nothing => {}
            After::LeaveFlow { into } => {
                if let Some(step) = self.scopes.leave_flow(&into) {
                    self.hold(&step, &[]);
                }
            }
            After::NextElement {
                mut rest,
                name,
                collect,
            } => {
                self.collect(&collect)?;
                if let Some(element) = rest.next() {
                    self.scopes.bind(&name, element);
                    let after = After::NextElement {
                        rest,
                        name,
                        collect,
                    };
                    self.levels.push(Level {
                        steps: level.steps,
                        next: 0,
                        after,
                    });
                }
            }
            After::NextRound {
                until,
                collect,
                rounds,
                step,
            } => {
                self.collect(&collect)?;
                if let Until::Holds(conditions) = &until
                    && conditions
                        .iter()
                        .all(|condition| self.holds(condition, &mut Vec::new()))
                {
                    return Ok(());
                }
                self.start_round(level.steps, until, collect, rounds, step);
            }
        }
        Ok(())
    }

    fn start_round(
        &mut self,
        steps: Arc<[Step]>,
        until: Until,
        collect: Vec<(String, Expr)>,
        rounds: usize,
        step: StepAt,
    ) {
        let first = StepAt {
            list: steps.clone(),
            index: 0,
        };
        let racing = match &until {
            // After the last round only the end is waited for.
            Until::Received(until) => {
                let first = (rounds > 0).then_some(first);
                StepAt::all(until)
                    .next()
                    .map(|until| std::iter::once(until).chain(first).collect())
            }
            Until::Holds(_) if rounds == 0 => {
                let failure = Failure::new(
                    DeviationKind::Unexpected,
                    "the loop went on past its last round",
                );
                self.fail(&step, failure);
                return;
            }
            Until::Holds(_) => None,
        };
        let rounds = rounds.saturating_sub(1);
        let after = After::NextRound {
            until,
            collect,
            rounds,
            step: step.clone(),
        };
        self.levels.push(Level {
            steps,
            next: 0,
            after,
        });
        if let Some(racing) = racing
            && let Err(error) = self.receive(step, racing, true)
        {
            self.stop = Some(Stop::harness(&error));
        }
    }

    /// A race is over: the `until` ends the loop, the first step begins a round.
    pub(super) fn race_won_by(&mut self, winner: usize) {
        if winner == 0 {
            self.levels.pop();
        } else if let Some(level) = self.levels.last_mut() {
            level.next = 1;
        }
    }

    /// Neither came, and the case goes on behind the loop.
    pub(super) fn leave_loop(&mut self) {
        self.levels.pop();
    }

    fn start_collecting(&mut self, collect: &[(String, Expr)]) {
        for (name, _) in collect {
            self.scopes.bind(name, Value::List(Vec::new()));
        }
    }

    fn collect(&mut self, collect: &[(String, Expr)]) -> Result<(), Unresolved> {
        for (name, expr) in collect {
            let value = expr.resolve(&self.scopes)?;
            let mut list = match self.scopes.variable(name) {
                Some(Value::List(items)) => items.clone(),
                _ => Vec::new(),
            };
            match value {
                Value::List(items) => list.extend(items),
                other => list.push(other),
            }
            self.scopes.bind(name, Value::List(list));
        }
        Ok(())
    }
}

/// What a loop goes through: the elements of a list, or the one value that there is.
pub(super) fn elements(value: Value, at_most: usize) -> Vec<Value> {
    let mut elements = match value {
        Value::List(elements) => elements,
        other => vec![other],
    };
    elements.truncate(at_most);
    elements
}

/// A flow of the same name and actor that does what the profile says instead.
fn stand_in(flow: &Flow, instead: &Instead, pack: &Pack) -> Flow {
    let actor = flow.actors.first().cloned().unwrap_or_default();
    let steps = instead.others.iter().map(|other| {
        let kind = if other == CONNECTS {
            StepKind::Connect {
                actor: actor.clone(),
            }
        } else {
            let theirs = pack.flow(other).and_then(|flow| flow.actors.first());
            StepKind::Use {
                flow: other.clone(),
                actors: theirs
                    .map(|theirs| (theirs.clone(), actor.clone()))
                    .into_iter()
                    .collect(),
                arguments: Vec::new(),
                into: Vec::new(),
                tested: false,
            }
        };
        Step {
            place: instead.place.clone(),
            kind,
            proves: Vec::new(),
        }
    });
    Flow {
        name: flow.name.clone(),
        place: instead.place.clone(),
        actors: flow.actors.clone(),
        parameters: flow.parameters.clone(),
        steps: steps.collect(),
    }
}
