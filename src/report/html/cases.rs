//! All cases, by pack and section: a digest of each, without frames.
//!
//! A case stands in the section of the first requirement that it covers, and once.

use std::collections::BTreeMap;

use crate::event::SilenceShown;
use crate::outcome::{Case, Outcome, Run};

use super::super::groups::stuck;
use super::super::words;
use super::deviation::must_anchor;
use super::requirements::section_names;
use super::sequence::{Sequence, sequence};
use super::squares::{Squares, squares};
use super::{Text, Times};

pub(super) struct PackCases {
    pub(super) title: Text,
    pub(super) words: String,
    /// All its cases in one strip.
    pub(super) strip: Squares,
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) name: Text,
    pub(super) words: String,
    pub(super) picture: Squares,
    pub(super) cases: Vec<Line>,
}

pub(super) struct Line {
    pub(super) anchor: String,
    pub(super) id: Text,
    pub(super) about: Option<Text>,
    /// The class of its cell and of its line: `conforms`, `deviates`, `blocked`, `inapplicable`, `unrun`.
    pub(super) class: &'static str,
    pub(super) outcome: String,
    pub(super) reason: Option<Text>,
    /// "3 steps held, 14 frames, 2.1 ms"
    pub(super) details: String,
    /// Where its deviation is shown.
    pub(super) deviation: Option<String>,
}

/// Cases that came to no judgement for one reason.
pub(super) struct Group {
    pub(super) what: String,
    pub(super) reason: Text,
    /// The case that tests what blocked these, and its anchor where it ran.
    pub(super) tested_by: Option<(Text, Option<String>)>,
    pub(super) cases: Vec<Text>,
    pub(super) left: usize,
    /// Of the first of them that has frames.
    pub(super) sequence: Option<Sequence>,
}

pub(super) struct Silences {
    pub(super) count: usize,
    pub(super) how: &'static str,
}

const MOST_NAMED: usize = 30;
const COLUMNS: usize = 44;

pub(super) fn packs(run: &Run, times: Times) -> Vec<PackCases> {
    let mut packs = Vec::new();
    for pack in &run.packs {
        let names = section_names(pack);
        let mut sections: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
        for (index, case) in run.cases.iter().enumerate() {
            if case.pack == pack.name {
                let first = case.covers.iter().find_map(|id| pack.requirement(id));
                let place = first.and_then(|r| names.iter().position(|n| *n == r.info.section));
                let place = place.unwrap_or(names.len());
                sections
                    .entry(place)
                    .or_default()
                    .push(line(index, case, times));
            }
        }
        let sections = sections.into_iter().map(|(place, mut cases)| {
            cases.sort_by_key(|line| rank(line.class));
            Section {
                name: Text::short(names.get(place).unwrap_or(&"Without a requirement")),
                words: words_of(cases.iter()),
                picture: squares(cases.iter().map(|line| &line.class), COLUMNS),
                cases,
            }
        });
        let sections: Vec<Section> = sections.collect();
        let all = sections.iter().flat_map(|section| &section.cases);
        let mut classes: Vec<&'static str> = all.clone().map(|line| line.class).collect();
        classes.sort_by_key(|class| rank(class));
        packs.push(PackCases {
            title: Text::short(&pack.title),
            words: words_of(all),
            strip: squares(&classes, COLUMNS),
            sections,
        });
    }
    packs
}

pub(super) fn groups(run: &Run) -> Vec<Group> {
    let groups = stuck(run).into_iter().map(|group| Group {
        what: match group.flow {
            Some(flow) => format!(
                "{} blocked by flow {}",
                words::count(group.cases.len(), "case"),
                Text::short(flow)
            ),
            None => format!("{} could not run", words::count(group.cases.len(), "case")),
        },
        reason: Text::short(group.reason),
        tested_by: group.tested_by.map(|id| {
            let index = run.cases.iter().position(|case| case.id == id);
            (Text::short(id), index.map(case_anchor))
        }),
        cases: (group.cases.iter().take(MOST_NAMED))
            .map(|case| Text::short(&case.id))
            .collect(),
        left: group.cases.len().saturating_sub(MOST_NAMED),
        sequence: group.cases.iter().find_map(|case| sequence(case)),
    });
    groups.collect()
}

pub(super) fn silences(run: &Run) -> Vec<Silences> {
    let ways = [
        SilenceShown::Fenced,
        SilenceShown::FencedAndWaited,
        SilenceShown::Waited,
        SilenceShown::FenceUnanswered,
    ];
    let all = || run.cases.iter().flat_map(|case| &case.silences);
    let silences = ways.map(|way| Silences {
        count: all().filter(|silence| silence.shown == way).count(),
        how: words::silence(way),
    });
    silences.into_iter().filter(|s| s.count > 0).collect()
}

fn case_anchor(index: usize) -> String {
    format!("case-{index}")
}

/// What is wrong comes first, and what is as it should be last.
fn rank(class: &str) -> usize {
    let order = ["deviates", "blocked", "unrun", "inapplicable", "conforms"];
    order
        .iter()
        .position(|known| *known == class)
        .unwrap_or(order.len())
}

fn line(index: usize, case: &Case, times: Times) -> Line {
    let class = match &case.outcome {
        Outcome::Conforms => "conforms",
        Outcome::Deviates => "deviates",
        Outcome::Blocked { .. } => "blocked",
        Outcome::NotApplicable { .. } => "inapplicable",
        Outcome::CouldNotRun { .. } => "unrun",
    };
    let mut details = words::count(case.held, "step");
    details += " held";
    if case.outcome == Outcome::Conforms && !case.deviations.is_empty() {
        details += &format!(
            ", {}",
            words::count(case.deviations.len(), "warning or note")
        );
    }
    details += &format!(", {}", words::count(case.frames, "frame"));
    if times == Times::Shown {
        details += &format!(", {}", words::time(case.duration_us));
    }
    Line {
        anchor: case_anchor(index),
        id: Text::short(&case.id),
        about: case.about.as_deref().map(Text::short),
        class,
        outcome: case.outcome.to_string(),
        reason: case.outcome.reason().map(Text::short),
        details,
        deviation: (class == "deviates").then(|| must_anchor(index, 0)),
    }
}

/// "2 deviate, 14 conform": as many of each as there are.
fn words_of<'a>(cases: impl Iterator<Item = &'a Line> + Clone) -> String {
    let ways = [
        ("deviates", "deviate"),
        ("blocked", "blocked"),
        ("unrun", "could not run"),
        ("conforms", "conform"),
        ("inapplicable", "not applicable"),
    ];
    let mut parts = Vec::new();
    for (class, how) in ways {
        match cases.clone().filter(|line| line.class == class).count() {
            0 => {}
            1 if class == how.to_owned() + "s" => parts.push(format!("1 {class}")),
            count => parts.push(format!("{count} {how}")),
        }
    }
    parts.join(", ")
}
