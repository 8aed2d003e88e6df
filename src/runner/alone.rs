//! One case by itself, without a run around it: nobody doubts the target, and nobody is told before the end.

use std::sync::Arc;

use super::drive::drive;
use super::memory::{Memory, Share};
use super::speech::Target;
use crate::engine::{Engine, Input, Micros, Options};
use crate::event::{CaseEnd, Event};
use crate::plan::Case;

pub use super::run::unix_now;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Played {
    pub end: CaseEnd,
    pub events: Vec<Event>,
}

/// Stands between the connections and the engine: what the engine gets instead of an input.
pub type Between<'a> = dyn FnMut(Input, Micros) -> Vec<Input> + Send + 'a;

/// Runs the case to its end against the target. May be dropped at any time; its connections go with it.
pub async fn play(case: Arc<Case>, target: &Target, options: Options) -> Played {
    play_through(case, target, options, None).await
}

/// The same, with somebody between the connections and the engine.
pub async fn play_through(
    case: Arc<Case>,
    target: &Target,
    options: Options,
    between: Option<&mut Between<'_>>,
) -> Played {
    let connect = case.profile.timeouts.connect;
    let mut engine = Engine::new(case, options);
    let mut events = Vec::new();
    let share = Share::new(Memory::new(1));
    let outcome = drive(&mut engine, target, connect, &mut events, share, between).await;
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
