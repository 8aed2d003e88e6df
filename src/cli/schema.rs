//! `wireproof schema`: JSON Schemas, for completion in editors.

use super::error::CliError;
use super::output::say;
use super::packs::PackArgs;
use crate::exit::Exit;
use crate::target;

#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// Which files it is for
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    packs: PackArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// A target profile; with --pack, that pack's messages, readings and settings
    Profile,
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Exit, CliError> {
    let What::Profile = args.what;
    let packs = if args.packs.pack.is_empty() && args.packs.pack_dir.is_none() {
        Vec::new()
    } else {
        args.packs.load()?
    };
    let catalogue = match packs.as_slice() {
        [] => None,
        [pack] => Some(&pack.catalogue),
        _ => {
            return Err(CliError::usage(
                "a profile is for one pack; give one --pack",
            ));
        }
    };
    let schema = serde_json::to_string_pretty(&target::schema(catalogue))
        .map_err(|error| CliError::usage(error.to_string()))?;
    say(&format!("{schema}\n"))?;
    Ok(Exit::Fine)
}
