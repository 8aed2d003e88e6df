//! Finds the draft under which the scouts go through: by what frames tell, and by trying what might be different.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use super::attempts::{Attempt, attempts, message_of};
use super::bench::{Bench, Trial, Verdict};
use super::draft::{Because, Draft};
use super::lessons::Lessons;
use super::scouts::{Scout, covering, scouts, ways_in};
use super::words::FURTHER;
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

    fn catalogue(&self) -> &Catalogue {
        &self.pack.catalogue
    }

    fn codec(&self) -> Codec {
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
    async fn settle(&mut self, ids: &[String]) -> (usize, usize) {
        let mut points = (0, 0);
        for _ in 0..ROUNDS {
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

    /// Further fields in every request, one value for all of them at a time; then only those that are needed.
    async fn add_fields(&mut self, ways: &[String], before: usize) -> bool {
        let told = self.told_words();
        let all: Vec<String> = FURTHER.iter().map(|word| (*word).to_owned()).collect();
        let plain = self.draft.clone();
        for (names, why) in [
            (told, "the server's own refusal names it"),
            (all, "a guess that was taken: a word that servers ask for"),
        ] {
            let names = self.unused(names);
            if names.is_empty() {
                continue;
            }
            for value in values() {
                let with = |names: &[String]| {
                    let mut draft = plain.clone();
                    let extra = names
                        .iter()
                        .map(|name| Because::new((name.clone(), value.clone()), why));
                    draft.extra = extra.collect();
                    draft
                };
                self.draft = with(&names);
                let (conform, progress) = self.settle(ways).await;
                if conform == 0 && progress <= before {
                    continue;
                }
                let needed = self.shrink(ways, names, (conform, progress), &with).await;
                self.draft = with(&needed);
                return self.settle(ways).await.0 > 0;
            }
        }
        self.draft = plain;
        false
    }

    /// The fewest of the names with which as many cases go through.
    async fn shrink(
        &mut self,
        ways: &[String],
        mut names: Vec<String>,
        enough: (usize, usize),
        with: &impl Fn(&[String]) -> Draft,
    ) -> Vec<String> {
        let mut size = names.len().div_ceil(2);
        while names.len() > 1 {
            let mut fewer = None;
            for at in (0..names.len()).step_by(size) {
                let end = (at + size).min(names.len());
                let part = &names[at..end];
                let rest: Vec<String> = [&names[..at], &names[end..]].concat();
                // The part alone is smaller where there are more than two.
                for try_these in [part.to_vec(), rest] {
                    if try_these.is_empty() || try_these.len() == names.len() {
                        continue;
                    }
                    self.draft = with(&try_these);
                    let (conform, progress) = self.settle(ways).await;
                    // Once cases go through, how far the others come is chance.
                    if conform >= enough.0 && (conform > 0 || progress >= enough.1) {
                        fewer = Some(try_these);
                        break;
                    }
                }
                if fewer.is_some() {
                    break;
                }
            }
            match fewer {
                Some(fewer) => {
                    names = fewer;
                    size = names.len().div_ceil(2);
                }
                None if size == 1 => break,
                None => size = size.div_ceil(2),
            }
        }
        names
    }

    /// Words in the texts that came, which were not sent.
    fn told_words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let codec = self.codec();
        for trial in self.trials.values() {
            let mut sent = Vec::new();
            for passed in &trial.passed {
                match passed {
                    Passed::Sent { message, .. } => collect(message, &mut sent),
                    Passed::Came { bytes, .. } => {
                        let Ok(value) = codec.decode(bytes) else {
                            continue;
                        };
                        let mut texts = Vec::new();
                        collect_texts(&value, &mut texts);
                        let is_sent =
                            |word: &str| sent.iter().any(|(_, value)| value.as_str() == Some(word));
                        let texts = texts.iter().filter(|text| text.contains(' '));
                        let found = texts.flat_map(|text| {
                            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        });
                        let found = found.filter(|word| word.len() > 2 && !is_sent(word));
                        words.extend(found.map(str::to_owned));
                    }
                }
            }
        }
        words.sort();
        words.dedup();
        words.truncate(40);
        words
    }

    /// Those that are no field of any message.
    fn unused(&self, names: Vec<String>) -> Vec<String> {
        let wire = &self.catalogue().wire;
        let messages = self.catalogue().messages.iter();
        let fields: Vec<&str> = messages
            .flat_map(|message| message.client.iter().chain(&message.server))
            .flat_map(|shape| shape.field_names())
            .collect();
        let is_free = |name: &String| {
            !fields.contains(&name.as_str())
                && *name != wire.type_key
                && Some(name) != wire.body_key.as_ref()
                && !wire.stamp.iter().any(|(stamp, _)| stamp == name)
        };
        names.into_iter().filter(is_free).collect()
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
            if !self.learn() {
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
            if self.bench.is_late() {
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

    async fn first_that_helps(&self, case: &Trial, attempts: Vec<Attempt>) -> Option<Draft> {
        for some in attempts.chunks(AT_ONCE) {
            let played = some.iter().map(|attempt| self.attempt(case, attempt));
            let helped = join_all(played).await;
            if let Some(draft) = helped.into_iter().flatten().next() {
                return Some(draft);
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
        let going: Vec<String> = (self.trials.values())
            .filter(|trial| trial.conforms())
            .map(|trial| trial.case.clone())
            .collect();
        let proof: Vec<String> = {
            let going: Vec<Scout> = (self.scouts.iter())
                .filter(|scout| going.contains(&scout.case))
                .cloned()
                .collect();
            covering(&going)
        };
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
            let draft = self.lessons.everywhere(&self.draft, &name, &wire, count);
            if self.holds(&draft, &proof).await {
                self.draft = draft;
            }
        }
    }

    async fn holds(&self, draft: &Draft, proof: &[String]) -> bool {
        let trials = self.bench.play(&self.pack, draft, proof).await;
        !trials.is_empty() && trials.iter().all(|trial| !trial.fails())
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

/// What a further field might have to be.
fn values() -> [Value; 8] {
    [
        Value::str("1"),
        Value::Int(1),
        Value::str("2"),
        Value::Int(2),
        Value::str("3"),
        Value::Int(3),
        Value::str("1.0"),
        Value::Bool(true),
    ]
}

/// All fields of a message and what is in them, however deep.
fn collect(value: &Value, fields: &mut Vec<(String, Value)>) {
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

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::Str(text) => texts.push(text),
        Value::List(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Map(pairs) => pairs
            .iter()
            .for_each(|(_, value)| collect_texts(value, texts)),
        _ => {}
    }
}
