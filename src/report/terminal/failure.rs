//! One failure, in full or on a line: what the step wanted, what came, and how to see it again.
//!
//! Says nothing that the events do not say.

use crate::event::Deviation;
use crate::outcome::{Case, Run};

use super::super::diff::{DiffLine, diff};
use super::super::safe::safe_text;
use super::super::words;
use super::sheet::{BAD, EXPECTED, QUIET, RECEIVED, STRONG, Sheet};

const MOST: usize = 400;

pub(super) fn block(sheet: &mut Sheet, run: &Run, case: &Case, deviation: &Deviation) {
    sheet.heading(BAD, "DEVIATES ", &safe_text(&case.id, MOST));
    let sentence = safe_text(&deviation.message, MOST);
    sheet.indented(&format!("{sentence} ({})", words::kind(deviation.kind)));
    sheet.label("step", &safe_text(&deviation.at, MOST));
    for line in deviation.step.lines().take(8) {
        sheet.beside(STRONG, &safe_text(line, MOST));
    }
    for id in &deviation.requirements {
        let Some(requirement) = run.requirement(&case.pack, id) else {
            sheet.label("requirement", &safe_text(id, MOST));
            continue;
        };
        let info = &requirement.info;
        let (id, section) = (safe_text(&info.id, MOST), safe_text(&info.section, MOST));
        let level = words::level(info.level);
        sheet.labelled(
            "requirement",
            &format!("{id} ({level}, section \"{section}\"):"),
        );
        sheet.labelled("", &safe_text(&info.text, 2 * MOST));
    }
    difference(sheet, deviation);
    if let Some(sent) = &deviation.sent {
        sheet.label("sent last", &safe_text(sent, MOST));
    }
    if let Some(near) = &deviation.near {
        sheet.labelled("near miss", &safe_text(near, MOST));
    }
    if let Some((last, before)) = case.server_log.split_last() {
        let first = before.first().unwrap_or(last);
        sheet.label("server log", &safe_text(first, MOST));
        let rest = before
            .iter()
            .skip(1)
            .chain((!before.is_empty()).then_some(last));
        rest.for_each(|line| sheet.beside(QUIET, &safe_text(line, MOST)));
    }
    sheet.label("run again", &safe_text(&case.rerun, 10 * MOST));
    sheet.gap();
}

pub(super) fn line(sheet: &mut Sheet, case: &Case, deviation: &Deviation) {
    let at = safe_text(&deviation.at, MOST);
    let message = safe_text(&deviation.message, 120);
    let rest = format!("{}: {message} ({at})", safe_text(&case.id, MOST));
    sheet.heading(BAD, "DEVIATES ", &rest);
}

fn difference(sheet: &mut Sheet, deviation: &Deviation) {
    let lines = diff(deviation.expected.as_deref(), deviation.received.as_deref());
    if lines.is_empty() {
        return;
    }
    let legend = format!("{EXPECTED}- expected{EXPECTED:#}  {RECEIVED}+ received{RECEIVED:#}");
    sheet.label("difference", &legend);
    for line in lines {
        match line {
            DiffLine::Same(line) => sheet.beside(QUIET, &format!("  {line}")),
            DiffLine::Expected(line) => sheet.beside(EXPECTED, &format!("- {line}")),
            DiffLine::Received(line) => sheet.beside(RECEIVED, &format!("+ {line}")),
            DiffLine::Gap(lines) => {
                sheet.beside(QUIET, &format!("… {}", words::count(lines, "line")));
            }
        }
    }
}
