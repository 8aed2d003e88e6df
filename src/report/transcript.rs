//! The exchange of one case as plain lines, for reports that hold text.
//!
//! Cuts long values: the event stream has them whole. No line begins with text from the target.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::event::{Frame, SentFor, TakenBy};
use crate::outcome::{Case, What};

use super::safe::safe_text;
use super::words::{self, count};

const VALUE: usize = 1_000;
const NAME: usize = 60;

/// Empty where the case has no exchange, as one that conforms.
pub(super) fn transcript(case: &Case) -> String {
    let exchange = &case.exchange;
    let mut text = String::new();
    let mut connections: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for entry in &exchange.entries {
        let mut who = safe_text(&entry.actor, NAME);
        if !matches!(entry.what, What::Deviated(_)) {
            let own = connections.entry(&entry.actor).or_default();
            if !own.contains(&entry.connection) {
                own.push(entry.connection);
            }
            // An actor's second connection and those after it are told apart.
            let place = own.iter().position(|known| *known == entry.connection);
            if let Some(place @ 1..) = place {
                let _ = write!(who, " #{}", place + 1);
            }
        }
        let _ = write!(text, "{:>10}  {who:10} ", words::time(entry.us));
        match &entry.what {
            What::Opened => text += "connected",
            What::Closed(end) => text += &safe_text(&words::end(end), VALUE),
            What::Deviated(index) => {
                let message = case.deviations.get(*index).map(|d| d.message.as_str());
                let _ = write!(
                    text,
                    "DEVIATES  {}",
                    safe_text(message.unwrap_or_default(), VALUE)
                );
            }
            What::Sent { why, frame, .. } => {
                let why = match why {
                    SentFor::Step => "",
                    SentFor::Flow => " (flow)",
                    SentFor::Fence => " (fence)",
                };
                let _ = write!(text, "sends     {}{why}", value(frame));
            }
            What::Received { frame, taken, .. } => {
                let taken = match taken.as_ref().map(|(by, _)| by) {
                    Some(TakenBy::Step) => "",
                    Some(TakenBy::Flow) => " (flow)",
                    Some(TakenBy::Fence) => " (fence)",
                    Some(TakenBy::Allowance) => " (allowed)",
                    Some(TakenBy::Spontaneous) => " (spontaneous)",
                    Some(TakenBy::Deviation) => " (deviates)",
                    None => " (taken by nothing)",
                };
                let _ = write!(text, "receives  {}{taken}", value(frame));
            }
        }
        text.push('\n');
    }
    if exchange.left_out > 0 {
        let left = count(exchange.left_out, "line");
        let _ = writeln!(text, "{left} of the middle left out");
    }
    text
}

fn value(frame: &Frame) -> String {
    let mut shown = safe_text(&frame.text, VALUE);
    if frame.cut {
        let _ = write!(shown, " … ({} in all)", count(frame.bytes as usize, "byte"));
    }
    shown
}
