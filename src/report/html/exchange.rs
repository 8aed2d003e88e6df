//! The frames of one case, as rows of a table.
//!
//! Cuts long values: the event stream has them whole.

use crate::event::{Frame, FrameKind, SentFor, TakenBy};
use crate::outcome::{Case, What};

use super::super::words;
use super::Text;

pub(super) struct Row {
    pub(super) time: String,
    /// `sent`, `received`, `mark`, `state`.
    pub(super) class: &'static str,
    pub(super) from: Text,
    pub(super) to: Text,
    pub(super) message: Text,
    pub(super) value: Text,
    /// "flow", "fence", "12 bytes", …
    pub(super) notes: Vec<String>,
}

const VALUE: usize = 400;
const HEX: usize = 96;
const NAME: usize = 60;

/// The rows, and a guess of the bytes that they take on the page.
pub(super) fn rows(case: &Case) -> (Vec<Row>, usize) {
    let rows: Vec<Row> = (case.exchange.entries.iter())
        .map(|entry| {
            let mut row = Row {
                time: words::time(entry.us),
                class: "state",
                from: Text::short(&who(&entry.actor, entry.connection)),
                to: Text("server".into()),
                message: Text(String::new()),
                value: Text(String::new()),
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
        .map(|row| 300 + row.value.len() + row.message.len());
    let bytes = bytes.sum();
    (rows, bytes)
}

fn who(actor: &str, connection: u32) -> String {
    match connection {
        0 => actor.to_owned(),
        again => format!("{actor} #{}", again + 1),
    }
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
        row.notes.push(super::safe_text(hex, HEX));
    }
    if frame.cut {
        row.notes.push("cut in the log".into());
    }
}
