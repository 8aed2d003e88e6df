//! `wireproof run`: arguments into a run, and its facts into an exit code.
//!
//! - `resolve`: what the arguments say over the profile, and who the target is.
//! - `rerun`: the command that runs one case again. `clock`: when the run began.

mod clock;
mod rerun;
mod resolve;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use self::clock::now_rfc3339;
use self::rerun::{is_scenario_file, rerun_command};
pub(super) use self::resolve::start_built_in;
use self::resolve::{resolve_profile, resolve_target};
use super::error::{CliError, is_missed};
use super::interrupt::interrupted;
use super::launch::{LaunchArgs, watcher};
use super::output::say;
use super::packs::PackArgs;
use super::profile::ProfileFile;
use super::reports::{ReportFiles, create};
use crate::event::{Event, PackInfo, Part, SCHEMA};
use crate::exit::Exit;
use crate::outcome::Run;
use crate::plan::{Partition, PartitionError, Selection, pack_info, plan};
use crate::protocol::WireCodec;
use crate::report::{EventsWriter, Json, KnownList, Reports, Terminal};
use crate::runner::{self, Batch, RunOptions};
use crate::scenario::parse_duration;
use crate::target::{Frames, Server};

/// How every verdict names the target when none is given.
const BUILT_IN: &str = "built-in reference server";

const USUAL_SEED: u64 = 1;

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// Run only cases whose id contains one of these; or run these scenario files (*.yaml) of the pack instead of its own
    #[arg(value_name = "WORD|FILE")]
    words: Vec<String>,
    /// Run only this case; may be given more than once
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// Run only this part of the cases: 2/5; auto or auto/5 takes it from what the CI says of its machines
    #[arg(long, value_name = "PART/PARTS", value_parser = parse_part)]
    partition: Option<Partition>,
    /// The server under test, such as ws://127.0.0.1:7000; the built-in reference server where there is none
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// What is known of the target: where it is, in which dialect it speaks, which deviations are known
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    #[command(flatten)]
    launch: LaunchArgs,
    #[command(flatten)]
    packs: PackArgs,
    /// How many cases run at once [default: 16; 64 against the built-in reference server]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Governs the data that is sent, never the names of users
    #[arg(long, value_name = "N", default_value_t = USUAL_SEED)]
    seed: u64,
    /// Settle a reading that the document leaves open
    #[arg(long = "reading", value_name = "NAME=OPTION")]
    readings: Vec<String>,
    /// Change a setting of the pack
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// Speak another codec than the document says
    #[arg(long, value_name = "NAME", value_parser = parse_codec)]
    codec: Option<WireCodec>,
    /// Speak it in another kind of WebSocket frame than is usual: text or binary
    #[arg(long, value_name = "KIND", value_parser = parse_frames)]
    frames: Option<Frames>,
    /// How long to wait for a connection, and for an answer [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    timeout: Option<Duration>,
    /// How long nothing must come where no fence can show silence [default: 300ms]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    silence: Option<Duration>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long)]
    insecure: bool,
    /// Send this header with the handshake
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Offer this WebSocket subprotocol
    #[arg(long, value_name = "NAME")]
    subprotocol: Option<String>,
    /// What goes to standard output; with json, progress goes to standard error
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    #[command(flatten)]
    reports: ReportFiles,
    /// List all there is to say at the end, such as what was not judged, and every failure in full
    #[arg(long)]
    details: bool,
    /// Mask passwords, tokens and whatever the pack marks as secret, in all reports and in the event stream
    #[arg(long)]
    redact: bool,
    /// Write no HTML report to reports/
    #[arg(long)]
    no_report: bool,
    /// Write what fails as a list of known deviations, for a profile to begin with
    #[arg(long, value_name = "FILE")]
    write_known: Option<PathBuf>,
    /// Write the event stream here, one JSON object a line, as it happens
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    Terminal,
    Json,
}

pub(super) fn parse_time(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time such as 250ms or 5s".to_owned())
}

fn parse_part(text: &str) -> Result<Partition, PartitionError> {
    Partition::read(text, |name| std::env::var(name).ok())
}

pub(super) fn parse_codec(text: &str) -> Result<WireCodec, String> {
    let codecs = [WireCodec::Json, WireCodec::MessagePack];
    let found = codecs.into_iter().find(|codec| codec.name() == text);
    found.ok_or_else(|| "expected json or messagepack".to_owned())
}

fn parse_frames(text: &str) -> Result<Frames, String> {
    match text {
        "text" => Ok(Frames::Text),
        "binary" => Ok(Frames::Binary),
        _ => Err("expected text or binary".to_owned()),
    }
}

pub(super) fn run(args: &RunArgs) -> Result<Exit, CliError> {
    if args.target.as_deref() == Some("") {
        return Err(CliError::usage("--target is empty; is a variable unset?"));
    }
    let (files, filters): (Vec<&String>, Vec<&String>) =
        args.words.iter().partition(|word| is_scenario_file(word));
    let file = args.profile.as_deref().map(ProfileFile::open).transpose()?;
    let named = match &file {
        Some(file) => file.pack_args(&args.packs)?,
        None => args.packs.clone(),
    };
    let packs = if files.is_empty() {
        named.load()?
    } else {
        vec![named.load_files(&files)?]
    };
    let (mut address, profile) = match &file {
        Some(file) => file.read(&packs, files.is_empty())?,
        None => Default::default(),
    };
    if args.target.is_some() {
        address.url.clone_from(&args.target);
    }
    let launch = args.launch.resolve(&address, args.target.is_some())?;
    if let Some((_, launched)) = &launch {
        address.url = Some(launched.clone());
    }
    if address.url.is_some() && packs.len() != 1 {
        let names: Vec<&str> = packs
            .iter()
            .map(|pack| pack.catalogue.name.as_str())
            .collect();
        let names = names.join(", ");
        return Err(CliError::usage(format!(
            "say which protocol the target speaks with --pack: {names}"
        )));
    }
    let mut profile = resolve_profile(args, &packs, profile)?;
    if address.url.is_none() {
        // The built-in servers notice at once that somebody has left.
        profile.timeouts.goodbye = Duration::ZERO;
    }
    let profile = Arc::new(profile);
    let selection = Selection {
        filters: filters.into_iter().cloned().collect(),
        exact: args.cases.clone(),
    };
    let mut planned = plan(&packs, &profile, &selection);
    if planned.is_empty() {
        return Err(CliError::usage(
            "no case matches; `wireproof list` shows them all",
        ));
    }
    // Of the whole plan, so that all its parts say the same.
    let infos = (packs.iter())
        .filter(|pack| planned.iter().any(|case| Arc::ptr_eq(&case.pack, pack)))
        .map(|pack| {
            let own = planned.iter().filter(|case| Arc::ptr_eq(&case.pack, pack));
            let ids: Vec<&str> = own.clone().map(|case| case.id.as_str()).collect();
            let mut info = pack_info(pack, &profile, &ids);
            if !files.is_empty() {
                // Files of somebody's own say nothing about the rest of the document.
                let covered = |id: &String| own.clone().any(|case| case.covers.contains(id));
                info.requirements.retain(|known| covered(&known.id));
            }
            info
        })
        .collect();
    let mut part = None;
    if let Some(mine) = args.partition {
        let whole = planned.len();
        planned = mine.take(planned);
        let (index, of) = (mine.index(), mine.of());
        if planned.is_empty() {
            return Err(CliError::usage(format!(
                "part {index} of {of} is empty; cases in the whole plan: {whole}"
            )));
        }
        part = Some(Part { index, of, whole });
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let (run, html) = runtime.block_on(async {
        let server = match launch {
            Some((launch, _)) => Some(Arc::new(Server::start(launch, watcher()?).await?)),
            None => None,
        };
        let mut batches = Vec::new();
        for pack in &packs {
            let own = |case: &&Arc<crate::plan::Case>| Arc::ptr_eq(&case.pack, pack);
            let cases: Vec<_> = planned.iter().filter(own).cloned().collect();
            if !cases.is_empty() {
                let target = resolve_target(args, &address, pack, &profile).await?;
                batches.push((pack.clone(), target, cases));
            }
        }
        // Last, so that a mistake in the arguments costs nobody the report of the run before.
        let (reports, html) = open_reports(args)?;
        let name = address.url.as_deref().unwrap_or(BUILT_IN);
        let run = conduct(args, name, batches, infos, part, server.clone(), reports).await;
        if let Some(server) = server {
            server.stop().await;
        }
        Ok::<_, CliError>((run?, html))
    })?;
    if let Some(path) = html.filter(|_| args.format == Format::Terminal) {
        say(&format!("report: {}\n", path.display()))?;
    }
    Ok(exit_of(&run))
}

/// Runs the batches and folds what happens.
async fn conduct(
    args: &RunArgs,
    target: &str,
    batches: Vec<Batch>,
    packs: Vec<PackInfo>,
    part: Option<Part>,
    server: Option<Arc<Server>>,
    mut reports: Reports,
) -> Result<Run, CliError> {
    let (events, mut incoming) = mpsc::channel(1024);
    let interrupted = interrupted();
    reports.on(&run_started(args, target, &batches, packs, part));
    let options = RunOptions {
        jobs: usize::from(
            args.jobs
                .unwrap_or(if target == BUILT_IN { 64 } else { 16 }),
        ),
        seed: args.seed,
        tag: runner::fresh_tag(),
        rerun: rerun_command(args),
        server,
    };
    let running = tokio::spawn(runner::run(batches, options, events, interrupted));
    // Beside the cases, on their threads: waking one of another kind for each event would cost more than the
    // events do.
    let reporting = tokio::spawn(async move {
        while let Some(event) = incoming.recv().await {
            reports.on(&event);
        }
        reports
    });
    let crashed = running.await.is_err();
    let reports = match reporting.await {
        Ok(reports) => reports,
        Err(crash) => std::panic::resume_unwind(crash.into_panic()),
    };
    let (run, unwritten) = reports.finish();
    if crashed {
        eprintln!("wireproof: the run stopped in the middle; this is a defect of wireproof");
        std::process::exit(Exit::OurBug.code().into());
    }
    if let Some(unwritten) = unwritten.into_iter().find(is_missed) {
        return Err(unwritten.into());
    }
    Ok(run)
}

fn run_started(
    args: &RunArgs,
    target: &str,
    batches: &[Batch],
    packs: Vec<PackInfo>,
    part: Option<Part>,
) -> Event {
    Event::RunStarted {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: target.to_owned(),
        started: now_rfc3339(),
        seed: args.seed,
        packs,
        cases: batches.iter().map(|(_, _, cases)| cases.len()).sum(),
        part,
    }
}

/// The first that holds, in the order of [`Exit`].
pub(super) fn exit_of(run: &Run) -> Exit {
    let facts = run.facts();
    if facts.interrupted {
        Exit::Interrupted
    } else if facts.deviated || (facts.unfit.is_none() && facts.judged && facts.failed) {
        Exit::Deviations
    } else if facts.unfit.is_some() || facts.unrun || facts.incomplete {
        Exit::TargetUnfit
    } else if !facts.judged {
        eprintln!("wireproof: nothing was judged");
        Exit::Usage
    } else {
        Exit::Fine
    }
}

/// The reports that were asked for, and where the HTML of this run goes unless it was unwanted.
fn open_reports(args: &RunArgs) -> Result<(Reports, Option<PathBuf>), CliError> {
    let mut reports = Reports::new();
    if args.redact {
        reports.redact();
    }
    match args.format {
        Format::Terminal => reports.add("the terminal output", Terminal::stdout(args.details)),
        Format::Json => {
            reports.add("the terminal output", Terminal::stderr(args.details));
            reports.add("the JSON report", Json::new(io::stdout()));
        }
    }
    if let Some(path) = &args.events {
        reports.add(path.display().to_string(), EventsWriter::new(create(path)?));
    }
    if let Some(path) = &args.write_known {
        reports.add(path.display().to_string(), KnownList::new(create(path)?));
    }
    let usual = (!args.no_report).then_some("reports/wireproof.html");
    let stdout_is_taken = args.format == Format::Json;
    let html = args.reports.open(&mut reports, usual, stdout_is_taken)?;
    Ok((reports, html))
}
