//! A file's text to its documents, or to every mistake in it: behind a syntax error reading goes on, in
//! a copy of the text in which the error is covered up.
//!
//! Refuses files that are too large or hold nothing.

use std::sync::Arc;

use super::{Diagnostic, Diagnostics, Node, SourceFile, reader::Reader, syntax};

const MAX_BYTES: usize = 1 << 20;
const MAX_MISTAKES: usize = 100;
/// How often reading goes on behind a syntax error.
const MAX_RESUMES: usize = 50;

/// All documents of a file (separated by `---`), or all that is wrong with it.
pub fn parse(file: &Arc<SourceFile>) -> Result<Vec<Node>, Diagnostics> {
    if file.text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} KiB", MAX_BYTES >> 10);
        return Err(Diagnostic::new(&file.place(0..0), message).into());
    }
    let mut found = Diagnostics::default();
    let mut text = file.text.clone();
    let mut resumes = 0;
    loop {
        let mut reader = Reader::new(file, &text);
        let stop = reader.read();
        let Some(stop) = stop else {
            found.extend(reader.mistakes);
            if found.is_empty() && reader.documents.is_empty() {
                found.push(Diagnostic::new(&file.place(0..0), "the file holds nothing"));
            }
            return found.limited_to(MAX_MISTAKES).into_result(reader.documents);
        };

        let (mistake, repair) = syntax::explain(file, &text, &stop);
        let mut known = found.iter().chain(&reader.mistakes);
        if syntax::is_local(&stop.error)
            || !known.any(|known| known.place.is_on_line_of(&mistake.place))
        {
            found.push(mistake);
        }
        match repair {
            Some(repair) if resumes < MAX_RESUMES => {
                let filler: String = std::iter::repeat_n(repair.with, repair.range.len()).collect();
                text.replace_range(repair.range, &filler);
            }
            _ => {
                found.extend(reader.mistakes);
                let next = next_document(&text, stop.after).filter(|_| resumes < MAX_RESUMES);
                let Some(next) = next else {
                    return Err(found.limited_to(MAX_MISTAKES));
                };
                let blank: String = text[..next]
                    .bytes()
                    .map(|b| if b == b'\n' { '\n' } else { ' ' })
                    .collect();
                text.replace_range(..next, &blank);
            }
        }
        resumes += 1;
    }
}

/// The `---` that starts the next document.
fn next_document(text: &str, after: usize) -> Option<usize> {
    let is_marker = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']);
    text[after..]
        .match_indices("\n---")
        .map(|(at, _)| after + at + 1)
        .find(|at| is_marker(&text[at + 3..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::reader::{MAX_DEPTH, MAX_NODES};

    fn documents(text: &str) -> Vec<Node> {
        parse(&SourceFile::new("a.yaml", text)).expect("a valid file")
    }

    fn mistakes(text: &str) -> String {
        parse(&SourceFile::new("a.yaml", text))
            .expect_err("a file with mistakes")
            .to_string()
    }

    #[test]
    fn a_file_holds_several_documents() {
        let read = documents("---\na: 1\n---\n# the second\nb: 2\n...\n---\nnull\n");
        assert_eq!(read.len(), 3);
        assert_eq!(read[1].place.to_string(), "a.yaml:5:1");
        assert!(read[2].is_null());
    }

    #[test]
    fn windows_line_ends_change_nothing() {
        let root =
            &documents("a: 1\r\nb: x\r\n  y\r\nc: |\r\n  d\r\n  e\r\nf: { g: 1,\r\n  h: 2 }\r\n")
                [0];
        assert_eq!(root.get("b").and_then(Node::as_str), Some("x y"));
        assert_eq!(root.get("c").and_then(Node::as_str), Some("d\ne\n"));
        assert_eq!(mistakes("a: 1\r\nb: 0123\r\n"), mistakes("a: 1\nb: 0123\n"));
        assert_eq!(
            mistakes("a: 1\r\nb:1\r\nc: 01\r\n"),
            mistakes("a: 1\nb:1\nc: 01\n")
        );
    }

    #[test]
    fn an_empty_file_or_document_is_a_mistake() {
        for text in ["", "\n\n", "# nothing\n", "\u{feff}"] {
            assert_eq!(
                mistakes(text),
                "a.yaml:1:1: the file holds nothing",
                "{text:?}"
            );
        }
        let said = "an empty document; remove the \"---\" that has nothing after it";
        assert_eq!(mistakes("a: 1\n---\n"), format!("a.yaml:2:1: {said}"));
        assert_eq!(mistakes("---\n---\na: 1\n"), format!("a.yaml:1:1: {said}"));
    }

    #[test]
    fn limits_hold_and_say_where() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(documents(&deep(MAX_DEPTH)).len(), 1);
        assert_eq!(
            mistakes(&deep(MAX_DEPTH + 1)),
            "a.yaml:1:65: nested deeper than 64 levels"
        );
        assert_eq!(
            mistakes(&"[".repeat(100_000)),
            "a.yaml:1:65: nested deeper than 64 levels"
        );
        assert!(mistakes(&"- ".repeat(100_000)).ends_with(": nested deeper than 64 levels"));

        let many = |values: usize| "- 1\n".repeat(values);
        assert_eq!(documents(&many(MAX_NODES - 1)).len(), 1);
        assert_eq!(
            mistakes(&many(MAX_NODES + 1)),
            "a.yaml:10001:3: more than 10000 values in one file; split the file"
        );

        let wrong = mistakes(&"- 01\n".repeat(MAX_MISTAKES + 7));
        assert!(
            wrong.ends_with("\na.yaml:101:3: 7 more mistakes from here on"),
            "{wrong}"
        );

        let large = |bytes: usize| format!("a: {}", "x".repeat(bytes - 3));
        assert_eq!(documents(&large(MAX_BYTES)).len(), 1);
        assert_eq!(
            mistakes(&large(MAX_BYTES + 1)),
            "a.yaml:1:1: the file is larger than 1024 KiB"
        );
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let pieces = [
            "a", "é", "日", ": ", ":", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", "\"", "'",
            "#", " #", "&x ", "*x", "!t ", "\t", "\r\n", "\r", "---\n", "...\n", "|\n", ">-\n",
            "? ", "0x1", "1_0", "~", "\\q", "%Y", "@", "<<: ", "\u{feff}", "\0", "\u{85}",
            "\u{2028}", "code:0", "🎵",
        ];
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text += pieces[(state >> 33) as usize % pieces.len()];
            }
            if let Err(mistakes) = parse(&SourceFile::new("a.yaml", text)) {
                assert!(!mistakes.is_empty());
                assert!(mistakes.render(false).contains("a.yaml:"));
            }
        }
    }
}
