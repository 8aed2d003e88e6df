//! Runs side by side, requirement by requirement and case by case: what is better than in the first, what
//! is worse, what is new.
//!
//! What was not judged in one of two runs is not compared: it is neither better nor worse, and is said.

use std::collections::BTreeMap;

use crate::event::Level;
use crate::outcome::{Case, Outcome, Run, ShapeFinding, Verdict};

use super::headline::{Headline, Tone};
use super::safe::safe_text;
use super::words;

#[cfg(test)]
mod tests;
mod text;

pub use text::comparison_text;

const MOST: usize = 200;

/// Runs of the same protocols; the first is what the others are held against.
pub struct Comparison {
    pub(super) runs: Vec<Side>,
    /// Requirements in the packs' order, then cases, then shapes.
    pub(super) lines: Vec<Line>,
}

/// One run, in texts that are safe to print.
pub(super) struct Side {
    /// A, B, C, …
    pub(super) letter: String,
    pub(super) log: String,
    pub(super) started: String,
    pub(super) verdict: String,
}

/// One thing that every run may have judged.
pub(super) struct Line {
    pub(super) what: What,
    /// `friendchat: Friend Request`, or the pack.
    pub(super) group: String,
    pub(super) id: String,
    pub(super) level: Level,
    /// What it asks for; empty where that is said elsewhere.
    pub(super) text: String,
    /// As each run judged it; `None` where it is not in the run.
    pub(super) verdicts: Vec<Option<Judged>>,
    pub(super) change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Requirement,
    Case,
    Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Well,
    Badly,
    Not,
}

/// Against the first run; where several others differ, the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Worse,
    /// Judged in the first run only.
    Lost,
    /// Judged in a later run only.
    New,
    Better,
    Same,
}

impl What {
    pub(super) fn word(self, judged: Option<Judged>) -> &'static str {
        match (self, judged) {
            (_, None) => "–",
            (What::Requirement, Some(Judged::Well)) => "met",
            (What::Requirement, Some(Judged::Badly)) => "not met",
            (What::Case, Some(Judged::Well)) => "conforms",
            (What::Case, Some(Judged::Badly)) => "deviates",
            (What::Shape, Some(Judged::Well)) => "right",
            (What::Shape, Some(Judged::Badly)) => "wrong",
            (_, Some(Judged::Not)) => "not judged",
        }
    }
}

impl Comparison {
    /// `runs` are at least two, each with the name of its log.
    pub fn of(runs: &[(String, Run)]) -> Comparison {
        let sides = (runs.iter().enumerate()).map(|(index, (log, run))| Side {
            letter: letter(index),
            log: safe_text(log, MOST),
            started: safe_text(&run.started, 40),
            verdict: Headline::of(run).sentence(),
        });
        let runs: Vec<&Run> = runs.iter().map(|(_, run)| run).collect();
        let mut lines = requirements(&runs);
        lines.extend(cases(&runs));
        lines.extend(shapes(&runs));
        Comparison {
            runs: sides.collect(),
            lines,
        }
    }

    /// Whether something was judged in the first run and in another one.
    pub fn comparable(&self) -> bool {
        let judged = |judged: &Option<Judged>| judged.is_some_and(|judged| judged != Judged::Not);
        (self.lines.iter())
            .any(|line| judged(&line.verdicts[0]) && line.verdicts[1..].iter().any(judged))
    }

    /// Whether something that must hold is worse than in the first run.
    pub fn regressed(&self) -> bool {
        self.changed(Change::Worse)
            .any(|line| line.level == Level::Must)
    }

    /// In one sentence, and which colour that has.
    pub(super) fn verdict(&self) -> (Tone, String) {
        let others = match self.runs.as_slice() {
            [_, other] => other.letter.clone(),
            _ => "the others".to_owned(),
        };
        if self.regressed() {
            (Tone::Deviates, format!("{others} regressed against A"))
        } else if self.comparable() {
            (
                Tone::Conforms,
                format!("no regression of {others} against A"),
            )
        } else {
            (
                Tone::Open,
                "nothing was judged in A and in another run".to_owned(),
            )
        }
    }

    /// "1 better, 2 worse, …"
    pub(super) fn counts(&self) -> String {
        let all = [Change::Better, Change::Worse, Change::New, Change::Lost];
        let [better, worse, new, lost] = all.map(|change| self.changed(change).count());
        format!("{better} better, {worse} worse, {new} newly judged, {lost} no longer judged")
    }

    pub(super) fn changed(&self, change: Change) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.change == change)
    }
}

/// "2 requirements, 3 cases"
pub(super) fn counted<'a>(lines: impl Iterator<Item = &'a Line>) -> String {
    let mut counts = [0; 3];
    for line in lines {
        counts[line.what as usize] += 1;
    }
    let things = ["requirement", "case", "shape"].into_iter().zip(counts);
    let some = things
        .filter(|(_, n)| *n > 0)
        .map(|(thing, n)| words::count(n, thing));
    match some.collect::<Vec<_>>().join(", ") {
        nothing if nothing.is_empty() => "nothing".to_owned(),
        some => some,
    }
}

fn letter(index: usize) -> String {
    match u8::try_from(index) {
        Ok(index @ 0..26) => char::from(b'A' + index).to_string(),
        _ => format!("#{}", index + 1),
    }
}

fn requirements(runs: &[&Run]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for pack in &run.packs {
            for requirement in &pack.requirements {
                let info = &requirement.info;
                let judged = match requirement.verdict() {
                    // No client can bring it about: there is nothing to compare.
                    Verdict::NotJudged if info.unprovokable.is_some() => continue,
                    Verdict::Met => Judged::Well,
                    Verdict::NotMet => Judged::Badly,
                    Verdict::NotJudged => Judged::Not,
                };
                let place = places.entry((&pack.name, &info.id)).or_insert_with(|| {
                    lines.push(Line {
                        what: What::Requirement,
                        group: format!(
                            "{}: {}",
                            safe_text(&pack.name, MOST),
                            safe_text(&info.section, MOST)
                        ),
                        id: safe_text(&info.id, MOST),
                        level: info.level,
                        text: safe_text(&info.text, 2 * MOST),
                        verdicts: vec![None; runs.len()],
                        change: Change::Same,
                    });
                    lines.len() - 1
                });
                lines[*place].verdicts[index] = Some(judged);
            }
        }
    }
    for line in &mut lines {
        line.change = change(&line.verdicts);
    }
    lines
}

fn cases(runs: &[&Run]) -> Vec<Line> {
    let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for case in &run.cases {
            let line = lines.entry(&case.id).or_insert_with(|| Line {
                what: What::Case,
                group: safe_text(&case.pack, MOST),
                id: safe_text(&case.id, MOST),
                level: Level::Must,
                text: case
                    .about
                    .as_deref()
                    .map_or_else(String::new, |about| safe_text(about, MOST)),
                verdicts: vec![None; runs.len()],
                change: Change::Same,
            });
            line.verdicts[index] = Some(judged_case(case));
        }
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        line.change = change(&line.verdicts);
    }
    lines
}

fn judged_case(case: &Case) -> Judged {
    match case.outcome {
        Outcome::Conforms => Judged::Well,
        Outcome::Deviates => Judged::Badly,
        Outcome::Blocked { .. } | Outcome::NotApplicable { .. } | Outcome::CouldNotRun { .. } => {
            Judged::Not
        }
    }
}

/// The wrong shapes of each run; one that a run does not show was right there, where the message was judged.
fn shapes(runs: &[&Run]) -> Vec<Line> {
    let key = |finding: &ShapeFinding| {
        let place = (finding.message.clone(), finding.path.clone());
        (
            finding.level,
            finding.pack.clone(),
            place,
            words::shape(finding.kind),
        )
    };
    let mut all: BTreeMap<_, &ShapeFinding> = BTreeMap::new();
    for run in runs {
        for finding in &run.shapes {
            all.entry(key(finding)).or_insert(finding);
        }
    }
    let line = |(place, finding): (_, &ShapeFinding)| {
        let verdicts: Vec<Option<Judged>> = (runs.iter())
            .map(|run| {
                let wrong = run.shapes.iter().any(|other| key(other) == place);
                let id = finding.requirement.as_deref();
                let requirement = id.and_then(|id| run.requirement(&finding.pack, id));
                match requirement.map(|requirement| requirement.verdict()) {
                    _ if wrong => Some(Judged::Badly),
                    Some(Verdict::Met | Verdict::NotMet) => Some(Judged::Well),
                    Some(Verdict::NotJudged) => Some(Judged::Not),
                    None => None,
                }
            })
            .collect();
        Line {
            what: What::Shape,
            group: safe_text(&finding.pack, MOST),
            id: safe_text(
                &format!(
                    "{} {} ({})",
                    finding.message,
                    finding.path,
                    words::shape(finding.kind)
                ),
                MOST,
            ),
            level: finding.level,
            text: safe_text(
                &format!(
                    "expected {}, received {}",
                    finding.expected, finding.received
                ),
                MOST,
            ),
            change: change(&verdicts),
            verdicts,
        }
    };
    all.into_iter().map(line).collect()
}

fn change(verdicts: &[Option<Judged>]) -> Change {
    let judged = |judged: Option<Judged>| judged.filter(|judged| *judged != Judged::Not);
    let Some((first, others)) = verdicts.split_first() else {
        return Change::Same;
    };
    let changes = others
        .iter()
        .map(|other| match (judged(*first), judged(*other)) {
            (Some(Judged::Well), Some(Judged::Badly)) => Change::Worse,
            (Some(Judged::Badly), Some(Judged::Well)) => Change::Better,
            (Some(_), None) => Change::Lost,
            (None, Some(_)) => Change::New,
            _ => Change::Same,
        });
    changes.min().unwrap_or(Change::Same)
}
