//! Fences: harmless requests whose replies come after whatever was still under way. Sends them, knows their
//! replies, and sees a receiver that is served out of order.

use super::inbox::{Entry, Taken};
use super::scope::FenceScope;
use super::state::Engine;
use super::wait::{FenceFor, PendingFence, WaitKind};
use crate::event::{SentFor, TakenBy};
use crate::scenario::{Expr, Fence, Outgoing, Pack, Pattern, Step, StepKind};
use crate::value::Value;

/// What became of a fence that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The connection's state allows none.
    Not,
    /// Its reply shows that what came before is here.
    Sure,
    /// The answer to the request before, which is still to come, would pass for its reply.
    Doubtful,
}

impl Engine {
    /// Sends the fence that the connection's state allows.
    pub(super) fn send_fence(&mut self, connection: u32, purpose: FenceFor) -> Sent {
        let case = self.case.clone();
        let usable = &self.connection(connection).usable_fences;
        let used_up = self.connection(connection).used_up;
        let offered = |fence: &Fence| match &fence.sends {
            Outgoing::Message { name, .. } => {
                case.profile.lacks_message(name).is_none()
                    && !(used_up && case.profile.once_per_connection.contains(name))
            }
            _ => true,
        };
        let last = (case.pack.fences.iter().zip(usable))
            .rposition(|(fence, usable)| *usable && offered(fence));
        let watching = purpose != FenceFor::Silence;
        let Some(fence) = last.map(|i| &case.pack.fences[i]) else {
            return Sent::Not;
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
            return Sent::Not;
        };
        let fresh = holds_text(&fields, &fresh_value);
        if watching && !fresh {
            return Sent::Not;
        }
        let answered = self.has_just_taken(connection, &fence.answered_by.message, &fields);
        let before = &self.connection(connection).last_request;
        let outstanding = !fresh && before.is_some() && *before == message;
        self.connection_mut(connection).doubtful |= !fresh && answered;
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
        if outstanding {
            Sent::Doubtful
        } else {
            Sent::Sure
        }
    }

    /// Whether the last frame that a step took on the connection is such a message.
    fn has_just_taken(&self, connection: u32, message: &str, fields: &Pattern) -> bool {
        let by_step = |entry: &&Entry| {
            let taken = entry.taken.as_ref();
            taken.is_some_and(|taken| matches!(taken.by, TakenBy::Step | TakenBy::Flow))
        };
        let last = self.connection(connection).inbox.iter().rev().find(by_step);
        let wire = &self.case.pack.catalogue.wire;
        last.is_some_and(|entry| {
            self.is_message(entry, message)
                && fields.matches(wire.body(&entry.frame), &mut Vec::new())
        })
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

    pub(super) fn silence_fences_are_back(&self) -> bool {
        !self.fences.iter().any(|fence| {
            fence.purpose == FenceFor::Silence && self.connection(fence.connection).is_open()
        })
    }

    pub(super) fn give_up_fences(&mut self) {
        self.saw_unanswered_fence = true;
        self.options.fences_unanswered = true;
        // A reply that could be anybody's must not be waited for any longer.
        self.fences.retain(|fence| fence.fresh);
        for fence in &mut self.fences {
            fence.purpose = FenceFor::Nobody;
        }
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

    /// Asks the acting connection, then the receiver, for a fence each while a relay is under way: a receiver
    /// whose fence comes back first is served out of order, and then no fence shows silence.
    pub(super) fn watch_order(&mut self, receiver: usize, wait: u64) {
        let Some((acting, _)) = self.last_sent else {
            return;
        };
        if acting == receiver
            || self.options.overtaken
            || self.options.fences_unanswered
            || !relies_on_fences(&self.case.pack, &self.case.scenario.steps)
        {
            return;
        }
        if let (Some(acting), Some(receiver)) =
            (self.open_connection(acting), self.open_connection(receiver))
        {
            self.send_fence(
                acting,
                FenceFor::Acting {
                    then: receiver,
                    wait,
                },
            );
        }
    }
}

/// Whether one of the steps, or one inside it or in a flow that it uses, has a fence show a silence.
fn relies_on_fences(pack: &Pack, steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.kind {
        StepKind::Nothing { wait, .. } => !wait,
        // Flows use only flows that do not come back to them.
        StepKind::Use { flow, .. } => pack
            .flow(flow)
            .is_some_and(|flow| relies_on_fences(pack, &flow.steps)),
        _ => step
            .inner()
            .into_iter()
            .any(|inner| relies_on_fences(pack, std::slice::from_ref(inner))),
    })
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
