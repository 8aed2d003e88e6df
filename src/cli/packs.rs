//! The packs that a subcommand works on: embedded ones by name, or one from a folder.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::CliError;
use crate::scenario::{self, Pack, PackSource};
use crate::source::{Diagnostics, SourceFile};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct PackArgs {
    /// The protocol that the target speaks; all packs where no target is given
    #[arg(long, value_name = "NAME")]
    pub(super) pack: Vec<String>,
    /// Read a pack of your own from a folder with a protocol.yaml
    #[arg(long, value_name = "DIR")]
    pub(super) pack_dir: Option<PathBuf>,
}

impl PackArgs {
    /// The sources that the arguments name; all embedded ones where they name none.
    pub(super) fn sources(&self) -> Result<Vec<PackSource>, CliError> {
        if let Some(dir) = &self.pack_dir {
            let source = PackSource::from_dir(dir)
                .map_err(CliError::io(format!("read {}", dir.display())))?;
            return Ok(vec![source]);
        }
        let embedded = scenario::embedded();
        if self.pack.is_empty() {
            return Ok(embedded);
        }
        let mut sources = Vec::new();
        for name in &self.pack {
            let Some(source) = embedded.iter().find(|source| source.name == *name) else {
                let known: Vec<&str> = embedded.iter().map(|source| source.name.as_str()).collect();
                return Err(CliError::usage(format!(
                    "unknown pack \"{name}\"; there are {}",
                    known.join(", ")
                )));
            };
            sources.push(source.clone());
        }
        Ok(sources)
    }

    /// The one pack that the arguments name, with these scenario files in the place of its own.
    pub(super) fn load_files(&self, files: &[&String]) -> Result<Arc<Pack>, CliError> {
        let mut sources = self.sources()?;
        let (Some(mut source), true) = (sources.pop(), sources.is_empty()) else {
            return Err(CliError::usage(
                "say with --pack which protocol the scenario file is about",
            ));
        };
        source.scenarios.clear();
        for file in files {
            let text =
                std::fs::read_to_string(file).map_err(CliError::io(format!("read {file}")))?;
            source.scenarios.push(SourceFile::new(*file, text));
        }
        let pack = scenario::read_pack(&source).map_err(CliError::Diagnostics)?;
        let problems = scenario::check_stories(&pack);
        let pack = problems.into_result(pack).map_err(CliError::Diagnostics)?;
        Ok(Arc::new(pack))
    }

    /// The packs, read and checked; every mistake in any of them is an error.
    pub(super) fn load(&self) -> Result<Vec<Arc<Pack>>, CliError> {
        let mut packs = Vec::new();
        let mut problems = Diagnostics::default();
        for source in self.sources()? {
            match load(&source) {
                Ok(pack) => packs.push(Arc::new(pack)),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(packs)
        } else {
            Err(CliError::Diagnostics(problems))
        }
    }
}

/// A pack, read and checked as a whole.
pub(super) fn load(source: &PackSource) -> Result<Pack, Diagnostics> {
    let pack = scenario::read_pack(source)?;
    let problems = scenario::check(&pack);
    problems.into_result(pack)
}
