//! One case by itself, without a run around it: nobody doubts the target, and nobody is told before the end.

use std::sync::Arc;

use super::drive::{Listener, Overheard, drive};
use super::memory::{Memory, Share};
use super::speech::Target;
use crate::engine::{Engine, Input, Micros, Options};
use crate::event::{CaseEnd, Event, FrameKind};
use crate::plan::Case;
use crate::value::Value;

pub use super::run::unix_now;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Played {
    pub end: CaseEnd,
    pub events: Vec<Event>,
}

/// What passed on a connection of a case, by its number.
#[derive(Clone, Debug)]
pub enum Passed {
    /// A message of ours, as the document has it.
    Sent { connection: u32, message: Value },
    /// A frame of the target's, as it travelled.
    Came {
        connection: u32,
        kind: FrameKind,
        bytes: Vec<u8>,
    },
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
    let mut events = Vec::new();
    let end = play_to(case, target, options, &mut events, between).await;
    let end = end.unwrap_or_else(|| last_end(&events).unwrap_or(CaseEnd::Judged));
    Played { end, events }
}

/// The same as [`play`], and all that passed on its connections, in order.
pub async fn listen_in(
    case: Arc<Case>,
    target: &Target,
    options: Options,
) -> (Played, Vec<Passed>) {
    let mut ear = Ear::default();
    let end = play_to(case, target, options, &mut ear, None).await;
    let end = end.unwrap_or_else(|| last_end(&ear.events).unwrap_or(CaseEnd::Judged));
    let events = ear.events;
    (Played { end, events }, ear.passed)
}

/// `None` where the case turned out not to be for this target.
async fn play_to(
    case: Arc<Case>,
    target: &Target,
    options: Options,
    listener: &mut impl Listener,
    between: Option<&mut Between<'_>>,
) -> Option<CaseEnd> {
    let connect = case.profile.timeouts.connect;
    let mut engine = Engine::new(case, options);
    let share = Share::new(Memory::new(1));
    match drive(&mut engine, target, connect, listener, share, between).await {
        Ok(()) => engine.end().cloned(),
        Err(given_up) => Some(CaseEnd::CouldNotRun {
            reason: given_up.reason,
        }),
    }
}

/// Keeps everything, however it was said.
#[derive(Default)]
struct Ear {
    events: Vec<Event>,
    passed: Vec<Passed>,
}

impl Listener for Ear {
    async fn tell(&mut self, events: Vec<Event>) -> Result<(), String> {
        self.events.extend(events);
        Ok(())
    }

    fn overhear(&mut self, passed: Overheard<'_>) {
        self.passed.push(match passed {
            Overheard::Sent {
                connection,
                message,
            } => Passed::Sent {
                connection,
                message: message.clone(),
            },
            Overheard::Came {
                connection,
                kind,
                bytes,
            } => Passed::Came {
                connection,
                kind,
                bytes: bytes.to_vec(),
            },
        });
    }
}

fn last_end(events: &[Event]) -> Option<CaseEnd> {
    events.iter().rev().find_map(|event| match event {
        Event::CaseFinished { end, .. } => Some(end.clone()),
        _ => None,
    })
}
