//! `wireproof audit` on a real server: what it sends is tampered with on its way, a sample within a time.

use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::error::CliError;
use super::handshake;
use super::launch::{LaunchArgs, watcher};
use super::packs::PackArgs;
use super::profile::ProfileFile;
use super::run::parse_time;
use crate::audit::{
    Order, PackMatrix, Recorded, Recorder, Tally, WirePart, attempts, came_to_an_end,
    matrix_of_wire,
};
use crate::engine::Options;
use crate::event::{CaseEnd, Event, Level};
use crate::plan::{Case, Selection, plan};
use crate::report::safe_text;
use crate::runner::{Between, Played, Target, fresh_tag, play_through, unix_now};
use crate::scenario::Pack;
use crate::target::Server;
use crate::transport::{Endpoint, EndpointOptions, Tls};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct WireArgs {
    /// Tamper between the suite and this server, such as ws://127.0.0.1:7000, rather than with a reference server
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    #[command(flatten)]
    launch: LaunchArgs,
    /// What is known of that server: where it is, in which dialect it speaks
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// For how long to tamper with a real server
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    time: Duration,
    /// Which tamperings are tried first on a real server
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many cases run at once on a real server
    #[arg(long, short, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// How long to wait for an answer of a real server [default: 5s, or what the profile says]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    timeout: Option<Duration>,
}

impl WireArgs {
    pub(super) fn is_asked_for(&self) -> bool {
        self.target.is_some() || self.launch.launch.is_some() || self.profile.is_some()
    }
}

/// Audits the one pack on the real server.
pub(super) fn audit_wire(
    args: &WireArgs,
    packs: &PackArgs,
    filters: &[String],
) -> Result<PackMatrix, CliError> {
    if args.target.as_deref() == Some("") {
        return Err(CliError::usage("--target is empty; is a variable unset?"));
    }
    let file = args.profile.as_deref().map(ProfileFile::open).transpose()?;
    let packs = match &file {
        Some(file) => file.pack_args(packs)?.load()?,
        None => packs.load()?,
    };
    let [pack] = packs.as_slice() else {
        return Err(CliError::usage(
            "say which protocol the target speaks with --pack or --pack-dir",
        ));
    };
    let (mut address, mut profile) = match &file {
        Some(file) => file.read(&packs, filters.is_empty())?,
        None => Default::default(),
    };
    if args.target.is_some() {
        address.url.clone_from(&args.target);
    }
    if let Some(timeout) = args.timeout {
        profile.timeouts.connect = timeout;
        profile.timeouts.answer = timeout;
    }
    let launch = args.launch.resolve(&address, args.target.is_some())?;
    if let Some((_, launched)) = &launch {
        address.url = Some(launched.clone());
    }
    let Some(url) = address.url.clone() else {
        return Err(CliError::usage("say where the server is with --target"));
    };
    let extra_ca = handshake::certificates(address.ca.as_deref().map(Path::new))?;
    let options = EndpointOptions {
        headers: address.headers.clone(),
        subprotocol: address.subprotocol.clone(),
        tls: Tls {
            extra_ca,
            insecure: address.insecure,
        },
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse(&url, options)
        .map_err(|error| CliError::usage(format!("--target: {error}")))?;
    let profile = Arc::new(profile);
    let target = Target::new(endpoint, pack, profile.clone());
    let selection = Selection {
        filters: filters.to_vec(),
        exact: Vec::new(),
    };
    let cases = plan(std::slice::from_ref(pack), &profile, &selection);
    if cases.is_empty() {
        return Err(CliError::usage("no case matches"));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    let server = runtime.block_on(async {
        Ok::<_, CliError>(match launch {
            Some((launch, _)) => Some(Server::start(launch, watcher()?).await?),
            None => None,
        })
    })?;
    let campaign = Campaign {
        args,
        pack,
        target: &target,
        tag: fresh_tag(),
        played: AtomicUsize::new(0),
    };
    let matrix = campaign.run(&cases, &url);
    if let Some(server) = server {
        runtime.block_on(server.stop());
    }
    matrix
}

struct Campaign<'a> {
    args: &'a WireArgs,
    pack: &'a Pack,
    target: &'a Target,
    tag: String,
    /// How many cases were played: each time the users are others.
    played: AtomicUsize,
}

impl Campaign<'_> {
    fn run(&self, cases: &[Arc<Case>], url: &str) -> Result<PackMatrix, CliError> {
        let catalogue = &self.pack.catalogue;
        let recorded: Mutex<Vec<(usize, Recorded<'_>)>> = Mutex::default();
        let why_not: Mutex<Option<String>> = Mutex::default();
        self.in_parallel(cases.len(), None, |i| {
            let mut recorder = Recorder::new(catalogue);
            let played = self.play(&cases[i], None, &mut |input, _| {
                recorder.see(&input);
                vec![input]
            })?;
            let Some(played) = played else {
                return Ok(());
            };
            match &played.end {
                CaseEnd::Judged => {
                    if let Some(reason) = first_deviation(&played) {
                        lock(&why_not).get_or_insert(reason);
                    }
                    let done = recorder.finish(cases[i].clone(), played.events);
                    lock(&recorded).extend(done.map(|done| (i, done)));
                }
                CaseEnd::CouldNotRun { reason } | CaseEnd::Blocked { reason, .. } => {
                    lock(&why_not).get_or_insert_with(|| reason.clone());
                }
                CaseEnd::NotApplicable { .. } => {}
            }
            Ok(())
        })?;
        let mut recorded = recorded
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        recorded.sort_by_key(|(i, _)| *i);
        let recorded: Vec<Recorded<'_>> = recorded.into_iter().map(|(_, done)| done).collect();
        if recorded.is_empty() {
            let why = lock(&why_not).take().unwrap_or_default();
            let why = safe_text(&why, 300);
            return Err(CliError::usage(format!(
                "no case conforms on {url}, so that there is nothing to tamper with: {why}"
            )));
        }
        let all = attempts(catalogue, &recorded, self.args.seed);
        let order = Order::of(self.pack);
        let tally: Mutex<Tally> = Mutex::default();
        let (tried, missed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let until = Instant::now() + self.args.time;
        self.in_parallel(all.len(), Some(until), |i| {
            let attempt = &all[i];
            let mut meddler = attempt.meddler(catalogue, self.target.codec);
            let played = self.play(attempt.case(), Some(until), &mut |input, now| {
                meddler.meddle(input, now)
            })?;
            let Some(played) = played else {
                return Ok(());
            };
            tried.fetch_add(1, Ordering::Relaxed);
            if meddler.has_meddled() && came_to_an_end(&played.end) {
                attempt.count(&order, &played.events, &mut lock(&tally));
            } else {
                missed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        })?;
        let wire = WirePart {
            target: url.to_owned(),
            seed: self.args.seed,
            conforming: recorded.len(),
            possible: all.len(),
            tried: tried.into_inner(),
            missed: missed.into_inner(),
        };
        let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(matrix_of_wire(self.pack, cases.len(), &tally, wire))
    }

    /// Plays the case once, with users of its own; `None` where the time is over before.
    fn play(
        &self,
        case: &Case,
        until: Option<Instant>,
        between: &mut Between<'_>,
    ) -> Result<Option<Played>, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CliError::io("start"))?;
        let case = Arc::new(Case {
            number: self.played.fetch_add(1, Ordering::Relaxed),
            ..case.clone()
        });
        let options = Options {
            run_tag: self.tag.clone(),
            seed: self.args.seed,
            started: unix_now(),
            overtaken: false,
            fences_unanswered: false,
        };
        Ok(runtime.block_on(async {
            let playing = play_through(case, self.target, options, Some(between));
            match until {
                Some(until) => tokio::time::timeout_at(until.into(), playing).await.ok(),
                None => Some(playing.await),
            }
        }))
    }

    /// Does the work of each number in order, so many at once, until it is done or the time is over.
    fn in_parallel(
        &self,
        count: usize,
        until: Option<Instant>,
        work: impl Fn(usize) -> Result<(), CliError> + Sync,
    ) -> Result<(), CliError> {
        let next = AtomicUsize::new(0);
        let toil = || {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= count || until.is_some_and(|until| Instant::now() >= until) {
                    return Ok(());
                }
                work(i)?;
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.args.jobs).map(|_| scope.spawn(toil)).collect();
            threads
                .into_iter()
                .try_for_each(|thread| match thread.join() {
                    Ok(done) => done,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
        })
    }
}

/// What a `must` that did not hold says.
fn first_deviation(played: &Played) -> Option<String> {
    played.events.iter().find_map(|event| match event {
        Event::Deviation { deviation, .. } if deviation.level == Level::Must => {
            Some(deviation.message.clone())
        }
        _ => None,
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
