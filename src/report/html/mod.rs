//! One self-contained page that opens from disk, offline, and reads without script.
//!
//! Refuses remote content, any script but its own, and any text that has not been through `safe_text`: what a template
//! can show of a run is a [`Text`], a number or a word of ours.

use std::fmt;
use std::io::{self, Write};

use askama::Template;

use crate::outcome::Run;

use super::Reporter;
use super::safe::safe_text;

mod answers;
mod cases;
mod compare;
mod deviation;
mod exchange;
mod findings;
mod page;
mod profile;
mod requirements;
mod sequence;
mod shell;
mod squares;
#[cfg(test)]
mod tests;

pub use compare::compare_page;
pub use shell::Shell;

pub struct Html<W> {
    out: W,
    times: Times,
}

/// Whether a page says when things happened and how long they took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Shown,
    LeftOut,
}

impl<W: Write> Html<W> {
    pub fn new(out: W) -> Html<W> {
        Html {
            out,
            times: Times::Shown,
        }
    }

    /// A page without the date, durations, times of frames and answer times: the same for the same verdicts.
    pub fn without_times(out: W) -> Html<W> {
        Html {
            out,
            times: Times::LeftOut,
        }
    }
}

impl<W: Write> Reporter for Html<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let page = page::Page::of(run, self.times);
        page.write_into(&mut self.out)?;
        self.out.flush()
    }
}

/// Text that is safe to show; the template escapes its markup.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text(String);

/// Names, places and sentences.
const SHORT: usize = 300;
/// Values and commands.
const LONG: usize = 1_500;

impl Text {
    fn short(text: &str) -> Text {
        Text(safe_text(text, SHORT))
    }

    fn long(text: &str) -> Text {
        Text(safe_text(text, LONG))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
