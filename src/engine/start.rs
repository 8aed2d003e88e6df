//! The beginning of a case: what it needs, what the catalogue permits throughout, and how each actor starts.

use super::failure::Stop;
use super::render::brief;
use super::scope::FenceScope;
use super::stack::{After, Level};
use super::state::{Engine, Permission, Stage, Todo};
use crate::event::CaseEnd;
use crate::protocol;
use crate::scenario::Start;

impl Engine {
    pub(super) fn begin(&mut self) {
        if let Err(error) = self.scopes.bind_case(&self.case, self.options.seed) {
            self.stop = Some(Stop::harness(&error));
            return;
        }
        let lacks = self.case.profile.lacks_requirement(&self.case.covers);
        if let Some(reason) = lacks.or_else(|| self.unmet_need()) {
            self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
            return;
        }
        let case = self.case.clone();
        for actor in 0..case.scenario.actors.len() {
            for allowance in &case.pack.spontaneous {
                let scope = FenceScope {
                    scopes: &self.scopes,
                    actor,
                    fresh: "",
                };
                let expected = allowance.expected.as_ref();
                let fields = expected.and_then(|expected| expected.fields.resolve(&scope).ok());
                let contradicts = allowance.contradicts.iter().cloned().collect::<Vec<_>>();
                let forbids =
                    !contradicts.is_empty() && self.level_of(&contradicts) == protocol::Level::Must;
                let (actor, allowance) = (Some(actor), allowance.clone());
                self.permissions.push(Permission {
                    actor,
                    allowance,
                    fields,
                    envelope: Vec::new(),
                    used: 0,
                    spontaneous: true,
                    forbids,
                });
            }
        }
        for (i, actor) in case.scenario.actors.iter().enumerate() {
            match &actor.starts {
                Start::Offline => {}
                Start::Connected => self.stages.push_back(Stage::Connected(i)),
                Start::Flow(flow) => self.stages.push_back(Stage::Start(i, flow.clone())),
            }
        }
        self.stages.push_back(Stage::Scenario);
    }

    fn unmet_need(&self) -> Option<String> {
        let case = self.case.clone();
        let unmet = case
            .scenario
            .needs
            .iter()
            .find(|need| !self.holds(need, &mut Vec::new()))?;
        let value = unmet
            .subject
            .resolve(&self.scopes)
            .map_or_else(|_| "not set".to_owned(), |value| brief(&value));
        Some(format!(
            "needs {} to be {}; it is {value}",
            unmet.subject, unmet.pattern
        ))
    }

    pub(super) fn begin_stage(&mut self, stage: Stage) {
        match stage {
            Stage::Connected(actor) => self.todo.push_back(Todo::Connect(actor)),
            Stage::Start(actor, flow) => {
                let Some(flow) = self.flow_of(&flow) else {
                    return;
                };
                let actors = flow
                    .actors
                    .iter()
                    .map(|name| (name.clone(), actor))
                    .collect();
                self.scopes.enter_flow(&flow.name, None, actors, Vec::new());
                let after = After::LeaveFlow { into: Vec::new() };
                self.levels.push(Level {
                    steps: flow.steps.clone(),
                    next: 0,
                    after,
                });
            }
            Stage::Scenario => {
                let steps = self.case.scenario.steps.clone();
                self.levels.push(Level {
                    steps,
                    next: 0,
                    after: After::Nothing,
                });
            }
        }
    }
}
