//! One case by itself, without a run around it: nobody doubts the target, and nobody is told before the end.

use std::sync::Arc;

use super::drive::drive;
use super::memory::{Memory, Share};
use super::speech::Target;
use crate::engine::{Engine, Options};
use crate::event::{CaseEnd, Event};
use crate::plan::Case;

pub use super::run::unix_now;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Played {
    pub end: CaseEnd,
    pub events: Vec<Event>,
}

/// Runs the case to its end against the target. May be dropped at any time; its connections go with it.
pub async fn play(case: Arc<Case>, target: &Target, options: Options) -> Played {
    let connect = case.profile.timeouts.connect;
    let mut engine = Engine::new(case, options);
    let mut events = Vec::new();
    let share = Share::new(Memory::new(1));
    let outcome = drive(&mut engine, target, connect, &mut events, share).await;
    let end = match (outcome, engine.end()) {
        (Ok(()), Some(end)) => end.clone(),
        // It turned out not to be for this target.
        (Ok(()), None) => last_end(&events).unwrap_or(CaseEnd::Judged),
        (Err(reason), _) => CaseEnd::CouldNotRun { reason },
    };
    Played { end, events }
}

fn last_end(events: &[Event]) -> Option<CaseEnd> {
    events.iter().rev().find_map(|event| match event {
        Event::CaseFinished { end, .. } => Some(end.clone()),
        _ => None,
    })
}
