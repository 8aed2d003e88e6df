//! A comparison for the terminal: who is compared, what changed, and one sentence at the end.
//!
//! Lists no more than a screenful of what is not worse, unless all details are wanted.

use anstyle::Style;

use super::super::headline::Tone;
use super::super::terminal::sheet::{BAD, GOOD, QUIET, Sheet, WARN};
use super::super::words::{self, count};
use super::{Change, Comparison, Line, What, counted};

const MOST_LINES: usize = 12;
const INDENT: usize = 4;

/// The text, with colours as escape sequences; prose is wrapped to the width.
pub fn comparison_text(comparison: &Comparison, width: usize, details: bool) -> String {
    let mut sheet = Sheet::new(width);
    let runs = comparison.runs.len();
    sheet.prose(&format!(
        "wireproof compares {} with the first of {}",
        count(runs - 1, "run"),
        count(runs, "run")
    ));
    for side in &comparison.runs {
        sheet.indented(&format!("{}  {} ({})", side.letter, side.log, side.started));
        // Unbroken, so that it can be searched for in a log.
        sheet.line(&format!("     {}", side.verdict));
    }
    sheet.gap();
    for (change, style, title) in [
        (Change::Worse, BAD, "Worse"),
        (Change::Better, GOOD, "Better"),
        (Change::New, QUIET, "Newly judged"),
        (Change::Lost, WARN, "No longer judged"),
    ] {
        let all = details || change == Change::Worse;
        listed(&mut sheet, comparison, change, style, title, all);
    }
    let same = comparison.changed(Change::Same);
    if details {
        listed(
            &mut sheet,
            comparison,
            Change::Same,
            QUIET,
            "The same",
            true,
        );
    } else {
        sheet.line(&format!("The same: {}", counted(same)));
    }
    let (tone, sentence) = comparison.verdict();
    let style = match tone {
        Tone::Conforms => GOOD,
        Tone::Deviates => BAD,
        Tone::Open => WARN,
    };
    sheet.coloured(style, &format!("{sentence}: {}", comparison.counts()));
    sheet.text().to_owned()
}

fn listed(
    sheet: &mut Sheet,
    comparison: &Comparison,
    change: Change,
    style: Style,
    title: &str,
    all: bool,
) {
    let lines: Vec<&Line> = comparison.changed(change).collect();
    if lines.is_empty() {
        return;
    }
    let counts = counted(lines.iter().copied());
    sheet.heading(style, title, &format!(" ({counts})"));
    let most = if all { usize::MAX } else { MOST_LINES };
    for line in lines.iter().take(most) {
        let level = match line.what {
            What::Case => String::new(),
            _ => format!(" ({})", words::level(line.level)),
        };
        let group = match line.what {
            What::Case => String::new(),
            _ => format!("{}: ", line.group.split(':').next().unwrap_or_default()),
        };
        let text = match (change, line.text.as_str()) {
            (Change::Worse, text) if !text.is_empty() => format!(": {text}"),
            _ => String::new(),
        };
        sheet.indented(&format!("{group}{}{level}{text}", line.id));
        sheet.line(&format!("{:INDENT$}{}", "", verdicts(comparison, line)));
    }
    let left = lines.len().saturating_sub(most);
    if left > 0 {
        sheet.indented(&format!("and {left} more, which --details lists"));
    }
    sheet.gap();
}

/// "A met, B not met"
fn verdicts(comparison: &Comparison, line: &Line) -> String {
    let sides = comparison.runs.iter().zip(&line.verdicts);
    let words = sides.map(|(side, judged)| format!("{} {}", side.letter, line.what.word(*judged)));
    words.collect::<Vec<_>>().join(", ")
}
