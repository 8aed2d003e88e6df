//! Expected and received side against side, as safe lines that a report only needs to colour.
//!
//! Refuses to grow: long values, long lines and long differences are cut where they agree.

use similar::{ChangeTag, DiffOp, TextDiff};

use super::safe::safe_text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DiffLine {
    Same(String),
    Expected(String),
    Received(String),
    /// So many lines left out.
    Gap(usize),
}

const CONTEXT: usize = 2;
const MOST_LINES: usize = 60;
const MOST_WIDTH: usize = 160;
const MOST_BYTES: usize = 64 * 1024;
/// How much of a long line's common start stays before the place where it differs.
const LEAD: usize = 40;

/// Empty where neither side says anything.
pub(super) fn diff(expected: Option<&str>, received: Option<&str>) -> Vec<DiffLine> {
    let mut lines = match (expected, received) {
        (None, None) => Vec::new(),
        (Some(expected), None) => all(expected, DiffLine::Expected),
        (None, Some(received)) => all(received, DiffLine::Received),
        (Some(expected), Some(received)) => both(head(expected), head(received)),
    };
    let unread = [expected, received].map(|side| {
        let side = side.unwrap_or_default();
        side[head(side).len()..].lines().count()
    });
    let left = lines.len().saturating_sub(MOST_LINES) + unread.iter().sum::<usize>();
    lines.truncate(MOST_LINES);
    if left > 0 {
        lines.push(DiffLine::Gap(left));
    }
    lines
}

fn all(text: &str, side: fn(String) -> DiffLine) -> Vec<DiffLine> {
    let lines = head(text).lines();
    lines.map(|l| side(safe_text(l, MOST_WIDTH))).collect()
}

fn both(expected: &str, received: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(expected, received);
    let groups = diff.grouped_ops(CONTEXT);
    let mut lines = Vec::new();
    let mut shown = 0;
    for group in &groups {
        let start = group.first().map_or(0, |op| op.old_range().start);
        skip(&mut lines, expected, shown, start);
        for op in group {
            let starts = common_starts(&diff, op);
            for change in diff.iter_changes(op) {
                let (index, side): (_, fn(String) -> DiffLine) = match change.tag() {
                    ChangeTag::Equal => (None, DiffLine::Same),
                    ChangeTag::Delete => (change.old_index(), DiffLine::Expected),
                    ChangeTag::Insert => (change.new_index(), DiffLine::Received),
                };
                let base = match change.tag() {
                    ChangeTag::Insert => op.new_range().start,
                    _ => op.old_range().start,
                };
                let skip = index.and_then(|index| starts.get(index - base));
                let line = change.value().trim_end_matches(['\n', '\r']);
                lines.push(side(window(line, skip.copied().unwrap_or(0))));
            }
            shown = op.old_range().end;
        }
    }
    if !groups.is_empty() {
        skip(&mut lines, expected, shown, expected.lines().count());
    }
    if groups.is_empty() {
        lines = all(received, DiffLine::Same);
    }
    lines
}

/// Leaves out the lines from `from` to `to`, which both sides have; a single one is as short as its gap.
fn skip(lines: &mut Vec<DiffLine>, expected: &str, from: usize, to: usize) {
    match to.saturating_sub(from) {
        0 => {}
        1 => lines.extend(
            (expected.lines().nth(from)).map(|line| DiffLine::Same(safe_text(line, MOST_WIDTH))),
        ),
        left => lines.push(DiffLine::Gap(left)),
    }
}

/// How many characters the lines of a replacement have in common at their start, pair by pair.
fn common_starts(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Vec<usize> {
    let DiffOp::Replace { .. } = op else {
        return Vec::new();
    };
    let of = |tag: ChangeTag| {
        let changes = diff.iter_changes(op).filter(move |c| c.tag() == tag);
        changes.map(|change| change.value().to_owned())
    };
    let pairs = of(ChangeTag::Delete).zip(of(ChangeTag::Insert));
    pairs
        .map(|(a, b)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count())
        .collect()
}

/// A line short enough to read, with the place where it begins to differ in it.
fn window(line: &str, common: usize) -> String {
    if line.chars().count() <= MOST_WIDTH || common <= 2 * LEAD {
        return safe_text(line, MOST_WIDTH);
    }
    let start: String = line.chars().take(LEAD / 2).collect();
    let skipped = common - LEAD / 2 - LEAD;
    let rest: String = line.chars().skip(common - LEAD).collect();
    format!(
        "{}… (+{skipped} the same) …{}",
        safe_text(&start, LEAD),
        safe_text(&rest, MOST_WIDTH - LEAD)
    )
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expected: &str, received: &str) -> Vec<String> {
        (diff(Some(expected), Some(received)).into_iter())
            .map(|line| match line {
                DiffLine::Same(line) => format!("  {line}"),
                DiffLine::Expected(line) => format!("- {line}"),
                DiffLine::Received(line) => format!("+ {line}"),
                DiffLine::Gap(count) => format!("… {count}"),
            })
            .collect()
    }

    #[test]
    fn shows_two_lines_around_a_difference() {
        let lines = shown("0\na\nb\nc\nd\ne\nf\ng\n", "0\na\nb\nc\nX\ne\nf\ng\n");
        let wanted = ["… 2", "  b", "  c", "- d", "+ X", "  e", "  f", "  g"];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn one_side_alone_is_shown_whole() {
        assert_eq!(
            diff(Some("a\nb"), None),
            [
                DiffLine::Expected("a".into()),
                DiffLine::Expected("b".into())
            ]
        );
        assert_eq!(diff(None, Some("x")), [DiffLine::Received("x".into())]);
        assert!(diff(None, None).is_empty());
    }

    #[test]
    fn difference_late_in_a_long_line_is_in_sight() {
        let expected = format!("data: {}X{}", "A".repeat(3_000), "A".repeat(1_000));
        let received = format!("data: {}Y{}", "A".repeat(3_000), "A".repeat(1_000));
        let lines = shown(&expected, &received);
        assert!(
            lines[0].contains('X') && lines[1].contains('Y'),
            "{lines:?}"
        );
        assert!(lines.iter().all(|l| l.chars().count() < 260));
    }

    #[test]
    fn hostile_and_huge_sides_stay_small_and_harmless() {
        let hostile = "\u{1b}[2J\u{202e}\n".repeat(20_000);
        let lines = shown("x", &hostile);
        assert!(lines.len() <= MOST_LINES + 1);
        assert!(lines.iter().all(|l| !l.contains(['\u{1b}', '\u{202e}'])));
    }

    #[test]
    fn equal_sides_are_shown_as_the_same() {
        assert_eq!(shown("a\nb", "a\nb"), ["  a", "  b"]);
    }
}
