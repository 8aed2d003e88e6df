//! `wireproof audit`: what the suite says of servers that are wrong on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wireproof_reference::{Behaviour, Pack as Server};

use super::error::CliError;
use super::output::say;
use super::packs::PackArgs;
use super::reference::Reference;
use crate::audit::{
    Handlers, Impression, Kill, Stray, Survivor, Tally, Tampering, Wrong, degenerate, rules, tamper,
};
use crate::codec::Codec;
use crate::exit::Exit;
use crate::plan::{Case, Selection, plan};
use crate::protocol::Level;
use crate::scenario::Pack;

/// One line to standard output, as it is known; whoever stopped reading is no error.
macro_rules! line {
    ($($text:tt)*) => {
        say(&format!("{}\n", format_args!($($text)*)))?
    };
}

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Degenerate,
    Rules,
    Tamper,
}

pub(super) fn audit(args: &AuditArgs) -> Result<Exit, CliError> {
    let mut fine = true;
    for pack in args.packs.load()? {
        let Some(server) = Server::from_name(&pack.catalogue.name) else {
            line!("{}: no reference server to audit with", pack.catalogue.name);
            continue;
        };
        let selection = Selection {
            filters: args.filters.clone(),
            exact: Vec::new(),
        };
        let cases = plan(std::slice::from_ref(&pack), &Arc::default(), &selection);
        let codec = Codec::from_name(pack.catalogue.wire.codec.name()).unwrap_or(Codec::Json);
        let audit = Audit {
            pack: &pack,
            server,
            cases: &cases,
            codec,
        };
        line!("{}: {} cases", pack.catalogue.name, cases.len());
        let wanted = |part| args.only.is_none_or(|only| only == part);
        if wanted(Part::Degenerate) {
            fine &= audit.degenerate()?;
        }
        if wanted(Part::Rules) {
            fine &= audit.rules()?;
        }
        if wanted(Part::Tamper) {
            audit.tamper()?;
        }
    }
    Ok(if fine { Exit::Fine } else { Exit::Deviations })
}

struct Audit<'a> {
    pack: &'a Pack,
    server: Server,
    cases: &'a [Arc<Case>],
    codec: Codec,
}

impl Audit<'_> {
    fn reference(&self) -> Box<dyn Handlers> {
        match Reference::new(self.server, &Behaviour::default()) {
            Ok(reference) => Box::new(reference),
            Err(error) => unreachable!("the default behaviour has no unknown setting: {error}"),
        }
    }

    fn degenerate(&self) -> Result<bool, CliError> {
        line!("  degenerate servers");
        let impressions = in_parallel(&Wrong::ALL, |wrong| {
            degenerate(self.pack, self.cases, self.codec, *wrong, &|| {
                self.reference()
            })
        });
        let mut fine = true;
        for Impression {
            wrong,
            conforms,
            met,
        } in &impressions
        {
            line!(
                "    {:<26} {:>4} cases conform, {:>3} requirements count as met",
                wrong.name(),
                conforms.len(),
                met.len()
            );
            if wrong.is_hopeless() {
                fine &= conforms.is_empty();
                for case in conforms {
                    line!("      conforms: {case}");
                }
            }
            if !met.is_empty() {
                line!("      met: {}", met.join(", "));
            }
        }
        Ok(fine)
    }

    fn rules(&self) -> Result<bool, CliError> {
        let ways: Vec<(&str, usize, &str)> = wireproof_reference::rules(self.server)
            .iter()
            .flat_map(|rule| {
                rule.ways
                    .iter()
                    .enumerate()
                    .map(|(way, text)| (rule.id, way, *text))
            })
            .collect();
        let kills = in_parallel(&ways, |(rule, way, _)| {
            let broken = |rule: &str, way: usize| -> Box<dyn Handlers> {
                match Reference::broken(self.server, rule, way) {
                    Ok(broken) => Box::new(broken),
                    Err(error) => unreachable!("a rule of the server: {error}"),
                }
            };
            rules(self.pack, self.cases, self.codec, rule, *way, &broken)
        });
        let is_must = |id: &str| {
            self.pack
                .catalogue
                .requirement(id)
                .is_some_and(|r| r.level == Level::Must)
        };
        let killed = kills
            .iter()
            .filter(|kill| !kill.killed_by.is_empty())
            .count();
        let strays: usize = kills.iter().map(|kill| kill.stray.len()).sum();
        line!(
            "  broken rules: {killed} of {} ways killed, {strays} stray deviations",
            kills.len()
        );
        let mut fine = true;
        for (
            Kill {
                rule,
                way,
                killed_by,
                stray,
            },
            (_, _, text),
        ) in kills.iter().zip(&ways)
        {
            if killed_by.is_empty() {
                line!("    survives: {rule}#{way} ({text})");
                fine &= !is_must(rule);
            }
            for Stray { case, at, message } in stray {
                line!("    stray: {rule}#{way} makes {case} deviate at {at}: {message}");
            }
            fine &= stray.is_empty();
        }
        Ok(fine)
    }
}

/// Survivors of one kind: the message and what was done to it.
type Kind = (String, Tampering);

impl Audit<'_> {
    /// Prints what became of every tampering; survivors by message and field, the most frequent first.
    fn tamper(&self) -> Result<(), CliError> {
        let tallies = in_parallel(self.cases, |case| {
            tamper(self.pack, case, self.codec, &|| self.reference())
        });
        let mut all = Tally::default();
        tallies.into_iter().for_each(|tally| all.add(tally));
        let survived = all.survivors.len();
        line!(
            "  tampered frames: {} killed, {survived} survived, {} equivalent; {:.2} % of those that can be noticed killed",
            all.killed,
            all.equivalent,
            all.share() * 100.0,
        );
        let mut kinds: BTreeMap<Kind, Vec<&Survivor>> = BTreeMap::new();
        for survivor in &all.survivors {
            kinds
                .entry((survivor.message.clone(), survivor.tampering.clone()))
                .or_default()
                .push(survivor);
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, survivors)| std::cmp::Reverse(survivors.len()));
        for ((message, tampering), survivors) in kinds.iter().take(60) {
            let Survivor { case, at, .. } = survivors[0];
            line!(
                "    {:>4} x {message} {tampering}, as in {case}, taken by {at}",
                survivors.len()
            );
        }
        Ok(())
    }
}

/// Maps over the items with as many threads as there are processors.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let run = || {
            let mut own = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(i) else { return own };
                own.push((i, work(item)));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_default())
            .collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}
