//! The verdicts: a step held, or it did not, and how grave that is.

use std::sync::Arc;

use super::failure::{Failure, Stop};
use super::state::Engine;
use super::wait::WaitKind;
use crate::event::{CaseEnd, Deviation, Event, Level as EventLevel};
use crate::protocol::Level;
use crate::scenario::{Proof, Scenario, Step, StepKind, received_messages};

impl Engine {
    /// The requirements that a step proves, by id.
    pub(super) fn proofs(&self, step: &Step) -> Vec<String> {
        step.proves
            .iter()
            .filter_map(|proof| match proof {
                Proof::Id(id) => Some(id.clone()),
                Proof::Of(reference) => {
                    let value = reference.resolve(&self.scopes.scenario()).ok()?;
                    value.as_str().map(str::to_owned)
                }
            })
            .collect()
    }

    /// A step held; the steps of flows prove nothing.
    pub(super) fn hold(&mut self, step: &Step, also: &[String]) {
        if self.scopes.flow().is_some() {
            return;
        }
        let mut proves = self.proofs(step);
        let catalogue = &self.case.pack.catalogue;
        let known = also.iter().filter(|id| catalogue.requirement(id).is_some());
        proves.extend(known.cloned());
        self.events.push(Event::Held {
            case: self.case.id.clone(),
            us: self.now,
            at: step.place.to_string(),
            step: step.source(),
            proves,
        });
    }

    /// A step did not hold. In a flow that blocks the case, unless the flow is what is tested; else it is a
    /// deviation of the step's level.
    pub(super) fn fail(&mut self, step: &Step, failure: Failure) {
        if let Some(tested) = self.scopes.tested_at() {
            let (proofs, level) = self.at_stake(self.proofs(&tested), &failure);
            self.deviate(
                &step.place.to_string(),
                &step.source(),
                level,
                proofs,
                failure,
            );
            // The rest of the flow cannot be judged; nor can what rests on it.
            self.stop = Some(Stop::Judged);
            return;
        }
        if let Some(flow) = self.scopes.flow() {
            let reason = format!("{} ({}: {})", failure.message, step.place, step.source());
            let tested_by = self.tested_by(step);
            self.stop = Some(Stop::End(CaseEnd::Blocked {
                flow: flow.to_owned(),
                reason,
                tested_by,
            }));
            return;
        }
        let (proofs, level) = self.at_stake(self.proofs(step), &failure);
        self.deviate(
            &step.place.to_string(),
            &step.source(),
            level,
            proofs,
            failure,
        );
    }

    /// Which of the requirements that a step proves the failure contradicts, and how grave that is.
    fn at_stake(&self, mut proofs: Vec<String>, failure: &Failure) -> (Vec<String>, Level) {
        let all = self.level_of(&proofs);
        self.spare_form(&mut proofs, failure);
        let level = if proofs.is_empty() {
            all
        } else {
            self.level_of(&proofs)
        };
        (proofs, level)
    }

    /// Leaves out the requirements about form where form is not what failed.
    pub(super) fn spare_form(&self, proofs: &mut Vec<String>, failure: &Failure) {
        if failure.well_formed {
            let catalogue = &self.case.pack.catalogue;
            proofs.retain(|id| catalogue.requirement(id).is_none_or(|known| !known.form));
        }
    }

    /// The gravest level of the requirements; `must` where there are none.
    pub(super) fn level_of(&self, requirements: &[String]) -> Level {
        let catalogue = &self.case.pack.catalogue;
        let levels = requirements
            .iter()
            .filter_map(|id| Some(catalogue.requirement(id)?.level));
        levels.min().unwrap_or(Level::Must)
    }

    pub(super) fn deviate(
        &mut self,
        at: &str,
        step: &str,
        level: Level,
        mut requirements: Vec<String>,
        failure: Failure,
    ) {
        for id in failure.contradicts {
            if !requirements.contains(&id) {
                requirements.push(id);
            }
        }
        let deviation = Deviation {
            kind: failure.kind,
            level: event_level(level),
            requirements,
            at: at.to_owned(),
            step: step.to_owned(),
            actor: failure.actor.map(|actor| self.actor_name(actor).to_owned()),
            message: failure.message,
            expected: failure.expected,
            received: failure.received,
            sent: self
                .last_sent
                .as_ref()
                .map(|(actor, text)| format!("{}: {text}", self.actor_name(*actor))),
            near: failure.near,
        };
        self.events.push(Event::Deviation {
            case: self.case.id.clone(),
            us: self.now,
            deviation,
        });
        if level == Level::Must {
            self.stop = Some(Stop::Judged);
        } else {
            self.failed_leniently = true;
        }
    }

    /// A deviation that no step asked about: at the step that waits, or at the case.
    pub(super) fn deviate_anywhere(&mut self, failure: Failure) {
        let step = match self.wait.as_ref().map(|wait| &wait.kind) {
            Some(WaitKind::Receive(receiving)) => Some(receiving.step.clone()),
            _ => None,
        };
        match step {
            Some(step) => {
                if self.scopes.flow().is_some() {
                    self.fail(&step, failure);
                } else {
                    let proofs = self.proofs(&step);
                    self.deviate(
                        &step.place.to_string(),
                        &step.source(),
                        Level::Must,
                        proofs,
                        failure,
                    );
                }
            }
            None => {
                let at = self.case.scenario.place.to_string();
                self.deviate(&at, "between the steps", Level::Must, Vec::new(), failure);
            }
        }
    }

    /// The first scenario whose own steps receive what this step of a flow expects.
    fn tested_by(&self, step: &Step) -> Option<String> {
        let StepKind::Receive(receive) = &step.kind else {
            return None;
        };
        let tests = |scenario: &&Arc<Scenario>| {
            received_messages(scenario).contains(&receive.expected.message.as_str())
        };
        let scenario = self.case.pack.scenarios.iter().find(tests)?;
        Some(format!("{}/{}", self.case.pack.catalogue.name, scenario.id))
    }
}

pub(super) fn event_level(level: Level) -> EventLevel {
    match level {
        Level::Must => EventLevel::Must,
        Level::Should => EventLevel::Should,
        Level::Advice => EventLevel::Advice,
    }
}
