//! One round of a campaign: its sequences are planned, played side by side, and counted. Judges nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;

use super::campaign::Campaign;
use super::follow::is_doubtful;
use super::generate::Gene;
use super::ground::conforms;
use super::lower::Lowered;
use super::sequence::{Actor, Sequence};
use crate::event::{CaseEnd, Event, SilenceShown};
use crate::plan::Case;
use crate::runner::Played;

/// Sequences in a round.
const ROUND: usize = 32;

/// A sequence of a round.
struct Planned {
    number: usize,
    genes: Vec<Gene>,
    sequence: Sequence,
    case: Arc<Case>,
    lowered: Lowered,
    begun: AtomicBool,
}

/// And what came of it.
pub(super) struct Run {
    pub(super) number: usize,
    pub(super) genes: Vec<Gene>,
    pub(super) sequence: Sequence,
    pub(super) lowered: Lowered,
    pub(super) played: Played,
}

impl Campaign<'_> {
    /// Plays a round of sequences; what they are depends on nothing but the seed and the rounds before, as long
    /// as the target is there.
    pub(super) async fn round(&mut self) -> Vec<Run> {
        let left = self
            .options
            .runs
            .map_or(ROUND, |runs| runs - self.progress.runs);
        let many = ROUND.min(left);
        let mut planned = Vec::new();
        for i in 0..many {
            let number = self.progress.runs + i;
            let genes = self.sources.genes(number as u64);
            let sequence = self.sources.decode(&genes, self.mirror.as_ref());
            match self.workshop.case(&sequence) {
                Ok((case, lowered)) => planned.push(Planned {
                    number,
                    genes,
                    sequence,
                    case,
                    lowered,
                    begun: AtomicBool::new(false),
                }),
                // The language says no to something that we made: a defect of ours, and not the target's.
                Err(mistakes) => {
                    let text = mistakes.render(false);
                    let first = text.lines().next().unwrap_or_default();
                    self.note(format!("a sequence was no scenario ({first})"));
                }
            }
        }
        self.progress.runs += many;
        self.progress.unswept = self.sources.unswept();
        let mut came: Vec<(usize, Played)> = Vec::new();
        let mut gone = false;
        let (workshop, ground) = (self.workshop, &self.ground);
        let playing = planned.iter().enumerate().map(|(i, planned)| async move {
            planned.begun.store(true, Ordering::Relaxed);
            (i, workshop.play(ground, planned.case.clone()).await)
        });
        let mut playing =
            futures_util::stream::iter(playing).buffer_unordered(self.options.jobs.max(1));
        while let Some((i, played)) = playing.next().await {
            let doubtful = is_doubtful(&played);
            came.push((i, played));
            if doubtful && ground.is_ours() && self.first_look().await.is_err() {
                gone = true;
                break;
            }
        }
        drop(playing);
        if gone {
            // One of those that are under way may have done it: each is played by itself.
            let _ = self.ground.restart().await;
            for (i, planned) in planned.iter().enumerate() {
                let done = came.iter().any(|(other, _)| *other == i);
                if planned.begun.load(Ordering::Relaxed) && !done {
                    let hurry = self.hurry();
                    if let Ok((case, _)) = self.workshop.case(&planned.sequence) {
                        came.push((i, self.workshop.play(&self.ground, case).await));
                    }
                    if self.first_look().await.is_err() {
                        let _ = self.ground.restart().await;
                    }
                    drop(hurry);
                }
            }
        }
        let mut played: Vec<Option<Played>> = planned.iter().map(|_| None).collect();
        for (i, one) in came {
            played[i] = Some(one);
        }
        let mut runs = Vec::new();
        for (planned, played) in planned.into_iter().zip(played) {
            match played {
                Some(played) => runs.push(Run {
                    number: planned.number,
                    genes: planned.genes,
                    sequence: planned.sequence,
                    lowered: planned.lowered,
                    played,
                }),
                None => self.sources.postpone(planned.genes),
            }
        }
        runs
    }

    pub(super) fn count(&mut self, run: &Run) {
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
        let answered = |event: &Event| {
            !matches!(
                event,
                Event::Silence {
                    shown: SilenceShown::FenceUnanswered,
                    ..
                }
            )
        };
        if conforms(&run.played) && run.played.events.iter().all(answered) {
            // What was long ago counts less and less.
            let slowest = slowest_answer(&run.played.events);
            self.slowest = slowest.max(self.slowest.mul_f64(0.99));
        }
        // Those of the cast who are in it, who looks on, who comes at the end, and whom a guest may have made.
        let cast = Actor::STORY.into_iter().chain(Actor::NOISE);
        let cast = cast.filter(|actor| run.sequence.has(*actor)).count();
        self.progress.accounts += cast as u64 + 3;
        let able = match &run.played.end {
            CaseEnd::Judged | CaseEnd::NotApplicable { .. } => true,
            CaseEnd::Blocked { .. } | CaseEnd::CouldNotRun { .. } => false,
        };
        if able {
            self.progress.healthy += 1;
            let flows = run.sequence.story().steps.len();
            self.progress.deepest = self.progress.deepest.max(flows);
            if self.mirror.is_none() && conforms(&run.played) {
                self.sources.goes_well(&run.genes, &run.sequence);
            }
        } else if self.mirror.is_none() {
            self.sources.stumbles(&run.sequence);
        }
    }
}

/// The longest time between something that was sent and what came next.
fn slowest_answer(events: &[Event]) -> Duration {
    let mut sent = None;
    let mut slowest = 0;
    for event in events {
        match event {
            Event::Sent { us, .. } => sent = Some(*us),
            Event::Received { us, .. } => {
                slowest = slowest.max(sent.take().map_or(0, |sent| us.saturating_sub(sent)));
            }
            _ => {}
        }
    }
    Duration::from_micros(slowest)
}
