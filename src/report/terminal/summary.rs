//! The summary after a run: what was not as it should be, grouped, and the counts last.
//!
//! Lists no more than a screenful of anything unless all details are wanted; the other reports have it all.

use anstyle::Style;

use crate::event::Level;
use crate::outcome::{Observed, Run, Verdict};

use super::super::groups::{shared, stuck};
use super::super::headline::{Headline, Tally, Tone};
use super::super::safe::safe_text;
use super::super::words::{self, count, time, verb};
use super::sheet::{BAD, GOOD, QUIET, Sheet, WARN};

const MOST_LINES: usize = 12;
const MOST: usize = 300;

pub(super) fn summary(sheet: &mut Sheet, run: &Run, details: bool) {
    let list = |sheet: &mut Sheet, style, title, lines| list(sheet, style, title, lines, details);
    list(sheet, BAD, "Wrong shapes", findings(run, Level::Must));
    list(sheet, WARN, "Warnings", findings(run, Level::Should));
    list(sheet, QUIET, "Notes", findings(run, Level::Advice));
    list(sheet, WARN, "Blocked", stuck_cases(run, true));
    list(sheet, WARN, "Could not run", stuck_cases(run, false));
    list(sheet, BAD, "Known deviations that are none", broken(run));
    list(sheet, QUIET, "Known deviations", kept(run));
    list(
        sheet,
        QUIET,
        "Departs from the document, by its profile",
        departures(run),
    );
    list(sheet, QUIET, "Remarks", remarks(run));
    if details {
        let title = "Not judged, though they must hold";
        list(sheet, QUIET, title, unjudged(run));
    }
    counts(sheet, run, details);
}

fn findings(run: &Run, level: Level) -> Vec<String> {
    let mut lines = Vec::new();
    if level != Level::Must {
        for group in shared(run, level) {
            let (deviation, cases) = (group.deviation, group.cases);
            let mut line = safe_text(&deviation.message, MOST);
            if !deviation.requirements.is_empty() {
                line += &format!(" ({})", safe_text(&deviation.requirements.join(", "), MOST));
            }
            line += &format!(", {}", safe_text(&cases[0].id, MOST));
            if cases.len() > 1 {
                line += &format!(" and {} more", cases.len() - 1);
            }
            line += &format!(", {}", safe_text(&deviation.at, MOST));
            lines.push(line);
        }
    }
    for finding in run.shapes.iter().filter(|f| f.level == level) {
        lines.push(format!(
            "{} {}: {}, expected {}, received {} ({}, first in {})",
            safe_text(&finding.message, 80),
            safe_text(&finding.path, 80),
            words::shape(finding.kind),
            safe_text(&finding.expected, 80),
            safe_text(&finding.received, 80),
            count(finding.count, "frame"),
            safe_text(&finding.case, MOST),
        ));
    }
    if level == Level::Should {
        for unknown in &run.unknown {
            lines.push(format!(
                "{} is no message of {} ({})",
                safe_text(&unknown.name, 80),
                safe_text(&unknown.pack, 80),
                count(unknown.count, "case"),
            ));
        }
    }
    lines
}

fn list(sheet: &mut Sheet, style: Style, title: &str, lines: Vec<String>, details: bool) {
    if lines.is_empty() {
        return;
    }
    sheet.heading(style, title, &format!(" ({})", lines.len()));
    let most = if details { usize::MAX } else { MOST_LINES };
    let left = lines.len().saturating_sub(most);
    for line in lines.iter().take(most) {
        sheet.indented(line);
    }
    if left > 0 {
        sheet.indented(&format!("and {left} more, which --details lists"));
    }
    sheet.gap();
}

fn stuck_cases(run: &Run, blocked: bool) -> Vec<String> {
    let unfit = run.facts().unfit;
    let groups = stuck(run).into_iter();
    groups
        .filter(|group| group.flow.is_some() == blocked)
        // The headline says it, and of them all.
        .filter(|group| unfit != Some(group.reason))
        .map(|group| {
            let mut line = count(group.cases.len(), "case");
            if let Some(flow) = group.flow {
                line += &format!(" by flow {}", safe_text(flow, MOST));
            }
            line += &format!(": {}", safe_text(group.reason, MOST));
            if let Some(case) = group.tested_by {
                line += &format!(" (tested by {})", safe_text(case, MOST));
            }
            line
        })
        .collect()
}

fn broken(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for promise in run.packs.iter().flat_map(|pack| &pack.promises) {
        for broken in &promise.broken {
            lines.push(format!(
                "{} {}; {} says that it fails by {}",
                safe_text(&broken.what, MOST),
                safe_text(&broken.how, MOST),
                safe_text(&promise.known.at, MOST),
                safe_text(&promise.known.fails, 80),
            ));
        }
    }
    lines
}

fn kept(run: &Run) -> Vec<String> {
    let promises = run.packs.iter().flat_map(|pack| &pack.promises);
    let kept = promises.filter(|promise| promise.kept > 0);
    kept.map(|promise| {
        let known = &promise.known;
        let what = match (&known.shape, known.cases.as_slice()) {
            (Some((message, path)), _) => format!("{message} {path}"),
            (None, [case]) => case.clone(),
            (None, cases) => format!("{} of {}", promise.kept, count(cases.len(), "case")),
        };
        let (what, reason) = (safe_text(&what, MOST), safe_text(&known.reason, MOST));
        format!("{what} fails by {}: {reason}", safe_text(&known.fails, 80))
    })
    .collect()
}

fn departures(run: &Run) -> Vec<String> {
    let departures = run.packs.iter().flat_map(|pack| &pack.departures);
    let line = |what: &str, document: &str, target: &str| {
        let [what, document, target] = [what, document, target].map(|text| safe_text(text, 80));
        format!("{what}: {target} instead of {document}")
    };
    departures
        .map(|d| line(&d.what, &d.document, &d.target))
        .collect()
}

fn remarks(run: &Run) -> Vec<String> {
    let remarks = run.remarks.iter();
    remarks
        .map(|remark| safe_text(&remark.text, MOST))
        .collect()
}

fn unjudged(run: &Run) -> Vec<String> {
    if !run.facts().judged {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for pack in &run.packs {
        let missing = pack.requirements.iter().filter(|r| {
            let provokable = r.info.unprovokable.is_none();
            provokable && r.info.level == Level::Must && r.verdict() == Verdict::NotJudged
        });
        lines.extend(missing.map(|r| safe_text(&format!("{}: {}", pack.name, r.info.id), MOST)));
    }
    lines
}

fn counts(sheet: &mut Sheet, run: &Run, details: bool) {
    if run.facts().judged {
        tallies(sheet, run, details);
        sheet.gap();
    }
    let headline = Headline::of(run);
    let style = match headline.tone {
        Tone::Conforms => GOOD,
        Tone::Deviates => BAD,
        Tone::Open => WARN,
    };
    // Unbroken, so that it can be searched for in a log.
    sheet.coloured(style, &headline.sentence());
    let s = &run.summary;
    let mut parts = vec![count(s.cases, "case")];
    for (cases, how) in [
        (s.conforms, verb(s.conforms, "conform").as_str()),
        (s.deviates, verb(s.deviates, "deviate").as_str()),
        (s.blocked, "blocked"),
        (s.not_applicable, "not applicable"),
        (s.could_not_run, "could not run"),
    ] {
        if cases > 0 {
            parts.push(format!("{cases} {how}"));
        }
    }
    if run.planned > s.cases {
        parts.push(format!("{} never started", run.planned - s.cases));
    }
    let took = match run.duration_us {
        Some(us) => format!(" in {}", time(us)),
        None => String::new(),
    };
    let target = safe_text(&run.target, 200);
    sheet.line(&format!("{target}: {}{took}", parts.join(", ")));
}

fn tallies(sheet: &mut Sheet, run: &Run, details: bool) {
    for level in [Level::Must, Level::Should, Level::Advice] {
        let tally = Tally::of(run, level);
        if tally.total() > 0 {
            let mut line = format!("{} of {} met", tally.met, tally.total());
            for (requirements, how) in
                [(tally.not_met, "not met"), (tally.not_judged, "not judged")]
            {
                if requirements > 0 {
                    line += &format!(", {requirements} {how}");
                }
            }
            if level == Level::Must && tally.not_judged > 0 && !details {
                line += " (--details lists them)";
            }
            sheet.labelled(words::level(level), &line);
        }
    }
    let (mut one, mut varies, mut none) = (0, 0, 0);
    for reading in run.packs.iter().flat_map(|pack| &pack.readings) {
        *match reading.observed() {
            Observed::One(_) => &mut one,
            Observed::Varies => &mut varies,
            Observed::NotObserved => &mut none,
        } += 1;
    }
    if one + varies + none > 0 {
        let vary = if varies == 1 { "varies" } else { "vary" };
        let line = format!("{one} observed, {varies} {vary}, {none} not observed");
        sheet.label("readings", &line);
    }
}
