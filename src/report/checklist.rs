//! What a report that counts tests lists: every case, every wrong shape that fails the run, and the run
//! itself where it did not end well. So such a report fails where the run does.
//!
//! Takes over nothing of a case that was not judged: it is neither passed nor failed.

use crate::event::{Level, RunEnd};
use crate::outcome::{Case, Outcome, Pack, Requirement, Run, ShapeFinding};

use super::safe::safe_text;
use super::terminal::plain_failure;
use super::words::{self, count};

/// Longest name, place or sentence.
const MOST: usize = 300;

pub(super) struct Item<'a> {
    /// `friendchat: Friend Request`, safe to print.
    pub(super) suite: String,
    /// Unique, safe to print.
    pub(super) name: String,
    pub(super) case: Option<&'a Case>,
    pub(super) mark: Mark,
}

/// How an item came out, in sentences that are safe to print.
pub(super) enum Mark {
    Passed,
    Failed(Failure),
    /// Deviates as the profile says it does.
    Known(Failure),
    /// Neither passed nor failed: blocked, or could not run.
    Stuck {
        kind: &'static str,
        why: String,
    },
    Skipped {
        why: String,
    },
}

pub(super) struct Failure {
    /// The kind of the deviation, such as `mismatch`.
    pub(super) kind: &'static str,
    /// One sentence.
    pub(super) message: String,
    /// All there is to say, line by line.
    pub(super) text: String,
}

/// By suite, in the order of the packs and of the sections of their documents.
pub(super) fn checklist(run: &Run) -> Vec<Item<'_>> {
    let mut items: Vec<(usize, Item<'_>)> = Vec::new();
    for case in &run.cases {
        let (place, suite) = section_of(run, case);
        let item = Item {
            suite,
            name: safe_text(&case.id, MOST),
            case: Some(case),
            mark: mark(run, case),
        };
        items.push((place, item));
    }
    // Stable: within a section, cases stay in the run's order.
    items.sort_by_key(|(place, _)| *place);
    let mut items: Vec<Item<'_>> = items.into_iter().map(|(_, item)| item).collect();
    items.extend(run.failing_shapes().map(shape));
    items.extend(run.packs.iter().flat_map(shapes_not_as_known));
    items.extend(whole_run(run));
    items
}

/// The section of the first requirement that the case covers, and its place among all sections.
fn section_of(run: &Run, case: &Case) -> (usize, String) {
    let mut before = 0;
    for pack in &run.packs {
        if pack.name == case.pack {
            let first = case.covers.iter().find_map(|id| {
                let all = &pack.requirements;
                all.iter()
                    .position(|requirement| requirement.info.id == *id)
            });
            let name = safe_text(&pack.name, MOST);
            return match first {
                Some(index) => {
                    let section = &pack.requirements[index].info.section;
                    let same = |r: &Requirement| r.info.section == *section;
                    let start = pack.requirements.iter().position(same).unwrap_or(index);
                    let section = safe_text(section, MOST);
                    (before + start, format!("{name}: {section}"))
                }
                None => (
                    before + pack.requirements.len(),
                    format!("{name}: without a requirement"),
                ),
            };
        }
        before += pack.requirements.len() + 1;
    }
    (before, safe_text(&case.pack, MOST))
}

fn mark(run: &Run, case: &Case) -> Mark {
    let why = || safe_text(case.outcome.reason().unwrap_or_default(), 2 * MOST);
    match &case.outcome {
        Outcome::Conforms if case.expected => Mark::Passed,
        Outcome::Conforms => Mark::Failed(Failure {
            kind: "expected to deviate",
            message: "conforms, though it is known to deviate".to_owned(),
            text: String::new(),
        }),
        Outcome::Deviates => {
            let failure = failure(run, case);
            if case.expected {
                Mark::Known(failure)
            } else {
                Mark::Failed(failure)
            }
        }
        Outcome::Blocked {
            flow, tested_by, ..
        } => {
            let mut why = format!("by flow {}: {}", safe_text(flow, MOST), why());
            if let Some(case) = tested_by {
                why += &format!(" (tested by {})", safe_text(case, MOST));
            }
            let kind = "blocked";
            Mark::Stuck { kind, why }
        }
        Outcome::NotApplicable { .. } => Mark::Skipped { why: why() },
        Outcome::CouldNotRun { .. } => Mark::Stuck {
            kind: "could not run",
            why: why(),
        },
    }
}

fn failure(run: &Run, case: &Case) -> Failure {
    let mut failures = case.deviations_of(Level::Must);
    let first = failures.next();
    let mut message = first.map_or_else(String::new, |d| safe_text(&d.message, 2 * MOST));
    let more = failures.count();
    if more > 0 {
        message += &format!(" (and {} more)", count(more, "deviation"));
    }
    Failure {
        kind: first.map_or("deviates", |d| words::kind(d.kind)),
        message,
        text: (case.deviations_of(Level::Must))
            .map(|deviation| plain_failure(run, case, deviation))
            .collect(),
    }
}

fn shape(finding: &ShapeFinding) -> Item<'_> {
    let message = safe_text(&finding.message, MOST);
    let path = safe_text(&finding.path, MOST);
    let kind = words::shape(finding.kind);
    let expected = safe_text(&finding.expected, MOST);
    let received = safe_text(&finding.received, MOST);
    let mut text = format!(
        "WRONG SHAPE {message} {path}: {kind}\n  expected    {expected}\n  received    {received}\n  seen in     {}, first in {}\n  section     {}\n",
        count(finding.count, "frame"),
        safe_text(&finding.case, MOST),
        safe_text(&finding.section, MOST),
    );
    if let Some(id) = &finding.requirement {
        text += &format!("  requirement {}\n", safe_text(id, MOST));
    }
    Item {
        suite: format!("{}: shapes of messages", safe_text(&finding.pack, MOST)),
        name: format!("{message} {path} {kind}"),
        case: None,
        mark: Mark::Failed(Failure {
            kind: "shape",
            message: format!("{path} is {received}, expected {expected}"),
            text,
        }),
    }
}

/// Shapes that the profile lists as wrong and that were right. A case that is not as known is an item already.
fn shapes_not_as_known(pack: &Pack) -> impl Iterator<Item = Item<'_>> {
    let promises = pack.promises.iter();
    let of_shapes = promises.filter(|promise| promise.known.shape.is_some());
    of_shapes.flat_map(|promise| {
        promise.broken.iter().map(|broken| {
            let [what, how, at] =
                [&broken.what, &broken.how, &promise.known.at].map(|text| safe_text(text, MOST));
            Item {
                suite: format!("{}: shapes of messages", safe_text(&pack.name, MOST)),
                name: format!("{what} {}", safe_text(&promise.known.fails, MOST)),
                case: None,
                mark: Mark::Failed(Failure {
                    kind: "expected to deviate",
                    message: format!("{what} {how}, though {at} says that it is"),
                    text: String::new(),
                }),
            }
        })
    })
}

/// What is wrong with the run as a whole; `None` where it ran to its end.
fn whole_run(run: &Run) -> Option<Item<'_>> {
    let missing = run.planned.saturating_sub(run.summary.cases);
    let (kind, why) = match &run.end {
        Some(RunEnd::Completed) if missing == 0 => return None,
        Some(RunEnd::Completed) => ("incomplete", String::new()),
        Some(RunEnd::Interrupted) => ("interrupted", "the run was interrupted".to_owned()),
        Some(RunEnd::TargetUnfit { reason }) => ("target", safe_text(reason, 2 * MOST)),
        None => (
            "cut off",
            "the event log ends before the run does".to_owned(),
        ),
    };
    let mut why = why;
    if missing > 0 {
        let never = format!("{} never started", count(missing, "case"));
        why = if why.is_empty() {
            never
        } else {
            format!("{why}; {never}")
        };
    }
    Some(Item {
        suite: "the run".to_owned(),
        name: "the run came to its end".to_owned(),
        case: None,
        mark: Mark::Stuck { kind, why },
    })
}
