//! Rounds of sequences until time or runs are up: generate, play, suspect, reproduce, shrink.
//!
//! What a round does is settled by the seed and by what earlier rounds showed, however many are played at
//! once. A suspicion becomes a finding only where it shows again on fresh connections, and where no server
//! that is right, whatever it reads into its document, shows it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::corpus::Corpus;
use super::finding::Finding;
use super::follow::is_doubtful;
use super::generate::{GENE, Gene, decode};
use super::ground::{Ground, Mirror, Workshop, conforms};
use super::lower::Lowered;
use super::novelty::Novelty;
use super::oracle::{Oracle, Signature, suspect};
use super::progress::{CampaignEnd, Options, Progress, Summary};
use super::sequence::{Act, Sequence, Step};
use super::sweep::Sweep;
use super::tour::Tour;
use crate::event::{CaseEnd, Event, SilenceShown};
use crate::plan::Case;
use crate::runner::Played;

/// Sequences in a round.
const ROUND: usize = 32;
/// Steps of a sequence.
const MOST_STEPS: u64 = 14;
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
    corpus: Corpus,
    sweep: Sweep,
    tour: Tour,
    novelty: Novelty,
    progress: Progress,
    pub(super) findings: Vec<Finding>,
    /// Whether the flows of a story go through by themselves.
    stories: HashMap<String, bool>,
    /// What was to be played when the target went away.
    postponed: VecDeque<Vec<Gene>>,
    /// How many suspicions of a signature were looked into: those that were something, and those that were nothing.
    spent: HashMap<Signature, (usize, usize)>,
    pub(super) not_again: usize,
    pub(super) excused: usize,
    pub(super) excuses: BTreeMap<(String, usize), usize>,
    notes: Vec<String>,
    noted: HashSet<String>,
    pub(super) started: Instant,
    /// The longest that an answer took of late, where everything was answered.
    pub(super) slowest: Duration,
}

/// A sequence of a round.
struct Planned {
    number: usize,
    genes: Vec<Gene>,
    sequence: Sequence,
    case: Arc<Case>,
    lowered: Lowered,
    begun: AtomicBool,
}

/// And what came of it.
struct Run {
    number: usize,
    genes: Vec<Gene>,
    sequence: Sequence,
    lowered: Lowered,
    played: Played,
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
            sweep: Sweep::new(&workshop.vocabulary, options.seed),
            tour: Tour::default(),
            options,
            corpus,
            novelty: Novelty::default(),
            progress: Progress::default(),
            findings: Vec::new(),
            stories: HashMap::new(),
            postponed: VecDeque::new(),
            spent: HashMap::new(),
            not_again: 0,
            excused: 0,
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
                self.plan_tour();
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
        (summary, self.corpus)
    }

    /// Once, where somebody knows which flows go through.
    fn plan_tour(&mut self) {
        let (workshop, Some(mirror)) = (self.workshop, &self.mirror) else {
            return;
        };
        if self.progress.runs > 0 || !self.tour.noise.is_empty() {
            return;
        }
        let stories = &mut self.stories;
        self.tour = Tour::new(&workshop.vocabulary, self.options.seed, &mut |story| {
            let conforms = || {
                workshop
                    .case(story)
                    .is_ok_and(|(case, _)| mirror.conforms(0, &case, workshop.codec))
            };
            *stories.entry(shape_of(story)).or_insert_with(conforms)
        });
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

    /// Plays a round of sequences; what they are depends on nothing but the seed and the rounds before, as long
    /// as the target is there.
    async fn round(&mut self) -> Vec<Run> {
        let left = self
            .options
            .runs
            .map_or(ROUND, |runs| runs - self.progress.runs);
        let many = ROUND.min(left);
        let mut planned = Vec::new();
        for i in 0..many {
            let number = self.progress.runs + i;
            let genes = self.genes(number as u64);
            let sequence = self.decode(&genes);
            match self.workshop.case(&sequence) {
                Ok((case, lowered)) => planned.push(Planned {
                    number,
                    genes,
                    sequence,
                    case,
                    lowered,
                    begun: AtomicBool::new(false),
                }),
                // The language says no to something that we made: a defect of ours, and not the target's.
                Err(mistakes) => {
                    let text = mistakes.render(false);
                    let first = text.lines().next().unwrap_or_default();
                    self.note(format!("a sequence was no scenario ({first})"));
                }
            }
        }
        self.progress.runs += many;
        self.progress.unswept = (self.sweep.left(), self.sweep.all());
        let mut came: Vec<(usize, Played)> = Vec::new();
        let mut gone = false;
        let (workshop, ground) = (self.workshop, &self.ground);
        let playing = planned.iter().enumerate().map(|(i, planned)| async move {
            planned.begun.store(true, Ordering::Relaxed);
            (i, workshop.play(ground, planned.case.clone()).await)
        });
        let mut playing =
            futures_util::stream::iter(playing).buffer_unordered(self.options.jobs.max(1));
        while let Some((i, played)) = playing.next().await {
            let doubtful = is_doubtful(&played);
            came.push((i, played));
            if doubtful && ground.is_ours() && self.first_look().await.is_err() {
                gone = true;
                break;
            }
        }
        drop(playing);
        if gone {
            // One of those that are under way may have done it: each is played by itself.
            let _ = self.ground.restart().await;
            for (i, planned) in planned.iter().enumerate() {
                let done = came.iter().any(|(other, _)| *other == i);
                if planned.begun.load(Ordering::Relaxed) && !done {
                    let hurry = self.hurry();
                    if let Ok((case, _)) = self.workshop.case(&planned.sequence) {
                        came.push((i, self.workshop.play(&self.ground, case).await));
                    }
                    if self.first_look().await.is_err() {
                        let _ = self.ground.restart().await;
                    }
                    drop(hurry);
                }
            }
        }
        let mut played: Vec<Option<Played>> = planned.iter().map(|_| None).collect();
        for (i, one) in came {
            played[i] = Some(one);
        }
        let mut runs = Vec::new();
        for (planned, played) in planned.into_iter().zip(played) {
            match played {
                Some(played) => runs.push(Run {
                    number: planned.number,
                    genes: planned.genes,
                    sequence: planned.sequence,
                    lowered: planned.lowered,
                    played,
                }),
                None => self.postponed.push_back(planned.genes),
            }
        }
        runs
    }

    /// What the sequence of this number is made from.
    fn genes(&mut self, number: u64) -> Vec<Gene> {
        if let Some(genes) = self.postponed.pop_front() {
            return genes;
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.options.seed ^ (number << 20));
        // Some go through the flows, some through all that can be odd about one message, while there is more.
        let planned = match number % 4 {
            0 | 2 => self.sweep.genes(&mut random, &self.tour.noise),
            1 => self.tour.genes(),
            _ => None,
        };
        planned.unwrap_or_else(|| self.corpus.genes(&mut random, MOST_STEPS))
    }

    fn decode(&mut self, genes: &[Gene]) -> Sequence {
        let (workshop, mirror, stories) = (self.workshop, &self.mirror, &mut self.stories);
        decode(
            genes,
            mirror.is_some(),
            &workshop.vocabulary,
            &mut |story| {
                let key = shape_of(story);
                *stories.entry(key).or_insert_with(|| match mirror {
                    Some(mirror) => workshop
                        .case(story)
                        .is_ok_and(|(case, _)| mirror.conforms(0, &case, workshop.codec)),
                    // Nobody knows yet; a run will tell.
                    None => true,
                })
            },
        )
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
            let new = self
                .novelty
                .note(&run.sequence, &run.played.events, telling);
            if new > 0 {
                self.corpus.keep(run.genes.clone(), new);
            }
            self.progress.novelty = self.novelty.len();
            self.progress.corpus = self.corpus.len();
            let Some(suspicion) = suspect(
                &self.workshop.vocabulary,
                &run.sequence,
                &run.lowered,
                &run.played,
            ) else {
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
            let following = self.follow(run.sequence, suspicion, run.number);
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

    fn count(&mut self, run: &Run) {
        for event in &run.played.events {
            match event {
                Event::Sent { frame, .. } => {
                    self.progress.messages += 1;
                    self.progress.bytes += frame.bytes;
                }
                Event::UnknownMessage { name, .. } => {
                    self.note(format!("the document knows no message {name}"));
                }
                Event::Shape {
                    message,
                    path,
                    level,
                    received,
                    ..
                } if *level != crate::event::Level::Must => {
                    let text = format!("{path} of {message} is {received}, which is undocumented");
                    self.note(text);
                }
                _ => {}
            }
        }
        let answered = |event: &Event| {
            !matches!(
                event,
                Event::Silence {
                    shown: SilenceShown::FenceUnanswered,
                    ..
                }
            )
        };
        if conforms(&run.played) && run.played.events.iter().all(answered) {
            // What was long ago counts less and less.
            let slowest = slowest_answer(&run.played.events);
            self.slowest = slowest.max(self.slowest.mul_f64(0.99));
        }
        self.progress.accounts += 2 + run.sequence.steps.len().min(5) as u64;
        let able = match &run.played.end {
            CaseEnd::Judged | CaseEnd::NotApplicable { .. } => true,
            CaseEnd::Blocked { .. } | CaseEnd::CouldNotRun { .. } => false,
        };
        if able {
            self.progress.healthy += 1;
            let flows = run.sequence.story().steps.len();
            self.progress.deepest = self.progress.deepest.max(flows);
        } else if self.mirror.is_none() {
            self.stories.insert(shape_of(&run.sequence.story()), false);
        }
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

/// The flows, who plays them and what they bind: what decides whether they go through.
fn shape_of(story: &Sequence) -> String {
    let shapes = story.steps.iter().map(|Step { act, .. }| match act {
        Act::Flow {
            flow,
            actors,
            arguments,
            ..
        } => {
            let actors: Vec<&str> = actors.iter().map(|(_, actor)| actor.name()).collect();
            let arguments: Vec<&str> = arguments.iter().map(|(_, value)| value.class()).collect();
            format!("{flow}({}; {})", actors.join(" "), arguments.join(" "))
        }
        _ => String::new(),
    });
    shapes.collect::<Vec<_>>().join(", ")
}

/// The longest time between something that was sent and what came next.
fn slowest_answer(events: &[Event]) -> Duration {
    let mut sent = None;
    let mut slowest = 0;
    for event in events {
        match event {
            Event::Sent { us, .. } => sent = Some(*us),
            Event::Received { us, .. } => {
                slowest = slowest.max(sent.take().map_or(0, |sent| us.saturating_sub(sent)));
            }
            _ => {}
        }
    }
    Duration::from_micros(slowest)
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

/// So many random bytes.
pub(super) fn gene(random: &mut ChaCha8Rng) -> Gene {
    let mut gene = vec![0; GENE];
    random.fill_bytes(&mut gene);
    gene
}
