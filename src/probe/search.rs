//! Finds the draft under which the scouts go through: by what frames tell, and by trying what might be different.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use super::attempts::{Attempt, attempts, message_of};
use super::bench::{Bench, Trial, Verdict};
use super::draft::Draft;
use super::lessons::Lessons;
use super::scouts::{Scout, covering, scouts, ways_in};
use crate::codec::Codec;
use crate::protocol::{Catalogue, WireCodec};
use crate::runner::Passed;
use crate::scenario::Pack;
use crate::value::Value;

/// How often cases are played again with what they taught.
const ROUNDS: usize = 5;
/// Attempts that are played at once.
const AT_ONCE: usize = 4;

pub(super) struct Search<'b> {
    pub(super) bench: &'b Bench,
    pub(super) pack: Arc<Pack>,
    pub(super) draft: Draft,
    lessons: Lessons,
    /// The last trial of each case.
    pub(super) trials: BTreeMap<String, Trial>,
    scouts: Vec<Scout>,
}

impl<'b> Search<'b> {
    pub(super) fn new(bench: &'b Bench, pack: Arc<Pack>, draft: Draft) -> Search<'b> {
        let scouts = scouts(&pack);
        Search {
            bench,
            pack,
            draft,
            lessons: Lessons::default(),
            trials: BTreeMap::new(),
            scouts,
        }
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.pack.catalogue
    }

    pub(super) fn codec(&self) -> Codec {
        match self.draft.codec.unwrap_or(self.catalogue().wire.codec) {
            WireCodec::Json => Codec::Json,
            WireCodec::MessagePack => Codec::MessagePack,
        }
    }

    /// Whether a user comes in: by the first of the drafts that lets one, else with what requests may need besides.
    pub(super) async fn come_in(&mut self, drafts: Vec<Draft>) -> bool {
        let ways = ways_in(&self.scouts);
        let mut best: Option<(usize, Draft)> = None;
        for draft in drafts {
            if best.is_some() && self.bench.time_is_up() {
                break;
            }
            self.draft = draft;
            let points = self.settle(&ways).await;
            if points.0 > 0 {
                return true;
            }
            if best.as_ref().is_none_or(|(most, _)| points.1 > *most) {
                best = Some((points.1, self.draft.clone()));
            }
        }
        let Some((progress, draft)) = best else {
            return false;
        };
        self.draft = draft;
        self.add_fields(&ways, progress).await
    }

    /// Plays these until their frames teach nothing new. How many conform, and how far all came.
    pub(super) async fn settle(&mut self, ids: &[String]) -> (usize, usize) {
        let mut points = (0, 0);
        for round in 0..ROUNDS {
            if round > 0 && self.bench.time_is_up() {
                break;
            }
            let trials = self.bench.play(&self.pack, &self.draft, ids).await;
            points = (
                trials.iter().filter(|trial| trial.conforms()).count(),
                trials.iter().map(|trial| trial.progress).sum(),
            );
            self.keep(trials);
            if !self.learn() {
                break;
            }
        }
        points
    }

    fn keep(&mut self, trials: Vec<Trial>) {
        let codec = self.codec();
        for trial in &trials {
            hear(
                &self.pack.catalogue,
                &self.draft,
                codec,
                trial,
                &mut self.lessons,
            );
        }
        self.trials
            .extend(trials.into_iter().map(|trial| (trial.case.clone(), trial)));
    }

    /// Whether the draft is another one by what was heard.
    fn learn(&mut self) -> bool {
        let taught = taught(self.catalogue(), &self.draft, &self.lessons);
        let is_new = taught.is_some();
        self.draft = taught.unwrap_or_else(|| self.draft.clone());
        is_new
    }

    /// Cases that have all messages; then one of each scenario. What does not go through is tried with what might
    /// be different.
    pub(super) async fn look_around(&mut self) {
        let few = covering(&self.scouts);
        self.settle_failing(&few).await;
        self.generalise().await;
        self.mend().await;
        let all: Vec<String> = (self.scouts.iter())
            .map(|scout| scout.case.clone())
            .filter(|case| !few.contains(case))
            .collect();
        self.settle_failing(&all).await;
        self.generalise().await;
        self.mend().await;
    }

    /// Plays these once, and those that fail again for as long as that teaches something.
    async fn settle_failing(&mut self, ids: &[String]) {
        let trials = self.bench.play(&self.pack, &self.draft, ids).await;
        self.keep(trials);
        for _ in 0..ROUNDS {
            if !self.learn() || self.bench.time_is_up() {
                break;
            }
            let failing = self.failing();
            let trials = self.bench.play(&self.pack, &self.draft, &failing).await;
            self.keep(trials);
        }
    }

    fn failing(&self) -> Vec<String> {
        let failing = self.trials.values().filter(|trial| trial.fails());
        failing.map(|trial| trial.case.clone()).collect()
    }

    /// Tries what might be different, case by case, until nothing helps any more, or time is up.
    async fn mend(&mut self) {
        let mut hopeless: Vec<String> = Vec::new();
        while let Some(case) = self.next_case(&hopeless) {
            if self.bench.time_is_up() {
                break;
            }
            let trials: Vec<Trial> = self.trials.values().cloned().collect();
            let attempts = attempts(self.catalogue(), &self.draft, self.codec(), &case, &trials);
            match self.first_that_helps(&case, attempts).await {
                Some(draft) => {
                    self.draft = draft;
                    let failing = self.failing();
                    self.settle_failing(&failing).await;
                }
                None => hopeless.push(place(&case)),
            }
        }
    }

    /// A case that fails at a place where no other is known to be past help; the cheapest.
    fn next_case(&self, hopeless: &[String]) -> Option<Trial> {
        let failing = self
            .scouts
            .iter()
            .filter_map(|scout| self.trials.get(&scout.case));
        failing
            .filter(|trial| trial.fails())
            .find(|trial| !hopeless.contains(&place(trial)))
            .cloned()
    }

    /// The first draft under which the case goes through, and those that went through go on doing so.
    async fn first_that_helps(&self, case: &Trial, attempts: Vec<Attempt>) -> Option<Draft> {
        let proof = self.proof();
        for some in attempts.chunks(AT_ONCE) {
            if self.bench.time_is_up() {
                break;
            }
            let played = some.iter().map(|attempt| self.attempt(case, attempt));
            for draft in join_all(played).await.into_iter().flatten() {
                if proof.is_empty() || self.holds(&draft, &proof).await {
                    return Some(draft);
                }
            }
        }
        None
    }

    /// The attempt's draft, where the case goes through under it: at once, or with what it then hears for the
    /// first time.
    async fn attempt(&self, case: &Trial, attempt: &Attempt) -> Option<Draft> {
        let ids = [case.case.clone()];
        let mut draft = attempt.draft.clone();
        let mut lessons = self.lessons.clone();
        for _ in 0..ROUNDS {
            let trials = self.bench.play(&self.pack, &draft, &ids).await;
            let trial = trials.first()?;
            match trial.verdict {
                Verdict::Conforms => return Some(draft),
                Verdict::NotApplicable if attempt.may_exclude => return Some(draft),
                Verdict::Fails { .. } if trial.progress > case.progress => {}
                _ => return None,
            }
            let codec = self.codec();
            hear(self.catalogue(), &draft, codec, trial, &mut lessons);
            draft = taught(self.catalogue(), &draft, &lessons)?;
        }
        None
    }

    /// Names that most messages have are taken to be those of all, where requests may have them, too.
    async fn generalise(&mut self) {
        let proof = self.proof();
        let names = self.lessons.widespread();
        let known = |name: &str| self.draft.rename.iter().any(|it| it.it.0 == name);
        let names: Vec<_> = names
            .into_iter()
            .filter(|(name, ..)| !known(name))
            .collect();
        let mut all = self.draft.clone();
        for (name, wire, count) in &names {
            all = self.lessons.everywhere(&all, name, wire, *count);
        }
        if names.is_empty() {
            return;
        }
        if self.holds(&all, &proof).await {
            self.draft = all;
            return;
        }
        for (name, wire, count) in names {
            if self.bench.time_is_up() {
                break;
            }
            let draft = self.lessons.everywhere(&self.draft, &name, &wire, count);
            if self.holds(&draft, &proof).await {
                self.draft = draft;
            }
        }
    }

    /// Cases that went through, and that between them have all messages that such cases have.
    fn proof(&self) -> Vec<String> {
        let goes = |scout: &&Scout| {
            let trial = self.trials.get(&scout.case);
            trial.is_some_and(|trial| trial.conforms())
        };
        let going: Vec<Scout> = self.scouts.iter().filter(goes).cloned().collect();
        covering(&going)
    }

    /// Whether all of these go through under the draft, as far as they apply. A case that was not played shows
    /// nothing.
    async fn holds(&self, draft: &Draft, proof: &[String]) -> bool {
        let trials = self.bench.play(&self.pack, draft, proof).await;
        let fits = |trial: &Trial| trial.conforms() || trial.verdict == Verdict::NotApplicable;
        !trials.is_empty() && trials.iter().all(fits)
    }

    /// Cases that have all messages, and those that failed, once more: what the profile is worth.
    pub(super) async fn confirm(&mut self) {
        let mut ids = covering(&self.scouts);
        ids.extend(self.failing());
        let trials = self.bench.play(&self.pack, &self.draft, &ids).await;
        self.trials
            .extend(trials.into_iter().map(|trial| (trial.case.clone(), trial)));
    }
}

/// Takes in all that came in a case.
fn hear(catalogue: &Catalogue, draft: &Draft, codec: Codec, trial: &Trial, lessons: &mut Lessons) {
    let Ok((_, profile)) = draft.profile(catalogue) else {
        return;
    };
    let mut sent: Vec<(String, Value)> = Vec::new();
    for passed in &trial.passed {
        match passed {
            Passed::Sent { message, .. } => collect(message, &mut sent),
            Passed::Came { bytes, .. } => {
                let Ok(raw) = codec.decode(bytes) else {
                    continue;
                };
                // By the type in the document's words, but with the fields as they travelled.
                let frame = profile.dialect.incoming(raw.clone());
                if let Some(message) = message_of(catalogue, &frame) {
                    lessons.frame(catalogue, message, &raw, &sent);
                }
            }
        }
    }
}

/// The draft with what was heard; `None` where that is nothing new, or contradicts itself.
fn taught(catalogue: &Catalogue, draft: &Draft, lessons: &Lessons) -> Option<Draft> {
    let mut other = draft.clone();
    lessons.teach(&mut other);
    let names = |draft: &Draft| {
        let renamed = draft.renamed.iter().map(|it| format!("{:?}", it.it));
        let forms = draft.forms.iter().map(|it| format!("{:?}", it.it));
        renamed.chain(forms).collect::<Vec<_>>()
    };
    (names(draft) != names(&other) && other.profile(catalogue).is_ok()).then_some(other)
}

/// Where a case fails, as far as another case's failing there is the same.
fn place(trial: &Trial) -> String {
    match &trial.verdict {
        Verdict::Fails { at, why, .. } if at.contains("protocol.yaml") => format!("{at} {why}"),
        _ => trial.case.clone(),
    }
}

/// All fields of a message and what is in them, however deep.
pub(super) fn collect(value: &Value, fields: &mut Vec<(String, Value)>) {
    match value {
        Value::Map(pairs) => {
            for (key, value) in pairs {
                if let Some(key) = key.as_str() {
                    fields.push((key.to_owned(), value.clone()));
                }
                collect(value, fields);
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, fields)),
        _ => {}
    }
}
