//! `wireproof audit`: what the suite says of servers that are wrong on purpose.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wireproof_reference::{Behaviour, Pack as Server};

use super::audit_wire::{WireArgs, audit_wire};
use super::error::CliError;
use super::output::say;
use super::packs::PackArgs;
use super::reference::Reference;
use super::reports::create;
use crate::audit::{
    Floors, Forkable, Handlers, Matrix, PackMatrix, Parts, SCHEMA, Servers, campaign,
    page_of_matrix, text_of_matrix,
};
use crate::codec::Codec;
use crate::exit::Exit;
use crate::plan::{Selection, plan};
use crate::scenario::{Pack, embedded_beside};

#[derive(Debug, clap::Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    packs: PackArgs,
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Only cases whose id contains one of these
    #[arg(long = "filter", value_name = "WORD")]
    filters: Vec<String>,
    /// How to print the matrix
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Raise the floors in each pack's audit.json to what is measured; none is lowered
    #[arg(long, conflicts_with_all = ["only", "filters"])]
    raise_floors: bool,
    /// Write the matrix as a page, too
    #[arg(long = "report", value_name = "html=FILE", value_parser = parse_report)]
    report: Option<PathBuf>,
    #[command(flatten)]
    wire: WireArgs,
}

/// Beside the scenarios of a pack: its floors, and the reasons.
const FLOORS: &str = "audit.json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Degenerate,
    Rules,
    Tamper,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn parse_report(text: &str) -> Result<PathBuf, String> {
    match text.split_once('=') {
        Some(("html", file)) if !file.is_empty() => Ok(file.into()),
        _ => Err("expected html=FILE".to_owned()),
    }
}

pub(super) fn audit(args: &AuditArgs) -> Result<Exit, CliError> {
    if args.wire.is_asked_for() {
        if args.only.is_some() || args.raise_floors {
            return Err(CliError::usage(
                "a real server is only tampered with; --only and --raise-floors are for the reference servers",
            ));
        }
        let matrix = audit_wire(&args.wire, &args.packs, &args.filters)?;
        if args.format == Format::Text {
            say(&text_of_matrix(&matrix))?;
        }
        return tell(args, vec![matrix]);
    }
    let mut packs = Vec::new();
    for pack in args.packs.load()? {
        let name = &pack.catalogue.name;
        let Some(server) = Server::from_name(name) else {
            return Err(CliError::usage(format!(
                "there is no reference server for {name}; say with --target or --launch which server passes"
            )));
        };
        let mut matrix = audit_pack(args, &pack, server);
        // Part of the cases says nothing of the whole.
        if args.filters.is_empty() {
            let floors = floors(args, name)?;
            floors.hold(&mut matrix);
            if args.raise_floors {
                let (file, text) = (floors_file(args, name), floors.raised(&matrix).write());
                let what = format!("write {}", file.display());
                std::fs::write(&file, text).map_err(CliError::io(what))?;
            }
        }
        if args.format == Format::Text {
            say(&text_of_matrix(&matrix))?;
        }
        packs.push(matrix);
    }
    tell(args, packs)
}

/// What is said of all packs together, and the exit code.
fn tell(args: &AuditArgs, packs: Vec<PackMatrix>) -> Result<Exit, CliError> {
    if let Some(file) = &args.report {
        let what = format!("write {}", file.display());
        page_of_matrix(&packs, create(file)?).map_err(CliError::io(what))?;
    }
    let fine = packs.iter().all(|pack| pack.misses.is_empty());
    if args.format == Format::Json {
        let schema = SCHEMA;
        let text = serde_json::to_string_pretty(&Matrix { schema, packs });
        say(&format!("{}\n", text.unwrap_or_default()))?;
    }
    Ok(if fine { Exit::Fine } else { Exit::Deviations })
}

/// The floors of a pack: from its folder where they are to be raised or the pack is no embedded one.
fn floors(args: &AuditArgs, pack: &str) -> Result<Floors, CliError> {
    let from_folder = args.raise_floors || args.packs.pack_dir.is_some();
    let text = if from_folder {
        let file = floors_file(args, pack);
        match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Floors::default());
            }
            Err(error) => return Err(CliError::io(format!("read {}", file.display()))(error)),
        }
    } else {
        embedded_beside(pack, FLOORS).unwrap_or("{}").to_owned()
    };
    Floors::read(&text).map_err(|error| CliError::usage(format!("{FLOORS} of {pack}: {error}")))
}

fn floors_file(args: &AuditArgs, pack: &str) -> PathBuf {
    let folder = args.packs.pack_dir.clone();
    let folder = folder.unwrap_or_else(|| Path::new("scenarios").join(pack));
    folder.join(FLOORS)
}

fn audit_pack(args: &AuditArgs, pack: &Arc<Pack>, server: Server) -> PackMatrix {
    let selection = Selection {
        filters: args.filters.clone(),
        exact: Vec::new(),
    };
    let cases = plan(std::slice::from_ref(pack), &Arc::default(), &selection);
    let codec = Codec::from_name(pack.catalogue.wire.codec.name()).unwrap_or(Codec::Json);
    let wanted = |part| args.only.is_none_or(|only| only == part);
    let parts = Parts {
        degenerate: wanted(Part::Degenerate),
        rules: wanted(Part::Rules),
        tamper: wanted(Part::Tamper),
        idle: wanted(Part::Idle),
    };
    campaign(pack, &cases, codec, &References(server), parts)
}

/// The reference servers of one protocol.
struct References(Server);

impl Servers for References {
    fn reference(&self) -> Box<dyn Forkable> {
        match Reference::new(self.0, &Behaviour::default()) {
            Ok(reference) => Box::new(reference),
            Err(error) => unreachable!("the default behaviour has no unknown setting: {error}"),
        }
    }

    fn broken(&self, rule: &str, way: usize) -> Box<dyn Handlers> {
        match Reference::broken(self.0, rule, way) {
            Ok(broken) => Box::new(broken),
            Err(error) => unreachable!("a rule of the server: {error}"),
        }
    }

    fn ways(&self) -> Vec<(String, usize, String)> {
        let ways = wireproof_reference::rules(self.0).iter().flat_map(|rule| {
            let ways = rule.ways.iter().enumerate();
            ways.map(|(way, text)| (rule.id.to_owned(), way, (*text).to_owned()))
        });
        ways.collect()
    }
}
