//! One campaign of the bench: a server that has a bug, on a socket, fuzzed until the bug is found.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wireproof_reference::{Bug, Pack as Server, shortest, with_bug};

use super::super::setup::{patience, rights};
use super::{BenchArgs, Found, Row};
use crate::audit::Handlers;
use crate::cli::error::CliError;
use crate::cli::reference::Reference;
use crate::codec::Codec;
use crate::fuzz::{Campaign, Corpus, Finding, Ground, Mirror, Options, Vocabulary, Workshop};
use crate::runner::{Target, fresh_tag};
use crate::scenario::{ScenarioReader, embedded, read_pack};
use crate::target::Profile;
use crate::transport::{Endpoint, EndpointOptions};

pub(super) async fn hunt(
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
        without: args.without.clone(),
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
