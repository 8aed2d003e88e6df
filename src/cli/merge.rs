//! `wireproof report merge`: the event logs of a divided run into one, judged as the undivided run would be.

use std::path::PathBuf;

use super::error::{CliError, is_missed};
use super::reports::{ReportFiles, create, read_logs};
use super::run::exit_of;
use crate::exit::Exit;
use crate::report::{EventsWriter, Reports, Terminal};

#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// Event logs of the parts, in any order
    #[arg(value_name = "EVENTS", required = true)]
    logs: Vec<PathBuf>,
    /// Write the joined event stream here
    #[arg(long, value_name = "OUT")]
    events: Option<PathBuf>,
    /// Name the target so, where each part had one at an address of its own
    #[arg(long = "as", value_name = "NAME")]
    target: Option<String>,
    #[command(flatten)]
    reports: ReportFiles,
    /// List all there is to say, and every failure in full
    #[arg(long)]
    details: bool,
    /// Mask passwords, tokens and whatever the pack marks as secret, in the joined stream as well
    #[arg(long)]
    redact: bool,
}

/// The exit code is that of the undivided run.
pub(super) fn merge(args: &MergeArgs) -> Result<Exit, CliError> {
    let merged = read_logs(&args.logs, args.target.as_deref())?;
    let mut reports = Reports::new();
    if args.redact {
        reports.redact();
    }
    reports.add("the terminal output", Terminal::stdout(args.details));
    if let Some(path) = &args.events {
        reports.add(path.display().to_string(), EventsWriter::new(create(path)?));
    }
    args.reports.open(&mut reports, None, false)?;
    merged.events.iter().for_each(|event| reports.on(event));
    let (run, unwritten) = reports.finish();
    if let Some(unwritten) = unwritten.into_iter().find(is_missed) {
        return Err(unwritten.into());
    }
    for part in &merged.missing {
        eprintln!("wireproof: no log is of part {part}");
    }
    Ok(exit_of(&run))
}
