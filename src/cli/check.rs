//! `wireproof check`: every mistake of a pack's files, and what no step proves.

use std::path::PathBuf;

use super::error::CliError;
use super::packs::{PackArgs, load};
use crate::exit::Exit;
use crate::plan::{Selection, plan};
use crate::scenario::PackSource;
use crate::source::Diagnostics;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// A folder with a protocol.yaml; the embedded packs where there is none
    path: Option<PathBuf>,
    #[command(flatten)]
    packs: PackArgs,
}

pub(super) fn check(args: &CheckArgs) -> Result<Exit, CliError> {
    let sources = match &args.path {
        Some(dir) => vec![
            PackSource::from_dir(dir).map_err(CliError::io(format!("read {}", dir.display())))?,
        ],
        None => args.packs.sources()?,
    };
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
                println!(
                    "{}: {} scenarios, {} cases, {} requirements, all proved but {unprovokable} that no client can provoke",
                    pack.catalogue.name,
                    pack.scenarios.len(),
                    cases.len(),
                    requirements.len(),
                );
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        Ok(Exit::Fine)
    } else {
        Err(CliError::Diagnostics(problems))
    }
}
