//! TAP 14: one test a case, what is wrong in a YAML block beneath it.
//!
//! The plan counts what the run meant to run, so that a run that was cut off fails; a known deviation is
//! a TODO, what does not apply is a SKIP.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::event::RunEnd;
use crate::outcome::{Case, Run};

use super::Reporter;
use super::checklist::{Failure, Item, Mark, checklist};
use super::headline::Headline;
use super::safe::safe_text;
use super::transcript::transcript;
use super::words;

const MOST: usize = 300;

pub(super) struct Tap<W> {
    out: W,
}

impl<W: Write> Tap<W> {
    pub(super) fn new(out: W) -> Tap<W> {
        Tap { out }
    }
}

impl<W: Write> Reporter for Tap<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        self.out.write_all(text(run).as_bytes())?;
        self.out.flush()
    }
}

fn text(run: &Run) -> String {
    let items = checklist(run);
    let missing = run.planned.saturating_sub(run.summary.cases);
    let mut text = format!("TAP version 14\n1..{}\n", items.len() + missing);
    let _ = writeln!(text, "# {}", described(&Headline::of(run).sentence()));
    let _ = writeln!(text, "# seed {}", run.seed);
    for (index, item) in items.iter().enumerate() {
        test(&mut text, index + 1, item);
    }
    let stopped = match &run.end {
        Some(RunEnd::Completed) => None,
        Some(RunEnd::Interrupted) => Some("the run was interrupted".to_owned()),
        Some(RunEnd::TargetUnfit { reason }) => Some(safe_text(reason, MOST)),
        None => Some("the event log ends before the run does".to_owned()),
    };
    if let Some(why) = stopped {
        let _ = writeln!(text, "Bail out! {}", described(&why));
    }
    text
}

fn test(text: &mut String, number: usize, item: &Item<'_>) {
    let (ok, directive) = match &item.mark {
        Mark::Passed => ("ok", String::new()),
        Mark::Failed(_) | Mark::Stuck { .. } => ("not ok", String::new()),
        Mark::Known(_) => ("not ok", " # TODO deviates as it is known to".to_owned()),
        Mark::Skipped { why } => ("ok", format!(" # SKIP {}", described(why))),
    };
    let name = described(&item.name);
    let _ = writeln!(text, "{ok} {number} - {name}{directive}");
    match &item.mark {
        Mark::Passed | Mark::Skipped { .. } => {}
        Mark::Failed(failure) | Mark::Known(failure) => {
            let mut block = Block::open(text);
            block.scalar("message", &failure.message);
            block.scalar("severity", "fail");
            block.scalar("kind", failure.kind);
            about(&mut block, item, Some(failure));
            block.close();
        }
        Mark::Stuck { kind, why } => {
            let mut block = Block::open(text);
            block.scalar("message", why);
            block.scalar("severity", "error");
            block.scalar("kind", kind);
            about(&mut block, item, None);
            block.close();
        }
    }
}

fn about(block: &mut Block<'_>, item: &Item<'_>, failure: Option<&Failure>) {
    block.scalar("section", &item.suite);
    if let Some(case) = item.case {
        let first = case.deviations.first();
        place(
            block,
            case,
            first.map_or(&case.at, |deviation| &deviation.at),
        );
    }
    if let Some(failure) = failure {
        block.lines("details", &failure.text);
    }
    if let Some(case) = item.case {
        block.lines("exchange", &transcript(case));
        block.scalar("rerun", &safe_text(&case.rerun, 10 * MOST));
    }
}

fn place(block: &mut Block<'_>, case: &Case, at: &str) {
    if let Some((file, line, column)) = words::place(at) {
        block.scalar("file", &safe_text(file, MOST));
        block.number("line", u64::from(line));
        block.number("column", u64::from(column));
    }
    block.number("duration_ms", case.duration_us / 1_000);
}

/// Text for a description or a comment: `#` would begin a directive, a backslash an escape.
fn described(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '#' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A block of YAML beneath a test. Takes only text that is safe to print.
struct Block<'t> {
    text: &'t mut String,
}

impl<'t> Block<'t> {
    fn open(text: &'t mut String) -> Block<'t> {
        text.push_str("  ---\n");
        Block { text }
    }

    fn close(self) {
        self.text.push_str("  ...\n");
    }

    /// In double quotes, where YAML takes JSON's escapes.
    fn scalar(&mut self, key: &str, value: &str) {
        let quoted = serde_json::Value::from(value);
        let _ = writeln!(self.text, "  {key}: {quoted}");
    }

    fn number(&mut self, key: &str, value: u64) {
        let _ = writeln!(self.text, "  {key}: {value}");
    }

    /// As a literal; nothing where there are no lines.
    fn lines(&mut self, key: &str, lines: &str) {
        if lines.is_empty() {
            return;
        }
        // The indent is said, since the first line may be indented itself.
        let _ = writeln!(self.text, "  {key}: |2");
        for line in lines.trim_end().lines() {
            let _ = writeln!(self.text, "    {line}");
        }
    }
}

#[cfg(test)]
mod tests;
