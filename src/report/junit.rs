//! JUnit's XML, as Jenkins, GitLab and GitHub's reporters read it: one suite a section of the document.
//!
//! A deviation is a failure; what was blocked or could not run is an error; what does not apply, or
//! deviates as it is known to, is skipped.

use std::io::{self, Write};
use std::time::Duration;

use chrono::DateTime;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::event::Level;
use crate::outcome::{Case, Run};

use super::Reporter;
use super::checklist::{Item, Mark, checklist};
use super::headline::Headline;
use super::safe::safe_text;
use super::transcript::transcript;
use super::words;

const MOST: usize = 300;

pub(super) struct Junit<W> {
    out: W,
}

impl<W: Write> Junit<W> {
    pub(super) fn new(out: W) -> Junit<W> {
        Junit { out }
    }
}

impl<W: Write> Reporter for Junit<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let text = document(run).to_string().map_err(io::Error::other)?;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn document(run: &Run) -> Report {
    let started = DateTime::parse_from_rfc3339(&run.started).ok();
    let mut report = Report::new(format!("wireproof: {}", safe_text(&run.target, MOST)));
    if let Some(started) = started {
        report.set_timestamp(started);
    }
    if let Some(us) = run.duration_us {
        report.set_time(Duration::from_micros(us));
    }
    let mut suite: Option<TestSuite> = None;
    for item in checklist(run) {
        if suite
            .as_ref()
            .is_none_or(|suite| suite.name.as_str() != item.suite)
        {
            if let Some(done) = suite.take() {
                report.add_test_suite(done);
            }
            let mut new = TestSuite::new(&item.suite);
            if let Some(started) = started {
                new.set_timestamp(started);
            }
            new.set_time(Duration::ZERO);
            new.add_properties(properties(run));
            suite = Some(new);
        }
        let Some(suite) = &mut suite else { continue };
        let case = test_case(&item);
        let time = case.time.unwrap_or_default();
        suite.set_time(suite.time.unwrap_or_default() + time);
        suite.add_test_case(case);
    }
    if let Some(done) = suite {
        report.add_test_suite(done);
    }
    report
}

/// The same for every suite: readers show suites one by one.
fn properties(run: &Run) -> Vec<Property> {
    let packs: Vec<&str> = run.packs.iter().map(|pack| pack.name.as_str()).collect();
    let seed = run.seed.to_string();
    let verdict = Headline::of(run).sentence();
    [
        ("target", run.target.as_str()),
        ("verdict", &verdict),
        ("packs", &packs.join(", ")),
        ("seed", &seed),
        ("wireproof", &run.version),
    ]
    .map(|(name, value)| Property::new(name, safe_text(value, 2 * MOST)))
    .into()
}

fn test_case(item: &Item<'_>) -> TestCase {
    let status = match &item.mark {
        Mark::Passed => TestCaseStatus::success(),
        Mark::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(failure.kind).set_message(&failure.message);
            status.set_description(&failure.text);
            status
        }
        Mark::Stuck { kind, why } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type(*kind).set_message(format!("{kind}: {why}"));
            status
        }
        Mark::Known(failure) => {
            let mut status = TestCaseStatus::skipped();
            let message = format!("deviates as it is known to: {}", failure.message);
            status.set_message(message).set_description(&failure.text);
            status
        }
        Mark::Skipped { why } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why);
            status
        }
    };
    let mut test_case = TestCase::new(&item.name, status);
    // Jenkins takes what stands before the last dot for a package.
    test_case.set_classname(item.suite.replace('.', " ").replacen(": ", ".", 1));
    test_case.set_time(Duration::ZERO);
    if let Some(case) = item.case {
        of_case(&mut test_case, case);
    }
    test_case
}

fn of_case(test_case: &mut TestCase, case: &Case) {
    test_case.set_time(Duration::from_micros(case.duration_us));
    let gravest = case.deviations_of(Level::Must).next();
    let at = gravest.map_or(&case.at, |deviation| &deviation.at);
    if let Some((file, line, _)) = words::place(at) {
        test_case
            .extra
            .insert("file".into(), safe_text(file, MOST).into());
        test_case
            .extra
            .insert("line".into(), line.to_string().into());
    }
    for id in &case.covers {
        test_case.add_property(Property::new("requirement", safe_text(id, MOST)));
    }
    let exchange = transcript(case);
    if !exchange.is_empty() {
        test_case.set_system_out(exchange);
    }
    let lesser: Vec<String> = (case.deviations.iter())
        .filter(|deviation| deviation.level != Level::Must)
        .map(|deviation| {
            let level = match deviation.level {
                Level::Should => "warning",
                _ => "note",
            };
            let message = safe_text(&deviation.message, 2 * MOST);
            format!("{level}: {message} ({})\n", safe_text(&deviation.at, MOST))
        })
        .collect();
    if !lesser.is_empty() {
        test_case.set_system_err(lesser.concat());
    }
}
#[cfg(test)]
mod tests;
