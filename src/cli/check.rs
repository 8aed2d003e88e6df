//! `wireproof check`: every mistake of a pack's files, and what no step proves.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::error::CliError;
use super::output::say;
use super::packs::{PackArgs, load};
use crate::exit::Exit;
use crate::plan::{Selection, plan};
use crate::scenario::PackSource;
use crate::source::Diagnostics;

/// What makes a folder a pack.
const CATALOGUE: &str = "protocol.yaml";

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// A pack's folder (it has a protocol.yaml), a file of it, or a folder of packs; without one, the
    /// embedded packs
    path: Option<PathBuf>,
    #[command(flatten)]
    packs: PackArgs,
}

pub(super) fn check(args: &CheckArgs) -> Result<Exit, CliError> {
    let sources = match &args.path {
        Some(path) => pack_folders(path)?
            .iter()
            .map(|dir| PackSource::from_dir(dir).map_err(cannot_read(dir)))
            .collect::<Result<_, _>>()?,
        None => args.packs.sources()?,
    };
    let mut report = String::new();
    let mut problems = Diagnostics::default();
    for source in &sources {
        match load(source) {
            Ok(pack) => {
                let pack = Arc::new(pack);
                let cases = plan(
                    std::slice::from_ref(&pack),
                    &Arc::default(),
                    &Selection::default(),
                );
                let requirements = &pack.catalogue.requirements;
                let unprovokable = requirements
                    .iter()
                    .filter(|r| r.unprovokable.is_some())
                    .count();
                report += &format!(
                    "{}: {}, {}, {}, all proved",
                    pack.catalogue.name,
                    count(pack.scenarios.len(), "scenario"),
                    count(cases.len(), "case"),
                    count(requirements.len(), "requirement"),
                );
                if unprovokable > 0 {
                    report += &format!(" but {unprovokable} that no client can provoke");
                }
                report.push('\n');
            }
            Err(found) => problems.extend(found),
        }
    }
    say(&report)?;
    if problems.is_empty() {
        Ok(Exit::Fine)
    } else {
        Err(CliError::Diagnostics(problems))
    }
}

/// The pack that the path is, or is a part of; else the packs right below it.
fn pack_folders(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    let is_pack = |dir: &Path| dir.join(CATALOGUE).is_file();
    let is_folder = fs::metadata(path).map_err(cannot_read(path))?.is_dir();
    if let Some(pack) = path.ancestors().find(|dir| is_pack(dir)) {
        let here = Path::new(".");
        let named = Some(pack).filter(|pack| !pack.as_os_str().is_empty());
        return Ok(vec![named.unwrap_or(here).to_owned()]);
    }
    let mut below = Vec::new();
    if is_folder {
        for entry in fs::read_dir(path).map_err(cannot_read(path))? {
            below.push(entry.map_err(cannot_read(path))?.path());
        }
    }
    below.retain(|dir| is_pack(dir));
    below.sort();
    if below.is_empty() {
        return Err(CliError::usage(format!(
            "{} is no pack: there is no {CATALOGUE} in it, above it, or right below it",
            path.display()
        )));
    }
    Ok(below)
}

/// "1 case", "2 cases".
fn count(count: usize, thing: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{many}")
}

fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> CliError {
    CliError::io(format!("read {}", path.display()))
}
