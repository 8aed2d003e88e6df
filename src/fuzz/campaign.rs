//! Rounds of sequences until time or runs are up: generate, play, suspect, reproduce, shrink.
//!
//! What a round does is settled by the seed and by what earlier rounds showed, however many are played at
//! once. A suspicion becomes a finding only where it shows again on fresh connections, and where no server
//! that is right, whatever it reads into its document, shows it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::compare::Settled;
use super::corpus::Corpus;
use super::finding::Finding;
use super::ground::{Ground, Mirror, Workshop, conforms};
use super::novelty::Novelty;
use super::oracle::{Oracle, Signature, suspect};
use super::progress::{CampaignEnd, Options, Progress, Summary};
use super::round::Run;
use super::sequence::Sequence;
use super::sources::Sources;
use crate::event::{CaseEnd, Event};

/// So many findings of one signature are enough.
const MOST_OF_A_KIND: usize = 6;
/// So many suspicions of one signature are looked into that lead nowhere: what kills a server shows in all that
/// is played at that moment.
const MOST_IN_VAIN: usize = 100;

pub struct Campaign<'a> {
    pub(super) workshop: &'a Workshop,
    pub(super) ground: Ground<'a>,
    pub(super) mirror: Option<Mirror<'a>>,
    pub(super) options: Options,
    pub(super) sources: Sources<'a>,
    novelty: Novelty,
    pub(super) progress: Progress,
    pub(super) findings: Vec<Finding>,
    /// How many suspicions of a signature were looked into: those that were something, and those that were nothing.
    spent: HashMap<Signature, (usize, usize)>,
    pub(super) not_again: usize,
    pub(super) excused: usize,
    pub(super) settled: Settled,
    pub(super) excuses: BTreeMap<(String, usize), usize>,
    notes: Vec<String>,
    noted: HashSet<String>,
    pub(super) started: Instant,
    /// The longest that an answer took of late, where everything was answered.
    pub(super) slowest: Duration,
}

impl<'a> Campaign<'a> {
    pub fn new(
        workshop: &'a Workshop,
        ground: Ground<'a>,
        mirror: Option<Mirror<'a>>,
        options: Options,
        corpus: Corpus,
    ) -> Campaign<'a> {
        Campaign {
            workshop,
            ground,
            mirror,
            sources: Sources::new(workshop, options.seed, options.without.clone(), corpus),
            options,
            novelty: Novelty::default(),
            progress: Progress::default(),
            findings: Vec::new(),
            spent: HashMap::new(),
            not_again: 0,
            excused: 0,
            settled: Settled::default(),
            excuses: BTreeMap::new(),
            notes: Vec::new(),
            noted: HashSet::new(),
            started: Instant::now(),
            slowest: Duration::ZERO,
        }
    }

    /// Goes on until it is over; `tell` hears how far it has come after each round.
    pub async fn run(
        mut self,
        mut interrupted: watch::Receiver<bool>,
        mut tell: impl FnMut(&Progress, &[Finding]),
    ) -> (Summary, Corpus) {
        let end = match self.first_look().await {
            Err(reason) => CampaignEnd::Unfit(reason),
            Ok(()) => loop {
                self.sources.plan(self.mirror.as_ref());
                if let Some(end) = self.is_over(&interrupted) {
                    break end;
                }
                let deadline = self.deadline();
                let round = self.round();
                let ended = tokio::select! {
                    runs = round => Some(runs),
                    () = sleep_until(deadline) => None,
                    () = interruption(&mut interrupted) => None,
                };
                let Some(runs) = ended else { continue };
                if let Some(end) = self.learn(runs, &mut interrupted).await {
                    break end;
                }
                self.progress.seconds = self.started.elapsed().as_secs_f64();
                tell(&self.progress, &self.findings);
                self.keep_to_rate().await;
            },
        };
        self.progress.seconds = self.started.elapsed().as_secs_f64();
        let summary = Summary {
            progress: self.progress,
            findings: self.findings,
            not_again: self.not_again,
            excused: self.excused,
            excuses: self.excuses,
            notes: self.notes,
            end,
        };
        self.sources.corpus.minimise();
        (summary, self.sources.corpus)
    }

    pub(super) fn deadline(&self) -> Instant {
        let far = Duration::from_secs(365 * 24 * 3600);
        self.started + self.options.time.unwrap_or(far)
    }

    fn is_over(&self, interrupted: &watch::Receiver<bool>) -> Option<CampaignEnd> {
        let (options, progress) = (&self.options, &self.progress);
        if *interrupted.borrow() {
            Some(CampaignEnd::Interrupted)
        } else if Instant::now() >= self.deadline() {
            Some(CampaignEnd::TimeIsUp)
        } else if options.runs.is_some_and(|runs| progress.runs >= runs) {
            Some(CampaignEnd::RunsAreUp)
        } else if progress.messages >= options.most_messages {
            Some(CampaignEnd::Capped("messages"))
        } else if progress.bytes >= options.most_bytes {
            Some(CampaignEnd::Capped("bytes"))
        } else if progress.accounts >= options.most_accounts {
            Some(CampaignEnd::Capped("accounts"))
        } else if self.findings.len() >= options.most_findings {
            Some(CampaignEnd::Capped("findings"))
        } else {
            None
        }
    }

    /// Whether a newcomer is served at all.
    pub(super) async fn first_look(&self) -> Result<(), String> {
        let alone = Sequence {
            steps: Vec::new(),
            bystander: false,
            newcomer: true,
        };
        let (case, _) = self
            .workshop
            .case(&alone)
            .map_err(|mistakes| mistakes.render(false))?;
        let played = self.workshop.play(&self.ground, case).await;
        if conforms(&played) {
            return Ok(());
        }
        let deviation = played.events.iter().find_map(|event| match event {
            Event::Deviation { deviation, .. } => Some(deviation.message.clone()),
            _ => None,
        });
        Err(match (deviation, played.end) {
            (Some(message), _) => message,
            (
                None,
                CaseEnd::CouldNotRun { reason }
                | CaseEnd::Blocked { reason, .. }
                | CaseEnd::NotApplicable { reason },
            ) => reason,
            (None, CaseEnd::Judged) => "nothing was judged".to_owned(),
        })
    }

    /// Takes note of what the round showed, and follows up what is suspicious. `Some` ends the campaign.
    async fn learn(
        &mut self,
        runs: Vec<Run>,
        interrupted: &mut watch::Receiver<bool>,
    ) -> Option<CampaignEnd> {
        if let Some(end) = self.look_whether_gone(&runs).await {
            return Some(end);
        }
        for run in runs {
            self.count(&run);
            let telling = &self.workshop.vocabulary.telling;
            let shown = Novelty::shown(&run.sequence, &run.played.events, telling);
            let new = self.novelty.note(&shown);
            if new > 0 {
                self.sources.corpus.keep(run.genes.clone(), shown, new);
            }
            self.progress.novelty = self.novelty.len();
            self.progress.corpus = self.sources.corpus.len();
            let suspicion = suspect(
                &self.workshop.vocabulary,
                &run.sequence,
                &run.lowered,
                &run.played,
            );
            let suspicious = match suspicion {
                Some(suspicion) => Some((run.sequence, suspicion)),
                None => self.compare(&run.sequence, &run.lowered, &run.played),
            };
            let Some((sequence, suspicion)) = suspicious else {
                continue;
            };
            if *interrupted.borrow() {
                return Some(CampaignEnd::Interrupted);
            }
            let kind = suspicion.signature.clone();
            let (something, nothing) = self.spent.get(&kind).copied().unwrap_or_default();
            if something >= MOST_OF_A_KIND || nothing >= MOST_IN_VAIN {
                continue;
            }
            let deadline = self.deadline();
            let following = self.follow(sequence, suspicion, run.number);
            // Time to see it again is granted, but not more than a blink.
            let late = deadline + Duration::from_millis(800);
            let came_of_it = tokio::select! {
                came_of_it = following => came_of_it,
                () = sleep_until(late) => false,
                () = interruption(interrupted) => return Some(CampaignEnd::Interrupted),
            };
            let (something, nothing) = self.spent.entry(kind).or_default();
            match came_of_it {
                true => *something += 1,
                false => *nothing += 1,
            }
            self.progress.findings = self.findings.len();
            let enough = self.findings.len() >= self.options.most_findings;
            if enough || Instant::now() >= self.deadline() {
                break;
            }
        }
        None
    }

    /// Where a run looks as if the target had died, whether it has; then nothing can be shown again, and what
    /// that run did is written down as it was. A target that is in our hands is started anew instead.
    async fn look_whether_gone(&mut self, runs: &[Run]) -> Option<CampaignEnd> {
        let killed = runs.iter().find_map(|run| {
            let suspicion = suspect(
                &self.workshop.vocabulary,
                &run.sequence,
                &run.lowered,
                &run.played,
            )?;
            let grave = matches!(suspicion.signature.oracle, Oracle::Gone | Oracle::Others);
            grave.then_some((run, suspicion))
        });
        let (run, suspicion) = killed?;
        // Twice: the first may have met a server that was just coming back.
        self.first_look().await.err()?;
        let mut reason = self.first_look().await.err()?;
        match self.ground.restart().await {
            Some(Ok(())) => return None,
            Some(Err(why)) => reason = why,
            None => {}
        }
        self.count(run);
        self.add(suspicion, run.sequence.clone(), (0, 0), run.number, true);
        self.progress.findings = self.findings.len();
        Some(CampaignEnd::Gone(reason))
    }

    pub(super) fn note(&mut self, text: String) {
        const MOST: usize = 20;
        if self.notes.len() < MOST && self.noted.insert(text.clone()) {
            self.notes.push(text);
        }
    }

    async fn keep_to_rate(&self) {
        if let Some(rate) = self.options.rate {
            let due = self.progress.messages as f64 / f64::from(rate.max(1));
            let due = self.started + Duration::from_secs_f64(due);
            sleep_until(due.min(self.deadline())).await;
        }
    }
}

/// Resolves when somebody interrupts; never where nobody can any more.
async fn interruption(interrupted: &mut watch::Receiver<bool>) {
    if interrupted
        .wait_for(|interrupted| *interrupted)
        .await
        .is_err()
    {
        std::future::pending().await
    }
}
