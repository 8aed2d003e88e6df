//! The end of a case: a silence of everybody, then what may have come and did not, and who is still there.

use super::connections::describe;
use super::failure::{Failure, Stop};
use super::state::Engine;
use crate::event::{CaseEnd, DeviationKind, Event};
use crate::protocol::Level;
use crate::scenario::Settles;

impl Engine {
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
    pub(super) fn end_of_case(&mut self) {
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

    pub(super) fn finish(&mut self, stop: Stop) {
        let end = match stop {
            Stop::End(end) => end,
            Stop::Judged => CaseEnd::Judged,
        };
        self.events.push(Event::CaseFinished {
            case: self.case.id.clone(),
            us: self.now,
            end: end.clone(),
        });
        self.end = Some(end);
    }
}
