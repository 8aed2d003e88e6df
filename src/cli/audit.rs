//! `wireproof audit`: what the suite says of servers that are wrong on purpose.

use std::sync::Arc;

use wireproof_reference::{Behaviour, Pack as Server};

use super::error::CliError;
use super::output::say;
use super::packs::PackArgs;
use super::reference::Reference;
use crate::audit::{
    Forkable, Handlers, Matrix, PackMatrix, Parts, SCHEMA, Servers, campaign, text_of_matrix,
};
use crate::codec::Codec;
use crate::exit::Exit;
use crate::plan::{Selection, plan};
use crate::scenario::Pack;

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Degenerate,
    Rules,
    Tamper,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn audit(args: &AuditArgs) -> Result<Exit, CliError> {
    let mut packs = Vec::new();
    for pack in args.packs.load()? {
        let name = &pack.catalogue.name;
        let Some(server) = Server::from_name(name) else {
            return Err(CliError::usage(format!(
                "there is no reference server for {name}, and so nothing to audit it with"
            )));
        };
        let matrix = audit_pack(args, &pack, server);
        if args.format == Format::Text {
            say(&text_of_matrix(&matrix))?;
        }
        packs.push(matrix);
    }
    let fine = packs.iter().all(|pack| pack.misses.is_empty());
    if args.format == Format::Json {
        let schema = SCHEMA;
        let text = serde_json::to_string_pretty(&Matrix { schema, packs });
        say(&format!("{}\n", text.unwrap_or_default()))?;
    }
    Ok(if fine { Exit::Fine } else { Exit::Deviations })
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
