//! The steps that hold other steps: loops, flows, alternatives, and the names that they bind.

use super::conditions::read_conditions;
use super::message::key_text;
use super::options::StepReader;
use super::step::{read_step, read_steps};
use super::value::read_value;
use crate::scenario::{Expr, Step, StepKind, Until};
use crate::source::{Diagnostic, Kind, Node};

/// Rounds of a loop, unless `at most` says otherwise.
const ROUNDS: usize = 1000;

impl StepReader<'_, '_> {
    pub(super) fn read_for_each(&mut self) -> Option<StepKind> {
        let list = read_value(self.argument, self.names, self.problems);
        let name = self.required("as").and_then(|node| self.new_name(node));
        let body = self.required("do");
        let at_most = self.rounds();
        name.iter().for_each(|name| self.names.declare(name));
        self.declare_collected();
        let steps = body.map(|body| read_steps(body, self.names, self.problems));
        let collect = self.collected();
        Some(StepKind::ForEach {
            list: list?,
            name: name?,
            steps: steps?,
            at_most: at_most?,
            collect: collect?,
        })
    }

    pub(super) fn read_repeat_until(&mut self) -> Option<StepKind> {
        let body = self.required("do");
        let at_most = self.rounds()?;
        self.declare_collected();
        if self
            .argument
            .as_map()
            .is_some_and(|pairs| pairs.iter().any(|(key, _)| is_reference(key)))
        {
            let steps = read_steps(body?, self.names, self.problems);
            let collect = self.collected()?;
            let conditions = read_conditions(self.argument, self.names, self.problems)?;
            return Some(StepKind::RepeatUntil {
                until: Until::Holds(conditions),
                steps,
                at_most,
                collect,
            });
        }
        let until = read_step(self.argument, self.names, self.problems)?;
        let steps = read_steps(body?, self.names, self.problems);
        let collect = self.collected()?;
        let actor = |step: &Step| match &step.kind {
            StepKind::Receive(receive) => Some(receive.actor.clone()),
            _ => None,
        };
        match (actor(&until), steps.first().and_then(actor)) {
            (Some(a), Some(b)) if a == b => Some(StepKind::RepeatUntil {
                until: Until::Received([until].into()),
                steps,
                at_most,
                collect,
            }),
            _ => {
                self.problem(
                    &self.key.place,
                    "`repeat until` and the first step of `do` both receive at one actor",
                );
                None
            }
        }
    }

    pub(super) fn read_use(&mut self) -> Option<StepKind> {
        self.allowed.push("proves");
        let tested = self.flag("tested");
        let flow = self.argument.as_str().unwrap_or_default();
        let with = self.option("with");
        let into = self.option("into");
        let Some(signature) = self
            .names
            .signatures
            .iter()
            .find(|signature| signature.name == flow)
            .cloned()
        else {
            let known: Vec<String> = self
                .names
                .signatures
                .iter()
                .map(|s| s.name.clone())
                .collect();
            let shown = self.argument.place.text();
            self.problems.push(
                Diagnostic::new(&self.argument.place, format!("unknown flow \"{shown}\""))
                    .suggest(flow, known),
            );
            return None;
        };
        let given = self.map_of(with, "`with` takes { parameter: value }");
        let mut actors = Vec::new();
        let mut arguments = Vec::new();
        for (key, value) in given {
            let name = key_text(key, self.problems)?;
            if signature.actors.contains(&name) {
                let actor = value.as_str().unwrap_or_default();
                if self.names.check_actor(actor, &value.place, self.problems) {
                    actors.push((name, actor.to_owned()));
                }
            } else if signature.parameters.contains(&name) {
                if let Some(value) = read_value(value, self.names, self.problems) {
                    arguments.push((name, value));
                }
            } else {
                let known = signature.actors.iter().chain(&signature.parameters);
                self.problems.push(
                    Diagnostic::new(
                        &key.place,
                        format!("flow {flow} has no parameter \"{name}\""),
                    )
                    .suggest(&name, known),
                );
            }
        }
        for name in signature.actors.iter().chain(&signature.parameters) {
            if !given.iter().any(|(key, _)| key.as_str() == Some(name)) {
                self.problem(
                    &self.argument.place,
                    &format!("flow {flow} needs `{name}` in `with`"),
                );
            }
        }
        let mut renamed = Vec::new();
        for (key, value) in self.map_of(into, "`into` takes { name in the flow: name here }") {
            let theirs = key_text(key, self.problems)?;
            let ours = self.new_name(value)?;
            self.names.declare(&ours);
            renamed.push((ours, theirs));
        }
        Some(StepKind::Use {
            flow: flow.to_owned(),
            actors,
            arguments,
            into: renamed,
            tested,
        })
    }

    pub(super) fn read_when(&mut self) -> Option<StepKind> {
        let then = self.required("do");
        let otherwise = self.option("otherwise");
        let conditions = read_conditions(self.argument, self.names, self.problems);
        let then = then.map(|node| read_steps(node, self.names, self.problems));
        let otherwise = otherwise
            .map(|node| read_steps(node, self.names, self.problems))
            .unwrap_or_default();
        Some(StepKind::When {
            conditions: conditions?,
            then: then?,
            otherwise,
        })
    }

    fn rounds(&mut self) -> Option<usize> {
        match self.option("at most").map(|node| (node, &node.kind)) {
            None => Some(ROUNDS),
            Some((_, Kind::Int(rounds))) if (1..=100_000).contains(rounds) => {
                usize::try_from(*rounds).ok()
            }
            Some((node, _)) => {
                self.problem(&node.place, "`at most` is a number from 1 to 100000");
                None
            }
        }
    }

    /// A name for a value.
    fn new_name(&mut self, node: &Node) -> Option<String> {
        let Some(name) = node.as_str() else {
            self.problem(&node.place, "expected a name");
            return None;
        };
        let free = self.names.check_free(name, &node.place, self.problems);
        free.then(|| name.to_owned())
    }

    fn declare_collected(&mut self) {
        for (key, _) in self
            .option("collect")
            .and_then(Node::as_map)
            .unwrap_or_default()
        {
            if let Some(name) = key.as_str().and_then(|text| text.strip_prefix('$')) {
                self.names.declare(name);
            }
        }
    }

    fn collected(&mut self) -> Option<Vec<(String, Expr)>> {
        let mut collect = Vec::new();
        let node = self.option("collect");
        for (key, value) in self.map_of(node, "`collect` takes { $list: $value }") {
            let Some(name) = key.as_str().and_then(|text| text.strip_prefix('$')) else {
                self.problem(&key.place, "`collect` takes { $list: $value }");
                return None;
            };
            collect.push((
                name.to_owned(),
                read_value(value, self.names, self.problems)?,
            ));
        }
        Some(collect)
    }
}

fn is_reference(key: &Node) -> bool {
    key.as_str().is_some_and(|text| text.starts_with('$'))
}
