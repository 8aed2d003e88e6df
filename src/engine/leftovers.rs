//! Frames must be accounted for: what permissions cover goes to them, and what is left over is a deviation.

use super::failure::Failure;
use super::inbox::Entry;
use super::stack::StepAt;
use super::state::{Engine, Permission};
use crate::event::{DeviationKind, TakenBy};
use crate::protocol::Level;

impl Engine {
    /// The first frame at one of the actors that nothing accounts for; what permissions cover is taken by them
    /// only when the silence is judged.
    pub(super) fn leftover(&self, watched: &[usize]) -> Option<(u32, u32)> {
        self.first_pending(watched, |_| true)
    }

    /// Whether nothing came to the actors but what may come. What would contradict a requirement did come.
    pub(super) fn heard_nothing(&self, watched: &[usize]) -> bool {
        self.first_pending(watched, |permission| {
            permission.allowance.contradicts.is_none()
        })
        .is_none()
    }

    /// The first frame at one of the actors that no permission covers which counts.
    fn first_pending(
        &self,
        watched: &[usize],
        counts: impl Fn(&Permission) -> bool,
    ) -> Option<(u32, u32)> {
        let mut used: Vec<usize> = Vec::new();
        for (id, connection) in (0u32..).zip(&self.connections) {
            if !watched.contains(&connection.actor) {
                continue;
            }
            for (seq, entry) in connection.pending() {
                match self.permission_for(id, entry, &used) {
                    Some(i) if counts(&self.permissions[i]) => used.push(i),
                    _ => return Some((id, seq)),
                }
            }
        }
        None
    }

    /// Gives what permissions cover to them.
    pub(super) fn absorb(&mut self, watched: &[usize]) {
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

    pub(super) fn fail_silence(
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
            forbidden.extend(self.forbidden_here(connection, entry, step.as_ref()));
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

    /// The requirement that such a message contradicts, unless it is graver than what the step asks: who may get it is
    /// just what a lenient step is about.
    fn forbidden_here(
        &self,
        connection: u32,
        entry: &Entry,
        step: Option<&StepAt>,
    ) -> Option<String> {
        let forbidden = self.forbidden_by(connection, entry)?;
        let tested = self.scopes.tested_at();
        let asks = tested.as_deref().or(step.map(|step| &**step));
        let graver = asks.is_some_and(|asks| {
            let asked = self.level_of(&self.proofs(asks));
            self.level_of(std::slice::from_ref(&forbidden)) < asked
        });
        (!graver).then_some(forbidden)
    }

    /// Whether the same message was taken before on this connection.
    fn taken_twin(&self, connection: u32, seq: u32) -> Option<String> {
        let inbox = &self.connection(connection).inbox;
        let entry = &inbox[seq as usize];
        let body = |entry: &Entry| self.case.pack.catalogue.wire.body(&entry.frame).cloned();
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
}
