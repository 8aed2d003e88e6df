//! What failed, as a list of known deviations for a profile: the start of a ratchet.
//!
//! Explains nothing: the reason of each entry is what the run saw, for somebody to replace.

use std::io::{self, Write};

use crate::event::Level;
use crate::outcome::{Case, Outcome, Run};

use super::Reporter;
use super::safe::safe_text;

const MOST: usize = 160;

pub struct KnownList<W> {
    out: W,
}

impl<W: Write> KnownList<W> {
    pub fn new(out: W) -> KnownList<W> {
        KnownList { out }
    }
}

impl<W: Write> Reporter for KnownList<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let mut text = String::from(
            "# What failed, for the `known` of a profile. Give each its reason: an issue, a decision.\n",
        );
        let cases = run.cases.iter().filter(|case| !case.expected);
        let cases: String = cases.map(case_entries).collect();
        let shapes: String = run
            .failing_shapes()
            .map(|finding| {
                let shape = format!("{} {}", finding.message, finding.path);
                let seen = format!(
                    "expected {}, received {}",
                    finding.expected, finding.received
                );
                entry("shape", &shape, finding.kind.name(), &seen)
            })
            .collect();
        text += if cases.is_empty() && shapes.is_empty() {
            "known: []\n"
        } else {
            "known:\n"
        };
        text += &cases;
        text += &shapes;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn case_entries(case: &Case) -> String {
    if let Outcome::Blocked { reason, .. } = &case.outcome {
        return entry("case", &case.id, "blocked", reason);
    }
    let mut entries = Vec::new();
    for deviation in case.deviations_of(Level::Must) {
        let fails = (deviation.requirements.first()).map_or(deviation.kind.name(), String::as_str);
        let entry = entry("case", &case.id, fails, &deviation.message);
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries.concat()
}

fn entry(about: &str, what: &str, fails: &str, reason: &str) -> String {
    let [what, fails, reason] = [what, fails, reason].map(quoted);
    format!("  - {about}: {what}\n    fails: {fails}\n    reason: {reason}\n")
}

/// A JSON string is one of YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(safe_text(text, MOST)).to_string()
}
