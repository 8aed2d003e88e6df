//! GitHub Actions: an annotation at the step of each failure, and a summary in Markdown.
//!
//! The annotations go to the console, which the runner reads; the summary goes to the file, or to where
//! `$GITHUB_STEP_SUMMARY` says, or after the annotations. Nothing from the target can become a command.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};

use crate::event::Level;
use crate::outcome::Run;

use super::checklist::{Failure, Item, Mark, checklist};
use super::headline::{Headline, Tally, Tone};
use super::safe::safe_text;
use super::words::{self, count};
use super::{Out, Reporter, To};

const MOST: usize = 300;
/// As many annotations of a level as GitHub shows of one step.
const MOST_ANNOTATIONS: usize = 10;
/// As many failures as the summary tells in full; it may not grow beyond 1 MiB.
const MOST_TOLD: usize = 30;
const MOST_DETAILS: usize = 8_000;

pub(super) struct Github {
    console: Out,
    /// Where the summary goes that does not go to the console.
    summary: Option<Out>,
}

impl Github {
    pub(super) fn new(to: To) -> Github {
        let summary = to.file.or_else(|| {
            let path = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())?;
            // Other steps of the job may have written there, too.
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.ok().map(|file| Box::new(file) as Out)
        });
        let console = to.console;
        Github { console, summary }
    }
}

impl Reporter for Github {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let items = checklist(run);
        self.console
            .write_all(annotations(run, &items).as_bytes())?;
        let summary = summary(run, &items);
        let out = self.summary.as_mut().unwrap_or(&mut self.console);
        out.write_all(summary.as_bytes())?;
        out.flush()?;
        self.console.flush()
    }
}

/// What one annotation is about.
struct Annotation {
    command: &'static str,
    at: String,
    title: String,
    message: String,
}

fn annotations(run: &Run, items: &[Item<'_>]) -> String {
    let mut all = errors(items);
    all.extend(warnings(run));
    let mut text = String::new();
    for command in ["error", "warning"] {
        let of_it: Vec<&Annotation> = all.iter().filter(|a| a.command == command).collect();
        for annotation in of_it.iter().take(MOST_ANNOTATIONS) {
            let mut properties = Vec::new();
            if let Some((file, line, column)) = words::place(&annotation.at) {
                properties.push(format!("file={}", property(file)));
                properties.push(format!("line={line}"));
                properties.push(format!("col={column}"));
            }
            properties.push(format!("title={}", property(&annotation.title)));
            let _ = writeln!(
                text,
                "::{command} {}::{}",
                properties.join(","),
                data(&annotation.message)
            );
        }
        let left = of_it.len().saturating_sub(MOST_ANNOTATIONS);
        if left > 0 {
            let left = count(left, &format!("more {command}"));
            let _ = writeln!(text, "::notice title=wireproof::{left} in the summary");
        }
    }
    text
}

/// One a step, however many cases fail there.
fn errors(items: &[Item<'_>]) -> Vec<Annotation> {
    let mut groups: BTreeMap<(String, String), (Annotation, usize)> = BTreeMap::new();
    for item in items {
        let message = match &item.mark {
            Mark::Failed(failure) => failure.message.clone(),
            Mark::Stuck { kind, why } => format!("{kind}: {why}"),
            Mark::Passed | Mark::Known(_) | Mark::Skipped { .. } => continue,
        };
        let case = item.case;
        let step = case.and_then(|case| {
            let mut gravest = case.deviations_of(Level::Must);
            gravest.next().map(|deviation| deviation.at.clone())
        });
        let at = step.or_else(|| case.map(|case| case.at.clone()));
        let key = match &item.mark {
            // What stops one flow stops many cases: told once.
            Mark::Stuck { .. } => (String::new(), message.clone()),
            _ => (at.clone().unwrap_or_default(), message.clone()),
        };
        let annotation = Annotation {
            command: "error",
            at: at.unwrap_or_default(),
            title: item.name.clone(),
            message,
        };
        groups
            .entry(key)
            .and_modify(|(_, cases)| *cases += 1)
            .or_insert((annotation, 1));
    }
    let mut errors: Vec<(Annotation, usize)> = groups.into_values().collect();
    errors.sort_by_key(|(_, cases)| usize::MAX - cases);
    (errors.into_iter())
        .map(|(mut annotation, cases)| {
            if cases > 1 {
                annotation.title += &format!(" and {} more", cases - 1);
            }
            annotation
        })
        .collect()
}

fn warnings(run: &Run) -> Vec<Annotation> {
    let groups = super::groups::shared(run, Level::Should).into_iter();
    groups
        .map(|group| {
            let mut title = safe_text(&group.cases[0].id, MOST);
            if group.cases.len() > 1 {
                title += &format!(" and {} more", group.cases.len() - 1);
            }
            Annotation {
                command: "warning",
                at: group.deviation.at.clone(),
                title,
                message: safe_text(&group.deviation.message, 2 * MOST),
            }
        })
        .collect()
}

/// The text after `::`, by the escapes of workflow commands.
fn data(text: &str) -> String {
    let text = safe_text(text, 4 * MOST);
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, which also may not hold what separates properties.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn summary(run: &Run, items: &[Item<'_>]) -> String {
    let headline = Headline::of(run);
    let mark = match headline.tone {
        Tone::Conforms => "✅",
        Tone::Deviates => "❌",
        Tone::Open => "⚠️",
    };
    let mut text = format!(
        "## {mark} {} {}\n\n{}\n\n",
        code(&headline.target),
        headline.verdict,
        // It may hold what the target said.
        code(&headline.reason)
    );
    levels(&mut text, run);
    sections(&mut text, items);
    failures(&mut text, items);
    text
}

fn levels(text: &mut String, run: &Run) {
    if !run.facts().judged {
        return;
    }
    *text += "| requirements | met | not met | not judged |\n| --- | --: | --: | --: |\n";
    for level in [Level::Must, Level::Should, Level::Advice] {
        let tally = Tally::of(run, level);
        if tally.total() > 0 {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                words::level(level),
                tally.met,
                tally.not_met,
                tally.not_judged
            );
        }
    }
    text.push('\n');
}

/// The sections in which something is wrong.
fn sections(text: &mut String, items: &[Item<'_>]) {
    let mut rows: Vec<(&str, [usize; 4])> = Vec::new();
    for item in items {
        if rows.last().is_none_or(|(suite, _)| *suite != item.suite) {
            rows.push((&item.suite, [0; 4]));
        }
        if let Some((_, counts)) = rows.last_mut() {
            counts[match &item.mark {
                Mark::Failed(_) => 0,
                Mark::Stuck { .. } => 1,
                Mark::Passed | Mark::Known(_) => 2,
                Mark::Skipped { .. } => 3,
            }] += 1;
        }
    }
    rows.retain(|(_, counts)| counts[0] + counts[1] > 0);
    if rows.is_empty() {
        return;
    }
    *text += "| section | fail | stuck | pass | skipped |\n| --- | --: | --: | --: | --: |\n";
    for (suite, [failed, stuck, passed, skipped]) in rows {
        let suite = code(suite).replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {suite} | {failed} | {stuck} | {passed} | {skipped} |"
        );
    }
    text.push('\n');
}

fn failures(text: &mut String, items: &[Item<'_>]) {
    let failed: Vec<(&Item<'_>, &Failure)> = (items.iter())
        .filter_map(|item| match &item.mark {
            Mark::Failed(failure) => Some((item, failure)),
            _ => None,
        })
        .collect();
    for (item, failure) in failed.iter().take(MOST_TOLD) {
        let name = markup(&item.name);
        let message = markup(&failure.message);
        let _ = writeln!(
            text,
            "<details><summary><code>{name}</code>: <code>{message}</code></summary>\n"
        );
        let details: String = failure.text.chars().take(MOST_DETAILS).collect();
        let fence = "`".repeat(longest_ticks(&details).max(2) + 1);
        let _ = writeln!(
            text,
            "{fence}text\n{}\n{fence}\n\n</details>\n",
            details.trim_end()
        );
    }
    let left = failed.len().saturating_sub(MOST_TOLD);
    if left > 0 {
        let _ = writeln!(text, "… and {}.\n", count(left, "more failure"));
    }
}

/// A code span: no markup, no link, no mention in it is one.
fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_ticks(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_ticks(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// Text inside an HTML element: every character that HTML or Markdown could take for its own as a number.
fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '-' | '.' | ',' | '/') {
            let _ = write!(escaped, "&#{};", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
