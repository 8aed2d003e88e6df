//! Lines for the terminal: labels in one column, prose wrapped beside them.
//!
//! Takes only text that is safe already; code and commands are never wrapped, so that they can be copied.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

pub(in super::super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(in super::super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(in super::super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(in super::super) const EXPECTED: Style = AnsiColor::Red.on_default();
pub(in super::super) const RECEIVED: Style = AnsiColor::Green.on_default();
pub(in super::super) const QUIET: Style = Style::new().dimmed();
pub(in super::super) const STRONG: Style = Style::new().bold();

const LABEL: usize = 14;

pub(in super::super) struct Sheet {
    width: usize,
    text: String,
}

impl Sheet {
    pub(in super::super) fn new(width: usize) -> Sheet {
        let text = String::new();
        Sheet { width, text }
    }

    pub(in super::super) fn text(&self) -> &str {
        &self.text
    }

    pub(in super::super) fn gap(&mut self) {
        self.text.push('\n');
    }

    pub(in super::super) fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    pub(in super::super) fn heading(&mut self, style: Style, mark: &str, rest: &str) {
        let _ = writeln!(self.text, "{style}{mark}{style:#}{rest}");
    }

    pub(in super::super) fn prose(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&line);
        }
    }

    pub(in super::super) fn coloured(&mut self, style: Style, line: &str) {
        let _ = writeln!(self.text, "{style}{line}{style:#}");
    }

    /// Prose under a heading.
    pub(in super::super) fn indented(&mut self, text: &str) {
        for (index, line) in wrap(text, self.width.saturating_sub(4)).iter().enumerate() {
            let indent = if index == 0 { 2 } else { 4 };
            let _ = writeln!(self.text, "{:indent$}{line}", "");
        }
    }

    /// A label and what it labels: prose.
    pub(in super::super) fn labelled(&mut self, label: &str, text: &str) {
        let mut lines = wrap(text, self.width.saturating_sub(LABEL + 2)).into_iter();
        self.label(label, &lines.next().unwrap_or_default());
        lines.for_each(|line| self.beside(Style::new(), &line));
    }

    /// A label and what it labels: one line that stays one.
    pub(in super::super) fn label(&mut self, label: &str, line: &str) {
        let _ = writeln!(self.text, "  {QUIET}{label:LABEL$}{QUIET:#}{line}");
    }

    /// A further line of what is labelled.
    pub(in super::super) fn beside(&mut self, style: Style, line: &str) {
        let _ = writeln!(self.text, "  {:LABEL$}{style}{line}{style:#}", "");
    }
}

/// Breaks at spaces; a word that is too long keeps its line to itself.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width.max(20) {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    lines.push(line);
    for line in &mut lines {
        // What a CI runner would take for a command of ours, even where it is indented.
        if line.starts_with("::") {
            line.replace_range(..1, "\\u{3a}");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_at_spaces() {
        let lines = wrap("the quick brown fox jumps over it", 20);
        assert_eq!(lines, ["the quick brown fox", "jumps over it"]);
    }

    #[test]
    fn no_line_begins_a_workflow_command() {
        let lines = wrap("twenty characters or ::error::forged", 20);
        assert_eq!(lines, ["twenty characters or", "\\u{3a}:error::forged"]);
        assert_eq!(wrap("::error::forged", 20), ["\\u{3a}:error::forged"]);
    }

    #[test]
    fn long_word_keeps_its_own_line() {
        let word = "x".repeat(40);
        assert_eq!(wrap(&format!("a {word} b"), 20), ["a", word.as_str(), "b"]);
    }
}
