//! A text and the places in it, counted in lines and characters as an editor counts them.
//! Reads nothing from disk.

use std::{cmp::Ordering, fmt, ops::Range, sync::Arc};

/// A file's name, as messages show it, and its text.
pub struct SourceFile {
    pub name: String,
    pub text: String,
    /// Where each line begins, in bytes: places are asked for their lines often.
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// A byte order mark is dropped, so that it shifts no column.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<SourceFile> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(newlines).collect();
        Arc::new(SourceFile {
            name: name.into(),
            text,
            line_starts,
        })
    }

    /// A byte range of the text; moved outwards to whole characters, and into the text.
    pub fn place(self: &Arc<Self>, range: Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.ceil_char_boundary(range.end.max(start));
        Place {
            file: Arc::clone(self),
            start,
            end,
        }
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.text.len())
    }
}

/// A stretch of a file. Cheap to clone; ordered by file name, then position.
#[derive(Clone)]
pub struct Place {
    file: Arc<SourceFile>,
    start: usize,
    end: usize,
}

impl Place {
    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file.name
    }

    /// The file itself.
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// The line of the first character, from 1.
    pub fn line(&self) -> usize {
        let starts = &self.file.line_starts;
        starts.partition_point(|start| *start <= self.start)
    }

    /// The column of the first character, from 1, in characters.
    pub fn column(&self) -> usize {
        self.before()[self.line_start()..].chars().count() + 1
    }

    /// The whole line of the first character, without its line end.
    pub fn line_text(&self) -> &str {
        let line = &self.file.text[self.line_start()..];
        let line = line.split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// The source of this stretch, as it was written (quotes included).
    pub fn text(&self) -> &str {
        &self.file.text[self.range()]
    }

    /// In bytes of the file's text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// A part of this stretch, in bytes relative to its start.
    pub fn part(&self, range: Range<usize>) -> Place {
        self.file
            .place(self.start + range.start..self.start + range.end)
    }

    /// The first occurrence of a text within this stretch, or all of it where there is none (an
    /// escape can hide it).
    pub fn find(&self, part: &str) -> Place {
        match self.text().find(part) {
            Some(at) => self.part(at..at + part.len()),
            None => self.clone(),
        }
    }

    /// Whether another place of the same file starts on the same line.
    pub fn is_on_line_of(&self, other: &Place) -> bool {
        let (first, last) = (self.start.min(other.start), self.start.max(other.start));
        !self.file.text[first..last].contains('\n')
    }

    fn before(&self) -> &str {
        &self.file.text[..self.start]
    }

    fn line_start(&self) -> usize {
        self.file.line_starts[self.line() - 1]
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file(), self.line(), self.column())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Place) -> Ordering {
        (self.file(), self.start, self.end).cmp(&(other.file(), other.start, other.end))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Place) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Place {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_lose_their_carriage_return() {
        let file = SourceFile::new("a.yaml", "x: 1\r\né: ü日, carol\r\n");
        let place = file.place(0..file.text.len()).find("carol");
        assert_eq!(place.to_string(), "a.yaml:2:8");
        assert_eq!(format!("{place:?}"), "a.yaml:2:8");
        assert_eq!(place.line_text(), "é: ü日, carol");
        assert_eq!(place.text(), "carol");
    }

    #[test]
    fn a_byte_order_mark_shifts_no_column() {
        let file = SourceFile::new("a.yaml", "\u{feff}abc");
        assert_eq!(file.place(0..3).to_string(), "a.yaml:1:1");
        assert_eq!(file.place(0..3).text(), "abc");
    }

    #[test]
    fn a_place_outside_the_text_is_moved_into_it() {
        let file = SourceFile::new("a.yaml", "é\n");
        assert_eq!(file.place(1..1).text(), "é");
        assert_eq!(file.place(90..99).to_string(), "a.yaml:2:1");
        assert_eq!(file.place(90..99).line_text(), "");
        assert_eq!(file.place(0..2).find("x").text(), "é");
    }
}
