//! `wireproof fuzz`: arguments into a campaign, and its summary into words, JSON and an exit code.

use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::error::CliError;
use super::interrupt::next_interrupt;
use super::output::say;
use super::packs::PackArgs;
use super::reference::{Reference, right_servers};
use super::run::{Format, parse_codec, parse_time, start_built_in};
use crate::audit::Handlers;
use crate::codec::Codec;
use crate::exit::Exit;
use crate::fuzz::{
    Campaign, CampaignEnd, Corpus, Finding, Ground, Mirror, Options, Progress, Summary, Vocabulary,
    Workshop,
};
use crate::protocol::{Settled, WireCodec};
use crate::report::safe_text;
use crate::runner::{Target, fresh_tag};
use crate::scenario::{Pack, ScenarioReader};
use crate::target::{Profile, Timeouts};
use crate::transport::{Endpoint, EndpointOptions};
use crate::value::Value;

#[derive(Debug, clap::Args)]
pub(super) struct FuzzArgs {
    /// The server under test, such as ws://127.0.0.1:7000; the built-in reference server where there is none
    #[arg(long, value_name = "URL")]
    target: Option<String>,
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
    /// How long to wait for a connection, and for an answer
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_time)]
    timeout: Duration,
    /// Settle a reading that the document leaves open
    #[arg(long = "reading", value_name = "NAME=OPTION")]
    readings: Vec<String>,
    /// Change a setting of the pack
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// Speak another codec than the document says
    #[arg(long, value_name = "NAME", value_parser = parse_codec)]
    codec: Option<WireCodec>,
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
    #[arg(long, value_name = "N", default_value_t = 5_000_000)]
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
    let sources = args.packs.sources()?;
    let packs = args.packs.load()?;
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
    let profile = profile(args, pack)?;
    let wire = args.codec.unwrap_or(pack.catalogue.wire.codec);
    let codec = Codec::from_name(wire.name()).unwrap_or(Codec::Json);
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
        profile,
        fresh_tag(),
        args.seed,
    );
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let (summary, corpus) = runtime.block_on(conduct(args, &workshop, &rights, corpus))?;
    if let Some(folder) = &args.corpus {
        corpus
            .save(folder)
            .map_err(CliError::io(format!("write {}", folder.display())))?;
    }
    let text = match args.format {
        Format::Terminal => in_words(args, pack, &summary),
        Format::Json => format!("{}\n", as_json(args, pack, &summary)),
    };
    say(&text)?;
    Ok(exit_of(&summary))
}

/// The right servers of a pack that there is a reference server for.
type Rights = Option<(
    wireproof_reference::Pack,
    Vec<wireproof_reference::Behaviour>,
)>;

fn rights(pack: &Pack, profile: &Profile) -> Rights {
    let server = wireproof_reference::Pack::from_name(&pack.catalogue.name)?;
    let catalogue = &pack.catalogue;
    let settled = catalogue
        .readings
        .iter()
        .filter(|reading| reading.settled == Settled::Profile);
    let settled: Vec<(String, String)> = settled
        .filter_map(|reading| {
            let told = profile.readings.iter().find(|(id, _)| *id == reading.id);
            let option = told.map(|(_, option)| option.clone());
            Some((
                reading.id.clone(),
                option.or_else(|| reading.default.clone())?,
            ))
        })
        .collect();
    Some((server, right_servers(server, &settled)))
}

async fn conduct(
    args: &FuzzArgs,
    workshop: &Workshop,
    rights: &Rights,
    corpus: Corpus,
) -> Result<(Summary, Corpus), CliError> {
    let url = match &args.target {
        Some(url) => url.clone(),
        None => start_built_in(&workshop.pack.catalogue.name).await?,
    };
    let mut profile = Profile::default();
    profile.wire.codec = args.codec;
    let target = Target::new(endpoint(args, &url)?, &workshop.pack, Arc::new(profile));
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
    };
    let (interrupt, interrupted) = watch::channel(false);
    let mut asked = next_interrupt();
    tokio::spawn(async move {
        while asked.await.is_ok() {
            asked = next_interrupt();
            if *interrupt.borrow() {
                // Asked twice: whoever waits for a clean end waits no longer.
                std::process::exit(Exit::Interrupted.code().into());
            }
            let _ = interrupt.send(true);
        }
    });
    let campaign = Campaign::new(workshop, Ground::Live(target), mirror, options, corpus);
    let mut told = Told::default();
    let ended = campaign
        .run(interrupted, |progress, findings| {
            told.tell(progress, findings)
        })
        .await;
    told.end();
    Ok(ended)
}

/// Only this machine, unless somebody says that the other one is theirs too.
fn endpoint(args: &FuzzArgs, url: &str) -> Result<Endpoint, CliError> {
    let mut headers = Vec::new();
    for header in &args.headers {
        let Some((name, value)) = header.split_once(':') else {
            return Err(CliError::usage(format!(
                "--header takes NAME: VALUE, not \"{header}\""
            )));
        };
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let options = EndpointOptions {
        headers,
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse(url, options)
        .map_err(|error| CliError::usage(format!("--target: {error}")))?;
    let host = endpoint.host();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let own = host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
        || args.i_own.as_deref() == Some(host);
    if own {
        Ok(endpoint)
    } else {
        Err(CliError::usage(format!(
            "{host} is not this machine; fuzzing can break it: say --i-own {host} if it is yours to break"
        )))
    }
}

fn profile(args: &FuzzArgs, pack: &Pack) -> Result<Profile, CliError> {
    let mut profile = Profile {
        timeouts: Timeouts {
            connect: args.timeout,
            answer: args.timeout,
            silence: Duration::from_millis(20),
            case: Duration::from_secs(30).max(args.timeout * 8),
        },
        ..Profile::default()
    };
    let split = |text: &str, option: &str, form: &str| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(CliError::usage(format!(
            "{option} takes {form}, not \"{text}\""
        ))),
    };
    for reading in &args.readings {
        let (id, option) = split(reading, "--reading", "NAME=OPTION")?;
        let known = pack.catalogue.reading(&id);
        if !known.is_some_and(|known| known.options.iter().any(|(name, _)| *name == option)) {
            return Err(CliError::usage(format!(
                "no reading {id} with an option {option}; `wireproof list --format json` has them"
            )));
        }
        profile.readings.push((id, option));
    }
    for setting in &args.settings {
        let (name, value) = split(setting, "--setting", "NAME=VALUE")?;
        if !pack
            .catalogue
            .settings
            .iter()
            .any(|(known, _)| *known == name)
        {
            return Err(CliError::usage(format!("no setting is called \"{name}\"")));
        }
        let value = value
            .parse()
            .map_or_else(|_| Value::str(&value), Value::Int);
        profile.settings.push((name, value));
    }
    Ok(profile)
}

/// What has been said of a campaign that is under way, on standard error.
#[derive(Default)]
struct Told {
    findings: usize,
    /// The second of the last line of progress.
    second: u64,
    on_line: bool,
}

impl Told {
    fn tell(&mut self, progress: &Progress, findings: &[Finding]) {
        let terminal = std::io::stderr().is_terminal();
        for finding in &findings[self.findings.min(findings.len())..] {
            self.end();
            eprintln!("found {}: {}", finding.id, safe_text(&finding.says, 200));
        }
        self.findings = findings.len();
        let second = progress.seconds as u64;
        let every = if terminal { 1 } else { 10 };
        if second / every == self.second / every && second != 0 {
            return;
        }
        self.second = second;
        let line = in_a_line(progress);
        if terminal {
            eprint!("\r\u{1b}[K{line}");
            let _ = std::io::stderr().flush();
            self.on_line = true;
        } else {
            eprintln!("{line}");
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.on_line) {
            eprintln!();
        }
    }
}

fn in_a_line(progress: &Progress) -> String {
    let Progress {
        runs,
        novelty,
        deepest,
        findings,
        seconds,
        ..
    } = progress;
    let rate = *runs as f64 / seconds.max(0.001);
    format!(
        "{seconds:.0} s: {runs} sequences ({rate:.0}/s), {findings} findings, {novelty} different answers, \
         {deepest} flows deep, {:.0} % healthy",
        health(progress)
    )
}

/// Sequences in which all that was meant to be done could be done, in percent.
fn health(progress: &Progress) -> f64 {
    100.0 * progress.healthy as f64 / progress.runs.max(1) as f64
}

fn in_words(args: &FuzzArgs, pack: &Pack, summary: &Summary) -> String {
    let progress = &summary.progress;
    let target = args
        .target
        .as_deref()
        .unwrap_or("built-in reference server");
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for finding in &summary.findings {
        line(String::new());
        let grave = finding.signature.oracle.is_grave();
        line(format!(
            "{} {}",
            if grave { "FOUND" } else { "ADVICE" },
            finding.id
        ));
        line(format!("  {}", finding.signature.oracle.in_words()));
        line(format!("  {}", safe_text(&finding.says, 400)));
        let (n, of) = finding.shown;
        line(format!(
            "  shown again {n} of {of} times; {} steps{}; first in run {} after {:.1} s",
            finding.sequence.steps.len(),
            if finding.unfinished {
                ", and perhaps fewer would do"
            } else {
                ""
            },
            finding.run,
            finding.after
        ));
        if let Some(file) = &finding.file {
            line(format!(
                "  run again     wireproof run {} --pack {} --no-report{}",
                file.display(),
                pack.catalogue.name,
                args.target
                    .as_ref()
                    .map_or(String::new(), |url| format!(" --target {url}"))
            ));
        }
    }
    if !summary.notes.is_empty() {
        line(String::new());
        line(format!("Notes ({})", summary.notes.len()));
        for note in &summary.notes {
            line(format!("  {}", safe_text(note, 300)));
        }
    }
    line(String::new());
    line(format!(
        "{target}: {} of {}, seed {}: {} sequences, {} messages in {:.1} s",
        how_it_ended(&summary.end),
        pack.catalogue.name,
        args.seed,
        progress.runs,
        progress.messages,
        progress.seconds
    ));
    line(format!(
        "  {} different answers, flows {} deep, {:.0} % of the sequences could be played as meant",
        progress.novelty,
        progress.deepest,
        health(progress)
    ));
    if summary.not_again + summary.excused > 0 {
        line(format!(
            "  {} suspicions did not show again, {} are such as a right server gives, too",
            summary.not_again, summary.excused
        ));
    }
    if progress.runs > 0 && health(progress) < 50.0 {
        line(
            "  warning: fewer than half; this campaign says little. Is the profile right?"
                .to_owned(),
        );
    }
    line(match summary.findings.len() {
        0 => format!("{target}: nothing found"),
        1 => format!("{target}: 1 finding"),
        many => format!("{target}: {many} findings"),
    });
    text
}

fn how_it_ended(end: &CampaignEnd) -> String {
    match end {
        CampaignEnd::TimeIsUp | CampaignEnd::RunsAreUp => "campaign".to_owned(),
        CampaignEnd::Capped(what) => format!("campaign, ended by the cap on {what},"),
        CampaignEnd::Interrupted => "campaign, interrupted,".to_owned(),
        CampaignEnd::Unfit(reason) => {
            format!("could not be fuzzed: {}; campaign", safe_text(reason, 300))
        }
        CampaignEnd::Gone(reason) => {
            format!("is gone ({}); campaign", safe_text(reason, 300))
        }
    }
}

fn as_json(args: &FuzzArgs, pack: &Pack, summary: &Summary) -> serde_json::Value {
    let progress = &summary.progress;
    let findings = summary.findings.iter().map(|finding| {
        json!({
            "id": finding.id,
            "grave": finding.signature.oracle.is_grave(),
            "oracle": finding.signature.oracle.name(),
            "subject": finding.signature.subject,
            "says": finding.says,
            "shown": finding.shown.0,
            "replays": finding.shown.1,
            "steps": finding.sequence.steps.len(),
            "unfinished": finding.unfinished,
            "run": finding.run,
            "after_seconds": finding.after,
            "times": finding.times,
            "file": finding.file.as_ref().map(|file| file.display().to_string()),
        })
    });
    json!({
        "schema": 1,
        "target": args.target.as_deref().unwrap_or("built-in reference server"),
        "pack": pack.catalogue.name,
        "seed": args.seed,
        "end": match &summary.end {
            CampaignEnd::TimeIsUp => json!("time"),
            CampaignEnd::RunsAreUp => json!("runs"),
            CampaignEnd::Capped(what) => json!({ "capped": what }),
            CampaignEnd::Interrupted => json!("interrupted"),
            CampaignEnd::Unfit(reason) => json!({ "unfit": reason }),
            CampaignEnd::Gone(reason) => json!({ "gone": reason }),
        },
        "runs": progress.runs,
        "messages": progress.messages,
        "bytes": progress.bytes,
        "seconds": progress.seconds,
        "healthy_percent": health(progress),
        "novelty": progress.novelty,
        "corpus": progress.corpus,
        "deepest": progress.deepest,
        "not_shown_again": summary.not_again,
        "excused": summary.excused,
        "notes": summary.notes,
        "findings": findings.collect::<Vec<_>>(),
    })
}

/// The first that holds, in the order of [`Exit`]. A target that went away in the middle went under our input.
fn exit_of(summary: &Summary) -> Exit {
    match &summary.end {
        CampaignEnd::Interrupted => Exit::Interrupted,
        _ if summary
            .findings
            .iter()
            .any(|finding| finding.signature.oracle.is_grave()) =>
        {
            Exit::Deviations
        }
        CampaignEnd::Gone(_) => Exit::Deviations,
        CampaignEnd::Unfit(reason) => {
            eprintln!("wireproof: could not be fuzzed: {}", safe_text(reason, 300));
            Exit::TargetUnfit
        }
        _ if summary.progress.runs == 0 => Exit::Usage,
        _ => Exit::Fine,
    }
}
