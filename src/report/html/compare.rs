//! Runs side by side on one page: what changed first, what is the same folded.
//!
//! Every text of a [`Comparison`] is safe to show already; the template escapes its markup.

use std::io::{self, Write};

use askama::Template;

use super::super::compare::{Change, Comparison, Judged, Line, Side, What, counted};
use super::super::words;
use super::shell::Shell;

#[derive(Template)]
#[template(path = "compare.html", config = "src/report/html/askama.toml")]
struct Page<'a> {
    shell: Shell,
    sentence: String,
    counts: String,
    sides: &'a [Side],
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    anchor: &'static str,
    title: &'static str,
    words: String,
    open: bool,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    id: &'a str,
    group: &'a str,
    level: &'static str,
    text: &'a str,
    /// The letter of each run, its verdict, and the class of its cell.
    cells: Vec<(&'a str, &'static str, &'static str)>,
}

/// Writes the page.
pub fn compare_page(comparison: &Comparison, mut out: impl Write) -> io::Result<()> {
    let parts = [
        (Change::Worse, "worse", "Worse"),
        (Change::Better, "better", "Better"),
        (Change::New, "new", "Newly judged"),
        (Change::Lost, "lost", "No longer judged"),
        (Change::Same, "same", "The same"),
    ];
    let parts = parts.map(|(change, anchor, title)| Part {
        anchor,
        title,
        words: counted(comparison.changed(change)),
        open: change != Change::Same,
        rows: comparison
            .changed(change)
            .map(|line| row(line, &comparison.runs))
            .collect(),
    });
    let (tone, sentence) = comparison.verdict();
    let page = Page {
        shell: Shell::new(sentence.clone(), tone),
        sentence,
        counts: comparison.counts(),
        sides: &comparison.runs,
        parts: parts
            .into_iter()
            .filter(|part| !part.rows.is_empty())
            .collect(),
    };
    page.write_into(&mut out)?;
    out.flush()
}

fn row<'a>(line: &'a Line, sides: &'a [Side]) -> Row<'a> {
    let cells = sides.iter().zip(&line.verdicts).map(|(side, judged)| {
        let class = match judged {
            Some(Judged::Well) => "met",
            Some(Judged::Badly) => "not-met",
            Some(Judged::Not) | None => "not-judged",
        };
        (side.letter.as_str(), line.what.word(*judged), class)
    });
    Row {
        id: &line.id,
        group: &line.group,
        level: match line.what {
            What::Case => "",
            _ => words::level(line.level),
        },
        text: &line.text,
        cells: cells.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{DeviationKind, Event, Level};
    use crate::outcome::fixture::{HOSTILE, Stream, broken, clean, deviation, fold};

    fn page(runs: [Vec<Event>; 2]) -> String {
        let runs: Vec<_> = (runs.iter().enumerate())
            .map(|(index, events)| (format!("{index}.jsonl"), fold(events)))
            .collect();
        let mut bytes = Vec::new();
        compare_page(&Comparison::of(&runs), &mut bytes).expect("a vector takes all");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn regression_is_what_the_page_says_first() {
        let page = page([clean(), broken()]);
        let verdict = page
            .find("<strong>B regressed against A</strong>")
            .expect("there");
        let worse = page.find("<section id=\"worse\"").expect("there");
        let same = page.find("<section id=\"same\"").expect("there");
        assert!(verdict < worse && worse < same);
        assert!(page.contains("<td class=\"met\" data-side=\"A\">met</td><td class=\"not-met\" data-side=\"B\">not met</td>"));
        assert!(page.contains("header class=\"verdict bad\""));
        // What a link of the page leads to is there.
        for anchor in page.split("href=\"#").skip(1) {
            let anchor = anchor.split('"').next().unwrap_or_default();
            assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
        }
    }

    #[test]
    fn names_are_no_markup() {
        let hostile = Stream::new()
            .case(HOSTILE, &["friend-request.ack"])
            .shape(HOSTILE, HOSTILE, Level::Must, HOSTILE)
            .deviation(deviation(
                DeviationKind::Check,
                Level::Must,
                "friend-request.ack",
            ))
            .judged()
            .completed();
        let page = page([clean(), hostile]);
        assert!(!page.contains("<script>alert") && !page.contains("<img"));
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{0}']));
    }
}
