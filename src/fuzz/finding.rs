//! A fault that was shown again: its name, its scenario, and what tells it from others.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::datum::Datum;
use super::lower::{Head, lower};
use super::oracle::Signature;
use super::sequence::{Act, Raw, Sequence};
use super::vocabulary::Vocabulary;

#[derive(Clone, Debug)]
pub struct Finding {
    /// By symptom and by what brings it about: `gone-after-login-request`.
    pub id: String,
    pub signature: Signature,
    /// One sentence of the judge.
    pub says: String,
    /// How often it showed, of how many tries on fresh connections.
    pub shown: (usize, usize),
    pub sequence: Sequence,
    /// The step of it at which it went wrong, as far as can be told.
    pub struck: Option<usize>,
    /// The number of the run that showed it first, and how many runs showed it.
    pub run: usize,
    pub times: usize,
    /// Seconds from the start of the campaign.
    pub after: f64,
    /// Time was up before it was as small as it can be.
    pub unfinished: bool,
    pub file: Option<PathBuf>,
}

/// What brings a fault about, as far as two findings with the same are one: the step that struck, if it says
/// anything, else the last one that does.
pub(super) fn trigger(sequence: &Sequence, struck: Option<usize>) -> String {
    let first = struck.and_then(|at| sequence.steps.get(at)).into_iter();
    let steps = first.chain(sequence.steps.iter().rev());
    let mut deeds = steps.filter_map(|step| match &step.act {
        Act::Flow { .. } | Act::Link { .. } => None,
        Act::Send {
            message,
            body,
            malformed,
            ..
        } => Some(if *malformed {
            format!("malformed {message}")
        } else {
            format!("{message} {}", odd_fields(body))
        }),
        Act::Burst { message, .. } => Some(format!("several {message}")),
        Act::Raw { raw, .. } => Some(match raw {
            Raw::Text(_) => "raw text".to_owned(),
            Raw::Hex(_) => "raw bytes".to_owned(),
            Raw::Value(value) => format!("raw {}", value.class()),
            Raw::Fragments(_) => "fragments".to_owned(),
            Raw::Ping(_) => "ping".to_owned(),
        }),
    });
    deeds.next().unwrap_or_else(|| {
        let mut flows = sequence.steps.iter().filter_map(|step| match &step.act {
            Act::Flow { flow, .. } => Some(flow.as_str()),
            _ => None,
        });
        flows.next_back().unwrap_or("nothing").to_owned()
    })
}

/// The fields whose values are no references, with the classes of their values.
fn odd_fields(body: &Datum) -> String {
    let Datum::Map(pairs) = body else {
        return body.class().to_owned();
    };
    let odd = pairs
        .iter()
        .filter(|(_, value)| !matches!(value, Datum::Reference(_)) && *value != Datum::text("a"));
    let odd: Vec<String> = odd
        .map(|(key, value)| format!("{key}:{}", value.class()))
        .collect();
    odd.join(",")
}

impl Finding {
    pub(super) fn trigger(&self) -> String {
        trigger(&self.sequence, self.struck)
    }

    /// The scenario that shows it, with a comment that says what happened.
    pub fn text(&self, vocabulary: &Vocabulary, pack: &str, seed: u64) -> String {
        let (n, of) = self.shown;
        let mut comment = vec![
            format!(
                "Found by `wireproof fuzz --pack {pack} --seed {seed}`, in run {}.",
                self.run
            ),
            format!(
                "{}: {}",
                self.signature.oracle.in_words(),
                plain(&self.says)
            ),
        ];
        comment.push(match of {
            0 => "Not shown again: the target was gone.".to_owned(),
            of => format!("Shown again {n} of {of} times, each time on fresh connections."),
        });
        if self.unfinished {
            comment.push("There was no time to make it as small as it can be.".to_owned());
        }
        comment.push(format!(
            "Shows it again, and passes once it is mended: wireproof run {}.yaml --pack {pack} --target URL",
            self.id
        ));
        let head = Head {
            id: &self.id,
            about: Some(self.signature.oracle.in_words()),
            comment: &comment,
        };
        lower(&self.sequence, vocabulary, &head).text
    }

    /// Writes the scenario into the folder, which is made where it is not there.
    pub fn write(
        &mut self,
        folder: &Path,
        vocabulary: &Vocabulary,
        pack: &str,
        seed: u64,
    ) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.yaml", self.id));
        fs::write(&path, self.text(vocabulary, pack, seed))?;
        self.file = Some(path);
        Ok(())
    }
}

/// On one line, whatever a server said.
fn plain(text: &str) -> String {
    let short: String = text.chars().take(200).collect();
    short
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        })
        .collect()
}

/// A scenario's id of the symptom and what brings it about; `taken` says which are used up.
pub(super) fn name(signature: &Signature, trigger: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut id = String::new();
    let words = format!("{} after {trigger}", signature.oracle.name());
    for c in words.chars().take(80) {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_matches('-').to_owned();
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.clone())
        .chain(numbered)
        .find(|id| !taken(id))
        .unwrap_or(id)
}
