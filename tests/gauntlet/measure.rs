//! Runs `wireproof`, and knows how much memory it took at most.
//!
//! The kernel tells a process of the peak among its children, so that each run has a process in between of
//! its own: this test program again, which starts `wireproof`, waits, and writes the figure down.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use tokio::net::TcpListener;
use wireproof_reference::{Behaviour, Pack, protocol};

/// No run takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the program in between ends where the run had to be killed; none of `wireproof`'s own codes.
const KILLED: u8 = 99;

/// Tells the program in between where to write the peak.
const PEAK_TO: &str = "GAUNTLET_PEAK_TO";

/// What a run left behind.
pub(crate) struct Measured {
    pub(crate) code: Option<i32>,
    /// What a person sees.
    pub(crate) said: String,
    pub(crate) document: Value,
    pub(crate) peak_kib: u64,
    took: Duration,
}

/// Starts the program that its arguments name, if that is what this process is for.
pub(crate) fn as_the_program_in_between() -> Option<ExitCode> {
    let peak_to = env::var_os(PEAK_TO)?;
    let mut arguments = env::args_os().skip(1);
    // A run that hangs is killed here, by its parent: it must not outlive us and hold our pipes.
    let ran = snapbox::cmd::Command::new(arguments.next()?)
        .args(arguments)
        .timeout(PATIENCE)
        .output()
        .ok()?;
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).map(|usage| usage.max_rss());
    let written = fs::write(peak_to, peak.unwrap_or_default().to_string());
    written.ok()?;
    std::io::stdout().write_all(&ran.stdout).ok()?;
    std::io::stderr().write_all(&ran.stderr).ok()?;
    Some(match ran.status.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        None => ExitCode::from(KILLED),
    })
}

pub(crate) fn run(url: &str, options: &[&str]) -> Result<Measured, String> {
    let in_between = env::current_exe().map_err(|error| error.to_string())?;
    let peak_to = tempfile()?;
    let begin = Instant::now();
    let output = snapbox::cmd::Command::new(in_between)
        .arg(env!("CARGO_BIN_EXE_wireproof"))
        .args(["run", "--no-report", "--format", "json"])
        .args(["--target", url])
        .args(options)
        .env(PEAK_TO, &peak_to)
        .output()
        .map_err(|error| error.to_string())?;
    let took = begin.elapsed();
    let said = String::from_utf8(output.stderr).map_err(|error| error.to_string())?;
    if output.status.code() == Some(KILLED.into()) {
        return Err(format!("it hung\n{said}"));
    }
    let peak = fs::read_to_string(&peak_to).map_err(|error| format!("{error}: the peak"))?;
    let _ = fs::remove_file(peak_to);
    Ok(Measured {
        code: output.status.code(),
        document: serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("no JSON document: {error}\n{said}"))?,
        peak_kib: peak.parse().map_err(|_| format!("no peak: {peak:?}"))?,
        said,
        took,
    })
}

/// A name for a file that nobody else has.
fn tempfile() -> Result<std::path::PathBuf, String> {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = env!("CARGO_TARGET_TMPDIR");
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    Ok(format!("{folder}/gauntlet-{}-{number}", std::process::id()).into())
}

/// A run against a server that is as it should be, measured when the first needs it.
#[derive(Default)]
pub(crate) struct Plain(OnceLock<Result<u64, String>>);

impl Plain {
    pub(crate) fn peak_kib(&self) -> Result<u64, String> {
        self.0.get_or_init(plain_run).clone()
    }
}

fn plain_run() -> Result<u64, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let url = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}", listener.local_addr().expect("bound"));
        let server = protocol(Pack::Friendchat, &Behaviour::default()).expect("the default");
        tokio::spawn(wireproof_reference::serve(
            listener,
            server,
            std::future::pending(),
        ));
        url
    });
    // The time-out is for hostile peers; this run is held up by them.
    let ran = run(
        &url,
        &["--pack", "friendchat", "--jobs", "4", "--timeout", "20s"],
    )?;
    match ran.code {
        Some(0) => Ok(ran.peak_kib),
        code => Err(format!("the plain run ended with {code:?}\n{}", ran.said)),
    }
}

/// For whoever wants to see how much room there is.
pub(crate) fn note(name: &str, ran: &Measured, growth_kib: u64) {
    let Some(file) = env::var_os("GAUNTLET_FIGURES") else {
        return;
    };
    let durations = ran.document["cases"].as_array().into_iter().flatten();
    let longest = durations
        .filter_map(|case| case["duration_ms"].as_f64())
        .fold(0.0, f64::max);
    let line = serde_json::json!({
        "peer": name,
        "exit": ran.code,
        "growth_kib": growth_kib,
        "run_s": ran.took.as_secs_f64(),
        "longest_case_s": longest / 1e3,
    });
    let file = OpenOptions::new().create(true).append(true).open(file);
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.expect("the figures can be written");
}
