//! Broken rules: for each, which cases notice, whether they name it, and which deviate without having to.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::lab::{Handlers, simulate};
use crate::codec::Codec;
use crate::plan::Case;
use crate::scenario::{Pack, flows_used, received_messages};

/// A deviation that nothing accounts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stray {
    pub case: String,
    /// `file:line:col` of the step that deviated.
    pub at: String,
    pub message: String,
}

/// What became of one way to break a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    pub rule: String,
    pub way: usize,
    /// The cases that deviate and name the requirement.
    pub killed_by: Vec<String>,
    /// The cases that deviate, though they neither prove the requirement nor use a flow that rests on it.
    pub stray: Vec<Stray>,
    /// Step (`file:line:col`) and requirement: the step did not hold, and so it was not met.
    pub failed: BTreeSet<(String, String)>,
}

/// The first case that proves the rule, deviates and names it; `None` where none notices.
pub fn first_kill(
    cases: &[Arc<Case>],
    codec: Codec,
    rule: &str,
    broken: &dyn Fn() -> Box<dyn Handlers>,
) -> Option<String> {
    let proving = cases
        .iter()
        .filter(|case| case.covers.iter().any(|id| id == rule));
    let mut kills = proving.filter(|case| simulate(case, codec, &mut *broken()).names(rule));
    kills.next().map(|case| case.id.clone())
}

/// Runs every case against a server with one rule broken. `break_rule` makes such a server.
pub fn rules(
    pack: &Pack,
    cases: &[Arc<Case>],
    codec: Codec,
    rule: &str,
    way: usize,
    break_rule: &dyn Fn(&str, usize) -> Box<dyn Handlers>,
) -> Kill {
    let mut kill = Kill {
        rule: rule.to_owned(),
        way,
        killed_by: Vec::new(),
        stray: Vec::new(),
        failed: BTreeSet::new(),
    };
    let mut messages = HashMap::new();
    for case in cases {
        let judged = simulate(case, codec, &mut *break_rule(rule, way));
        for deviation in &judged.deviations {
            let ids = deviation.requirements.iter();
            kill.failed
                .extend(ids.map(|id| (deviation.at.clone(), id.clone())));
        }
        if judged.names(rule) {
            kill.killed_by.push(case.id.clone());
        } else if judged.deviates() && !case.covers.iter().any(|id| id == rule) {
            let rests = messages
                .entry(case.scenario.id.clone())
                .or_insert_with(|| rests_on(pack, case, cases, rule));
            if !*rests {
                let deviation = judged.deviations.first();
                kill.stray.push(Stray {
                    case: case.id.clone(),
                    at: deviation.map_or_else(String::new, |deviation| deviation.at.clone()),
                    message: deviation
                        .map_or_else(String::new, |deviation| deviation.message.clone()),
                });
            }
        }
    }
    kill
}

/// Whether a flow that the case uses receives what the cases that prove the rule receive.
fn rests_on(pack: &Pack, case: &Case, cases: &[Arc<Case>], rule: &str) -> bool {
    let proving = cases
        .iter()
        .filter(|other| other.covers.iter().any(|id| id == rule));
    let proved: Vec<&str> = proving
        .flat_map(|other| received_messages(&other.scenario))
        .collect();
    flows_used(pack, &case.scenario)
        .iter()
        .filter_map(|name| pack.flow(name))
        .any(|flow| {
            flow.steps
                .iter()
                .flat_map(crate::scenario::Step::received)
                .any(|message| proved.contains(&message))
        })
}
