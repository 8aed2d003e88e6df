//! The last lines that a launched server wrote. Refuses to keep more than so many, or longer ones.

use std::collections::VecDeque;

/// Lines that are kept.
const MOST_LINES: usize = 400;

/// Bytes of a line that are kept.
const LONGEST: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Log {
    lines: VecDeque<String>,
    /// Lines that were there and are not kept any more.
    forgotten: u64,
    /// A line that has not ended.
    open: Vec<u8>,
}

impl Log {
    /// Takes what was written; gives the lines that it ended.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut ended = Vec::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = LONGEST.saturating_sub(self.open.len());
            self.open.extend(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                ended.extend(self.end_line());
            }
        }
        ended
    }

    /// Nothing more is written.
    pub(super) fn end_line(&mut self) -> Option<String> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.open))
            .trim_end()
            .to_owned();
        if line.is_empty() {
            return None;
        }
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
            self.forgotten += 1;
        }
        self.lines.push_back(line.clone());
        Some(line)
    }

    /// How many lines there were so far.
    pub(super) fn mark(&self) -> u64 {
        self.forgotten + self.lines.len() as u64
    }

    /// At most `most` lines since the mark, the last ones.
    pub(super) fn since(&self, mark: u64, most: usize) -> Vec<String> {
        let kept = usize::try_from(mark.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        let new = self.lines.len().saturating_sub(kept);
        self.lines
            .iter()
            .skip(self.lines.len() - new.min(most))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_any_pieces() {
        let mut log = Log::default();
        assert_eq!(log.write(b"one\r\ntw"), ["one"]);
        assert_eq!(log.write(b"o\n\n\xff\n"), ["two", "\u{fffd}"]);
        assert_eq!(log.since(1, 9), ["two", "\u{fffd}"]);
    }

    #[test]
    fn only_the_end_of_a_long_log_is_kept() {
        let mut log = Log::default();
        for line in 0..1_000 {
            log.write(format!("{line}\n").as_bytes());
        }
        let mark = log.mark();
        log.write(&[b'x'; 1 << 20]);
        assert_eq!(log.write(b"\n").concat().len(), LONGEST);
        assert_eq!(log.since(mark, 9).len(), 1);
        assert_eq!(log.since(0, 3)[..2], ["998", "999"]);
        assert_eq!(log.since(0, usize::MAX).len(), MOST_LINES);
    }
}
