//! `wireproof report compare`: servers or runs side by side; a regression is exit 1.

use std::io::Write;
use std::path::PathBuf;

use super::error::CliError;
use super::reports::{create, read_log};
use crate::exit::Exit;
use crate::outcome::Run;
use crate::report::{Comparison, Reports, compare_page, comparison_text, stdout_width};

#[derive(Debug, clap::Args)]
pub(super) struct CompareArgs {
    /// Event logs, as `run --events FILE` writes them; the first is what the others are held against
    #[arg(value_name = "EVENTS", required = true, num_args = 2..)]
    logs: Vec<PathBuf>,
    /// Write the comparison as a page, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// List all there is to say, and what is the same
    #[arg(long)]
    details: bool,
}

pub(super) fn compare(args: &CompareArgs) -> Result<Exit, CliError> {
    let mut runs: Vec<(String, Run)> = Vec::new();
    for path in &args.logs {
        let log = read_log(path)?;
        let mut fold = Reports::new();
        log.events.iter().for_each(|event| fold.on(event));
        runs.push((log.name, fold.finish().0));
    }
    let comparison = Comparison::of(&runs);
    if let Some(path) = &args.html {
        let page = compare_page(&comparison, create(path)?);
        page.map_err(CliError::io(format!("write {}", path.display())))?;
    }
    let text = comparison_text(&comparison, stdout_width(), args.details);
    let mut out = anstream::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            return Err(CliError::io("write to standard output")(error));
        }
        _ => {}
    }
    if comparison.regressed() {
        Ok(Exit::Deviations)
    } else if comparison.comparable() {
        Ok(Exit::Fine)
    } else {
        Err(CliError::usage(
            "nothing was judged in the first run and in another one; are they of one protocol?",
        ))
    }
}
