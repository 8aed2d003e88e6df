//! What YAML allows and a scenario file may not hold: tabs, anchors, aliases, tags, directives, too
//! many levels. Where they stand, and what to do instead.

use std::{ops::Range, sync::Arc};

use super::{Diagnostic, SourceFile};

/// An anchor, an alias or a tag, that starts here.
pub(super) fn properties_refused(file: &Arc<SourceFile>, text: &str, at: usize) -> Diagnostic {
    let length = text[at..].find(|char: char| char.is_whitespace() || ",[]{}".contains(char));
    let place = file.place(at..length.map_or(text.len(), |length| at + length));
    let (what, help) = match place.text().chars().next() {
        Some('&') => (
            "anchors",
            "write the value out where it is needed, or quote the text",
        ),
        Some('*') => ("aliases", "write the value out, or quote the text"),
        _ => ("tags", "leave it out, or quote the text"),
    };
    Diagnostic::new(&place, format!("{what} are not allowed")).help(help)
}

pub(super) fn tab_found(file: &Arc<SourceFile>, at: usize) -> Diagnostic {
    Diagnostic::new(&file.place(at..at + 1), "a tab outside of quotes").help("use spaces")
}

pub(super) fn too_deep(file: &Arc<SourceFile>, at: usize) -> Diagnostic {
    let message = format!("nested deeper than {} levels", super::reader::MAX_DEPTH);
    Diagnostic::new(&file.place(at..at + 1), message)
}

pub(super) fn directive_found(file: &Arc<SourceFile>, line: Range<usize>) -> Diagnostic {
    Diagnostic::new(&file.place(line), "directives are not allowed").help("remove the line")
}

/// The first line of a stretch that starts with `%`.
pub(super) fn find_directive(text: &str, stretch: Range<usize>) -> Option<Range<usize>> {
    let starts_line = |at: usize| at == 0 || text[..at].ends_with('\n');
    let mut percents = text
        .get(stretch.clone())?
        .match_indices('%')
        .map(|(at, _)| stretch.start + at);
    let start = percents.find(|&at| starts_line(at))?;
    Some(
        start
            ..start
                + text[start..]
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim_end()
                    .len(),
    )
}

/// The first such character in a stretch between texts that is not part of a comment.
pub(super) fn find_outside_comments(
    text: &str,
    stretch: Range<usize>,
    wanted: char,
) -> Option<usize> {
    let start = stretch.start;
    let mut before = text[..start].chars().next_back();
    let mut in_comment = false;
    for (i, char) in text.get(stretch)?.char_indices() {
        match char {
            '\n' => in_comment = false,
            '#' if before.is_none_or(char::is_whitespace) => in_comment = true,
            _ if char == wanted && !in_comment => return Some(start + i),
            _ => {}
        }
        before = Some(char);
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::source::{SourceFile, parse};

    fn mistakes(text: &str) -> String {
        parse(&SourceFile::new("a.yaml", text))
            .expect_err("a file with mistakes")
            .to_string()
    }

    #[test]
    fn anchors_aliases_and_tags_are_refused_where_they_stand() {
        for (text, at, what) in [
            ("a: &x 1", "1:4", "anchors"),
            ("a: # & no\n  &x\n  b: 1", "2:3", "anchors"),
            ("&x a: 1", "1:1", "anchors"),
            ("a: *x", "1:4", "aliases"),
            ("a: *", "1:4", "aliases"),
            ("a: !!int 3", "1:4", "tags"),
            ("a: !x { b: 1 }", "1:4", "tags"),
            ("a: !x\n  b: 1", "1:4", "tags"),
            ("a: !", "1:4", "tags"),
            ("a: !a!b c", "1:4", "tags"),
            ("a: !<x", "1:4", "tags"),
        ] {
            assert!(
                mistakes(text).starts_with(&format!("a.yaml:{at}: {what} are not allowed; ")),
                "{}",
                mistakes(text)
            );
            assert!(!mistakes(text).contains('\n'), "{}", mistakes(text));
        }
        let both = mistakes("a: &x 1\nb: *x\nc: *y\n");
        assert_eq!(
            both.lines().map(|line| &line[..10]).collect::<Vec<_>>(),
            ["a.yaml:1:4", "a.yaml:2:4", "a.yaml:3:4"]
        );
    }

    #[test]
    fn tabs_are_refused_but_in_quotes_text_blocks_and_comments() {
        let tab = |at: &str| format!("a.yaml:{at}: a tab outside of quotes; use spaces");
        assert_eq!(mistakes("a:\n\tb: 1\n"), tab("2:1"));
        assert_eq!(mistakes("a:\t\t1\n"), tab("1:3"));
        assert_eq!(mistakes("a: b\tc\n"), tab("1:5"));
        assert_eq!(
            mistakes("{ a:\t1 }\t# x"),
            format!("{}\n{}", tab("1:5"), tab("1:9"))
        );
        let text = "# a\tb\na: \"x\ty\" # c\td\nb: '\t'\nc: |\n  d\te # f\ng: x#y\n";
        assert!(parse(&SourceFile::new("a.yaml", text)).is_ok());
    }

    #[test]
    fn directives_are_refused() {
        assert_eq!(
            mistakes("# x\n%YAML 1.1\n%TAG !e! tag:example.com,2000:\n---\na: 1\n"),
            "a.yaml:2:1: directives are not allowed; remove the line\n\
             a.yaml:3:1: directives are not allowed; remove the line"
        );
        assert_eq!(
            mistakes("%YAML\n"),
            "a.yaml:1:1: directives are not allowed; remove the line"
        );
        assert_eq!(
            mistakes("%x\na: 1\n"),
            "a.yaml:1:1: directives are not allowed; remove the line"
        );
        assert_eq!(
            mistakes("a: 1\n%x y\n"),
            "a.yaml:2:1: directives are not allowed; remove the line"
        );
    }
}
