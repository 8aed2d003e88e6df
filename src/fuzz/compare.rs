//! Holds what a run shows against what right servers show on the same sequence, in virtual time: answers that
//! no document knows or that nobody should get, texts sent in a row, and who is told what. Only what all of
//! them have in common counts.
//!
//! What a right server showed before is taken as right and not held against them again, so that this costs
//! less and less.

use std::collections::HashSet;

use super::campaign::Campaign;
use super::datum::Datum;
use super::doubt::{About, Answer, Doubt, doubts};
use super::ground::conforms;
use super::heard::{Heard, Said, body_of, find, heard, matcher};
use super::lower::Lowered;
use super::oracle::{Oracle, Signature, Suspicion};
use super::sequence::{Act, Actor, Claim, Hears, Right, Sequence};
use super::tales::{Tale, What, tales};
use super::vocabulary::Vocabulary;
use crate::runner::Played;

/// The scenario language's word for a message of any kind.
const ANYTHING: &str = "anything";

/// What right servers showed.
#[derive(Default)]
pub(super) struct Settled(HashSet<u64>);

/// A run, as far as it is compared.
pub(super) struct Shown<'e> {
    pub heard: Vec<Heard<'e>>,
    pub tales: Vec<Tale>,
}

impl<'e> Shown<'e> {
    fn of(
        vocabulary: &Vocabulary,
        sequence: &Sequence,
        lowered: &Lowered,
        played: &'e Played,
    ) -> Shown<'e> {
        Shown {
            heard: heard(vocabulary, lowered, &played.events),
            tales: tales(vocabulary, sequence, lowered, &played.events),
        }
    }

    pub(super) fn answers(&self, actor: Actor, step: usize) -> impl Iterator<Item = &Heard<'e>> {
        let own = move |heard: &&Heard| heard.actor == actor && heard.step == Some(step);
        self.heard.iter().filter(own)
    }

    /// Up to the answers to this step: what is late is no other answer.
    pub(super) fn heard_until(
        &self,
        actor: Actor,
        step: usize,
    ) -> impl Iterator<Item = &Heard<'e>> {
        let until = move |heard: &&Heard| {
            heard.actor == actor && heard.step.is_none_or(|heard| heard <= step)
        };
        self.heard.iter().filter(until)
    }

    /// Which of the texts came to the viewer, in order, with the frames that brought them.
    pub(super) fn row(&self, viewer: Actor, texts: &[String]) -> Vec<(usize, &Heard<'e>)> {
        let own = self.heard.iter().filter(|heard| heard.actor == viewer);
        let one = own.filter_map(|heard| {
            let mut those = (0..texts.len()).filter(|i| heard.text.contains(&texts[*i]));
            // A frame with several of them is a history, and has its own order.
            those
                .next()
                .filter(|_| those.next().is_none())
                .map(|text| (text, heard))
        });
        one.collect()
    }
}

impl Campaign<'_> {
    /// What the run shows that no right server shows, with the sequence that may show it again.
    pub(super) fn compare(
        &mut self,
        sequence: &Sequence,
        lowered: &Lowered,
        played: &Played,
    ) -> Option<(Sequence, Suspicion)> {
        let mirror = self.mirror.as_ref()?;
        if !conforms(played) {
            return None;
        }
        let (workshop, words) = (self.workshop, &self.workshop.vocabulary);
        let shown = Shown::of(words, sequence, lowered, played);
        let mut doubts = doubts(words, sequence, &shown);
        doubts.retain(|doubt| !self.settled.0.contains(&doubt.key));
        if doubts.is_empty() {
            return None;
        }
        let (case, _) = workshop.case(sequence).ok()?;
        for variant in 0..mirror.variants {
            let right = mirror.play(variant, &case, workshop.codec);
            if !conforms(&right) {
                return None;
            }
            let right = Shown::of(words, sequence, lowered, &right);
            let settled = &mut self.settled.0;
            doubts.retain_mut(|doubt| {
                let stays = doubt.stays(words, &right);
                if !stays {
                    settled.insert(doubt.key);
                }
                stays
            });
            if doubts.is_empty() {
                return None;
            }
        }
        let found = doubts.into_iter().find_map(|doubt| {
            // Looked at once, whatever comes of it.
            self.settled.0.insert(doubt.key);
            suspicion(words, sequence, doubt)
        });
        let (at, mut right, says) = found?;
        let claimed = |right: &Right| {
            let mut claimed = sequence.clone();
            claimed.steps[at].claim = Some(Claim::Right(right.clone()));
            claimed
        };
        if let Hears::Message(message, _) = &right.hears
            && message != ANYTHING
            && workshop.case(&claimed(&right)).is_err()
        {
            // It has fields that the document does not know.
            let Hears::Message(_, fields) = right.hears else {
                return None;
            };
            right.hears = Hears::Message(ANYTHING.to_owned(), fields);
        }
        let mut suspicion = Suspicion {
            signature: right.signature.clone(),
            says,
            claim: Some((at, Claim::Right(right))),
            struck: Some(at),
        };
        // Who may hear nothing else should have done nothing else, if that is enough.
        let mut alone = sequence.clone();
        (alone.bystander, alone.newcomer) = (false, false);
        let before = sequence.steps[..=at].iter().enumerate();
        let kept = before.filter(|(i, step)| {
            *i == at || matches!(step.act, Act::Flow { .. } | Act::Link { .. })
        });
        alone.steps = kept.map(|(_, step)| step.clone()).collect();
        let last = alone.steps.len() - 1;
        let claim = suspicion.claim.as_ref().map(|(_, claim)| claim.clone());
        let mut claimed = alone.clone();
        claimed.steps[last].claim = claim.clone();
        let conforms = workshop
            .case(&claimed)
            .is_ok_and(|(case, _)| mirror.conforms(0, &case, workshop.codec));
        let strict = matches!(&claim, Some(Claim::Right(right)) if !matches!(right.hears, Hears::Message(..)));
        if !(conforms && strict) {
            return Some((sequence.clone(), suspicion));
        }
        suspicion.claim = claim.map(|claim| (last, claim));
        suspicion.struck = Some(last);
        Some((alone, suspicion))
    }
}

/// What is to be said of it and claimed after which step; `None` where right servers have no common word for it.
fn suspicion(
    words: &Vocabulary,
    sequence: &Sequence,
    doubt: Doubt,
) -> Option<(usize, Right, String)> {
    let request = match &sequence.steps[doubt.step].act {
        Act::Send { message, .. } | Act::Burst { message, .. } => message.as_str(),
        _ => "",
    };
    let (oracle, subject, actor, hears, says) = match doubt.about {
        About::Served {
            actor,
            said,
            rights,
        } => {
            let says = format!(
                "{} has not logged in, and {request} is answered with {}",
                actor.name(),
                in_words(&said)
            );
            let subject = format!("{request} {}", said.message);
            (Oracle::Served, subject, actor, common(&rights)?, says)
        }
        About::Answer {
            actor,
            right,
            heard,
        } => {
            let right = right?;
            let instead = heard.last().map_or("nothing".to_owned(), in_words);
            let says = format!(
                "right servers answer this {request} with {}, and this one with {instead}",
                in_words(&right.said)
            );
            let oracle = Oracle::Undocumented;
            let subject = format!("{request} {}", in_words(&right.said));
            (oracle, subject, actor, common(&[vec![right]])?, says)
        }
        About::Row {
            viewer,
            came,
            right,
            ..
        } => {
            let (order, messages) = right?;
            let mut sorted = (came.clone(), order);
            sorted.0.sort_unstable();
            sorted.1.sort_unstable();
            let oracle = if sorted.0 == sorted.1 {
                Oracle::Reordered
            } else {
                Oracle::Lost
            };
            let numbers: Vec<String> = came.iter().map(|text| (text + 1).to_string()).collect();
            let says = format!(
                "of {} texts in a row {} heard these, in this order: {}",
                messages.len(),
                viewer.name(),
                numbers.join(", ")
            );
            if messages.is_empty() {
                return None;
            }
            let hears = Hears::Just(messages);
            (oracle, request.to_owned(), viewer, hears, says)
        }
        About::Tale(tale) => {
            let body = body_of(words, &tale.text)?;
            let way = find(&body, &|text| text == tale.value)?;
            let (value, what) = match &tale.what {
                What::Text(text) => (Datum::text(text.as_str()).to_string(), "a text"),
                What::Secret(own) => (format!("${}.{own}", tale.owner.name()), own.as_str()),
            };
            let wanted = format!("{{ $not: {value} }}");
            let says = format!(
                "a {} tells {} {what} of {}",
                tale.message,
                tale.viewer.name(),
                tale.owner.name()
            );
            let subject = format!("{what} {}", tale.message);
            let hears = Hears::Message(tale.message, matcher(&way, &wanted, true));
            (Oracle::Told, subject, tale.viewer, hears, says)
        }
    };
    let signature = Signature { oracle, subject };
    let right = Right {
        signature,
        actor,
        hears,
    };
    Some((doubt.step, right, says))
}

/// What all of these answers have in common: that there is none, or a message with one of a few values in each
/// telling field.
fn common(rights: &[Vec<Answer>]) -> Option<Hears> {
    if rights.iter().all(Vec::is_empty) {
        return Some(Hears::Nothing);
    }
    let firsts: Vec<&Answer> = rights
        .iter()
        .map(|answers| answers.first())
        .collect::<Option<_>>()?;
    let first = firsts.first()?;
    if firsts
        .iter()
        .any(|other| other.said.message != first.said.message)
    {
        return None;
    }
    let mut fields = Vec::new();
    for (name, _) in &first.raw {
        let mut values: Vec<&str> = Vec::new();
        for other in &firsts {
            let (_, value) = other.raw.iter().find(|(known, _)| known == name)?;
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        let name = Datum::text(name.as_str());
        fields.push(match values.as_slice() {
            [one] => format!("{name}: {one}"),
            several => format!("{name}: {{ $either: [{}] }}", several.join(", ")),
        });
    }
    let fields = match fields.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{ {} }}", fields.join(", ")),
    };
    Some(Hears::Message(first.said.message.clone(), fields))
}

fn in_words(said: &Said) -> String {
    let codes: Vec<String> = said
        .codes
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    match said.message.as_str() {
        "" => "a message that no document knows".to_owned(),
        message if codes.is_empty() => message.to_owned(),
        message => format!("{message} ({})", codes.join(", ")),
    }
}
