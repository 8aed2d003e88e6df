//! All cases of a run: so many at once, in order, until they are done or there is no point in going on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::drive::{Teller, drive, given_up};
use super::lookout::{Gone, Lookout};
use super::memory::{GivenUp, Memory, Share};
use super::secrets::Secrets;
use super::speech::Target;
use crate::engine::{Engine, Options};
use crate::event::{CaseEnd, Deviation, DeviationKind, Event, Level, RunEnd};
use crate::plan::Case;
use crate::scenario::Pack;
use crate::target::{Pool, Server};

const INTERRUPTED: &str = "interrupted";

const NO_ROOM: &str =
    "more came than is kept, in this case beside others, and in another one alone";

/// How often a launched server is started again in the cases of one pack.
const MOST_RESTARTS: usize = 20;

/// How many cases of one pack run again alone, since there was no room for them beside others: each may wait
/// its time-outs out.
const MOST_CROWDED: usize = 20;

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
    /// The server, where wireproof launched it: it is started again when it went away.
    pub server: Option<Arc<Server>>,
}

/// One pack's cases and where they run.
pub type Batch = (Arc<Pack>, Target, Vec<Arc<Case>>);

/// Runs the cases, those of all batches side by side; every event of theirs and the last of the run go to
/// `events`.
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
    interrupted: watch::Receiver<bool>,
) {
    let started = Instant::now();
    let memory = Memory::new(options.jobs);
    let slots = Arc::new(Semaphore::new(options.jobs));
    let mut running = Vec::new();
    for (pack, target, cases) in batches {
        let Some(first) = cases.first() else {
            continue;
        };
        let lookout = Lookout::new(
            pack.clone(),
            target.clone(),
            first.profile.timeouts,
            options.tag.clone(),
            options.server.clone(),
        );
        let mut batch = Running {
            pack,
            target,
            lookout: Arc::new(lookout),
            options: options.clone(),
            events: events.clone(),
            seen: Arc::default(),
            memory: memory.clone(),
            accounts: first
                .profile
                .accounts
                .clone()
                .map(|it| Arc::new(Pool::new(it))),
            slots: slots.clone(),
            waiting: cases.into(),
            suspects: VecDeque::new(),
            restarts: 0,
            unexplained: None,
            crash: None,
        };
        let mut interrupted = interrupted.clone();
        running.push(tokio::spawn(async move {
            let end = batch.run(&mut interrupted).await;
            (end, batch.crash)
        }));
    }
    let mut end = RunEnd::Completed;
    let mut crash = None;
    for batch in running {
        let (ended, crashed) = match batch.await {
            Ok(ended) => ended,
            Err(error) => (RunEnd::Completed, Some(error)),
        };
        crash = crash.or(crashed);
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
    /// A case is known to have ended the server, since this was last asked.
    blamed: AtomicBool,
    /// Cases for which there was no room beside others.
    crowded: AtomicUsize,
    /// A case that ran alone had no room for all that came.
    overwhelming: AtomicBool,
}

struct Running {
    pack: Arc<Pack>,
    target: Target,
    lookout: Arc<Lookout>,
    options: RunOptions,
    events: mpsc::Sender<Event>,
    seen: Arc<Seen>,
    memory: Arc<Memory>,
    /// Users that exist already, where none are to be made.
    accounts: Option<Arc<Pool>>,
    /// One for each case that may run now, whichever batch it is of.
    slots: Arc<Semaphore>,
    waiting: VecDeque<Arc<Case>>,
    /// Cases that ran when the server went away, or for which there was no room beside others: they run again,
    /// one at a time.
    suspects: VecDeque<Arc<Case>>,
    restarts: usize,
    /// How the server went away, where no case is known to have done it.
    unexplained: Option<String>,
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
            Some(Err(unfit)) => {
                let reason = unfit.at_first();
                self.drop_waiting(&reason).await;
                return RunEnd::TargetUnfit { reason };
            }
            None => {
                self.drop_waiting(INTERRUPTED).await;
                return RunEnd::Interrupted;
            }
        }
        let (end, reason) = loop {
            let (end, reason) = self.round(interrupted).await;
            if matches!(end, RunEnd::TargetUnfit { .. }) {
                match self.revive(&reason).await {
                    Ok(()) => continue,
                    Err(reason) => {
                        let unfit = RunEnd::TargetUnfit {
                            reason: reason.clone(),
                        };
                        break (unfit, reason);
                    }
                }
            }
            let done = self.waiting.is_empty() && self.suspects.is_empty();
            if done || end != RunEnd::Completed || self.crash.is_some() {
                break (end, reason);
            }
        };
        self.drop_waiting(&reason).await;
        self.remark().await;
        match self.unexplained.take() {
            Some(reason) if end == RunEnd::Completed => RunEnd::TargetUnfit { reason },
            _ => end,
        }
    }

    /// Starts the server again, if it may be; `Err` says why nothing can be tested any more.
    async fn revive(&mut self, reason: &str) -> Result<(), String> {
        let Some(server) = self.options.server.clone() else {
            return Err(reason.to_owned());
        };
        if self.restarts == MOST_RESTARTS {
            return Err(format!(
                "{reason}; it was started again {MOST_RESTARTS} times"
            ));
        }
        self.restarts += 1;
        server
            .restart()
            .await
            .map_err(|error| format!("{reason}; {error}"))?;
        self.lookout = Arc::new(self.lookout.renewed());
        Ok(())
    }

    /// Runs the suspects one at a time, or else what waits, until that is done or cannot go on; gives the
    /// reason that cases which did not run have.
    async fn round(&mut self, interrupted: &mut watch::Receiver<bool>) -> (RunEnd, String) {
        let alone = !self.suspects.is_empty();
        let (mut queue, jobs) = if alone {
            (std::mem::take(&mut self.suspects), 1)
        } else {
            (std::mem::take(&mut self.waiting), self.options.jobs)
        };
        let (halt, halted) = watch::channel(String::new());
        let mut running = JoinSet::new();
        let mut end = RunEnd::Completed;
        loop {
            let free = jobs.saturating_sub(running.len()).min(queue.len());
            let wanted = if halted.borrow().is_empty() { free } else { 0 };
            if running.is_empty() && wanted == 0 {
                break;
            }
            tokio::select! {
                Some(finished) = running.join_next() => match finished {
                    Ok(None) => {}
                    Ok(Some(case)) => self.suspects.push_back(case),
                    Err(crash) => {
                        self.crash.get_or_insert(crash);
                        let _ = halt.send("wireproof itself failed".to_owned());
                    }
                },
                Ok(slot) = self.slots.clone().acquire_owned(), if wanted > 0 => {
                    let more = std::iter::from_fn(|| self.slots.clone().try_acquire_owned().ok());
                    let slots: Vec<_> = std::iter::once(slot).chain(more).take(wanted).collect();
                    // All of them, before the first can doubt whether it runs alone.
                    self.lookout.cases_begin(slots.len());
                    for (case, slot) in queue.drain(..slots.len()).zip(slots) {
                        let case = self.one(case, jobs == 1, halted.clone());
                        running.spawn(async move {
                            let again = case.await;
                            drop(slot);
                            again
                        });
                    }
                }
                Ok(()) = interrupted.changed(), if end == RunEnd::Completed => {
                    end = RunEnd::Interrupted;
                    let _ = halt.send(INTERRUPTED.to_owned());
                }
            }
            if alone && self.seen.overwhelming.load(Ordering::Relaxed) {
                // It floods: one such case after the other would take for ever, and say nothing new.
                for case in queue.drain(..) {
                    self.give_up(&case, NO_ROOM).await;
                }
            }
            if end == RunEnd::Completed
                && let Some(Gone { reason, .. }) = self.lookout.gone()
            {
                let _ = halt.send(reason.clone());
                end = RunEnd::TargetUnfit {
                    reason: reason.clone(),
                };
                self.unexplained.get_or_insert(reason.clone());
            }
        }
        if self.seen.blamed.swap(false, Ordering::Relaxed) {
            self.unexplained = None;
        }
        // Who had no turn stays where they were.
        if alone {
            self.suspects.extend(queue);
        } else {
            self.waiting = queue;
        }
        let reason = halted.borrow().clone();
        (end, reason)
    }

    /// The task of one case; gives the case back where it has to run again.
    fn one(
        &self,
        case: Arc<Case>,
        alone: bool,
        mut halted: watch::Receiver<String>,
    ) -> impl Future<Output = Option<Arc<Case>>> + use<> {
        let (target, options, events, seen) = (
            self.target.clone(),
            self.options.clone(),
            self.events.clone(),
            self.seen.clone(),
        );
        let lookout = self.lookout.clone();
        let share = Share::new(self.memory.clone());
        let accounts = self.accounts.clone();
        async move {
            let _ = events.send(case_started(&case, &options)).await;
            let lent = match &accounts {
                None => None,
                Some(pool) => match pool.lend(case.users()).await {
                    Ok(lent) => Some(lent),
                    Err(reason) => {
                        let (case, us) = (case.id.clone(), 0);
                        let end = CaseEnd::NotApplicable { reason };
                        lookout.case_ends(&case);
                        let _ = events.send(Event::CaseFinished { case, us, end }).await;
                        return None;
                    }
                },
            };
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
            if let Some(lent) = &lent {
                engine.lend(lent.users());
            }
            let started = Instant::now();
            let mut teller = Teller {
                case: case.id.clone(),
                events: events.clone(),
                lookout: lookout.clone(),
                secrets: Secrets::new(case.id.clone(), case.pack.clone()),
                unanswered: false,
                sent: false,
                blamed: false,
                log: options.server.clone().map(|server| {
                    let mark = server.mark();
                    (server, mark)
                }),
            };
            let outcome = tokio::select! {
                outcome = drive(&mut engine, &target, case.profile.timeouts.connect, &mut teller, share, None) => outcome,
                reason = halt(&mut halted) => Err(reason.into()),
            };
            let mut withdrawn = false;
            if let Err(GivenUp { reason, crowded }) = outcome {
                let overwhelming = &seen.overwhelming;
                overwhelming.fetch_or(crowded && alone, Ordering::Relaxed);
                let has_another_go = crowded
                    && !alone
                    && !overwhelming.load(Ordering::Relaxed)
                    && seen.crowded.fetch_add(1, Ordering::Relaxed) < MOST_CROWDED;
                let us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                match lookout.gone() {
                    Some(gone) if gone.alone && teller.sent => {
                        teller.blamed = true;
                        teller.pass_on(killed(&case, us, &gone.why)).await;
                        let end = CaseEnd::Judged;
                        let case = case.id.clone();
                        teller.pass_on(Event::CaseFinished { case, us, end }).await;
                    }
                    gone if has_another_go || (gone.is_some() && options.server.is_some()) => {
                        let case = case.id.clone();
                        teller.pass_on(Event::CaseWithdrawn { case, reason }).await;
                        withdrawn = true;
                    }
                    _ => teller.pass_on(given_up(&case.id, us, reason)).await,
                }
            }
            seen.blamed.fetch_or(teller.blamed, Ordering::Relaxed);
            seen.overtaken
                .fetch_or(engine.saw_overtaking(), Ordering::Relaxed);
            seen.fences_unanswered
                .fetch_or(engine.saw_unanswered_fence(), Ordering::Relaxed);
            lookout.case_ends(&case.id);
            withdrawn.then_some(case)
        }
    }

    /// Finishes the cases that never began.
    async fn drop_waiting(&mut self, reason: &str) {
        let suspects = std::mem::take(&mut self.suspects);
        for case in suspects
            .into_iter()
            .chain(std::mem::take(&mut self.waiting))
        {
            self.give_up(&case, reason).await;
        }
    }

    async fn give_up(&self, case: &Case, reason: &str) {
        let end = given_up(&case.id, 0, reason.to_owned());
        for event in [case_started(case, &self.options), end] {
            let _ = self.events.send(event).await;
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

/// The case ended the server, though not where it waited for something: in a flow, or at a new connection.
fn killed(case: &Case, us: u64, why: &str) -> Event {
    Event::Deviation {
        case: case.id.clone(),
        us,
        deviation: Deviation {
            kind: DeviationKind::Gone,
            level: Level::Must,
            requirements: Vec::new(),
            at: case.scenario.place.to_string(),
            step: format!("scenario: {}", case.scenario.id),
            actor: None,
            message: format!("the server was gone in the middle of the case: {why}"),
            expected: None,
            received: None,
            sent: None,
            near: None,
        },
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

/// Seconds since the Unix epoch.
pub fn unix_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Five characters that no other run of the last two years had.
pub fn fresh_tag() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut number = (now.as_millis() as u64 ^ u64::from(std::process::id()) << 20) % 36u64.pow(6);
    let mut tag = String::new();
    for _ in 0..6 {
        tag.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    tag
}
