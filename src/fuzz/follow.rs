//! From a suspicion to a finding: shown again, held to servers that are right, made small, written down.

use tokio::time::Instant;

use super::campaign::Campaign;
use super::finding::{Finding, name, trigger};
use super::ground::{Hurry, conforms};
use super::oracle::{Oracle, Signature, Suspicion, suspect};
use super::sequence::{Claim, Sequence};
use super::shrink::{Trial, shrink};
use crate::event::{CaseEnd, Event, SilenceShown};
use crate::runner::Played;

/// Replays that have to show a suspicion again at least once, and those that tell how often.
const TRIES: usize = 3;
const REPLAYS: usize = 5;

impl Campaign<'_> {
    /// From a suspicion to a finding, or to nothing.
    /// Says whether it is a finding, new or known.
    pub(super) async fn follow(
        &mut self,
        mut sequence: Sequence,
        mut suspicion: Suspicion,
        run: usize,
    ) -> bool {
        if let Some((at, claim)) = suspicion.claim.take() {
            sequence.steps[at].claim = Some(claim);
        }
        // First what costs the target nothing.
        if let Some(variant) = self.shown_by(&sequence, &suspicion.signature) {
            self.excuse(&suspicion.signature, variant);
            return false;
        }
        if let Some(graver) = self.graver(&sequence, &suspicion.signature).await {
            (sequence, suspicion) = graver;
        }
        if let Some(graver) = self.uncrossed(&sequence, &suspicion.signature).await {
            (sequence, suspicion) = graver;
        }
        let (signature, struck) = (suspicion.signature.clone(), suspicion.struck);
        if self.is_known(&sequence, &signature).await {
            return true;
        }
        let by_flows = matches!(signature.oracle, Oracle::Story | Oracle::Leak);
        if by_flows && self.mirror.is_none() {
            // Without a server that is right nobody knows what the flows alone lead to.
            if self.shown(&sequence.story(), &signature, 1).await > 0 {
                self.excused += 1;
                return false;
            }
        }
        let shown = self.shown(&sequence, &signature, TRIES).await;
        if shown == 0 {
            self.not_again += 1;
            return false;
        }
        if let Some(variant) = self.shown_by(&sequence, &signature) {
            self.excuse(&signature, variant);
            return false;
        }
        // Written down at once, as long as it is; whatever happens, it is kept.
        self.add(suspicion, sequence.clone(), (shown, TRIES), run, true);
        let hurry = self.workshop.hurry(self.slowest * 4);
        let mut trial = Following {
            campaign: self,
            signature: &signature,
            until: self
                .deadline()
                .min(Instant::now() + self.options.shrink_time),
        };
        let mut small = shrink(sequence.clone(), struck, &mut trial).await;
        let unfinished = trial.is_over();
        drop(hurry);
        tidy(&mut small);
        if let Some(variant) = self.objector(&small, &signature) {
            if self.objector(&sequence, &signature).is_none() {
                // Small, it is what some reading allows; long, it was not.
                return true;
            }
            if let Some(file) = self.findings.pop().and_then(|finding| finding.file) {
                let _ = std::fs::remove_file(file);
            }
            self.excuse(&signature, variant);
            return false;
        }
        let mut shown = self.shown(&small, &signature, REPLAYS).await;
        if shown == 0 {
            // Small, it only looked so in a hurry.
            small = sequence;
            shown = self.shown(&small, &signature, REPLAYS).await;
        }
        let Some(mut finding) = self.findings.pop() else {
            return false;
        };
        if let Some(file) = finding.file.take() {
            let _ = std::fs::remove_file(file);
        }
        let struck = self.struck_in(&small).await;
        let brought_about = trigger(&small, struck);
        let known = self
            .findings
            .iter_mut()
            .find(|known| known.signature == signature && known.trigger() == brought_about);
        if let Some(known) = known {
            known.times += 1;
            return true;
        }
        finding.id = name(&signature, &brought_about, |id| {
            self.findings.iter().any(|finding| finding.id == id)
        });
        finding.sequence = small;
        finding.struck = struck;
        finding.shown = (shown, REPLAYS);
        finding.unfinished = unfinished;
        self.keep(finding);
        true
    }

    /// What people who do all as documented feel without anybody who acts on what is theirs.
    async fn uncrossed(
        &self,
        sequence: &Sequence,
        signature: &Signature,
    ) -> Option<(Sequence, Suspicion)> {
        if signature.oracle != Oracle::Crossed {
            return None;
        }
        let mut rest = sequence.clone();
        rest.steps.retain(|step| !sequence.is_crossing(step));
        let (case, lowered) = self.workshop.case(&rest).ok()?;
        let played = self.workshop.play(&self.ground, case).await;
        let suspicion = suspect(&self.workshop.vocabulary, &rest, &lowered, &played)?;
        self.mend(&played).await;
        suspicion.claim.is_none().then_some((rest, suspicion))
    }

    /// What the noise alone does to those who look on, where it was first noticed by somebody in its way.
    async fn graver(
        &self,
        sequence: &Sequence,
        signature: &Signature,
    ) -> Option<(Sequence, Suspicion)> {
        if !matches!(
            signature.oracle,
            Oracle::Story | Oracle::Dropped | Oracle::Closed | Oracle::Hung
        ) {
            return None;
        }
        let mut noise = sequence.clone();
        noise.steps.retain(|step| !step.act.actor().is_judged());
        noise.steps.iter_mut().for_each(|step| step.claim = None);
        (noise.bystander, noise.newcomer) = (true, true);
        let (case, lowered) = self.workshop.case(&noise).ok()?;
        let played = self.workshop.play(&self.ground, case).await;
        let suspicion = suspect(&self.workshop.vocabulary, &noise, &lowered, &played)?;
        let others = matches!(suspicion.signature.oracle, Oracle::Gone | Oracle::Others);
        self.mend(&played).await;
        others.then_some((noise, suspicion))
    }

    /// Whether the sequence shows nothing once it lacks what findings of this signature are brought about by.
    async fn is_known(&mut self, sequence: &Sequence, signature: &Signature) -> bool {
        let triggers: Vec<String> = self
            .findings
            .iter()
            .filter(|finding| finding.signature == *signature)
            .map(Finding::trigger)
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
            !triggers.contains(&trigger(&alone, None))
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

    pub(super) fn add(
        &mut self,
        suspicion: Suspicion,
        sequence: Sequence,
        shown: (usize, usize),
        run: usize,
        unfinished: bool,
    ) {
        let id = name(
            &suspicion.signature,
            &trigger(&sequence, suspicion.struck),
            |id| self.findings.iter().any(|finding| finding.id == id),
        );
        self.keep(Finding {
            id,
            signature: suspicion.signature,
            says: suspicion.says,
            shown,
            sequence,
            struck: suspicion.struck,
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

    /// A target that is in our hands is started anew where it seems to be gone.
    async fn mend(&self, played: &Played) {
        if self.ground.is_ours() && is_doubtful(played) {
            let _hurry = self.hurry();
            if self.first_look().await.is_err() {
                // Whatever comes of it shows in what is played next.
                let _ = self.ground.restart().await;
            }
        }
    }

    /// Waits for answers only as long as they can be expected to take.
    pub(super) fn hurry(&self) -> Hurry<'_> {
        self.workshop.hurry(self.slowest * 4)
    }

    /// How often the sequence shows this, of so many tries. The first one waits for answers with all patience.
    async fn shown(&self, sequence: &Sequence, signature: &Signature, tries: usize) -> usize {
        let mut shown = usize::from(self.shows(sequence, signature).await);
        let _hurry = self.hurry();
        for _ in 1..tries {
            shown += usize::from(self.shows(sequence, signature).await);
        }
        shown
    }

    /// The step at which the sequence goes wrong.
    async fn struck_in(&self, sequence: &Sequence) -> Option<usize> {
        let (case, lowered) = self.workshop.case(sequence).ok()?;
        let _hurry = self.hurry();
        let played = self.workshop.play(&self.ground, case).await;
        let suspicion = suspect(&self.workshop.vocabulary, sequence, &lowered, &played);
        self.mend(&played).await;
        suspicion?.struck
    }

    async fn shows(&self, sequence: &Sequence, signature: &Signature) -> bool {
        let Ok((case, lowered)) = self.workshop.case(sequence) else {
            // A reference to what is no longer bound: no such sequence.
            return false;
        };
        let played = self.workshop.play(&self.ground, case).await;
        let suspicion = suspect(&self.workshop.vocabulary, sequence, &lowered, &played);
        self.mend(&played).await;
        suspicion
            .is_some_and(|suspicion| suspicion.signature == *signature && suspicion.claim.is_none())
    }

    /// A right server that does not do what this one does not; the variants are [`Mirror`]'s.
    ///
    /// [`Mirror`]: super::ground::Mirror
    fn dissenter(&self, sequence: &Sequence) -> Option<usize> {
        let mirror = self.mirror.as_ref()?;
        match self.workshop.case(sequence) {
            Ok((case, _)) => mirror.dissenter(&case, self.workshop.codec),
            // No such sequence: nobody does it.
            Err(_) => Some(0),
        }
    }

    /// A right server for which the finding would be none. A message that the target does send has to be in its shape,
    /// whether others send it or not.
    fn objector(&self, sequence: &Sequence, signature: &Signature) -> Option<usize> {
        match signature.oracle {
            Oracle::Shape => self.shown_by(sequence, signature),
            _ => self.dissenter(sequence),
        }
    }

    /// A right server that shows the same. The usual one has to do all that is demanded.
    fn shown_by(&self, sequence: &Sequence, signature: &Signature) -> Option<usize> {
        let mirror = self.mirror.as_ref()?;
        let workshop = self.workshop;
        let Ok((case, lowered)) = workshop.case(sequence) else {
            return Some(0);
        };
        (0..mirror.variants).find(|variant| {
            let played = mirror.play(*variant, &case, workshop.codec);
            let suspicion = suspect(&workshop.vocabulary, sequence, &lowered, &played);
            (*variant == 0 && !conforms(&played))
                || suspicion.is_some_and(|suspicion| suspicion.signature == *signature)
        })
    }

    fn excuse(&mut self, signature: &Signature, variant: usize) {
        self.excused += 1;
        let Signature { oracle, subject } = signature;
        let text = format!("{} {subject}", oracle.name()).trim_end().to_owned();
        self.excuses
            .entry((text, variant))
            .and_modify(|times| *times += 1)
            .or_insert(1);
    }
}

/// Whether something happened that a target also shows by being gone.
pub(super) fn is_doubtful(played: &Played) -> bool {
    played.end != CaseEnd::Judged
        || played.events.iter().any(|event| {
            matches!(
                event,
                Event::Silence {
                    shown: SilenceShown::FenceUnanswered,
                    ..
                } | Event::Deviation { .. }
            )
        })
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
