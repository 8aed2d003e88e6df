//! Several event streams into one, whatever the order in which they are given: of the parts of a plan, or
//! of runs that have no case in common.
//!
//! Refuses to join what is not of one run: other versions, targets, packs or seeds, and cases that come
//! twice. Says all that is wrong at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Event, PackInfo, Part, RunEnd};

/// One event stream, and what to call it: its path.
#[derive(Debug)]
pub struct Log {
    pub name: String,
    pub events: Vec<Event>,
}

#[derive(Debug)]
pub struct Merged {
    pub events: Vec<Event>,
    /// The parts of the plan that no log is of.
    pub missing: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("{log} holds no run")]
    NoRun { log: String },
    #[error("{log} holds several runs; merge their own logs")]
    SeveralRuns { log: String },
    #[error("{log} is of another {what} than {first}: {other}, not {one}")]
    Differs {
        what: &'static str,
        first: String,
        one: String,
        log: String,
        other: String,
    },
    #[error("{log} is of another pack {pack} than {first}")]
    OtherPack {
        pack: String,
        first: String,
        log: String,
    },
    #[error("{first} and {log} are both part {index} of {of}")]
    SamePart {
        index: usize,
        of: usize,
        first: String,
        log: String,
    },
    #[error("{case} is in {first} and in {log}{}", and_more(*.more))]
    Twice {
        case: String,
        first: String,
        log: String,
        /// How many more cases are in both.
        more: usize,
    },
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(", and {more} more"),
    }
}

/// What the first event of a stream says.
struct Start<'a> {
    log: &'a str,
    version: &'a str,
    target: &'a str,
    started: &'a str,
    seed: u64,
    packs: &'a [PackInfo],
    cases: usize,
    part: Option<Part>,
}

/// `target` names the target of them all where the logs name several.
///
/// # Errors
///
/// All that is wrong with these logs together.
pub fn merge(mut logs: Vec<Log>, target: Option<&str>) -> Result<Merged, Vec<MergeError>> {
    logs.sort_by_cached_key(|log| (order(log), log.name.clone()));
    let mut errors = Vec::new();
    let starts = starts(&logs, &mut errors);
    let Some(first) = starts.first() else {
        return Err(errors);
    };
    for start in &starts[1..] {
        differ(first, start, target.is_some(), &mut errors);
    }
    let missing = parts(&starts, &mut errors);
    twice(&logs, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let cases = match first.part {
        Some(part) => part.whole,
        None => starts.iter().map(|start| start.cases).sum(),
    };
    let mut events = vec![Event::RunStarted {
        schema: crate::event::SCHEMA,
        version: first.version.to_owned(),
        target: target.unwrap_or(first.target).to_owned(),
        started: earliest(&starts).to_owned(),
        seed: first.seed,
        packs: packs(&starts),
        cases,
        part: None,
    }];
    let end = end(&logs);
    for log in logs {
        let inside = log
            .events
            .into_iter()
            .filter(|event| !matches!(event, Event::RunStarted { .. } | Event::RunFinished { .. }));
        events.extend(inside);
    }
    events.extend(end);
    Ok(Merged { events, missing })
}

/// By part, then by the first case; so the order of the arguments does not matter.
fn order(log: &Log) -> (usize, String) {
    let mut place = (0, String::new());
    for event in &log.events {
        match event {
            Event::RunStarted { part, .. } => place.0 = part.map_or(0, |part| part.index),
            Event::CaseStarted { case, .. } => {
                place.1.clone_from(case);
                break;
            }
            _ => {}
        }
    }
    place
}

fn starts<'a>(logs: &'a [Log], errors: &mut Vec<MergeError>) -> Vec<Start<'a>> {
    let mut starts = Vec::new();
    for log in logs {
        let mut runs = log.events.iter().filter_map(|event| match event {
            Event::RunStarted {
                schema: _,
                version,
                target,
                started,
                seed,
                packs,
                cases,
                part,
            } => Some(Start {
                log: &log.name,
                version,
                target,
                started,
                seed: *seed,
                packs,
                cases: *cases,
                part: *part,
            }),
            _ => None,
        });
        let log = || log.name.clone();
        match (runs.next(), runs.next()) {
            (Some(start), None) => starts.push(start),
            (None, _) => errors.push(MergeError::NoRun { log: log() }),
            (Some(_), Some(_)) => errors.push(MergeError::SeveralRuns { log: log() }),
        }
    }
    starts
}

fn differ(first: &Start<'_>, start: &Start<'_>, target_named: bool, errors: &mut Vec<MergeError>) {
    let plan = |part: Option<Part>| match part {
        Some(part) => format!("one in {} parts of {} cases", part.of, part.whole),
        None => "one that is not divided".to_owned(),
    };
    let quoted = |text: &str| format!("\"{text}\"");
    let facts = [
        (
            "version",
            first.version.to_owned(),
            start.version.to_owned(),
        ),
        ("target", quoted(first.target), quoted(start.target)),
        ("seed", first.seed.to_string(), start.seed.to_string()),
        ("plan", plan(first.part), plan(start.part)),
    ];
    for (what, one, other) in facts {
        if one != other && !(what == "target" && target_named) {
            errors.push(MergeError::Differs {
                what,
                first: first.log.to_owned(),
                one,
                log: start.log.to_owned(),
                other,
            });
        }
    }
    for pack in start.packs {
        let known = first.packs.iter().find(|known| known.pack == pack.pack);
        if known.is_some_and(|known| !same(known, pack)) {
            errors.push(MergeError::OtherPack {
                pack: pack.pack.clone(),
                first: first.log.to_owned(),
                log: start.log.to_owned(),
            });
        }
    }
}

fn same(one: &PackInfo, other: &PackInfo) -> bool {
    let text = |pack| serde_json::to_string(pack).unwrap_or_default();
    text(one) == text(other)
}

/// The parts that are missing.
fn parts(starts: &[Start<'_>], errors: &mut Vec<MergeError>) -> Vec<usize> {
    let mut seen: BTreeMap<usize, &str> = BTreeMap::new();
    let mut of = 0;
    for start in starts {
        let Some(part) = start.part else { continue };
        of = part.of;
        if let Some(first) = seen.insert(part.index, start.log) {
            errors.push(MergeError::SamePart {
                index: part.index,
                of,
                first: first.to_owned(),
                log: start.log.to_owned(),
            });
        }
    }
    (1..=of).filter(|index| !seen.contains_key(index)).collect()
}

/// Cases that are in two logs, once for every two.
fn twice(logs: &[Log], errors: &mut Vec<MergeError>) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut both: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for log in logs {
        for event in &log.events {
            if let Event::CaseWithdrawn { case, .. } = event {
                // It starts again.
                seen.remove(case.as_str());
            } else if let Event::CaseStarted { case, .. } = event {
                match seen.get(case.as_str()) {
                    Some(first) => both.entry((first, &log.name)).or_default().push(case),
                    None => {
                        seen.insert(case, &log.name);
                    }
                }
            }
        }
    }
    errors.extend(
        both.into_iter()
            .map(|((first, log), cases)| MergeError::Twice {
                case: cases[0].to_owned(),
                first: first.to_owned(),
                log: log.to_owned(),
                more: cases.len() - 1,
            }),
    );
}

/// RFC 3339 in UTC sorts as it is.
fn earliest<'a>(starts: &[Start<'a>]) -> &'a str {
    let all: BTreeSet<&str> = starts.iter().map(|start| start.started).collect();
    all.first().copied().unwrap_or_default()
}

/// All packs, in the first log's order and then by name.
fn packs(starts: &[Start<'_>]) -> Vec<PackInfo> {
    let mut packs: Vec<PackInfo> = Vec::new();
    let mut further: BTreeMap<&str, &PackInfo> = BTreeMap::new();
    for (index, start) in starts.iter().enumerate() {
        for pack in start.packs {
            if index == 0 {
                packs.push(pack.clone());
            } else if !packs.iter().any(|known| known.pack == pack.pack) {
                further.entry(&pack.pack).or_insert(pack);
            }
        }
    }
    packs.extend(further.into_values().cloned());
    packs
}

/// `None` where some log was cut off: then so is the whole.
fn end(logs: &[Log]) -> Option<Event> {
    let rank = |end: &RunEnd| match end {
        RunEnd::Interrupted => 0,
        RunEnd::TargetUnfit { .. } => 1,
        RunEnd::Completed => 2,
    };
    let mut longest = 0;
    let mut gravest = RunEnd::Completed;
    for log in logs {
        let ended = log.events.iter().rev().find_map(|event| match event {
            Event::RunFinished { us, end } => Some((*us, end)),
            _ => None,
        });
        let (us, end) = ended?;
        longest = longest.max(us);
        if rank(end) < rank(&gravest) {
            gravest = end.clone();
        }
    }
    Some(Event::RunFinished {
        us: longest,
        end: gravest,
    })
}

#[cfg(test)]
mod tests;
