//! Showing that nothing arrives: by a fence on the acting connection and then on the silent one, or by
//! waiting where a fence cannot show it. Also the end of the case, which is a silence of everybody.

use super::Micros;
use super::inbox::{State, Taken};
use super::judge::{Failure, Stop, describe};
use super::scope::FenceScope;
use super::state::{Engine, Permission, micros};
use super::steps::{StepAt, WaitKind};
use crate::event::{CaseEnd, DeviationKind, End, Event, SentFor, SilenceShown, TakenBy};
use crate::protocol::Level;
use crate::scenario::{Allowance, Expected, Expr, Pattern, Settles, StepKind};
use crate::value::Value;

/// A fence that is out.
#[derive(Clone)]
pub(super) struct PendingFence {
    connection: u32,
    message: String,
    fields: Pattern,
    /// Whether its reply can be told from any other.
    fresh: bool,
    purpose: FenceFor,
    at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FenceFor {
    Silence,
    /// The first of a pair that watches a relay: the acting connection's.
    Acting {
        then: u32,
        wait: u64,
    },
    /// The second: the receiver's.
    Receiver {
        wait: u64,
    },
    /// Its silence is over; a late reply is still accounted for.
    Nobody,
}

/// A silence that is being shown.
#[derive(Clone)]
pub(super) struct Silence {
    /// `None`: the end of the case.
    step: Option<StepAt>,
    watched: Vec<usize>,
    phase: Phase,
    window: bool,
    shown: SilenceShown,
    pub(super) deadline: Option<Micros>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Acting,
    Watched,
    Window,
}

impl Engine {
    pub(super) fn start_silence(&mut self, step: Option<StepAt>, watched: Vec<usize>, wait: bool) {
        let window = wait || self.options.fences_unanswered;
        let mut silence = Silence {
            step,
            watched,
            phase: Phase::Acting,
            window,
            shown: SilenceShown::Fenced,
            deadline: None,
        };
        if window {
            self.begin_window(&mut silence, SilenceShown::Waited);
        } else {
            let acting = self.last_sent.as_ref().map(|(actor, _)| *actor);
            let connection = acting.and_then(|actor| self.open_connection(actor));
            if connection.is_some_and(|id| self.send_fence(id, FenceFor::Silence)) {
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
            if !fenced_already && !self.send_fence(connection, FenceFor::Silence) {
                silence.window = true;
            }
        }
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

    fn silence_fences_are_back(&self) -> bool {
        !self.fences.iter().any(|fence| {
            fence.purpose == FenceFor::Silence && self.connection(fence.connection).is_open()
        })
    }

    fn give_up_fences(&mut self) {
        self.saw_unanswered_fence = true;
        self.options.fences_unanswered = true;
        // A reply that could be anybody's must not be waited for any longer.
        self.fences.retain(|fence| fence.fresh);
        for fence in &mut self.fences {
            fence.purpose = FenceFor::Nobody;
        }
    }

    /// The first frame at one of the actors that nothing accounts for; what permissions cover is taken by them
    /// only when the silence is judged.
    fn leftover(&self, watched: &[usize]) -> Option<(u32, u32)> {
        let mut used: Vec<usize> = Vec::new();
        for (id, connection) in (0u32..).zip(&self.connections) {
            if !watched.contains(&connection.actor) {
                continue;
            }
            for (seq, entry) in connection.pending() {
                match self.permission_for(id, entry, &used) {
                    Some(i) => used.push(i),
                    None => return Some((id, seq)),
                }
            }
        }
        None
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
            let silent = self.leftover(&silence.watched).is_none();
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

    /// Gives what permissions cover to them.
    fn absorb(&mut self, watched: &[usize]) {
        for id in 0..u32::try_from(self.connections.len()).unwrap_or(u32::MAX) {
            if !watched.contains(&self.connection(id).actor) {
                continue;
            }
            let pending: Vec<u32> = self.connection(id).pending().map(|(seq, _)| seq).collect();
            for seq in pending {
                let entry = &self.connection(id).inbox[seq as usize];
                let Some(i) = self.permission_for(id, entry, &[]) else {
                    continue;
                };
                self.permissions[i].used += 1;
                let permission = &self.permissions[i];
                let (allowance, spontaneous) =
                    (permission.allowance.clone(), permission.spontaneous);
                let at = allowance.place.to_string();
                let by = if spontaneous {
                    TakenBy::Spontaneous
                } else {
                    TakenBy::Allowance
                };
                self.settle(&allowance.settles, true, &at);
                self.take(id, seq, by, &at);
                if let Some(requirement) = allowance.contradicts {
                    self.contradict(id, seq, requirement);
                }
            }
        }
    }

    /// A spontaneous message that the catalogue knows, and that departs from a requirement.
    fn contradict(&mut self, connection: u32, seq: u32, requirement: String) {
        let actor = self.connection(connection).actor;
        let level = self
            .case
            .pack
            .catalogue
            .requirement(&requirement)
            .map_or(Level::Must, |known| known.level);
        let received = self.show_entry(connection, seq);
        let name = received.lines().next().unwrap_or_default();
        let failure = Failure::new(
            DeviationKind::Unexpected,
            format!(
                "{} received {name}, which nothing in the case accounts for",
                self.actor_name(actor)
            ),
        )
        .received(received.clone())
        .at_actor(actor);
        let at = self.case.scenario.place.to_string();
        self.deviate(&at, "between the steps", level, vec![requirement], failure);
    }

    fn fail_silence(
        &mut self,
        (connection, seq): (u32, u32),
        step: Option<StepAt>,
        watched: &[usize],
    ) {
        let actor = self.connection(connection).actor;
        let received = self.show_entry(connection, seq);
        let name = received.lines().next().unwrap_or_default().to_owned();
        let who = self.actor_name(actor).to_owned();
        let twin = self.taken_twin(connection, seq);
        let entry = &self.connection(connection).inbox[seq as usize];
        let mut forbidden = Vec::new();
        if twin.is_none() {
            forbidden.extend(self.forbidden_by(connection, entry));
            forbidden.extend(self.misshapen(entry));
        }
        let message = match (&step, &twin) {
            (_, Some(_)) => format!("{who} received {name} once more"),
            (Some(_), None) => format!("{who} received {name}, where nothing was to arrive"),
            (None, None) => {
                format!("{who} received {name}, which nothing in the case accounts for")
            }
        };
        let failure = Failure::new(DeviationKind::Unexpected, message)
            .expected("nothing".to_owned())
            .received(received)
            .near(twin)
            .contradicts(forbidden)
            .at_actor(actor);
        // Whatever the level, what was seen here is not reported again.
        let at = step.as_ref().map_or_else(
            || self.case.scenario.place.to_string(),
            |step| step.place.to_string(),
        );
        while let Some((connection, seq)) = self.leftover(watched) {
            self.take(connection, seq, TakenBy::Deviation, &at);
        }
        match step {
            Some(step) => self.fail(&step, failure),
            None => self.deviate(&at, "the end of the case", Level::Must, Vec::new(), failure),
        }
    }

    /// Whether the same message was taken before on this connection.
    fn taken_twin(&self, connection: u32, seq: u32) -> Option<String> {
        let inbox = &self.connection(connection).inbox;
        let entry = &inbox[seq as usize];
        let body =
            |entry: &super::inbox::Entry| self.case.pack.catalogue.wire.body(&entry.frame).cloned();
        let twin = inbox[..seq as usize].iter().find(|other| {
            other.taken.is_some() && other.message == entry.message && body(other) == body(entry)
        })?;
        let at = twin
            .taken
            .as_ref()
            .map(|taken| taken.at.as_str())
            .filter(|at| !at.is_empty())?;
        Some(format!(
            "the same message came before, and was taken by {at}"
        ))
    }

    /// The steps are done: everybody is asked, and whoever heard too much is heard.
    pub(super) fn conclude(&mut self) {
        if self.concluding {
            self.stop = Some(Stop::Judged);
            return;
        }
        self.concluding = true;
        let everybody = (0..self.current.len()).collect();
        let wait = !self.case.scenario.ends_with_fence;
        self.start_silence(None, everybody, wait);
    }

    /// Nothing is left over: what may have come and did not is settled, and connections must still be there.
    fn end_of_case(&mut self) {
        let permissions: Vec<(Settles, String)> = self
            .permissions
            .iter()
            .filter(|permission| permission.used == 0 && !permission.spontaneous)
            .map(|permission| {
                (
                    permission.allowance.settles.clone(),
                    permission.allowance.place.to_string(),
                )
            })
            .collect();
        let closes = std::mem::take(&mut self.permitted_closes);
        let closes = closes.into_iter().map(|(_, settles, at)| (settles, at));
        for (settles, at) in permissions.into_iter().chain(closes) {
            self.settle(&settles, false, &at);
        }
        let everybody: Vec<usize> = (0..self.current.len()).collect();
        if let Some((connection, end)) = self.ended_unasked(&everybody) {
            let actor = self.connection(connection).actor;
            let message = format!(
                "{}'s connection ended, and nothing asked for that",
                self.actor_name(actor)
            );
            let failure = Failure::new(DeviationKind::Closed, message)
                .received(describe(&end))
                .at_actor(actor);
            let at = self.case.scenario.place.to_string();
            self.deviate(&at, "the end of the case", Level::Must, Vec::new(), failure);
        }
    }

    /// The first current connection of the actors that the server ended though nothing permits it, and how.
    fn ended_unasked(&self, actors: &[usize]) -> Option<(u32, End)> {
        let ids = actors.iter().filter_map(|actor| self.current[*actor]);
        ids.map(|id| (id, self.connection(id)))
            .find_map(|(id, connection)| match &connection.state {
                State::Ended(end) if *end != End::ByUs && !connection.may_be_closed => {
                    Some((id, end.clone()))
                }
                _ => None,
            })
    }

    /// Answers the frame that just came where the catalogue says so; once it is answered, the server may say
    /// `then`, and where it says that otherwise, the case cannot be applied.
    pub(super) fn answer_spontaneous(&mut self, connection: u32, name: &str) {
        let case = self.case.clone();
        let actor = self.connection(connection).actor;
        let spontaneous = &case.pack.spontaneous;
        let Some(frame) = self.connection(connection).inbox.last() else {
            return;
        };
        let body = case.pack.catalogue.wire.body(&frame.frame).cloned();
        let scope = FenceScope {
            scopes: &self.scopes,
            actor,
            fresh: "",
        };
        let fits = |expected: &Expected| {
            let fields = expected.fields.resolve(&scope);
            fields.is_ok_and(|fields| fields.matches(body.as_ref(), &mut Vec::new()))
        };
        let said = self.answered.iter().position(|(answered, i)| {
            let then = spontaneous[*i]
                .answer
                .as_ref()
                .and_then(|a| a.then.as_ref());
            *answered == connection && then.is_some_and(|then| then.message == name)
        });
        if let Some(said) = said {
            let (_, i) = self.answered[said];
            let then = spontaneous[i].answer.as_ref().and_then(|a| a.then.as_ref());
            if !then.is_some_and(fits) {
                let seq = self.connection(connection).inbox.len() - 1;
                let shown = self.show_entry(connection, u32::try_from(seq).unwrap_or(u32::MAX));
                let lines: Vec<&str> = shown.lines().map(str::trim).collect();
                let reason = format!("{} was told {}", self.actor_name(actor), lines.join(" "));
                self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
            }
            self.answered.remove(said);
            return;
        }
        let question = spontaneous.iter().enumerate().find_map(|(i, allowance)| {
            let expected = allowance.expected.as_ref().filter(|e| e.message == name);
            expected
                .filter(|e| fits(e))
                .and(Some((i, allowance.answer.as_ref()?)))
        });
        let Some((i, answer)) = question else {
            return;
        };
        let Ok((message, outbound)) = self.outbound(&answer.sends, Some(&scope)) else {
            return;
        };
        let fields = answer.then.as_ref().map(|then| then.fields.resolve(&scope));
        let at = spontaneous[i].place.to_string();
        self.push_send(connection, message.as_deref(), &at, SentFor::Flow, outbound);
        if let (Some(then), Some(Ok(fields))) = (&answer.then, fields) {
            self.answered.push((connection, i));
            self.permissions.push(Permission {
                actor: Some(actor),
                allowance: Allowance {
                    expected: Some(then.clone()),
                    documented: true,
                    any_number: false,
                    contradicts: None,
                    settles: Settles::default(),
                    ..spontaneous[i].clone()
                },
                fields: Some(fields),
                envelope: Vec::new(),
                used: 0,
                spontaneous: true,
                forbids: false,
            });
        }
    }

    /// Sends the fence that the connection's state allows; `false` where there is none.
    pub(super) fn send_fence(&mut self, connection: u32, purpose: FenceFor) -> bool {
        let case = self.case.clone();
        let usable = &self.connection(connection).usable_fences;
        let last = usable.iter().rposition(|usable| *usable);
        let watching = purpose != FenceFor::Silence;
        let Some(fence) = last.map(|i| &case.pack.fences[i]) else {
            return false;
        };
        let fresh_value = self.scopes.fresh_name("nobody");
        let actor = self.connection(connection).actor;
        let scope = FenceScope {
            scopes: &self.scopes,
            actor,
            fresh: &fresh_value,
        };
        let fields = fence.answered_by.fields.resolve(&scope);
        let outbound = self.outbound(&fence.sends, Some(&scope));
        let (Ok(fields), Ok((message, outbound))) = (fields, outbound) else {
            return false;
        };
        let fresh = holds_text(&fields, &fresh_value);
        if watching && !fresh {
            return false;
        }
        let at = fence.place.to_string();
        self.push_send(
            connection,
            message.as_deref(),
            &at,
            SentFor::Fence,
            outbound,
        );
        let message = fence.answered_by.message.clone();
        self.fences.push(PendingFence {
            connection,
            message,
            fields,
            fresh,
            purpose,
            at,
        });
        true
    }

    /// Whether a frame is the reply to a fence that is out; then the fence is back.
    pub(super) fn answers_fence(
        &mut self,
        connection: u32,
        message: &str,
        frame: &Value,
    ) -> Option<Taken> {
        let body = self.case.pack.catalogue.wire.body(frame)?;
        let position = self.fences.iter().position(|fence| {
            fence.connection == connection
                && fence.message == message
                && fence.fields.matches(Some(body), &mut Vec::new())
        })?;
        let fence = self.fences.remove(position);
        let still_waiting = |number: u64| matches!(self.wait.as_ref().map(|wait| &wait.kind), Some(WaitKind::Receive(r)) if r.number == number);
        match fence.purpose {
            FenceFor::Acting { then, wait }
                if still_waiting(wait) && self.connection(then).is_open() =>
            {
                self.send_fence(then, FenceFor::Receiver { wait });
            }
            FenceFor::Receiver { wait } if still_waiting(wait) => {
                self.saw_overtaking = true;
                self.options.overtaken = true;
            }
            _ => {}
        }
        Some(Taken {
            by: TakenBy::Fence,
            at: fence.at,
        })
    }

    /// Makes fences usable that wait for such a message.
    pub(super) fn note_fence_states(&mut self, connection: u32, message: &str, frame: &Value) {
        let case = self.case.clone();
        let Some(body) = case.pack.catalogue.wire.body(frame) else {
            return;
        };
        let actor = self.connection(connection).actor;
        for (i, fence) in case.pack.fences.iter().enumerate() {
            let Some(since) = fence
                .since
                .as_ref()
                .filter(|since| since.message == message)
            else {
                continue;
            };
            let scope = FenceScope {
                scopes: &self.scopes,
                actor,
                fresh: "",
            };
            let matches = since
                .fields
                .resolve(&scope)
                .is_ok_and(|fields| fields.matches(Some(body), &mut Vec::new()));
            if matches {
                self.connection_mut(connection).usable_fences[i] = true;
            }
        }
    }
}

/// Whether the resolved matcher compares with this text somewhere.
fn holds_text(pattern: &Pattern, text: &str) -> bool {
    match pattern {
        Pattern::Is(Expr::Literal(Value::Str(wanted))) => wanted == text,
        Pattern::Map { fields, .. } => fields.iter().any(|(_, inner)| holds_text(inner, text)),
        Pattern::All(items) | Pattern::List(items) => {
            items.iter().any(|inner| holds_text(inner, text))
        }
        _ => false,
    }
}
