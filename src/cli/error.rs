//! What a subcommand cannot go on after, and the exit code of each.

use std::io::{self, IsTerminal};

use crate::exit::Exit;
use crate::report::{MergeError, Unwritten, safe_text};
use crate::source::Diagnostics;
use crate::target::LaunchError;

#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The arguments contradict themselves, or name what there is not.
    #[error("{0}")]
    Usage(String),
    /// Files of a pack have mistakes.
    #[error("{0}")]
    Diagnostics(Diagnostics),
    /// Event logs that do not belong together.
    #[error("{} mistakes in the logs", .0.len())]
    Merge(Vec<MergeError>),
    /// The server that was to be tested could not be started.
    #[error("{0}")]
    Launch(#[from] LaunchError),
    #[error("cannot {what}: {source}")]
    Io { what: String, source: io::Error },
}

impl From<Unwritten> for CliError {
    fn from(unwritten: Unwritten) -> CliError {
        CliError::Io {
            what: format!("write {}", unwritten.report),
            source: unwritten.source,
        }
    }
}

/// Whether somebody misses the report: not where its reader left (`wireproof run | head`).
pub(super) fn is_missed(unwritten: &Unwritten) -> bool {
    unwritten.source.kind() != io::ErrorKind::BrokenPipe
}

impl CliError {
    pub(super) fn usage(message: impl Into<String>) -> CliError {
        CliError::Usage(message.into())
    }

    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> CliError {
        let what = what.into();
        |source| CliError::Io { what, source }
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            CliError::Usage(_)
            | CliError::Diagnostics(_)
            | CliError::Merge(_)
            | CliError::Io { .. } => Exit::Usage,
            CliError::Launch(_) => Exit::TargetUnfit,
        }
    }

    pub(super) fn print(&self) {
        match self {
            CliError::Diagnostics(problems) => {
                let color = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
                eprintln!("{}", problems.render(color));
                let many = if problems.len() == 1 {
                    "mistake"
                } else {
                    "mistakes"
                };
                eprintln!("wireproof: {} {many}", problems.len());
            }
            CliError::Merge(errors) => {
                for error in errors {
                    eprintln!("wireproof: {}", safe_text(&error.to_string(), 2000));
                }
            }
            CliError::Launch(error) => {
                let text = error.to_string();
                let mut lines = text.lines().map(|line| safe_text(line, 2000));
                eprintln!("wireproof: {}", lines.next().unwrap_or_default());
                lines.for_each(|line| eprintln!("{line}"));
            }
            other => eprintln!("wireproof: {}", safe_text(&other.to_string(), 2000)),
        }
    }
}
