//! `wireproof fuzz-bench`: how much of what is known to be wrong the fuzzer finds, how soon, and how small.
//!
//! A measuring instrument, run by hand: it fuzzes the built-in servers, each with one of their bugs, and prints
//! figures. It judges nothing.

mod hunt;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use wireproof_reference::{Bug, Pack as Server, bugs};

use crate::cli::error::CliError;
use crate::cli::output::say;
use crate::cli::run::parse_time;
use crate::exit::Exit;
use crate::fuzz::{Source, Summary};
use hunt::hunt;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BenchArgs {
    /// Only these bugs; all where none is named
    #[arg(long = "bug", value_name = "ID")]
    bugs: Vec<String>,
    /// Only the bugs that the fuzzer was tuned with in sight
    #[arg(long, conflicts_with = "unseen")]
    seen: bool,
    /// Only the others
    #[arg(long)]
    unseen: bool,
    /// A campaign for each bug and each of these
    #[arg(long = "seed", value_name = "N", default_values_t = [1])]
    seeds: Vec<u64>,
    /// How long one campaign may look for a bug
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    time: Duration,
    /// How often a finding is shown again, each time to a fresh server
    #[arg(long, value_name = "N", default_value_t = 20)]
    replays: usize,
    /// How many sequences are played at once
    #[arg(long, short, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// How many campaigns go on at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    abreast: u16,
    /// Sources of sequences that have no turn: tour, sweep, pairs, after, random, corpus
    #[arg(long, value_name = "SOURCE", value_parser = source)]
    without: Vec<Source>,
    /// Write the figures here as JSON, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the findings here, in a folder for each bug and seed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Exit 1 where fewer of the bugs are found
    #[arg(long, value_name = "N")]
    at_least: Option<usize>,
}

/// All of them, in this order, so many at once.
fn side_by_side(
    args: &BenchArgs,
    hunts: Vec<(Server, &'static Bug, u64)>,
) -> Result<Vec<Row>, CliError> {
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<(usize, Row)>> = Mutex::new(Vec::new());
    let hunter = || -> Result<(), CliError> {
        let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some((server, bug, seed)) = hunts.get(i) else {
                return Ok(());
            };
            let row = runtime.block_on(hunt(args, *server, bug, *seed))?;
            say(&format!("{}\n", row.in_words()))?;
            rows.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((i, row));
        }
    };
    std::thread::scope(|scope| {
        let hunters: Vec<_> = (0..args.abreast).map(|_| scope.spawn(hunter)).collect();
        let ended = hunters.into_iter().map(|hunter| match hunter.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Result<(), CliError>>()
    })?;
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(i, _)| *i);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn source(name: &str) -> Result<Source, String> {
    let found = Source::ALL.into_iter().find(|source| source.name() == name);
    found.ok_or_else(|| format!("no source of sequences is called {name}"))
}

pub(in crate::cli) fn bench(args: &BenchArgs) -> Result<Exit, CliError> {
    let mut chosen = Vec::new();
    for server in Server::ALL {
        for bug in bugs(*server) {
            let named = args.bugs.is_empty() || args.bugs.iter().any(|id| id == bug.id);
            let half = (!args.seen || bug.seen) && (!args.unseen || !bug.seen);
            if named && half {
                chosen.push((*server, bug));
            }
        }
    }
    if chosen.is_empty() {
        return Err(CliError::usage("no such bug; see `wireproof serve --list`"));
    }
    let seeds = &args.seeds;
    let hunts =
        (chosen.iter()).flat_map(|(server, bug)| seeds.iter().map(|seed| (*server, *bug, *seed)));
    let rows = side_by_side(args, hunts.collect())?;
    let found = rows.iter().filter(|row| row.found.is_some()).count();
    for (half, seen) in [("seen", true), ("unseen", false)] {
        let own: Vec<&Row> = rows.iter().filter(|row| row.seen == seen).collect();
        if !own.is_empty() {
            say(&format!("{half}: {}\n", sums(&own)))?;
        }
    }
    if let Some(path) = &args.json {
        let rows: Vec<Value> = rows.iter().map(Row::as_json).collect();
        let text = format!("{:#}\n", json!({ "schema": 1, "campaigns": rows }));
        std::fs::write(path, text).map_err(CliError::io(format!("write {}", path.display())))?;
    }
    Ok(match args.at_least {
        Some(least) if found < least => Exit::Deviations,
        _ => Exit::Fine,
    })
}

/// What came of one campaign.
struct Row {
    bug: &'static str,
    seen: bool,
    seed: u64,
    found: Option<Found>,
    /// Steps that do something, in the shortest scenario by hand.
    by_hand: usize,
    sequences: usize,
    seconds: f64,
    healthy: usize,
    excused: usize,
    excuses: Vec<String>,
    not_again: usize,
}

struct Found {
    id: String,
    grave: bool,
    /// Seconds and sequences until it was first seen.
    after: f64,
    run: usize,
    /// Steps that do something, in the scenario that was written.
    steps: usize,
    again: usize,
    replays: usize,
}

impl Row {
    fn of(
        bug: &Bug,
        seed: u64,
        by_hand: usize,
        summary: &Summary,
        seconds: f64,
        found: Option<Found>,
    ) -> Row {
        Row {
            bug: bug.id,
            seen: bug.seen,
            seed,
            found,
            by_hand,
            sequences: summary.progress.runs,
            seconds,
            healthy: summary.progress.healthy,
            excused: summary.excused,
            excuses: summary
                .excuses
                .iter()
                .map(|((what, server), times)| {
                    format!("{what}: right server {server}, {times} times")
                })
                .collect(),
            not_again: summary.not_again,
        }
    }

    fn in_words(&self) -> String {
        let half = if self.seen { "seen" } else { "unseen" };
        let head = format!("{:<36} {half:<6} seed {:<3}", self.bug, self.seed);
        match &self.found {
            Some(found) => format!(
                "{head} {:>5.1} s, run {:>5}; {} steps, {} by hand; {}/{} again; {}{}",
                found.after,
                found.run,
                found.steps,
                self.by_hand,
                found.again,
                found.replays,
                if found.grave { "" } else { "advice " },
                found.id
            ),
            None => format!(
                "{head} MISSED in {} sequences, {:.0} s; {} healthy, {} excused, {} not again",
                self.sequences, self.seconds, self.healthy, self.excused, self.not_again
            ),
        }
    }

    fn as_json(&self) -> Value {
        json!({
            "bug": self.bug,
            "seen": self.seen,
            "seed": self.seed,
            "sequences": self.sequences,
            "seconds": self.seconds,
            "healthy": self.healthy,
            "excused": self.excused,
            "excuses": self.excuses,
            "not_shown_again": self.not_again,
            "steps_by_hand": self.by_hand,
            "found": self.found.as_ref().map(|found| json!({
                "id": found.id,
                "grave": found.grave,
                "after_seconds": found.after,
                "run": found.run,
                "steps": found.steps,
                "again": found.again,
                "replays": found.replays,
            })),
        })
    }
}

fn sums(rows: &[&Row]) -> String {
    let found: Vec<(&Found, usize)> = rows
        .iter()
        .filter_map(|row| Some((row.found.as_ref()?, row.by_hand)))
        .collect();
    let mut times: Vec<f64> = found.iter().map(|(found, _)| found.after).collect();
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let small = found
        .iter()
        .filter(|(found, by_hand)| found.steps <= by_hand + 1);
    let sure = found
        .iter()
        .filter(|(found, _)| found.again == found.replays);
    format!(
        "{} of {} found, half of them within {median:.1} s; {} within a step of the shortest by hand; \
         {} shown every time",
        found.len(),
        rows.len(),
        small.count(),
        sure.count()
    )
}
