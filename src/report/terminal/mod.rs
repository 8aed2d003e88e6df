//! The terminal: one line that moves, failures as they happen, one summary at the end.
//!
//! Plain when not a terminal, never wider than one where prose is concerned. Refuses to repeat itself:
//! the same finding is one line with a count, and beyond a number of failures each is one line.

mod failure;
pub(super) mod sheet;
mod summary;

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstream::adapter::strip_str;
use anstream::{AutoStream, StripStream};

use crate::event::{Deviation, Event, Level};
use crate::outcome::{Case, Outcome, Run};

use super::safe::safe_text;
use super::words::{count, time, verb};
use super::{Out, Reporter};
use sheet::Sheet;

/// How often the moving line moves at most.
const BEAT: Duration = Duration::from_millis(50);
const MOST_FAILURES: usize = 20;
const WIDEST: usize = 100;
const UNKNOWN_WIDTH: usize = 80;

#[derive(Clone, Copy, Debug)]
pub struct TerminalOptions {
    /// In columns; prose is wrapped to it.
    pub width: usize,
    /// Whether a progress line may overwrite itself.
    pub live: bool,
    /// All failures in full and all lists whole, instead of a screenful of each.
    pub details: bool,
}

impl Default for TerminalOptions {
    fn default() -> TerminalOptions {
        TerminalOptions {
            width: UNKNOWN_WIDTH,
            live: false,
            details: false,
        }
    }
}

pub struct Terminal<W> {
    out: W,
    options: TerminalOptions,
    started: Instant,
    /// When the progress line was drawn last, if it stands there.
    drawn: Option<Instant>,
    /// How many failures were shown in full.
    shown: usize,
    told: HashSet<String>,
}

impl Terminal<AutoStream<io::Stdout>> {
    /// Colour and progress as the stream, `NO_COLOR` and `TERM` allow.
    pub fn stdout(details: bool) -> Self {
        let live = io::stdout().is_terminal();
        Terminal::new(anstream::stdout(), detect(live, details))
    }
}

impl Terminal<AutoStream<io::Stderr>> {
    /// For runs whose standard output is a document.
    pub fn stderr(details: bool) -> Self {
        let live = io::stderr().is_terminal();
        Terminal::new(anstream::stderr(), detect(live, details))
    }
}

impl Terminal<StripStream<Out>> {
    /// For a file: no colour, nothing that moves, every failure in full.
    pub fn plain(out: Out) -> Self {
        let options = TerminalOptions {
            details: true,
            ..TerminalOptions::default()
        };
        Terminal::new(StripStream::new(out), options)
    }
}

impl<W: Write> Terminal<W> {
    /// Writes colours as escape sequences; wrap `out` in an `AutoStream` to have them taken out.
    pub fn new(out: W, options: TerminalOptions) -> Terminal<W> {
        Terminal {
            out,
            options,
            started: Instant::now(),
            drawn: None,
            shown: 0,
            told: HashSet::new(),
        }
    }

    /// How many are shown in full.
    fn most_failures(&self) -> usize {
        if self.options.details {
            usize::MAX
        } else {
            MOST_FAILURES
        }
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(self.options.width)
    }

    fn write(&mut self, sheet: &Sheet) -> io::Result<()> {
        self.clear()?;
        self.out.write_all(sheet.text().as_bytes())?;
        self.out.flush()
    }

    fn fail(&mut self, run: &Run, case: &Case) -> io::Result<()> {
        self.told.insert(case.id.clone());
        let mut sheet = self.sheet();
        for deviation in case.deviations_of(Level::Must) {
            if self.shown < self.most_failures() {
                failure::block(&mut sheet, run, case, deviation);
            } else {
                if self.shown == self.most_failures() {
                    sheet.line("further failures, one line each:");
                }
                failure::line(&mut sheet, case, deviation);
            }
            self.shown += 1;
        }
        self.write(&sheet)
    }

    fn progress(&mut self, run: &Run) -> io::Result<()> {
        if !self.options.live || self.drawn.is_some_and(|drawn| drawn.elapsed() < BEAT) {
            return Ok(());
        }
        let s = &run.summary;
        let mut line = format!("  {} of {}", s.cases, count(run.planned, "case"));
        let deviate = verb(s.deviates, "deviate");
        for (cases, how) in [(s.deviates, deviate.as_str()), (s.blocked, "blocked")] {
            if cases > 0 {
                line += &format!(", {cases} {how}");
            }
        }
        line += &format!(", {}", time(self.started.elapsed().as_micros() as u64));
        if let Some(case) = run.cases.last() {
            line += &format!("  {}", safe_text(&case.id, 200));
        }
        let width = self.options.width.saturating_sub(1);
        let line: String = line.chars().take(width).collect();
        write!(self.out, "\r{line:width$}\r")?;
        self.out.flush()?;
        self.drawn = Some(Instant::now());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        if self.drawn.take().is_some() {
            let width = self.options.width.saturating_sub(1);
            write!(self.out, "\r{:width$}\r", "")?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn on(&mut self, event: &Event, so_far: &Run) -> io::Result<()> {
        match event {
            Event::RunStarted { version, .. } => {
                let packs: Vec<&str> = so_far.packs.iter().map(|p| p.name.as_str()).collect();
                let mut sheet = self.sheet();
                sheet.prose(&format!(
                    "wireproof {} tests {}: {} of {}, seed {}",
                    safe_text(version, 40),
                    safe_text(&so_far.target, 200),
                    count(so_far.planned, "case"),
                    safe_text(&packs.join(", "), 200),
                    so_far.seed,
                ));
                sheet.gap();
                self.write(&sheet)
            }
            Event::CaseStarted { .. } => self.progress(so_far),
            Event::CaseFinished { case, .. } => {
                if let Some(case) = so_far.case(case).filter(|case| unexpected_deviation(case)) {
                    self.fail(so_far, case)?
                }
                self.progress(so_far)
            }
            _ => Ok(()),
        }
    }

    fn finish(&mut self, run: &Run) -> io::Result<()> {
        for case in run.cases.iter().filter(|case| unexpected_deviation(case)) {
            if !self.told.contains(&case.id) {
                self.fail(run, case)?;
            }
        }
        let mut sheet = self.sheet();
        if self.shown > self.most_failures() {
            sheet.gap();
        }
        summary::summary(&mut sheet, run, self.options.details);
        self.write(&sheet)
    }
}

/// One failure as the terminal tells it, plain.
pub(super) fn plain_failure(run: &Run, case: &Case, deviation: &Deviation) -> String {
    let mut sheet = Sheet::new(WIDEST);
    failure::block(&mut sheet, run, case, deviation);
    strip_str(sheet.text()).to_string()
}

fn unexpected_deviation(case: &Case) -> bool {
    case.outcome == Outcome::Deviates && !case.expected
}

/// How wide standard output is.
pub fn stdout_width() -> usize {
    detect(io::stdout().is_terminal(), false).width
}

fn detect(is_terminal: bool, details: bool) -> TerminalOptions {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    TerminalOptions {
        width: match width {
            Some(width) if is_terminal => width.clamp(20, WIDEST),
            _ => UNKNOWN_WIDTH,
        },
        live: is_terminal && !dumb,
        details,
    }
}

#[cfg(test)]
mod tests;
