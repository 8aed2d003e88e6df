//! The command line: one file a subcommand. Arguments resolve into options; nothing below imports clap.

mod audit;
mod audit_wire;
mod check;
mod compare;
mod error;
mod fuzz;
mod handshake;
mod interrupt;
mod launch;
mod list;
mod merge;
mod output;
mod packs;
mod page;
mod probe;
mod profile;
pub mod reference;
mod report;
mod reports;
mod run;
mod schema;
mod serve;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{Parser, Subcommand};

use crate::exit::Exit;

/// Proves on the wire that a chat server does what its protocol document says.
#[derive(Debug, Parser)]
#[command(name = "wireproof", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run conformance cases against a target, or against the built-in reference server
    Run(Box<run::RunArgs>),
    /// Look for faults with sequences that nobody thought of; each is written down as a scenario
    Fuzz(Box<fuzz::FuzzArgs>),
    /// Get to know a server: its protocol and its dialect; writes the profile that it is run with
    Probe(probe::ProbeArgs),
    /// Serve the built-in reference servers, one port a pack
    Serve(serve::ServeArgs),
    /// List packs, requirements and the cases that prove them
    List(list::ListArgs),
    /// Validate scenario files without a target
    Check(check::CheckArgs),
    /// Prove that the suite can fail: degenerate servers and broken rules, in virtual time
    Audit(audit::AuditArgs),
    /// Fuzz servers with known bugs, and measure how much of it is found, how soon, how small
    #[command(hide = true)]
    FuzzBench(Box<fuzz::BenchArgs>),
    /// Watch over a server that a run launched, and leave nothing of it behind
    #[cfg(unix)]
    #[command(hide = true)]
    WatchOver(launch::WatchArgs),
    /// Print a JSON Schema, for completion in an editor
    Schema(schema::SchemaArgs),
    /// Render a report from an event log
    Report(report::ReportArgs),
}

impl Cli {
    /// Does what the arguments say; what goes wrong is said on standard error.
    pub fn execute(self) -> Exit {
        guarded(|| {
            let outcome = match self.command {
                Command::Run(args) => run::run(&args),
                Command::Fuzz(args) => fuzz::fuzz(&args),
                Command::FuzzBench(args) => fuzz::bench(&args),
                Command::Probe(args) => probe::run(&args),
                Command::Serve(args) => serve::serve(args),
                Command::List(args) => list::list(&args),
                Command::Check(args) => check::check(&args),
                Command::Audit(args) => audit::audit(&args),
                Command::Schema(args) => schema::schema(&args),
                Command::Report(args) => report::report(&args),
                #[cfg(unix)]
                Command::WatchOver(args) => launch::watch(&args),
            };
            outcome.unwrap_or_else(|error| {
                error.print();
                error.exit()
            })
        })
    }
}

/// A panic is our bug, and must not look like a verdict on anybody else.
fn guarded(act: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        eprintln!(
            "wireproof: this is a defect of wireproof itself; please report it with the lines above"
        );
        Exit::OurBug
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_is_our_bug() {
        assert_eq!(guarded(|| panic!("on purpose")), Exit::OurBug);
        assert_eq!(guarded(|| Exit::Deviations), Exit::Deviations);
    }
}
