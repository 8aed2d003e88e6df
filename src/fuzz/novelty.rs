//! What a run has shown that no run before it did: which answer to which message in which state.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::sequence::{Act, Sequence};
use crate::event::{Event, SentFor};

#[derive(Default)]
pub(super) struct Novelty {
    seen: HashSet<u64>,
}

impl Novelty {
    /// Takes note of what a run has shown; how many things of it are new.
    pub(super) fn note(&mut self, shown: &HashSet<u64>) -> usize {
        let before = self.seen.len();
        self.seen.extend(shown);
        self.seen.len() - before
    }

    /// What a run has shown, each thing as a number.
    pub(super) fn shown(sequence: &Sequence, events: &[Event], telling: &[String]) -> HashSet<u64> {
        let flows: Vec<&str> = sequence
            .steps
            .iter()
            .filter_map(|step| match &step.act {
                Act::Flow { flow, .. } => Some(flow.as_str()),
                _ => None,
            })
            .collect();
        let state = flows.last().copied().unwrap_or_default();
        let mut last: HashMap<&str, &str> = HashMap::new();
        let mut shown = HashSet::new();
        for event in events {
            match event {
                Event::Sent {
                    actor,
                    message,
                    why: SentFor::Step,
                    ..
                } => {
                    last.insert(actor, message.as_deref().unwrap_or("malformed"));
                }
                Event::Received {
                    actor,
                    message,
                    frame,
                    ..
                } => {
                    let mut hasher = DefaultHasher::new();
                    (state, last.get(actor.as_str()), message).hash(&mut hasher);
                    codes(&frame.text, telling).hash(&mut hasher);
                    shown.insert(hasher.finish());
                }
                Event::Closed { actor, end, .. } => {
                    let mut hasher = DefaultHasher::new();
                    (last.get(actor.as_str()), format!("{end:?}")).hash(&mut hasher);
                    shown.insert(hasher.finish());
                }
                _ => {}
            }
        }
        shown
    }

    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }
}

/// The values of the telling fields in a frame's text.
fn codes(text: &str, telling: &[String]) -> Vec<String> {
    let mut codes = Vec::new();
    for name in telling {
        let key = format!("\"{name}\": ");
        if let Some((_, after)) = text.split_once(&key) {
            let value: String = after
                .chars()
                .take_while(|c| !",}]".contains(*c))
                .take(24)
                .collect();
            codes.push(value);
        }
    }
    codes
}
