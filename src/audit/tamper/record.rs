//! The undisturbed run of a case: every frame that arrives, and what it is taken for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::marks::Marks;
use super::tampering::{Tampering, field_tamperings};
use super::watch::Unnoticed;
use crate::audit::lab::{Forkable, Simulation};
use crate::codec::Codec;
use crate::engine::Input;
use crate::event::{CaseEnd, Event, Level, TakenBy};
use crate::plan::Case;
use crate::protocol::{Catalogue, Identified};
use crate::value::Value;

/// A frame of the undisturbed run.
pub(super) struct Sent<'c> {
    pub(super) value: Value,
    pub(super) message: Option<&'c str>,
    /// What took it, and where that stands.
    pub(super) taken: Option<(TakenBy, String)>,
    /// What took the next frame to the same connection, where that is judged, too; a fence's reply may come in
    /// any order.
    pub(super) next: Option<(TakenBy, String)>,
    /// Somebody else is connected.
    has_others: bool,
    /// What that is.
    pub(super) next_message: Option<&'c str>,
    connection: u32,
    seq: u32,
}

impl<'c> Sent<'c> {
    pub(super) fn new(
        value: Value,
        message: Option<&'c str>,
        has_others: bool,
        (connection, seq): (u32, u32),
    ) -> Sent<'c> {
        Sent {
            value,
            message,
            taken: None,
            next: None,
            has_others,
            next_message: None,
            connection,
            seq,
        }
    }

    /// The connection, and the place there.
    pub(super) fn place(&self) -> (u32, u32) {
        (self.connection, self.seq)
    }

    /// Whether something took it that was meant to.
    pub(super) fn is_judged(&self) -> bool {
        let taken = self.taken.as_ref();
        taken.is_some_and(|(by, _)| *by != TakenBy::Deviation)
    }

    pub(super) fn tamperings(&self, marks: &Marks<'_>) -> Vec<Tampering> {
        let mut all = vec![
            Tampering::Drop,
            Tampering::Duplicate,
            Tampering::Delay,
            Tampering::Add,
        ];
        if self.has_others {
            all.push(Tampering::Misdirect);
        }
        if self.next.is_some() {
            all.push(Tampering::Swap);
        }
        all.extend(field_tamperings(marks, &self.value));
        all
    }
}

pub(super) struct Record<'c> {
    pub(super) sent: Vec<Sent<'c>>,
    pub(super) undisturbed: Unnoticed,
}

/// Plays the case; `None` where it does not conform.
pub(super) fn record<'c>(
    catalogue: &'c Catalogue,
    case: &Arc<Case>,
    codec: Codec,
    reference: Box<dyn Forkable>,
) -> Option<Record<'c>> {
    let mut simulation = Simulation::new(case, codec, reference);
    let mut sent: Vec<Sent<'c>> = Vec::new();
    let mut seqs: BTreeMap<u32, u32> = BTreeMap::new();
    while let Some(input) = simulation.next() {
        if let Input::Frame { connection, frame } = &input {
            let value = frame.value.clone().unwrap_or(Value::Null);
            let message = match catalogue.identify(&value) {
                Identified::Message(message) => Some(message.name.as_str()),
                _ => None,
            };
            let seq = seqs.entry(*connection).or_insert(0);
            let has_others = simulation.other_than(*connection).is_some();
            sent.push(Sent::new(value, message, has_others, (*connection, *seq)));
            *seq += 1;
        }
        simulation.feed(input);
    }
    settle(sent, simulation.take_events())
}

/// What took the frames, by the events of the run; `None` where it does not conform.
pub(super) fn settle(mut sent: Vec<Sent<'_>>, events: Vec<Event>) -> Option<Record<'_>> {
    let is_grave = |event: &Event| match event {
        Event::Deviation { deviation, .. } => deviation.level == Level::Must,
        Event::CaseFinished { end, .. } => *end != CaseEnd::Judged,
        _ => false,
    };
    if events.iter().any(is_grave) {
        return None;
    }
    let mut undisturbed = Unnoticed::default();
    events.iter().for_each(|event| undisturbed.see(event));
    let mut taken = BTreeMap::new();
    for event in events {
        if let Event::Taken {
            connection,
            seq,
            by,
            at,
            ..
        } = event
        {
            taken.insert((connection, seq), (by, at));
        }
    }
    let judged = |at: (u32, u32)| taken.get(&at).filter(|(by, _)| *by != TakenBy::Fence);
    let messages: BTreeMap<(u32, u32), Option<&str>> =
        sent.iter().map(|f| (f.place(), f.message)).collect();
    for frame in &mut sent {
        let next = (frame.connection, frame.seq + 1);
        frame.next = judged(frame.place()).and_then(|_| judged(next)).cloned();
        frame.next_message = messages.get(&next).copied().flatten();
        frame.taken = taken.get(&frame.place()).cloned();
    }
    Some(Record { sent, undisturbed })
}
