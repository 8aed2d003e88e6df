//! `wireproof report`: renders event logs again, in another format; joins and compares them.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::compare::{self, CompareArgs};
use super::error::{CliError, is_missed};
use super::merge::{self, MergeArgs};
use super::reports::{console, create, events_of, read_logs};
use crate::event::Event;
use crate::exit::Exit;
use crate::report::{FORMATS, Format, Out, Reports, Terminal, To};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    of_several: Option<OfSeveral>,
    #[arg(value_name = "FORMAT", value_parser = formats(), required = true)]
    format: Option<&'static Format>,
    /// Event logs, as `run --events FILE` writes them; several are merged
    #[arg(value_name = "EVENTS", required = true)]
    events: Vec<PathBuf>,
    /// Write here; standard output where there is none
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Mask passwords, tokens and whatever the pack marks as secret
    #[arg(long)]
    redact: bool,
}

#[derive(Debug, clap::Subcommand)]
enum OfSeveral {
    /// Join the event logs of a divided run into one, and judge the whole
    Merge(MergeArgs),
    /// Hold servers or runs against the first of them; exit code 1 where something got worse
    Compare(CompareArgs),
}

fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let values = (FORMATS.iter()).map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values)
        .try_map(|name| Format::named(&name).ok_or("no format is called so"))
}

pub(super) fn report(args: &ReportArgs) -> Result<Exit, CliError> {
    match (&args.of_several, args.format) {
        (Some(OfSeveral::Merge(args)), _) => merge::merge(args),
        (Some(OfSeveral::Compare(args)), _) => compare::compare(args),
        (None, Some(format)) => render(args, format),
        (None, None) => Err(CliError::usage("say which format")),
    }
}

fn render(args: &ReportArgs, format: &Format) -> Result<Exit, CliError> {
    let events: Box<dyn Iterator<Item = Result<Event, CliError>>> = match args.events.as_slice() {
        // As it is, also where it is one part of a plan; and however long it is.
        [path] => Box::new(events_of(path)?),
        paths => Box::new(read_logs(paths, None)?.events.into_iter().map(Ok)),
    };
    let mut reports = Reports::new();
    if args.redact {
        reports.redact();
    }
    let name = match &args.output {
        Some(path) => path.display().to_string(),
        None => format!("the {} report", format.name),
    };
    if format.name == "terminal" && args.output.is_none() {
        reports.add(name, Terminal::stdout(true));
    } else {
        let file: Option<Out> = match &args.output {
            Some(path) => Some(Box::new(create(path)?)),
            None => None,
        };
        let console = console(false);
        reports.add(name, (format.open)(To { file, console }));
    }
    for event in events {
        reports.on(&event?);
    }
    let (_, unwritten) = reports.finish();
    match unwritten.into_iter().find(is_missed) {
        Some(unwritten) => Err(unwritten.into()),
        None => Ok(Exit::Fine),
    }
}
