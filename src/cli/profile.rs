//! `--profile FILE`: the file, the pack that it is for, and what the command line says over it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::CliError;
use super::packs::PackArgs;
use crate::plan::{check_accounts, check_known};
use crate::scenario::Pack;
use crate::source::{Diagnostic, Diagnostics, Node, SourceFile, parse};
use crate::target::{Address, Profile, pack_of, read_profile};

/// A profile that was parsed, but not yet held to a catalogue.
pub(super) struct ProfileFile {
    path: PathBuf,
    root: Node,
}

impl ProfileFile {
    pub(super) fn open(path: &Path) -> Result<ProfileFile, CliError> {
        let text =
            fs::read_to_string(path).map_err(CliError::io(format!("read {}", path.display())))?;
        let file = SourceFile::new(path.display().to_string(), text);
        let roots = parse(&file).map_err(CliError::Diagnostics)?;
        let mut roots = roots.into_iter();
        let (Some(root), extra) = (roots.next(), roots.next()) else {
            return Err(CliError::usage(format!("{} is empty", path.display())));
        };
        if let Some(extra) = extra {
            let message = "a profile is one document, without `---`";
            let problem = Diagnostic::new(&extra.place, message);
            return Err(CliError::Diagnostics(problem.into()));
        }
        let path = path.to_owned();
        Ok(ProfileFile { path, root })
    }

    /// The arguments; where they name no pack, the one that the profile is for.
    pub(super) fn pack_args(&self, args: &PackArgs) -> Result<PackArgs, CliError> {
        let mut args = args.clone();
        if let Some(node) = pack_of(&self.root)
            && args.pack_dir.is_none()
            && args.pack.is_empty()
        {
            let name = node.as_str().unwrap_or_default();
            let known = crate::scenario::embedded();
            if !known.iter().any(|source| source.name == name) {
                let problem = Diagnostic::new(&node.place, format!("unknown pack {name}"))
                    .help("a pack of your own is given with --pack-dir")
                    .suggest(name, known.iter().map(|source| &source.name));
                return Err(CliError::Diagnostics(problem.into()));
            }
            args.pack.push(name.to_owned());
        }
        Ok(args)
    }

    /// The profile, read for this pack. Its known deviations are about the pack's own cases.
    pub(super) fn read(
        &self,
        packs: &[Arc<Pack>],
        own_cases: bool,
    ) -> Result<(Address, Profile), CliError> {
        let [pack] = packs else {
            return Err(CliError::usage(format!(
                "{} does not say which `pack` it is for; say it with --pack",
                self.path.display()
            )));
        };
        let (mut address, profile) =
            read_profile(&self.root, &pack.catalogue).map_err(CliError::Diagnostics)?;
        let mut problems = Diagnostics::default();
        if let Some(node) = pack_of(&self.root)
            && node.as_str() != Some(&pack.catalogue.name)
        {
            let message = format!("the profile is not for {}", pack.catalogue.name);
            problems.push(Diagnostic::new(&node.place, message));
        }
        problems.extend(check_accounts(pack, &profile));
        if own_cases {
            problems.extend(check_known(pack, &profile));
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let beside = |file: String| folder.join(file).display().to_string();
        address.ca = address.ca.map(beside);
        if let Some(launch) = &mut address.launch {
            launch.log = launch.log.take().map(beside);
        }
        problems
            .into_result((address, profile))
            .map_err(CliError::Diagnostics)
    }
}
