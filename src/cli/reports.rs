//! The files that reports go to, `--report KIND=FILE` as often as wanted, and the logs that they come from.
//!
//! Opens nothing to write before every argument is understood, so that a mistake costs nobody an older report.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::event::Event;
use crate::report::{Format, Log, Merged, Out, Reports, To, merge, read};

#[derive(Debug, clap::Args)]
pub(super) struct ReportFiles {
    /// Write a report, such as html=FILE or junit=FILE; may be given more than once
    #[arg(long = "report", value_name = "KIND=FILE", long_help = long_help())]
    reports: Vec<String>,
}

impl ReportFiles {
    /// Adds the reports that were asked for, and where no HTML was, one at the `usual` place. Says where the
    /// HTML goes.
    pub(super) fn open(
        &self,
        reports: &mut Reports,
        usual: Option<&str>,
        stdout_is_taken: bool,
    ) -> Result<Option<PathBuf>, CliError> {
        let mut wanted = Vec::new();
        for report in &self.reports {
            wanted.push(understood(report)?);
        }
        if let (Some(usual), Some(html)) = (usual, Format::named("html"))
            && !wanted.iter().any(|(format, _)| format.name == "html")
        {
            wanted.push((html, Some(PathBuf::from(usual))));
        }
        let mut html = None;
        for (format, path) in wanted {
            let name = match &path {
                Some(path) => path.display().to_string(),
                None => format!("the {} report", format.name),
            };
            let file: Option<Out> = match &path {
                Some(path) => Some(Box::new(create(path)?)),
                None => None,
            };
            let console = console(stdout_is_taken);
            reports.add(name, (format.open)(To { file, console }));
            html = path.filter(|_| format.name == "html").or(html);
        }
        Ok(html)
    }
}

/// The format of one `--report`, and its file; the formats that go to the console may do without one.
fn understood(report: &str) -> Result<(&'static Format, Option<PathBuf>), CliError> {
    let (kind, path) = match report.split_once('=') {
        Some((kind, path)) => (kind, Some(path)),
        None => (report, None),
    };
    let Some(format) = Format::named(kind) else {
        return Err(CliError::usage(format!(
            "there is no report \"{kind}\"; there are {}",
            Format::names()
        )));
    };
    match path {
        Some(path) if !path.is_empty() => Ok((format, Some(PathBuf::from(path)))),
        None if format.alone => Ok((format, None)),
        _ => Err(CliError::usage(format!(
            "--report {kind} goes to a file; say --report {kind}=FILE"
        ))),
    }
}

pub(super) fn console(stdout_is_taken: bool) -> Out {
    if stdout_is_taken {
        Box::new(io::stderr())
    } else {
        Box::new(io::stdout())
    }
}

/// The events of a log, one by one; it may have been cut off anywhere after its first line.
pub(super) fn events_of(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Event, CliError>> + use<>, CliError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(CliError::io(format!("read {name}")))?;
    let what = format!("read {name}");
    let mut events =
        read(BufReader::new(file)).map(move |event| event.map_err(CliError::io(what.clone())));
    match events.next().transpose()? {
        Some(first @ Event::RunStarted { .. }) => Ok(std::iter::once(Ok(first)).chain(events)),
        _ => Err(CliError::usage(format!(
            "{name} holds no run: an event log begins with run-started"
        ))),
    }
}

pub(super) fn read_log(path: &Path) -> Result<Log, CliError> {
    Ok(Log {
        name: path.display().to_string(),
        events: events_of(path)?.collect::<Result<_, _>>()?,
    })
}

/// The events of these logs, as of one run.
pub(super) fn read_logs(paths: &[PathBuf], target: Option<&str>) -> Result<Merged, CliError> {
    let logs = paths
        .iter()
        .map(|path| read_log(path))
        .collect::<Result<_, _>>()?;
    merge(logs, target).map_err(CliError::Merge)
}

/// A new file, in a folder that is made where it is not there.
pub(super) fn create(path: &Path) -> Result<BufWriter<File>, CliError> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(CliError::io(format!("make {}", folder.display())))?;
    }
    let file = File::create(path).map_err(CliError::io(format!("write {}", path.display())))?;
    Ok(BufWriter::new(file))
}

fn long_help() -> String {
    let mut help = "Write a report; may be given more than once. KIND is\n".to_owned();
    for format in &crate::report::FORMATS {
        help += &format!("\n- {}: {}", format.name, format.about);
    }
    help
}
