//! Fields that requests need besides what the document says: words of the server's own refusal, and guesses.

use super::draft::{Because, Draft};
use super::search::{Search, collect};
use super::words::FURTHER;
use crate::runner::Passed;
use crate::value::Value;

impl Search<'_> {
    /// Further fields in every request, one value for all of them at a time; then only those that are needed.
    pub(super) async fn add_fields(&mut self, ways: &[String], before: usize) -> bool {
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
                if self.bench.time_is_up() {
                    break;
                }
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
                if self.bench.time_is_up() {
                    return names;
                }
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
