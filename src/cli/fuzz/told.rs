//! What is said of a campaign that is under way, on standard error.

use std::io::{IsTerminal, Write as _};

use super::summary::health;
use crate::fuzz::{Finding, Progress};
use crate::report::safe_text;

/// What has been said of a campaign that is under way, on standard error.
#[derive(Default)]
pub(super) struct Told {
    findings: usize,
    /// The second of the last line of progress.
    second: u64,
    on_line: bool,
}

impl Told {
    pub(super) fn tell(&mut self, progress: &Progress, findings: &[Finding]) {
        let terminal = std::io::stderr().is_terminal();
        for finding in &findings[self.findings.min(findings.len())..] {
            self.end();
            eprintln!("found {}: {}", finding.id, safe_text(&finding.says, 200));
        }
        self.findings = findings.len();
        let second = progress.seconds as u64;
        let every = if terminal { 1 } else { 10 };
        if second / every == self.second / every && second != 0 {
            return;
        }
        self.second = second;
        let line = in_a_line(progress);
        if terminal {
            eprint!("\r\u{1b}[K{line}");
            let _ = std::io::stderr().flush();
            self.on_line = true;
        } else {
            eprintln!("{line}");
        }
    }

    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.on_line) {
            eprintln!();
        }
    }
}

fn in_a_line(progress: &Progress) -> String {
    let Progress {
        runs,
        novelty,
        unswept,
        deepest,
        findings,
        seconds,
        ..
    } = progress;
    let rate = *runs as f64 / seconds.max(0.001);
    let (left, all) = *unswept;
    let swept = 100 * (all - left.min(all)) / all.max(1);
    format!(
        "{seconds:.0} s: {runs} sequences ({rate:.0}/s), {findings} findings, {novelty} different answers, \
         {deepest} flows deep, {swept} % swept, {:.0} % healthy",
        health(progress)
    )
}
