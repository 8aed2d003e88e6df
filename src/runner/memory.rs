//! How much of what the target sends is held at once, over all the cases of a run.
//!
//! A case keeps every message until it ends, since a later step may be about any of them. Refuses no case
//! its fair share, and none more than that once the whole is used up: the case then runs again alone, and
//! where it still has no room it could not run, which is no verdict on the target.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::value::Value;

/// Bytes of messages that all cases hold together.
const MOST: usize = 16 << 20;

/// What the engine notes beside a message.
const NOTES: usize = 256;

#[derive(Debug)]
pub(super) struct Memory {
    held: AtomicUsize,
    /// What each of the cases that run at once may hold in any event.
    fair: usize,
}

impl Memory {
    pub(super) fn new(jobs: usize) -> Arc<Memory> {
        Arc::new(Memory {
            held: AtomicUsize::new(0),
            fair: MOST / jobs.max(1),
        })
    }
}

/// Why a case came to no judgement.
#[derive(Debug)]
pub(super) struct GivenUp {
    pub(super) reason: String,
    /// There was no room left for what came; there may be when it runs alone.
    pub(super) crowded: bool,
}

impl From<String> for GivenUp {
    fn from(reason: String) -> GivenUp {
        GivenUp {
            reason,
            crowded: false,
        }
    }
}

/// What one case holds; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Arc<Memory>,
    messages: usize,
    /// In messages that came.
    bytes: usize,
    held: usize,
}

impl Share {
    pub(super) fn new(memory: Arc<Memory>) -> Share {
        Share {
            memory,
            messages: 0,
            bytes: 0,
            held: 0,
        }
    }

    /// A message came, and is kept.
    pub(super) fn keep(&mut self, message: &Value) {
        self.messages += 1;
        self.bytes += NOTES + weight(message);
    }

    /// `passing` bytes are held for now, beside the messages: of those that have not ended, and pongs that wait
    /// to be read. `Err` says why the case must end.
    pub(super) fn hold(&mut self, passing: usize) -> Result<(), GivenUp> {
        let wanted = self.bytes + passing;
        let held = &self.memory.held;
        let total = if wanted >= self.held {
            let more = wanted - self.held;
            held.fetch_add(more, Ordering::Relaxed) + more
        } else {
            let less = self.held - wanted;
            held.fetch_sub(less, Ordering::Relaxed) - less
        };
        self.held = wanted;
        if total <= MOST || wanted <= self.memory.fair {
            return Ok(());
        }
        let reason = format!(
            "{} messages came in this case, and {} bytes of unfinished ones and of pings whose pongs it does not \
             read; no more than {} MiB are kept over all cases, and fewer --jobs leave more to each",
            self.messages,
            passing,
            MOST >> 20
        );
        Err(GivenUp {
            reason,
            crowded: true,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// About how many bytes the value takes.
fn weight(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Str(text) => text.len(),
            Value::Bin(bytes) | Value::Ext(_, bytes) => bytes.len(),
            Value::List(items) => items.iter().map(weight).sum(),
            Value::Map(pairs) => pairs
                .iter()
                .map(|(key, value)| weight(key) + weight(value))
                .sum(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> Value {
        Value::str("x".repeat(bytes))
    }

    #[test]
    fn who_takes_more_than_a_fair_share_ends_once_all_is_used_up() {
        let memory = Memory::new(4);
        let (mut greedy, mut modest) = (Share::new(memory.clone()), Share::new(memory.clone()));
        for _ in 0..3 {
            greedy.keep(&text(5 << 20));
            greedy.hold(0).expect("the whole is not used up");
        }
        modest.hold(1 << 20).expect("a fair share is everybody's");
        let why = greedy.hold(1 << 20).expect_err("more than the whole");
        assert!(why.crowded);
        let why = why.reason;
        assert!(
            why.starts_with("3 messages came in this case, and 1048576 bytes of"),
            "{why}"
        );
        modest.hold(2 << 20).expect("a fair share is everybody's");
    }

    #[test]
    fn what_a_case_held_is_free_when_it_ends() {
        let memory = Memory::new(1);
        for _ in 0..3 {
            let mut share = Share::new(memory.clone());
            share.keep(&text(10 << 20));
            share.hold(0).expect("nobody else holds anything");
            share.hold(1 << 20).expect("unfinished, too");
        }
        assert_eq!(memory.held.load(Ordering::Relaxed), 0);
    }
}
