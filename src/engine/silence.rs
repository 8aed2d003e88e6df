//! Showing that nothing arrives: by a fence on the acting connection and then on the silent one, or by
//! waiting where a fence cannot show it.

use super::Micros;
use super::connections::describe;
use super::failure::Failure;
use super::fences::Sent;
use super::stack::StepAt;
use super::state::{Engine, micros};
use super::wait::{FenceFor, Phase, Silence};
use crate::event::{DeviationKind, Event, SilenceShown};
use crate::scenario::StepKind;

/// How long the reply of a fence that is out is waited for, where another message has passed for it: a moment, for
/// whoever answers at all has just answered. Who takes longer is not found out; nobody is accused.
const SECOND_COPY: Micros = 25_000;

impl Engine {
    pub(super) fn start_silence(&mut self, step: Option<StepAt>, watched: Vec<usize>, wait: bool) {
        let window = wait || self.options.fences_unanswered;
        let mut silence = Silence {
            step,
            watched,
            phase: Phase::Acting,
            window,
            doubtful: false,
            shown: SilenceShown::Fenced,
            deadline: None,
        };
        if window {
            self.begin_window(&mut silence, SilenceShown::Waited);
        } else {
            let acting = self.last_sent.as_ref().map(|(actor, _)| *actor);
            let connection = acting.and_then(|actor| self.open_connection(actor));
            let sent = connection.map(|id| self.send_fence(id, FenceFor::Silence));
            if let Some(sent @ (Sent::Sure | Sent::Doubtful)) = sent {
                silence.window = sent == Sent::Doubtful;
                silence.deadline = Some(self.now + micros(self.case.profile.timeouts.answer));
            } else {
                // What was sent last may be under way still, and nobody can be asked.
                silence.window = acting.is_some() && silence.step.is_some();
                self.fence_the_watched(&mut silence);
            }
        }
        self.silence = Some(silence);
    }

    fn fence_the_watched(&mut self, silence: &mut Silence) {
        silence.phase = Phase::Watched;
        let acting = self.last_sent.as_ref().map(|(actor, _)| *actor);
        for actor in silence.watched.clone() {
            let Some(connection) = self.open_connection(actor) else {
                continue;
            };
            let fenced_already = acting == Some(actor) && silence.deadline.is_some();
            if !fenced_already && self.send_fence(connection, FenceFor::Silence) != Sent::Sure {
                silence.window = true;
            }
        }
        // Between the steps, what came twice turns up later; at the end nothing is later.
        let is_doubtful = |&actor: &usize| {
            let connection = self.open_connection(actor);
            connection.is_some_and(|id| self.connection(id).doubtful)
        };
        silence.doubtful = silence.step.is_none() && silence.watched.iter().any(is_doubtful);
        silence.deadline = Some(self.now + micros(self.case.profile.timeouts.answer));
    }

    fn begin_window(&mut self, silence: &mut Silence, shown: SilenceShown) {
        silence.phase = Phase::Window;
        silence.shown = shown;
        silence.deadline = Some(self.now + micros(self.case.profile.timeouts.silence));
    }

    /// Goes on with the silence; `true` when it has been judged.
    pub(super) fn poll_silence(&mut self) -> bool {
        let Some(mut silence) = self.silence.take() else {
            return true;
        };
        if self.leftover(&silence.watched).is_some() {
            self.judge_silence(&silence);
            return true;
        }
        loop {
            let now = self.now;
            let over = silence.deadline.is_some_and(|deadline| deadline <= now)
                || self.case_deadline() <= now;
            if silence.phase != Phase::Window && !self.silence_fences_are_back() {
                if !over {
                    self.silence = Some(silence);
                    return false;
                }
                self.give_up_fences();
                silence.shown = SilenceShown::FenceUnanswered;
                self.judge_silence(&silence);
                return true;
            }
            match silence.phase {
                Phase::Acting => self.fence_the_watched(&mut silence),
                Phase::Watched if silence.window => {
                    self.begin_window(&mut silence, SilenceShown::Waited)
                }
                Phase::Watched if self.options.overtaken => {
                    self.begin_window(&mut silence, SilenceShown::FencedAndWaited);
                }
                Phase::Watched if silence.doubtful => {
                    silence.phase = Phase::Window;
                    silence.deadline = Some(self.now + SECOND_COPY);
                }
                Phase::Window if !over => {
                    self.silence = Some(silence);
                    return false;
                }
                Phase::Watched | Phase::Window => {
                    self.judge_silence(&silence);
                    return true;
                }
            }
        }
    }

    fn judge_silence(&mut self, silence: &Silence) {
        let settles = match silence.step.as_ref().map(|step| &step.kind) {
            Some(StepKind::Nothing { settles, .. }) if !settles.seen.is_empty() => {
                Some(settles.clone())
            }
            _ => None,
        };
        let at = self.silence_place(silence);
        if let Some(settles) = settles {
            let silent = self.heard_nothing(&silence.watched);
            self.settle(&settles, silent, &at);
            self.say_silence(silence, &at, silent);
            return;
        }
        self.absorb(&silence.watched);
        if self.stop.is_some() {
            return;
        }
        let leftover = self.leftover(&silence.watched);
        let dead = silence
            .step
            .as_ref()
            .and_then(|step| Some((step.clone(), self.ended_unasked(&silence.watched)?)));
        self.say_silence(silence, &at, leftover.is_none() && dead.is_none());
        match (leftover, &silence.step) {
            (None, _) if let Some((step, (connection, end))) = dead => {
                let actor = self.connection(connection).actor;
                let how = describe(&end);
                let message = format!(
                    "{}'s connection ended, and so shows no silence: {how}",
                    self.actor_name(actor)
                );
                // Whatever the level, this end has been reported.
                self.connection_mut(connection).may_be_closed = true;
                let failure = Failure::new(DeviationKind::Closed, message)
                    .received(how)
                    .at_actor(actor);
                self.fail(&step, failure);
            }
            (None, Some(step)) => self.hold(&step.clone(), &[]),
            (None, None) => self.end_of_case(),
            (Some(frame), step) => self.fail_silence(frame, step.clone(), &silence.watched),
        }
    }

    fn silence_place(&self, silence: &Silence) -> String {
        silence.step.as_ref().map_or_else(
            || self.case.scenario.place.to_string(),
            |step| step.place.to_string(),
        )
    }

    fn say_silence(&mut self, silence: &Silence, at: &str, held: bool) {
        if !held {
            return;
        }
        for &actor in &silence.watched {
            if self.current[actor].is_none() {
                continue;
            }
            self.events.push(Event::Silence {
                case: self.case.id.clone(),
                us: self.now,
                at: at.to_owned(),
                actor: self.actor_name(actor).to_owned(),
                shown: silence.shown,
            });
        }
    }
}
