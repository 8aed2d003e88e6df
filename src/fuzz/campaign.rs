//! Rounds of sequences until time or runs are up: generate, play, suspect, reproduce, shrink.
//!
//! What a round does is settled by the seed and by what earlier rounds showed, however many are played at
//! once. A suspicion becomes a finding only where it shows again on fresh connections, and where no server
//! that is right, whatever it reads into its document, shows it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::corpus::Corpus;
use super::finding::{Finding, name, trigger};
use super::generate::{GENE, Gene, decode};
use super::ground::{Ground, Mirror, Workshop, conforms};
use super::lower::Lowered;
use super::novelty::Novelty;
use super::oracle::{Oracle, Signature, Suspicion, suspect};
use super::sequence::{Act, Claim, Sequence, Step};
use super::shrink::{Trial, shrink};
use crate::event::{CaseEnd, Event};
use crate::runner::Played;

/// How a campaign goes.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    /// Ends after so long, or so many runs, or both.
    pub time: Option<Duration>,
    pub runs: Option<usize>,
    /// Sequences at once.
    pub jobs: usize,
    /// For one finding.
    pub shrink_time: Duration,
    /// Where findings are written.
    pub out: Option<PathBuf>,
    /// Messages and their bytes, sent in all.
    pub most_messages: u64,
    pub most_bytes: u64,
    /// Users that are made in all.
    pub most_accounts: u64,
    pub most_findings: usize,
    /// Messages a second; as many as can be where there is none.
    pub rate: Option<u32>,
}

/// Sequences in a round.
const ROUND: usize = 32;
/// Steps of a sequence.
const MOST_STEPS: u64 = 14;
/// Replays that have to show a suspicion again at least once, and those that tell how often.
const TRIES: usize = 3;
const REPLAYS: usize = 5;
/// So many findings of one signature are enough.
const MOST_OF_A_KIND: usize = 6;

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub runs: usize,
    pub messages: u64,
    pub bytes: u64,
    pub accounts: u64,
    /// Runs in which everything could be done that was meant to be.
    pub healthy: usize,
    /// Different answers seen.
    pub novelty: usize,
    pub corpus: usize,
    /// The longest chain of flows that went through.
    pub deepest: usize,
    pub findings: usize,
    pub seconds: f64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CampaignEnd {
    TimeIsUp,
    RunsAreUp,
    /// A cap was reached.
    Capped(&'static str),
    Interrupted,
    /// Nothing could be done from the start; the reason.
    Unfit(String),
    /// It could be reached before, and then no more.
    Gone(String),
}

#[derive(Debug)]
pub struct Summary {
    pub progress: Progress,
    pub findings: Vec<Finding>,
    /// Suspicions that did not show again.
    pub not_again: usize,
    /// Suspicions that a right server gives rise to as well.
    pub excused: usize,
    pub notes: Vec<String>,
    pub end: CampaignEnd,
}

pub struct Campaign<'a> {
    workshop: &'a Workshop,
    ground: Ground<'a>,
    mirror: Option<Mirror<'a>>,
    options: Options,
    corpus: Corpus,
    novelty: Novelty,
    progress: Progress,
    findings: Vec<Finding>,
    /// Whether the flows of a story go through by themselves.
    stories: HashMap<String, bool>,
    /// How many suspicions of a signature led nowhere new.
    spent: HashMap<Signature, usize>,
    not_again: usize,
    excused: usize,
    notes: Vec<String>,
    noted: HashSet<String>,
    started: Instant,
}

/// A sequence of a round, and what came of it.
struct Run {
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
            options,
            corpus,
            novelty: Novelty::default(),
            progress: Progress::default(),
            findings: Vec::new(),
            stories: HashMap::new(),
            spent: HashMap::new(),
            not_again: 0,
            excused: 0,
            notes: Vec::new(),
            noted: HashSet::new(),
            started: Instant::now(),
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
            notes: self.notes,
            end,
        };
        (summary, self.corpus)
    }

    fn deadline(&self) -> Instant {
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
    async fn first_look(&mut self) -> Result<(), String> {
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

    /// Plays a round of sequences; what they are depends on nothing but the seed and the rounds before.
    async fn round(&mut self) -> Vec<Run> {
        let left = self
            .options
            .runs
            .map_or(ROUND, |runs| runs - self.progress.runs);
        let many = ROUND.min(left);
        let mut cases = Vec::new();
        for i in 0..many {
            let number = (self.progress.runs + i) as u64;
            let mut random = ChaCha8Rng::seed_from_u64(self.options.seed ^ (number << 20));
            let genes = self.corpus.genes(&mut random, MOST_STEPS);
            let sequence = self.decode(&genes);
            match self.workshop.case(&sequence) {
                Ok((case, lowered)) => cases.push((genes, sequence, case, lowered)),
                // The language says no to something that we made: a defect of ours, and not the target's.
                Err(mistakes) => {
                    let text = mistakes.render(false);
                    let first = text.lines().next().unwrap_or_default();
                    self.note(format!("a sequence was no scenario ({first})"));
                }
            }
        }
        let (workshop, ground) = (self.workshop, &self.ground);
        let playing = cases
            .into_iter()
            .map(|(genes, sequence, case, lowered)| async move {
                let played = workshop.play(ground, case).await;
                Run {
                    genes,
                    sequence,
                    lowered,
                    played,
                }
            });
        let runs = futures_util::stream::iter(playing).buffered(self.options.jobs.max(1));
        let runs: Vec<Run> = runs.collect().await;
        self.progress.runs += many;
        runs
    }

    fn decode(&mut self, genes: &[Gene]) -> Sequence {
        let (workshop, mirror, stories) = (self.workshop, &self.mirror, &mut self.stories);
        decode(genes, &workshop.vocabulary, &mut |story| {
            let key = shape_of(story);
            *stories.entry(key).or_insert_with(|| match mirror {
                Some(mirror) => workshop
                    .case(story)
                    .is_ok_and(|(case, _)| mirror.conforms(0, &case, workshop.codec)),
                // Nobody knows yet; a run will tell.
                None => true,
            })
        })
    }

    /// Takes note of what the round showed, and follows up what is suspicious. `Some` ends the campaign.
    async fn learn(
        &mut self,
        runs: Vec<Run>,
        interrupted: &mut watch::Receiver<bool>,
    ) -> Option<CampaignEnd> {
        let first = self.progress.runs - runs.len();
        if let Some(end) = self.look_whether_gone(&runs, first).await {
            return Some(end);
        }
        for (i, run) in runs.into_iter().enumerate() {
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
            let Some(suspicion) = suspect(&run.sequence, &run.lowered, &run.played) else {
                continue;
            };
            if *interrupted.borrow() {
                return Some(CampaignEnd::Interrupted);
            }
            let kind = &suspicion.signature;
            let spent = self.spent.entry(kind.clone()).or_default();
            if *spent >= MOST_OF_A_KIND {
                continue;
            }
            *spent += 1;
            let deadline = self.deadline();
            let following = self.follow(run.sequence, suspicion, first + i);
            // Time to see it again is granted, but not more than a blink.
            let late = deadline + Duration::from_millis(800);
            tokio::select! {
                () = following => {}
                () = sleep_until(late) => {}
                () = interruption(interrupted) => return Some(CampaignEnd::Interrupted),
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
    /// that run did is written down as it was.
    async fn look_whether_gone(&mut self, runs: &[Run], first: usize) -> Option<CampaignEnd> {
        let killed = runs.iter().enumerate().find_map(|(i, run)| {
            let suspicion = suspect(&run.sequence, &run.lowered, &run.played)?;
            let grave = matches!(suspicion.signature.oracle, Oracle::Gone | Oracle::Others);
            grave.then_some((i, run, suspicion))
        });
        let (i, run, suspicion) = killed?;
        // Twice: the first may have met a server that was just coming back.
        self.first_look().await.err()?;
        let reason = self.first_look().await.err()?;
        self.count(run);
        self.add(suspicion, run.sequence.clone(), (0, 0), first + i, true);
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

    fn note(&mut self, text: String) {
        const MOST: usize = 20;
        if self.notes.len() < MOST && self.noted.insert(text.clone()) {
            self.notes.push(text);
        }
    }

    /// From a suspicion to a finding, or to nothing.
    async fn follow(&mut self, mut sequence: Sequence, mut suspicion: Suspicion, run: usize) {
        if let Some((at, claim)) = suspicion.claim.take() {
            sequence.steps[at].claim = Some(claim);
        }
        if let Some(graver) = self.graver(&sequence, &suspicion.signature).await {
            (sequence, suspicion) = graver;
        }
        let signature = suspicion.signature.clone();
        if self.is_known(&sequence, &signature).await {
            return;
        }
        if signature.oracle == Oracle::Story && self.mirror.is_none() {
            // Without a server that is right nobody knows what the story alone leads to.
            if self.shown(&sequence.story(), &signature, 1).await > 0 {
                self.excused += 1;
                return;
            }
        }
        let shown = self.shown(&sequence, &signature, TRIES).await;
        if shown == 0 {
            self.not_again += 1;
            return;
        }
        if !self.holds_elsewhere(&sequence) {
            self.excused += 1;
            return;
        }
        // Written down at once, as long as it is; whatever happens, it is kept.
        self.add(suspicion, sequence.clone(), (shown, TRIES), run, true);
        let mut trial = Following {
            campaign: self,
            signature: &signature,
            until: self
                .deadline()
                .min(Instant::now() + self.options.shrink_time),
        };
        let mut small = shrink(sequence, &mut trial).await;
        let unfinished = trial.is_over();
        tidy(&mut small);
        if !self.holds_elsewhere(&small) {
            // Small, it is what some reading allows; long, it was not.
            return;
        }
        let shown = self.shown(&small, &signature, REPLAYS).await;
        let Some(mut finding) = self.findings.pop() else {
            return;
        };
        if let Some(file) = finding.file.take() {
            let _ = std::fs::remove_file(file);
        }
        let brought_about = trigger(&small);
        let known = self.findings.iter_mut().find(|known| {
            known.signature == signature && trigger(&known.sequence) == brought_about
        });
        if let Some(known) = known {
            known.times += 1;
            return;
        }
        finding.id = name(&signature, &brought_about, |id| {
            self.findings.iter().any(|finding| finding.id == id)
        });
        finding.sequence = small;
        finding.shown = (shown, REPLAYS);
        finding.unfinished = unfinished;
        self.keep(finding);
    }

    /// What the noise alone does to those who look on, where it was first noticed by somebody in its way.
    async fn graver(
        &self,
        sequence: &Sequence,
        signature: &Signature,
    ) -> Option<(Sequence, Suspicion)> {
        if !matches!(
            signature.oracle,
            Oracle::Story | Oracle::Dropped | Oracle::Hung
        ) {
            return None;
        }
        let mut noise = sequence.clone();
        noise.steps.retain(|step| !step.act.actor().is_judged());
        noise.steps.iter_mut().for_each(|step| step.claim = None);
        (noise.bystander, noise.newcomer) = (true, true);
        let (case, lowered) = self.workshop.case(&noise).ok()?;
        let played = self.workshop.play(&self.ground, case).await;
        let suspicion = suspect(&noise, &lowered, &played)?;
        let others = matches!(suspicion.signature.oracle, Oracle::Gone | Oracle::Others);
        others.then_some((noise, suspicion))
    }

    /// Whether the sequence shows nothing once it lacks what findings of this signature are brought about by.
    async fn is_known(&mut self, sequence: &Sequence, signature: &Signature) -> bool {
        let triggers: Vec<String> = self
            .findings
            .iter()
            .filter(|finding| finding.signature == *signature)
            .map(|finding| trigger(&finding.sequence))
            .collect();
        if triggers.is_empty() {
            return false;
        }
        let mut rest = sequence.clone();
        rest.steps.retain(|step| {
            let alone = Sequence {
                steps: vec![step.clone()],
                ..sequence.clone()
            };
            !triggers.contains(&trigger(&alone))
        });
        if rest.steps.len() == sequence.steps.len() || self.shows(&rest, signature).await {
            return false;
        }
        let mut same = self.findings.iter_mut();
        if let Some(known) = same.find(|finding| finding.signature == *signature) {
            known.times += 1;
        }
        true
    }

    fn add(
        &mut self,
        suspicion: Suspicion,
        sequence: Sequence,
        shown: (usize, usize),
        run: usize,
        unfinished: bool,
    ) {
        let id = name(&suspicion.signature, &trigger(&sequence), |id| {
            self.findings.iter().any(|finding| finding.id == id)
        });
        self.keep(Finding {
            id,
            signature: suspicion.signature,
            says: suspicion.says,
            shown,
            sequence,
            run,
            times: 1,
            after: self.started.elapsed().as_secs_f64(),
            unfinished,
            file: None,
        });
    }

    fn keep(&mut self, mut finding: Finding) {
        if let Some(folder) = &self.options.out {
            let pack = &self.workshop.pack.catalogue.name;
            let (words, seed) = (&self.workshop.vocabulary, self.options.seed);
            if let Err(error) = finding.write(folder, words, pack, seed) {
                let text = format!("cannot write to {}: {error}", folder.display());
                self.note(text);
            }
        }
        self.findings.push(finding);
    }

    /// How often the sequence shows this, of so many tries.
    async fn shown(&self, sequence: &Sequence, signature: &Signature, tries: usize) -> usize {
        let mut shown = 0;
        for _ in 0..tries {
            shown += usize::from(self.shows(sequence, signature).await);
        }
        shown
    }

    async fn shows(&self, sequence: &Sequence, signature: &Signature) -> bool {
        let Ok((case, lowered)) = self.workshop.case(sequence) else {
            // A reference to what is no longer bound: no such sequence.
            return false;
        };
        let played = self.workshop.play(&self.ground, case).await;
        suspect(sequence, &lowered, &played)
            .is_some_and(|suspicion| suspicion.signature == *signature && suspicion.claim.is_none())
    }

    /// Whether servers that are right do what this one does not.
    fn holds_elsewhere(&self, sequence: &Sequence) -> bool {
        let Some(mirror) = &self.mirror else {
            return true;
        };
        self.workshop
            .case(sequence)
            .is_ok_and(|(case, _)| mirror.all_conform(&case, self.workshop.codec))
    }

    async fn keep_to_rate(&self) {
        if let Some(rate) = self.options.rate {
            let due = self.progress.messages as f64 / f64::from(rate.max(1));
            let due = self.started + Duration::from_secs_f64(due);
            sleep_until(due.min(self.deadline())).await;
        }
    }
}

/// Shrinking against the target; the usual right server has to pass what is left.
struct Following<'c, 'a> {
    campaign: &'c Campaign<'a>,
    signature: &'c Signature,
    until: Instant,
}

impl Trial for Following<'_, '_> {
    async fn fails(&mut self, sequence: &Sequence) -> bool {
        let campaign = self.campaign;
        if let Some(mirror) = &campaign.mirror {
            let holds = campaign
                .workshop
                .case(sequence)
                .is_ok_and(|(case, _)| mirror.conforms(0, &case, campaign.workshop.codec));
            if !holds {
                return false;
            }
        }
        campaign.shows(sequence, self.signature).await
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }
}

/// Claims that nothing needs any more are dropped with the steps that they stood at.
fn tidy(sequence: &mut Sequence) {
    let claimed = sequence.steps.iter().rposition(|step| step.claim.is_some());
    for (i, step) in sequence.steps.iter_mut().enumerate() {
        if Some(i) != claimed && matches!(step.claim, Some(Claim::Answered)) {
            step.claim = None;
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
