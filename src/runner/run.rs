//! All cases of a run: so many at once, in order, until they are done or there is no point in going on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::drive::{Teller, drive, given_up};
use super::lookout::{Gone, Lookout};
use super::memory::{Memory, Share};
use super::secrets::Secrets;
use crate::codec::Codec;
use crate::engine::{Engine, Options};
use crate::event::{Event, RunEnd};
use crate::plan::Case;
use crate::scenario::Pack;
use crate::transport::Endpoint;

const INTERRUPTED: &str = "interrupted";

/// Where a pack's cases run.
#[derive(Clone, Debug)]
pub struct Target {
    pub endpoint: Endpoint,
    pub codec: Codec,
}

/// How a run goes.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Cases at once.
    pub jobs: usize,
    pub seed: u64,
    /// Part of every fresh name; another one each run.
    pub tag: String,
    /// What runs one case again; the case's id is appended.
    pub rerun: String,
}

/// One pack's cases and where they run.
pub type Batch = (Arc<Pack>, Target, Vec<Arc<Case>>);

/// Runs the cases; every event of theirs and the last of the run go to `events`.
///
/// Ends early when `interrupted` turns true, or when the target turns out to be gone. Every case of the
/// plan is finished in the events, whether it ran or not.
///
/// # Panics
///
/// After all that, where a case panicked: a defect of ours, which must not look like a judgement.
pub async fn run(
    batches: Vec<Batch>,
    options: RunOptions,
    events: mpsc::Sender<Event>,
    mut interrupted: watch::Receiver<bool>,
) {
    let started = Instant::now();
    let mut end = RunEnd::Completed;
    let mut crash = None;
    let memory = Memory::new(options.jobs);
    for (pack, target, cases) in batches {
        let Some(first) = cases.first() else {
            continue;
        };
        let lookout = Lookout::new(
            pack.clone(),
            target.clone(),
            first.profile.timeouts,
            options.tag.clone(),
        );
        let mut batch = Running {
            pack,
            target,
            lookout: Arc::new(lookout),
            options: options.clone(),
            events: events.clone(),
            seen: Arc::default(),
            memory: memory.clone(),
            waiting: cases.into(),
            crash: None,
        };
        let ended = batch.run(&mut interrupted).await;
        crash = crash.or(batch.crash);
        if ended != RunEnd::Completed && end == RunEnd::Completed {
            end = ended;
        }
    }
    let us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let _ = events.send(Event::RunFinished { us, end }).await;
    if let Some(crash) = crash {
        std::panic::resume_unwind(crash.into_panic());
    }
}

/// What the cases of one target learn of it together.
#[derive(Default)]
struct Seen {
    overtaken: AtomicBool,
    fences_unanswered: AtomicBool,
}

struct Running {
    pack: Arc<Pack>,
    target: Target,
    lookout: Arc<Lookout>,
    options: RunOptions,
    events: mpsc::Sender<Event>,
    seen: Arc<Seen>,
    memory: Arc<Memory>,
    waiting: VecDeque<Arc<Case>>,
    /// The first panic of a case.
    crash: Option<JoinError>,
}

impl Running {
    async fn run(&mut self, interrupted: &mut watch::Receiver<bool>) -> RunEnd {
        let stop = interrupted.clone();
        let looked = tokio::select! {
            biased;
            () = interruption(stop) => None,
            looked = self.lookout.look() => Some(looked),
        };
        match looked {
            Some(Ok(())) => {}
            Some(Err(reason)) => {
                self.drop_waiting(&reason).await;
                return RunEnd::TargetUnfit { reason };
            }
            None => {
                self.drop_waiting(INTERRUPTED).await;
                return RunEnd::Interrupted;
            }
        }
        let (halt, halted) = watch::channel(String::new());
        let mut running = JoinSet::new();
        let mut end = RunEnd::Completed;
        loop {
            if halted.borrow().is_empty() {
                let free = self.options.jobs.saturating_sub(running.len());
                let next: Vec<_> = (self.waiting)
                    .drain(..free.min(self.waiting.len()))
                    .collect();
                // All of them, before the first can doubt whether it runs alone.
                self.lookout.cases_begin(next.len());
                for case in next {
                    running.spawn(self.one(case, halted.clone()));
                }
            }
            tokio::select! {
                finished = running.join_next() => match finished {
                    None => break,
                    Some(Ok(())) => {}
                    Some(Err(crash)) => {
                        self.crash.get_or_insert(crash);
                        let _ = halt.send("wireproof itself failed".to_owned());
                    }
                },
                Ok(()) = interrupted.changed(), if end == RunEnd::Completed => {
                    end = RunEnd::Interrupted;
                    let _ = halt.send(INTERRUPTED.to_owned());
                }
            }
            if end == RunEnd::Completed
                && let Some(Gone { reason, .. }) = self.lookout.gone()
            {
                let _ = halt.send(reason.clone());
                end = RunEnd::TargetUnfit {
                    reason: reason.clone(),
                };
            }
        }
        let reason = halted.borrow().clone();
        self.drop_waiting(&reason).await;
        self.remark().await;
        end
    }

    /// The task of one case.
    fn one(
        &self,
        case: Arc<Case>,
        mut halted: watch::Receiver<String>,
    ) -> impl Future<Output = ()> + use<> {
        let (target, options, events, seen) = (
            self.target.clone(),
            self.options.clone(),
            self.events.clone(),
            self.seen.clone(),
        );
        let lookout = self.lookout.clone();
        let share = Share::new(self.memory.clone());
        async move {
            let _ = events.send(case_started(&case, &options)).await;
            let mut engine = Engine::new(
                case.clone(),
                Options {
                    run_tag: options.tag.clone(),
                    seed: options.seed,
                    started: unix_now(),
                    overtaken: seen.overtaken.load(Ordering::Relaxed),
                    fences_unanswered: seen.fences_unanswered.load(Ordering::Relaxed),
                },
            );
            let started = Instant::now();
            let mut teller = Teller {
                case: case.id.clone(),
                events: events.clone(),
                lookout: lookout.clone(),
                secrets: Secrets::new(case.id.clone(), case.pack.clone()),
                unanswered: false,
            };
            let outcome = tokio::select! {
                outcome = drive(&mut engine, &target, case.profile.timeouts.connect, &mut teller, share) => outcome,
                reason = halt(&mut halted) => Err(reason),
            };
            if let Err(reason) = outcome {
                let us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                let _ = events.send(given_up(&case.id, us, reason)).await;
            }
            seen.overtaken
                .fetch_or(engine.saw_overtaking(), Ordering::Relaxed);
            seen.fences_unanswered
                .fetch_or(engine.saw_unanswered_fence(), Ordering::Relaxed);
            lookout.case_ends();
        }
    }

    /// Finishes the cases that never began.
    async fn drop_waiting(&mut self, reason: &str) {
        for case in std::mem::take(&mut self.waiting) {
            let _ = self.events.send(case_started(&case, &self.options)).await;
            let _ = self
                .events
                .send(given_up(&case.id, 0, reason.to_owned()))
                .await;
        }
    }

    async fn remark(&self) {
        let pack = self.pack.catalogue.name.clone();
        if self.seen.overtaken.load(Ordering::Relaxed) {
            let text = "this server answers a later request before it delivers what an earlier one caused, \
                        so silence was shown by waiting as well"
                .to_owned();
            let _ = self
                .events
                .send(Event::Remark {
                    pack: pack.clone(),
                    text,
                })
                .await;
        }
        if self.seen.fences_unanswered.load(Ordering::Relaxed) {
            let text = "some requests that ask for nothing but an answer went unanswered, so silence was shown by \
                        waiting"
                .to_owned();
            let _ = self.events.send(Event::Remark { pack, text }).await;
        }
    }
}

/// Resolves when somebody interrupts; never where nobody can any more.
async fn interruption(mut interrupted: watch::Receiver<bool>) {
    if interrupted
        .wait_for(|interrupted| *interrupted)
        .await
        .is_err()
    {
        std::future::pending().await
    }
}

/// Resolves when the run is called off, with the reason; never before.
async fn halt(halted: &mut watch::Receiver<String>) -> String {
    let reason = halted
        .wait_for(|reason| !reason.is_empty())
        .await
        .map(|reason| reason.clone());
    match reason {
        Ok(reason) => reason,
        Err(_) => std::future::pending().await,
    }
}

fn case_started(case: &Case, options: &RunOptions) -> Event {
    Event::CaseStarted {
        case: case.id.clone(),
        pack: case.pack.catalogue.name.clone(),
        scenario: case.scenario.id.clone(),
        about: case.scenario.about.clone(),
        at: case.scenario.place.to_string(),
        covers: case.covers.clone(),
        rerun: format!("{} '{}'", options.rerun, case.id),
    }
}

pub(super) fn unix_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
