//! `wireproof fuzz`: arguments into a campaign, and its summary into words, JSON and an exit code.

mod bench;
mod setup;
mod summary;
mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::error::CliError;
use super::interrupt::interrupted;
use super::launch::{LaunchArgs, watcher};
use super::output::say;
use super::packs::PackArgs;
use super::profile::ProfileFile;
use super::reference::Reference;
use super::run::{Format, parse_codec, parse_time, start_built_in};
use crate::audit::Handlers;
use crate::codec::Codec;
use crate::exit::Exit;
use crate::fuzz::{
    Campaign, Corpus, Ground, Mirror, Options, Restart, Summary, Vocabulary, Workshop,
};
use crate::protocol::WireCodec;
use crate::runner::{Target, fresh_tag};
use crate::scenario::ScenarioReader;
use crate::target::{Address, Profile, Server};
use setup::{Rights, endpoint, profile, rights};
use summary::{as_json, exit_of, in_words};
use told::Told;

pub(super) use bench::{BenchArgs, bench};

#[derive(Debug, clap::Args)]
pub(super) struct FuzzArgs {
    /// The server under test, such as ws://127.0.0.1:7000; the built-in reference server where there is none
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// What is known of the target: where it is, and in which dialect it speaks
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    launch: LaunchArgs,
    #[command(flatten)]
    packs: PackArgs,
    /// Stop after this time; 60s where neither time nor runs are given
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    time: Option<Duration>,
    /// Stop after so many sequences
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// The same seed makes the same choices
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many sequences are played at once
    #[arg(long, short, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Begin with the sequences kept here, and keep those that showed something new
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Write findings here, each a scenario file
    #[arg(long, value_name = "DIR", default_value = "findings")]
    out: PathBuf,
    /// How long one finding may be made smaller
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_time)]
    shrink_time: Duration,
    /// How long to wait for a connection, and for an answer [default: the profile's, or 2s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    timeout: Option<Duration>,
    /// Settle a reading that the document leaves open
    #[arg(long = "reading", value_name = "NAME=OPTION")]
    readings: Vec<String>,
    /// Change a setting of the pack
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// Speak another codec than the document says
    #[arg(long, value_name = "NAME", value_parser = parse_codec)]
    codec: Option<WireCodec>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long)]
    insecure: bool,
    /// Send this header with the handshake
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Fuzz a host that is not this machine; its name, as it stands in the URL
    #[arg(long, value_name = "HOST")]
    i_own: Option<String>,
    /// Send no more messages than this
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    max_messages: u64,
    /// Send no more bytes than this
    #[arg(long, value_name = "N", default_value_t = 20_000_000_000)]
    max_bytes: u64,
    /// Make no more users than this
    #[arg(long, value_name = "N", default_value_t = 900_000)]
    max_accounts: u64,
    /// Stop once there are so many findings
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_findings: usize,
    /// Send no more messages a second than this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// What goes to standard output; with json, progress goes to standard error
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

pub(super) fn fuzz(args: &FuzzArgs) -> Result<Exit, CliError> {
    if args.target.as_deref() == Some("") {
        return Err(CliError::usage("--target is empty; is a variable unset?"));
    }
    let file = args.profile.as_deref().map(ProfileFile::open).transpose()?;
    let named = match &file {
        Some(file) => file.pack_args(&args.packs)?,
        None => args.packs.clone(),
    };
    let sources = named.sources()?;
    let packs = named.load()?;
    let ([source], [pack]) = (sources.as_slice(), packs.as_slice()) else {
        return Err(CliError::usage(
            "say with --pack which protocol the target speaks: one at a time is fuzzed",
        ));
    };
    let Some(vocabulary) = Vocabulary::of(pack) else {
        return Err(CliError::usage(
            "no flow of this pack takes a new user to an open connection: there is nothing to start from",
        ));
    };
    let (mut address, known) = match &file {
        Some(file) => file.read(&packs, false)?,
        None => Default::default(),
    };
    if args.target.is_some() {
        address.url.clone_from(&args.target);
    }
    let launch = args.launch.resolve(&address, args.target.is_some())?;
    if let Some((_, launched)) = &launch {
        address.url = Some(launched.clone());
    }
    let profile = profile(args, pack, known)?;
    // Right servers speak as the document has it, whatever the target does.
    let codec = Codec::from_name(pack.catalogue.wire.codec.name()).unwrap_or(Codec::Json);
    let reader = ScenarioReader::of(source).map_err(CliError::Diagnostics)?;
    let corpus = match &args.corpus {
        Some(folder) => {
            Corpus::load(folder).map_err(CliError::io(format!("read {}", folder.display())))?
        }
        None => Corpus::default(),
    };
    let rights = rights(pack, &profile);
    let workshop = Workshop::new(
        pack.clone(),
        reader,
        vocabulary,
        codec,
        profile.clone(),
        fresh_tag(),
        args.seed,
    );
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let (summary, corpus) = runtime.block_on(async {
        let server = match launch {
            Some((launch, _)) => Some(Server::start(launch, watcher()?).await?),
            None => None,
        };
        let place = (&address, profile, server.as_ref());
        let ended = conduct(args, &workshop, &rights, place, corpus).await;
        if let Some(server) = server {
            server.stop().await;
        }
        ended
    })?;
    let target = address.url.as_deref();
    if let Some(folder) = &args.corpus {
        corpus
            .save(folder)
            .map_err(CliError::io(format!("write {}", folder.display())))?;
    }
    let text = match args.format {
        Format::Terminal => in_words(args, target, pack, &summary),
        Format::Json => format!("{}\n", as_json(args, target, pack, &summary)),
    };
    say(&text)?;
    Ok(exit_of(&summary))
}

async fn conduct(
    args: &FuzzArgs,
    workshop: &Workshop,
    rights: &Rights,
    (address, mut profile, server): (&Address, Profile, Option<&Server>),
    corpus: Corpus,
) -> Result<(Summary, Corpus), CliError> {
    let url = match &address.url {
        Some(url) => url.clone(),
        None => start_built_in(&workshop.pack.catalogue.name).await?,
    };
    profile.wire.codec = args.codec.or(profile.wire.codec);
    let endpoint = endpoint(args, address, &url)?;
    let target = Target::new(endpoint, &workshop.pack, Arc::new(profile));
    let restart = server.map(|server| {
        move || {
            let restarted = server.restart();
            async { restarted.await.map_err(|error| error.to_string()) }.boxed()
        }
    });
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
    let minute = Duration::from_secs(60);
    let options = Options {
        seed: args.seed,
        time: args.time.or(args.runs.is_none().then_some(minute)),
        runs: args.runs,
        jobs: usize::from(args.jobs),
        shrink_time: args.shrink_time,
        out: Some(args.out.clone()),
        most_messages: args.max_messages,
        most_bytes: args.max_bytes,
        most_accounts: args.max_accounts,
        most_findings: args.max_findings,
        rate: args.rate,
        without: Vec::new(),
    };
    let interrupted = interrupted();
    let restart = restart.as_ref().map(|restart| restart as Restart<'_>);
    let ground = Ground::Live(Box::new(target), restart);
    let campaign = Campaign::new(workshop, ground, mirror, options, corpus);
    let mut told = Told::default();
    let ended = campaign
        .run(interrupted, |progress, findings| {
            told.tell(progress, findings)
        })
        .await;
    told.end();
    Ok(ended)
}
