//! The terminal: one line that moves, failures as they happen, one summary at the end.
//!
//! Plain when not a terminal, never wider than one where prose is concerned. Refuses to repeat itself:
//! the same finding is one line with a count, and beyond a number of failures each is one line.

mod failure;
mod sheet;
mod summary;

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstream::AutoStream;

use crate::event::{Event, Level};
use crate::outcome::{Case, Outcome, Run};

use super::Reporter;
use super::safe::safe_text;
use super::words::{count, time, verb};
use sheet::Sheet;

/// How often the moving line moves at most.
const BEAT: Duration = Duration::from_millis(50);
const WIDEST: usize = 100;
const UNKNOWN_WIDTH: usize = 80;

#[derive(Clone, Copy, Debug)]
pub struct TerminalOptions {
    /// In columns; prose is wrapped to it.
    pub width: usize,
    /// Whether a progress line may overwrite itself.
    pub live: bool,
    /// How many failures are shown in full.
    pub failures: usize,
}

impl Default for TerminalOptions {
    fn default() -> TerminalOptions {
        TerminalOptions {
            width: UNKNOWN_WIDTH,
            live: false,
            failures: 20,
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
    pub fn stdout(failures: usize) -> Self {
        let live = io::stdout().is_terminal();
        Terminal::new(anstream::stdout(), detect(live, failures))
    }
}

impl Terminal<AutoStream<io::Stderr>> {
    /// For runs whose standard output is a document.
    pub fn stderr(failures: usize) -> Self {
        let live = io::stderr().is_terminal();
        Terminal::new(anstream::stderr(), detect(live, failures))
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
            if self.shown < self.options.failures {
                failure::block(&mut sheet, run, case, deviation);
            } else {
                if self.shown == self.options.failures {
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
        if self.shown > self.options.failures {
            sheet.gap();
        }
        summary::summary(&mut sheet, run);
        self.write(&sheet)
    }
}

fn unexpected_deviation(case: &Case) -> bool {
    case.outcome == Outcome::Deviates && !case.expected
}

fn detect(is_terminal: bool, failures: usize) -> TerminalOptions {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    TerminalOptions {
        width: match width {
            Some(width) if is_terminal => width.clamp(20, WIDEST),
            _ => UNKNOWN_WIDTH,
        },
        live: is_terminal && !dumb,
        failures,
    }
}

#[cfg(test)]
mod tests;
