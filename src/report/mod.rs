//! Renders a run for people and machines, one file a format, each a consumer of events.
//!
//! Treats every text from the target as hostile. Never sees the runner, and judges nothing itself.

use std::io;

use crate::event::Event;
use crate::outcome::{Fold, Run};
use redact::Redactor;

mod badge;
mod checklist;
mod compare;
mod diff;
mod events;
mod formats;
mod github;
mod groups;
mod headline;
mod html;
mod json;
mod junit;
mod known;
mod merge;
mod redact;
mod safe;
mod tap;
mod terminal;
mod transcript;
mod words;

pub use compare::{Comparison, comparison_text};
pub use events::{EventsWriter, read};
pub use formats::{Boxed, FORMATS, Format, Out, To};
pub use headline::{Headline, Tone};
pub use html::{Html, Shell, compare_page};
pub use json::Json;
pub use known::KnownList;
pub use merge::{Log, MergeError, Merged, merge};
pub use redact::MASK;
pub use safe::safe_text;
pub use terminal::{Terminal, TerminalOptions, stdout_width};

/// One report, written while the run goes on or when it is over.
pub trait Reporter {
    /// `so_far` holds this event already.
    fn on(&mut self, event: &Event, so_far: &Run) -> io::Result<()> {
        let _ = (event, so_far);
        Ok(())
    }

    fn finish(&mut self, run: &Run) -> io::Result<()>;
}

impl Reporter for Boxed {
    fn on(&mut self, event: &Event, so_far: &Run) -> io::Result<()> {
        self.as_mut().on(event, so_far)
    }

    fn finish(&mut self, run: &Run) -> io::Result<()> {
        self.as_mut().finish(run)
    }
}

/// The one place that folds a run and hands it to all its reports.
///
/// A report that cannot be written is given up; it takes neither the run nor the other reports with it.
#[derive(Default)]
pub struct Reports {
    fold: Fold,
    redactor: Option<Redactor>,
    reporters: Vec<(String, Box<dyn Reporter + Send>)>,
    failed: Vec<Unwritten>,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write {report}")]
pub struct Unwritten {
    /// The name that the report was added by, such as its path.
    pub report: String,
    pub source: io::Error,
}

impl Reports {
    pub fn new() -> Reports {
        Reports::default()
    }

    /// `name` is what an error calls the report: its path, or "the terminal output".
    pub fn add(&mut self, name: impl Into<String>, reporter: impl Reporter + Send + 'static) {
        self.reporters.push((name.into(), Box::new(reporter)));
    }

    /// From here on, no report and no log gets to see what is secret.
    pub fn redact(&mut self) {
        self.redactor = Some(Redactor::default());
    }

    pub fn on(&mut self, event: &Event) {
        let masked = self
            .redactor
            .as_mut()
            .map(|redactor| redactor.redact(event));
        let event = match &masked {
            None => event,
            Some(Some(masked)) => masked,
            Some(None) => return,
        };
        self.fold.on(event);
        let so_far = self.fold.so_far();
        each(&mut self.reporters, &mut self.failed, |reporter| {
            reporter.on(event, so_far)
        });
    }

    pub fn so_far(&self) -> &Run {
        self.fold.so_far()
    }

    /// Writes what is due at the end. The errors are of all reports that could not be written.
    pub fn finish(mut self) -> (Run, Vec<Unwritten>) {
        let run = self.fold.finish();
        each(&mut self.reporters, &mut self.failed, |reporter| {
            reporter.finish(&run)
        });
        (run, self.failed)
    }
}

fn each(
    reporters: &mut Vec<(String, Box<dyn Reporter + Send>)>,
    failed: &mut Vec<Unwritten>,
    mut act: impl FnMut(&mut dyn Reporter) -> io::Result<()>,
) {
    reporters.retain_mut(|(name, reporter)| match act(reporter.as_mut()) {
        Ok(()) => true,
        Err(source) => {
            let report = name.clone();
            failed.push(Unwritten { report, source });
            false
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::outcome::fixture::clean;

    struct Counts(Arc<Mutex<Vec<usize>>>);

    impl Reporter for Counts {
        fn on(&mut self, _: &Event, so_far: &Run) -> io::Result<()> {
            self.0.lock().expect("no panic").push(so_far.cases.len());
            Ok(())
        }

        fn finish(&mut self, run: &Run) -> io::Result<()> {
            self.0.lock().expect("no panic").push(run.cases.len());
            Ok(())
        }
    }

    struct Full;

    impl Reporter for Full {
        fn on(&mut self, _: &Event, _: &Run) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn finish(&mut self, _: &Run) -> io::Result<()> {
            unreachable!("given up before")
        }
    }

    #[test]
    fn failed_report_is_given_up_and_the_others_go_on() {
        let counts = Arc::new(Mutex::new(Vec::new()));
        let mut reports = Reports::new();
        reports.add("full.jsonl", Full);
        reports.add("counts", Counts(counts.clone()));
        let events = clean();
        events.iter().for_each(|event| reports.on(event));
        let (run, failed) = reports.finish();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].to_string(), "cannot write full.jsonl");
        let counts = counts.lock().expect("no panic");
        assert_eq!(counts.len(), events.len() + 1);
        assert_eq!(counts.last(), Some(&run.cases.len()));
    }
}
