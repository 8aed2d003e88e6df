//! `wireproof probe`: gets to know a target, says what it saw, and writes the profile.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::error::CliError;
use super::handshake;
use super::output::say;
use super::packs::PackArgs;
use super::run::parse_time;
use crate::exit::Exit;
use crate::probe::{Bench, Known, Seen, probe};
use crate::report::safe_text;
use crate::transport::{EndpointOptions, Tls};

#[derive(Debug, clap::Args)]
pub(super) struct ProbeArgs {
    /// The server, such as ws://127.0.0.1:7000 or tcp://127.0.0.1:7000; without a scheme, both are tried
    #[arg(long, value_name = "URL")]
    target: String,
    #[command(flatten)]
    packs: PackArgs,
    /// Write the profile here; without it, it goes to standard output, and what was seen to standard error
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_time)]
    timeout: Duration,
    /// How long to go on trying what might be different
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    time: Duration,
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
}

pub(super) fn run(args: &ProbeArgs) -> Result<Exit, CliError> {
    if args.target.is_empty() {
        return Err(CliError::usage("--target is empty; is a variable unset?"));
    }
    let packs = args.packs.load()?;
    let bench = Bench::new(options(args)?, args.timeout, args.time);
    let url = if args.target.contains("://") {
        args.target.clone()
    } else {
        format!("ws://{}", args.target)
    };
    crate::transport::Endpoint::parse(&url, options(args)?)
        .map_err(|error| CliError::usage(format!("--target: {error}")))?;
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let started = Instant::now();
    let seen = runtime.block_on(probe(&bench, &packs, &args.target));
    let (connections, messages) = bench.spent();
    let cost = format!(
        "{connections} connections, {messages} messages, {:.1} s",
        started.elapsed().as_secs_f64()
    );
    if bench.was_cut_short() {
        tell("time was up before everything was tried; --time gives it more");
    }
    match seen {
        Seen::Unfit(reason) => {
            tell(&format!("could not be probed: {reason}"));
            Ok(Exit::TargetUnfit)
        }
        Seen::Foreign(gave) => {
            tell(&format!(
                "{} speaks none of the packs, as far as could be seen:",
                args.target
            ));
            gave.iter().for_each(|line| tell(&format!("  {line}")));
            tell(&format!("not seen: pack, codec, dialect ({cost})"));
            Ok(Exit::TargetUnfit)
        }
        Seen::Ambiguous(names) => {
            tell(&format!(
                "its answers fit {} equally well; say which it is with --pack",
                names.join(" and ")
            ));
            Ok(Exit::TargetUnfit)
        }
        Seen::Known(known) => {
            told(&known).iter().for_each(|line| tell(line));
            tell(&cost);
            if !known.came_in {
                tell("no user came in, so that the rest was not seen; no profile is written");
                return Ok(Exit::TargetUnfit);
            }
            let text = known.draft.text();
            match &args.output {
                Some(path) => {
                    fs::write(path, text)
                        .map_err(CliError::io(format!("write {}", path.display())))?;
                    let path = path.display();
                    tell(&format!("profile: {path}; wireproof run --profile {path}"));
                }
                None => say(&text)?,
            }
            Ok(Exit::Fine)
        }
    }
}

fn options(args: &ProbeArgs) -> Result<EndpointOptions, CliError> {
    let headers = handshake::headers(&args.headers)?;
    let extra_ca = handshake::certificates(args.ca.as_deref())?;
    Ok(EndpointOptions {
        headers,
        subprotocol: args.subprotocol.clone(),
        tls: Tls {
            extra_ca,
            insecure: args.insecure,
        },
        ..EndpointOptions::default()
    })
}

/// Progress and findings go to standard error; the server's words are held to a line.
fn tell(line: &str) {
    eprintln!("{}", safe_text(line, 300));
}

/// What was seen, a line each.
fn told(known: &Known) -> Vec<String> {
    let draft = &known.draft;
    let mut lines = vec![format!("{} at {}", draft.pack, draft.url)];
    let mut line = |what: &str, text: String| lines.push(format!("  {what:<12}{text}"));
    let codec = draft
        .codec
        .map_or("as in the document", |codec| codec.name());
    line("codec", codec.to_owned());
    if let Some(frames) = draft.frames {
        line("frames", frames.name().to_owned());
    }
    for it in &draft.constants {
        line(
            "constant",
            format!("{} travels as {} ({})", it.it.0, it.it.1, it.why),
        );
    }
    for it in &draft.rename {
        line(
            "renamed",
            format!("{} is {} ({})", it.it.0, it.it.1, it.why),
        );
    }
    for it in &draft.renamed {
        let other = &it.it;
        line(
            "renamed",
            format!(
                "{} of {} is {} ({})",
                other.path, other.message, other.it, it.why
            ),
        );
    }
    for it in &draft.extra {
        line(
            "needs",
            format!("{}: {} in every request ({})", it.it.0, it.it.1, it.why),
        );
    }
    for it in &draft.forms {
        let other = &it.it;
        line(
            "form",
            format!(
                "{} of {} is {} ({})",
                other.path, other.message, other.it, it.why
            ),
        );
    }
    for it in &draft.readings {
        line("reading", format!("{}: {} ({})", it.it.0, it.it.1, it.why));
    }
    for it in &draft.settings {
        line("setting", format!("{}: {} ({})", it.it.0, it.it.1, it.why));
    }
    if let Some(it) = &draft.one_login {
        line("logins", it.why.clone());
    }
    for it in &draft.echoes {
        line(
            "echo",
            format!("{} brings its sender {} ({})", it.it.0, it.it.1, it.why),
        );
    }
    if !known.unseen.is_empty() {
        line("not seen", known.unseen.join(", "));
    }
    for (case, why) in known.misfits.iter().take(12) {
        line("does not fit", format!(" {case}: {why}"));
    }
    lines.push(format!(
        "{} cases played: {} go through, {} not applicable, {} do not fit",
        known.played,
        known.fit,
        known.not_applicable,
        known.misfits.len()
    ));
    lines
}
