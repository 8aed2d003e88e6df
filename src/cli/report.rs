//! `wireproof report`: renders an event log again, in another format.

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::PathBuf;

use super::error::{CliError, is_missed};
use crate::exit::Exit;
use crate::report::{Html, Json, Reports, Terminal, read};

#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    #[arg(value_enum)]
    format: Rendered,
    /// An event log, as `run --events FILE` writes it
    #[arg(value_name = "EVENTS")]
    events: PathBuf,
    /// Write here; standard output where there is none
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Rendered {
    Html,
    Json,
    Terminal,
}

pub(super) fn report(args: &ReportArgs) -> Result<Exit, CliError> {
    let log = File::open(&args.events)
        .map_err(CliError::io(format!("read {}", args.events.display())))?;
    let out: Box<dyn io::Write + Send> = match &args.output {
        Some(path) => Box::new(BufWriter::new(
            File::create(path).map_err(CliError::io(format!("write {}", path.display())))?,
        )),
        None => Box::new(io::stdout()),
    };
    let mut reports = Reports::new();
    match (args.format, &args.output) {
        (Rendered::Html, _) => reports.add("the HTML report", Html::new(out)),
        (Rendered::Json, _) => reports.add("the JSON report", Json::new(out)),
        (Rendered::Terminal, _) => reports.add("the terminal output", Terminal::stdout(usize::MAX)),
    }
    for event in read(BufReader::new(log)) {
        reports.on(&event.map_err(CliError::io(format!("read {}", args.events.display())))?);
    }
    let (_, unwritten) = reports.finish();
    match unwritten.into_iter().find(is_missed) {
        Some(unwritten) => Err(unwritten.into()),
        None => Ok(Exit::Fine),
    }
}
