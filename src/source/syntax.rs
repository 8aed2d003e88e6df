//! The parser's errors in words of a person's mistake, and the smallest change to the text with which
//! reading can go on behind it, so that one slip does not hide the others. What was read behind such a
//! change is looked at for mistakes and then thrown away; nothing is ever repaired for use.

use std::{ops::Range, sync::Arc};

use granit_parser::{ErrorKind, ScanError};

use super::{
    Diagnostic, SourceFile,
    entry::{colon_glued, glued_colon},
    refuse::{directive_found, find_directive, properties_refused, tab_found, too_deep},
};

/// Where the parser was when it gave up.
pub(super) struct Stop {
    pub(super) error: ScanError,
    /// The end of the last token that was read.
    pub(super) after: usize,
    /// The innermost `{` or `[` that is still open.
    pub(super) open: Option<usize>,
}

/// A stretch of the text, of whole ASCII characters, to be overwritten with one of them.
pub(super) struct Repair {
    pub(super) range: Range<usize>,
    pub(super) with: char,
}

/// Whether an error is about one token only, and no consequence of another mistake on its line.
pub(super) fn is_local(error: &ScanError) -> bool {
    use ErrorKind as E;
    matches!(
        error.kind(),
        E::TabNotAllowed
            | E::TabInBlockIndentation
            | E::TabInIndentation
            | E::TabInPlainScalar
            | E::UnknownAnchor
            | E::UndeclaredTagHandle
            | E::UnexpectedCharacter { .. }
            | E::UnknownQuotedScalarEscape
    )
}

/// The mistake behind an error, and the repair if a safe one is known.
pub(super) fn explain(
    file: &Arc<SourceFile>,
    text: &str,
    stop: &Stop,
) -> (Diagnostic, Option<Repair>) {
    let at = text.floor_char_boundary(
        stop.error
            .marker()
            .byte_offset()
            .unwrap_or(stop.after)
            .min(text.len()),
    );
    let line = line_around(text, at);
    let here = |message: &str| Diagnostic::new(&file.place(at..at + first_char(text, at)), message);
    let replace = |range: Range<usize>, with| {
        let ascii = !range.is_empty() && text.get(range.clone()).is_some_and(str::is_ascii);
        ascii.then_some(Repair { range, with })
    };
    let replace_here = |with| replace(at..at + 1, with);

    let kind = stop.error.kind();
    let opened_above = stop
        .open
        .is_some_and(|open| line_around(text, open) != line);
    let directive = find_directive(text, line.start.min(stop.after)..text.len());
    match kind {
        ErrorKind::ExpectedDocumentStart
        | ErrorKind::MissingDocumentEndBeforeDirective
        | ErrorKind::DuplicateVersionDirective
        | ErrorKind::UnsupportedYamlMajorVersion
        | ErrorKind::DuplicateTagDirective
        | ErrorKind::InvalidDirectiveTerminator
        | ErrorKind::MissingYamlVersionSeparator
        | ErrorKind::MissingDirectiveName
        | ErrorKind::InvalidDirectiveName
        | ErrorKind::DirectiveByteLimitExceeded { .. }
        | ErrorKind::TooManyReservedDirectiveParams { .. }
        | ErrorKind::YamlVersionTooLong
        | ErrorKind::MissingYamlVersion
        | ErrorKind::ExpectedTagDirectiveBang
        | ErrorKind::InvalidTagDirectiveTerminator
            if let Some(directive) = directive =>
        {
            (
                directive_found(file, directive.clone()),
                replace(directive.start..directive.start + 1, '#'),
            )
        }

        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            let tab = text[line.start..at].rfind('\t').map(|tab| line.start + tab);
            let tab = tab
                .or_else(|| text[at..line.end].find('\t').map(|tab| at + tab))
                .unwrap_or(at);
            (tab_found(file, tab), replace(tab..tab + 1, ' '))
        }
        ErrorKind::UnknownAnchor => (properties_refused(file, text, at), replace_here('x')),
        ErrorKind::MissingAnchorOrAliasName => {
            let indicator = text[..at]
                .rfind(['*', '&'])
                .filter(|&i| i >= line.start)
                .unwrap_or(at);
            (
                properties_refused(file, text, indicator),
                replace(indicator..indicator + 1, 'x'),
            )
        }
        ErrorKind::InvalidTagTerminator
        | ErrorKind::InvalidTagEscape
        | ErrorKind::UndeclaredTagHandle
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::ExpectedTagBang
        | ErrorKind::InvalidGlobalTagCharacter => {
            let tag = text[stop.after..at.max(stop.after)]
                .find('!')
                .map_or(at, |tag| stop.after + tag);
            (
                properties_refused(file, text, tag),
                replace(tag..tag + 1, 'x'),
            )
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let at = text[at..line.end]
                .find(*character)
                .map_or(at, |offset| at + offset);
            let message = format!("control character {character:?} in the text");
            (
                Diagnostic::new(&file.place(at..at + 1), message),
                replace(at..at + 1, 'x'),
            )
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("plain text cannot start with {:?}", character.to_string());
            (here(&message).help("quote it"), replace_here('x'))
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let entry = text[at..line.end].trim_end();
            let range = at..at + entry.len();
            if let Some(colon) = glued_colon(entry) {
                let leaf = !entry.contains(['{', '}', '[', ']', '"', '\'', '|', '>', '#']);
                let repair = if leaf {
                    replace(range.clone(), ' ')
                } else {
                    None
                };
                return (colon_glued(&file.place(range), colon), repair);
            }
            let message = "no \":\" after this key";
            (
                Diagnostic::new(&file.place(range), message)
                    .help("a line of a map is \"key: value\""),
                None,
            )
        }
        ErrorKind::MappingValueNotAllowed => {
            let before = &text[line.start..at];
            let diagnostic = if let Some(step) = step_without_colon(text, line.start) {
                let step = file.place(step);
                let help = format!("write \"{}:\", so that options can follow", step.text());
                Diagnostic::new(&step, "no colon, but options below it").help(help)
            } else if before.contains(": ") || before.trim_start().starts_with(['"', '\'']) {
                here("a second \":\" in one entry").help("quote the text that contains \": \"")
            } else {
                let key = file.place(line.start + before.len() - before.trim_start().len()..at);
                Diagnostic::new(&key, "a key cannot stand here").help(
                    "is the line indented like the other keys of its map, and is the value above complete?",
                )
            };
            (diagnostic, replace_here('x'))
        }
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let quote = first_quote(text, stop.after..at);
            let place =
                file.place(quote.map_or(at..at, |quote| quote..line_around(text, quote).end));
            (
                Diagnostic::new(&place, "this quoted text does not end")
                    .help("close the quote on the same line"),
                None,
            )
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            let help = "a comma or a line end is missing, or a quote inside the text wants escaping: '' within '…', \\\" within \"…\"";
            (here("text after a closing quote").help(help), None)
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => {
            let help =
                "write \\\\ for a backslash, or use single quotes, where backslashes are plain";
            let quote = first_quote(text, stop.after..line.end).unwrap_or(at);
            let place = file.place(quote..line_around(text, quote).end);
            let escape = escape_in(place.text()).map_or(place.clone(), |escape| place.part(escape));
            let backslash = escape.range().start..escape.range().start + 1;
            let repair = escape
                .text()
                .starts_with('\\')
                .then(|| replace(backslash, 'x'))
                .flatten();
            (
                Diagnostic::new(&escape, "unknown escape in a quoted text").help(help),
                repair,
            )
        }
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection
            if !opened_above =>
        {
            let help = "start the list on a line of its own, write it as [a, b], or quote the text";
            (here("a list entry cannot stand here").help(help), None)
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            let closing = &text[at..at + first_char(text, at)];
            let help = format!("open it before, or quote the text that contains {closing:?}");
            (
                here(&format!("{closing:?} closes nothing")).help(help),
                None,
            )
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!(
                "{:?} is closed by {:?}",
                open.to_string(),
                close.to_string()
            );
            (here(&message).label("opened here"), None)
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            (here(&format!("{:?} is not closed", open.to_string())), None)
        }
        ErrorKind::FlowMappingValueAdjacentCollection => {
            let place = file.place(at..at + 1);
            (
                Diagnostic::new(&place, "no space after the colon").help("put a space after \":\""),
                None,
            )
        }
        ErrorKind::RecursionLimitExceeded => (too_deep(file, at), None),
        ErrorKind::ZeroBlockScalarIndent
        | ErrorKind::InvalidBlockScalarHeader
        | ErrorKind::InvalidBlockScalarIndent => {
            let help =
                "a text block is | or > at the end of a line, then the indented lines of the text";
            (here("not a text block").help(help), None)
        }
        _ => {
            if let Some(open) = stop.open
                && (opened_above || at >= text.trim_end().len())
            {
                let bracket = &text[open..open + 1];
                let message = format!("{bracket:?} is not closed");
                let diagnostic = Diagnostic::new(&file.place(open..open + 1), message);
                return (
                    diagnostic.related(&file.place(at..at), "this cannot stand inside it"),
                    None,
                );
            }
            match kind {
                ErrorKind::ExpectedFlowMappingSeparator
                | ErrorKind::ExpectedFlowSequenceSeparator => {
                    let help =
                        "separate the entries with commas, and quote text that contains \": \"";
                    let repair = text[at..]
                        .starts_with(':')
                        .then(|| replace_here('x'))
                        .flatten();
                    (
                        here("a comma or a closing bracket is missing before this").help(help),
                        repair,
                    )
                }
                ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
                    let help = "is the line indented like the others of its map or list?";
                    (
                        here("this line does not go with the ones above").help(help),
                        None,
                    )
                }
                ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => {
                    (here("this line is not indented far enough"), None)
                }
                kind => (here(&format!("not valid YAML: {kind}")), None),
            }
        }
    }
}

/// The plain words of a step on the line above, `- alice connects`.
fn step_without_colon(text: &str, below: usize) -> Option<Range<usize>> {
    let above = text[..below].trim_end();
    let line = line_around(text, above.len()).start;
    let words = above[line..].trim_start().strip_prefix("- ")?.trim_start();
    let plain = !words.is_empty() && !words.contains([':', '{', '"', '\'', '#']);
    plain.then(|| above.len() - words.len()..above.len())
}

/// The line around a byte, without its line end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..]
        .find(['\r', '\n'])
        .map_or(text.len(), |end| at + end);
    start..end
}

fn first_char(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The first quote that opens in a stretch between two tokens, comments left aside.
fn first_quote(text: &str, gap: Range<usize>) -> Option<usize> {
    let mut in_comment = false;
    text.get(gap.clone())?.char_indices().find_map(|(i, char)| {
        match char {
            '#' => in_comment = true,
            '\n' => in_comment = false,
            '"' | '\'' if !in_comment => return Some(gap.start + i),
            _ => {}
        }
        None
    })
}

/// The first escape of a double-quoted text that YAML does not know.
fn escape_in(quoted: &str) -> Option<Range<usize>> {
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            let (_, escaped) = chars.next()?;
            let known = match escaped {
                'x' => hex_follows(&quoted[at + 2..], 2),
                'u' => hex_follows(&quoted[at + 2..], 4),
                'U' => hex_follows(&quoted[at + 2..], 8),
                _ => "0abt\tnvfre \"/\\N_LP\n\r".contains(escaped),
            };
            if !known {
                return Some(at..at + 1 + escaped.len_utf8());
            }
        }
    }
    None
}

fn hex_follows(text: &str, digits: usize) -> bool {
    text.get(..digits)
        .is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
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
    fn syntax_errors_say_what_to_do_where_it_is() {
        for (text, said) in [
            (
                "a: b: c",
                "1:5: a second \":\" in one entry; quote the text that contains \": \"",
            ),
            (
                "a: \"b\": c",
                "1:7: a second \":\" in one entry; quote the text that contains \": \"",
            ),
            (
                "a: 1\n b: 2",
                "2:2: a key cannot stand here; is the line indented like the other keys of its map, and is the value above complete?",
            ),
            (
                "a:\n  b: 1\n c: 2",
                "3:2: this line does not go with the ones above; is the line indented like the others of its map or list?",
            ),
            (
                "a: 1\nb\n",
                "2:1: no \":\" after this key; a line of a map is \"key: value\"",
            ),
            ("é: @x", "1:4: plain text cannot start with \"@\"; quote it"),
            (
                "a: `x`",
                "1:4: plain text cannot start with \"`\"; quote it",
            ),
            (
                "a: \"é\\q\"",
                "1:6: unknown escape in a quoted text; write \\\\ for a backslash, or use single quotes, where backslashes are plain",
            ),
            (
                "a: \"\\n\\u12\"",
                "1:7: unknown escape in a quoted text; write \\\\ for a backslash, or use single quotes, where backslashes are plain",
            ),
            (
                "a: # it's\n  'abc\nb: 1\n",
                "2:3: this quoted text does not end; close the quote on the same line",
            ),
            (
                "a: \"abc",
                "1:4: this quoted text does not end; close the quote on the same line",
            ),
            ("a: [1, 2\nb: 3\n", "1:4: \"[\" is not closed"),
            ("a: {\n  b: 1\n", "1:4: \"{\" is not closed"),
            ("a: { b: [1, 2 }\n", "1:9: \"[\" is closed by \"}\""),
            (
                "a: 1 }\n---\na: }\n",
                "3:4: \"}\" closes nothing; open it before, or quote the text that contains \"}\"",
            ),
            (
                "a: { b: 1 c: 2 }",
                "1:12: a comma or a closing bracket is missing before this; separate the entries with commas, and quote text that contains \": \"",
            ),
            (
                "a: - b",
                "1:4: a list entry cannot stand here; start the list on a line of its own, write it as [a, b], or quote the text",
            ),
            ("a: x\u{7}", "1:5: control character '\\u{7}' in the text"),
        ] {
            assert_eq!(mistakes(text), format!("a.yaml:{said}"), "{text}");
        }
    }

    #[test]
    fn a_syntax_error_does_not_hide_the_mistakes_behind_it() {
        let all = mistakes("a: @x\nb:1\nc: *d\ne: f: g\nh: 0123\n---\ni: { j: 1\n---\nk: 0x1\n");
        let lines: Vec<_> = all
            .lines()
            .map(|line| line.split(':').nth(1).expect("a line"))
            .collect();
        assert_eq!(lines, ["1", "2", "3", "4", "5", "7", "9"], "{all}");
    }

    #[test]
    fn a_line_that_goes_wrong_is_reported_once() {
        assert!(!mistakes("- alice sends:{ A: 1, b: 2, c: 3 }\n").contains('\n'));
        assert!(!mistakes("a: b: c: d: e\n").contains('\n'));
    }
}
