//! The frames of one case, as rows of a table.
//!
//! Cuts long values: the event stream has them whole.

use crate::event::{Frame, FrameKind, SentFor, TakenBy};
use crate::outcome::{Case, What};

use super::super::words;
use super::{Text, Times};

pub(super) struct Row {
    /// Its place in the exchange, from 1.
    pub(super) number: usize,
    pub(super) time: Option<String>,
    /// `sent`, `received`, `mark`, `state`.
    pub(super) class: &'static str,
    pub(super) from: Text,
    pub(super) to: Text,
    pub(super) message: Text,
    pub(super) value: Text,
    /// The bytes of a binary frame, in lines.
    pub(super) hex: Vec<String>,
    /// "flow", "fence", "12 bytes", …
    pub(super) notes: Vec<String>,
}

const VALUE: usize = 600;
/// So many bytes of a binary frame are shown, and so many a line.
const HEX: usize = 192;
const LINE: usize = 16;
const NAME: usize = 60;

/// The rows, and a guess of the bytes that they take on the page.
pub(super) fn rows(case: &Case, times: Times) -> (Vec<Row>, usize) {
    let rows: Vec<Row> = (case.exchange.entries.iter().enumerate())
        .map(|(index, entry)| {
            let mut row = Row {
                number: index + 1,
                time: (times == Times::Shown).then(|| words::time(entry.us)),
                class: "state",
                from: Text::short(&entry.actor),
                to: Text("server".into()),
                message: Text(String::new()),
                value: Text(String::new()),
                hex: Vec::new(),
                notes: Vec::new(),
            };
            match &entry.what {
                What::Opened => row.value = Text("connected".into()),
                What::Closed(end) => row.value = Text::short(&words::end(end)),
                What::Deviated(index) => {
                    row.class = "mark";
                    if let Some(deviation) = case.deviations.get(*index) {
                        row.value = Text::short(&deviation.message);
                        row.message = Text::short(&deviation.at);
                    }
                }
                What::Sent {
                    message,
                    why,
                    frame,
                    ..
                } => {
                    row.class = "sent";
                    fill(&mut row, message.as_deref(), frame);
                    match why {
                        SentFor::Step => {}
                        SentFor::Flow => row.notes.push("flow".into()),
                        SentFor::Fence => row.notes.push("fence".into()),
                    }
                }
                What::Received {
                    message,
                    frame,
                    taken,
                    ..
                } => {
                    row.class = "received";
                    std::mem::swap(&mut row.from, &mut row.to);
                    fill(&mut row, message.as_deref(), frame);
                    match taken.as_ref().map(|(by, _)| by) {
                        Some(TakenBy::Step) => {}
                        Some(TakenBy::Flow) => row.notes.push("flow".into()),
                        Some(TakenBy::Fence) => row.notes.push("fence".into()),
                        Some(TakenBy::Allowance) => row.notes.push("allowed".into()),
                        Some(TakenBy::Spontaneous) => row.notes.push("spontaneous".into()),
                        Some(TakenBy::Deviation) => {
                            row.class = "received wrong";
                            row.notes.push("deviates".into());
                        }
                        None => row.notes.push("taken by nothing".into()),
                    }
                }
            }
            row
        })
        .collect();
    let bytes = rows
        .iter()
        .map(|row| 300 + row.value.len() + row.message.len() + 60 * row.hex.len());
    let bytes = bytes.sum();
    (rows, bytes)
}

fn fill(row: &mut Row, message: Option<&str>, frame: &Frame) {
    row.message = match (message, frame.kind) {
        (Some(message), _) => Text(super::safe_text(message, NAME)),
        (None, FrameKind::Ping) => Text("ping".into()),
        (None, _) => Text("no message".into()),
    };
    row.value = Text(super::safe_text(&frame.text, VALUE));
    row.notes.push(words::count(frame.bytes as usize, "byte"));
    if let Some(hex) = &frame.hex {
        row.hex = hex_lines(hex);
        if hex.len() > 2 * HEX {
            let left = frame.bytes.saturating_sub(HEX as u64);
            row.notes.push(format!("the first {HEX}, {left} more"));
        }
    }
    if frame.cut {
        row.notes.push("cut in the log".into());
    }
}

/// "82 a4 74 79": so many bytes a line.
fn hex_lines(hex: &str) -> Vec<String> {
    let bytes: Vec<char> = hex
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(2 * HEX)
        .collect();
    let lines = bytes.chunks(2 * LINE).map(|line| {
        let pairs = line.chunks(2).map(|pair| pair.iter().collect::<String>());
        pairs.collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_cut_into_lines_of_bytes() {
        let lines = hex_lines(&"82a4".repeat(9));
        assert_eq!(lines, ["82 a4 ".repeat(8).trim_end(), "82 a4"]);
        assert_eq!(hex_lines(&"00".repeat(1_000)).len(), HEX / LINE);
    }
}
