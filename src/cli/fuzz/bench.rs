//! `wireproof fuzz-bench`: how much of what is known to be wrong the fuzzer finds, how soon, and how small.
//!
//! A measuring instrument, run by hand: it fuzzes the built-in servers, each with one of their bugs, and prints
//! figures. It judges nothing.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use wireproof_reference::{Bug, Pack as Server, bugs, shortest, with_bug};

use super::setup::{patience, rights};
use crate::audit::Handlers;
use crate::cli::error::CliError;
use crate::cli::output::say;
use crate::cli::reference::Reference;
use crate::cli::run::parse_time;
use crate::codec::Codec;
use crate::exit::Exit;
use crate::fuzz::{
    Campaign, Corpus, Finding, Ground, Mirror, Options, Summary, Vocabulary, Workshop,
};
use crate::runner::{Target, fresh_tag};
use crate::scenario::{ScenarioReader, embedded, read_pack};
use crate::target::Profile;
use crate::transport::{Endpoint, EndpointOptions};

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
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let mut rows = Vec::new();
    for (server, bug) in chosen {
        for seed in &args.seeds {
            let row = runtime.block_on(hunt(args, server, bug, *seed))?;
            say(&format!("{}\n", row.in_words()))?;
            rows.push(row);
        }
    }
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

/// A server that listens always at the same place, and can be started anew.
struct Home {
    server: Server,
    bug: &'static str,
    address: SocketAddr,
    serving: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Home {
    async fn start(server: Server, bug: &'static str) -> Result<Home, CliError> {
        let free = "127.0.0.1:0";
        let listener = TcpListener::bind(free)
            .await
            .map_err(CliError::io("listen on the loopback"))?;
        let home = Home {
            server,
            bug,
            address: listener.local_addr().map_err(CliError::io("listen"))?,
            serving: Mutex::new(None),
        };
        home.serve(listener).map_err(CliError::usage)?;
        Ok(home)
    }

    fn serve(&self, listener: TcpListener) -> Result<(), String> {
        let protocol = with_bug(self.server, self.bug).map_err(|error| error.to_string())?;
        let until = std::future::pending();
        let task = tokio::spawn(wireproof_reference::serve(listener, protocol, until));
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        *serving = Some(task);
        Ok(())
    }

    async fn restart(&self) -> Result<(), String> {
        let before = {
            let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
            serving.take()
        };
        if let Some(task) = before {
            task.abort();
            let _ = task.await;
        }
        let listener = TcpListener::bind(self.address).await;
        self.serve(listener.map_err(|error| error.to_string())?)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = serving.take() {
            task.abort();
        }
    }
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

async fn hunt(
    args: &BenchArgs,
    server: Server,
    bug: &'static Bug,
    seed: u64,
) -> Result<Row, CliError> {
    let source = embedded()
        .into_iter()
        .find(|source| source.name == server.name())
        .ok_or_else(|| CliError::usage(format!("no pack for {}", server.name())))?;
    let pack = Arc::new(read_pack(&source).map_err(CliError::Diagnostics)?);
    let profile = Profile {
        timeouts: patience(Duration::from_secs(2)),
        ..Profile::default()
    };
    let rights = rights(&pack, &profile);
    let make = |variant: usize| -> Box<dyn Handlers> {
        let made = rights
            .as_ref()
            .map(|(server, behaviours)| Reference::new(*server, &behaviours[variant]));
        match made {
            Some(Ok(reference)) => Box::new(reference),
            _ => unreachable!("a server's own readings"),
        }
    };
    let mirror = rights.as_ref().map(|(_, behaviours)| Mirror {
        variants: behaviours.len(),
        make: &make,
    });
    let workshop = Workshop::new(
        pack.clone(),
        ScenarioReader::of(&source).map_err(CliError::Diagnostics)?,
        Vocabulary::of(&pack).ok_or_else(|| CliError::usage("nothing to start from"))?,
        Codec::from_name(pack.catalogue.wire.codec.name()).unwrap_or(Codec::Json),
        profile,
        fresh_tag(),
        seed,
    );
    let by_hand = shortest(server)
        .split("\n---\n")
        .find(|text| {
            text.lines()
                .any(|line| line == format!("scenario: {}", bug.id))
        })
        .ok_or_else(|| CliError::usage(format!("no scenario by hand shows {}", bug.id)))?;
    let by_hand = workshop.deeds(by_hand).map_err(CliError::Diagnostics)?;
    let home = Home::start(server, bug.id).await?;
    let restart = || home.restart().boxed();
    let url = format!("ws://{}", home.address);
    let endpoint = Endpoint::parse(&url, EndpointOptions::default())
        .map_err(|error| CliError::usage(error.to_string()))?;
    let target = || {
        let plain = Arc::new(Profile::default());
        Box::new(Target::new(endpoint.clone(), &pack, plain))
    };
    let options = Options {
        seed,
        time: Some(args.time),
        runs: None,
        jobs: usize::from(args.jobs),
        shrink_time: Duration::from_secs(10),
        out: args
            .out
            .as_ref()
            .map(|folder| folder.join(format!("{}-{seed}", bug.id))),
        most_messages: u64::MAX,
        most_bytes: u64::MAX,
        most_accounts: u64::MAX,
        most_findings: 1,
        rate: None,
    };
    // Dropped only at the end: nobody interrupts.
    let (_nobody, interrupted) = watch::channel(false);
    let campaign = Campaign::new(
        &workshop,
        Ground::Live(target(), Some(&restart)),
        mirror,
        options,
        Corpus::default(),
    );
    let begin = Instant::now();
    let (summary, _) = campaign.run(interrupted, |_, _| {}).await;
    let seconds = begin.elapsed().as_secs_f64();
    let ground = Ground::Live(target(), Some(&restart));
    let found = match summary.findings.first() {
        Some(finding) => Some(replay(args, &workshop, &ground, &home, finding).await?),
        None => None,
    };
    Ok(Row::of(bug, seed, by_hand, &summary, seconds, found))
}

/// Shows the finding as often as is asked, each time to a fresh server.
async fn replay(
    args: &BenchArgs,
    workshop: &Workshop,
    ground: &Ground<'_>,
    home: &Home,
    finding: &Finding,
) -> Result<Found, CliError> {
    let name = &workshop.pack.catalogue.name;
    let text = finding.text(&workshop.vocabulary, name, 0);
    let mut again = 0;
    for _ in 0..args.replays {
        home.restart().await.map_err(CliError::usage)?;
        let shown = workshop.shows(ground, &text).await;
        again += usize::from(shown.map_err(CliError::Diagnostics)?);
    }
    Ok(Found {
        id: finding.id.clone(),
        grave: finding.signature.oracle.is_grave(),
        after: finding.after,
        run: finding.run,
        steps: workshop.deeds(&text).map_err(CliError::Diagnostics)?,
        again,
        replays: args.replays,
    })
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
