//! What a run says against its target, in few enough words that two runs can be said to say the same.
//!
//! The engine judges; this names what it judged. Readings are no concern here: see the mirror.

use std::collections::HashMap;

use super::doubt::has_plain_id;
use super::lower::Lowered;
use super::sequence::{Act, Actor, Claim, Right, Sequence, Step};
use super::vocabulary::Vocabulary;
use crate::event::{
    CaseEnd, Deviation, DeviationKind, End, Event, Level, SentFor, ShapeKind, SilenceShown, TakenBy,
};
use crate::runner::Played;

/// How a server gives itself away, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Oracle {
    /// Nobody can connect any more.
    Gone,
    /// Who did nothing, or comes anew, is not served.
    Others,
    /// A frame that the codec does not allow, or without a message type.
    Codec,
    /// Somebody is told what only another may know.
    Told,
    /// Who has not logged in gets what only those get who have.
    Served,
    /// A message reached somebody whom it does not concern, or came twice.
    Leak,
    /// Of several texts in a row some do not arrive, or more often than they were sent.
    Lost,
    /// A flow of people who do all as documented does not go through.
    Story,
    /// People who do all as documented feel what somebody else does who named them, or what is theirs.
    Crossed,
    /// A documented message makes the server close the connection.
    Dropped,
    /// A documented message that is refused makes the server close the connection: here and there the pack
    /// allows that.
    Closed,
    /// A documented message makes the server answer no more.
    Hung,
    /// A message without its documented shape.
    Shape,
    /// Texts in a row arrive in another order.
    Reordered,
    /// A documented message is answered with a value or a message that no document knows.
    Undocumented,
}

impl Oracle {
    pub fn name(self) -> &'static str {
        match self {
            Oracle::Gone => "gone",
            Oracle::Others => "others-not-served",
            Oracle::Codec => "not-the-codec",
            Oracle::Told => "told",
            Oracle::Served => "served-without-login",
            Oracle::Leak => "leak",
            Oracle::Lost => "lost-or-twice",
            Oracle::Story => "flow-broken",
            Oracle::Crossed => "crossed",
            Oracle::Dropped => "dropped",
            Oracle::Closed => "closed",
            Oracle::Hung => "no-answer",
            Oracle::Shape => "wrong-shape",
            Oracle::Reordered => "reordered",
            Oracle::Undocumented => "undocumented",
        }
    }

    /// Whether it fails a campaign. What answers an odd request has often no documented shape at all, and who may
    /// do what to whom is seldom said.
    pub fn is_grave(self) -> bool {
        !matches!(
            self,
            Oracle::Shape
                | Oracle::Closed
                | Oracle::Crossed
                | Oracle::Reordered
                | Oracle::Undocumented
        )
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Oracle::Gone => "nobody can connect any more",
            Oracle::Others => "somebody else is not served any more",
            Oracle::Codec => "an answer is no message of the protocol's codec",
            Oracle::Leak => "a message reaches somebody whom it does not concern, or comes twice",
            Oracle::Told => "somebody is told what only another may know",
            Oracle::Served => "somebody who has not logged in is served as if",
            Oracle::Lost => "texts that are sent in a row do not all arrive, or more than once",
            Oracle::Story => "what others do as documented goes wrong",
            Oracle::Crossed => {
                "somebody acts on what is others', and they feel it; no right server lets that happen"
            }
            Oracle::Dropped => "the server closes the connection on a documented message",
            Oracle::Closed => {
                "the server closes the connection on a documented message that it may refuse"
            }
            Oracle::Hung => "the server answers this connection no more",
            Oracle::Shape => "a message lacks its documented shape",
            Oracle::Reordered => "texts that are sent in a row arrive in another order",
            Oracle::Undocumented => "a documented message is answered with what no document knows",
        }
    }
}

/// What two runs have in common that show the same fault.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    pub oracle: Oracle,
    /// A message, a field, a way of closing.
    pub subject: String,
}

#[derive(Clone, Debug)]
pub(super) struct Suspicion {
    pub signature: Signature,
    /// One sentence, of the engine where it has one.
    pub says: String,
    /// The step to which a claim has to be added, so that a scenario shows it.
    pub claim: Option<(usize, Claim)>,
    /// The step that was the last to be taken before something went wrong.
    pub struck: Option<usize>,
}

/// The gravest thing that the run says against its target.
pub(super) fn suspect(
    vocabulary: &Vocabulary,
    sequence: &Sequence,
    lowered: &Lowered,
    played: &Played,
) -> Option<Suspicion> {
    let mut suspicion = gravest(vocabulary, sequence, lowered, played)?;
    suspicion.struck = struck(lowered, &played.events);
    let felt = matches!(suspicion.signature.oracle, Oracle::Leak | Oracle::Story);
    if felt && sequence.crosses() {
        suspicion.signature.oracle = Oracle::Crossed;
    }
    // A server that hands half a character on hands on what it was given.
    if suspicion.signature.oracle == Oracle::Codec
        && suspicion.says.contains("surrogate")
        && sequence
            .steps
            .iter()
            .any(|step| step.act.has_half_a_character())
    {
        return None;
    }
    let may = |message: &String, body: &super::datum::Datum| {
        vocabulary.may_close_at_times.contains(message) || has_plain_id(vocabulary, message, body)
    };
    let may_close = |step: &Step| match &step.act {
        Act::Send { message, body, .. } => may(message, body),
        Act::Burst {
            message, bodies, ..
        } => bodies.iter().any(|body| may(message, body)),
        _ => false,
    };
    if suspicion.signature.oracle == Oracle::Dropped
        && let Some(at) = suspicion.struck
    {
        // Those before it that nobody waited for may have done it as well.
        let hasty = sequence.steps[..at].iter().rev();
        let mut all = hasty
            .take_while(|step| step.hasty)
            .chain([&sequence.steps[at]]);
        if all.any(may_close) {
            suspicion.signature.oracle = Oracle::Closed;
        }
    }
    Some(suspicion)
}

/// Steps of flows are not told apart.
fn struck(lowered: &Lowered, events: &[Event]) -> Option<usize> {
    let mut place = None;
    for event in events {
        match event {
            Event::Sent {
                at,
                why: SentFor::Step,
                ..
            } => place = Some(at),
            Event::Closed { end, .. } if *end != End::ByUs => break,
            Event::Silence {
                shown: SilenceShown::FenceUnanswered,
                ..
            }
            | Event::Deviation { .. } => break,
            _ => {}
        }
    }
    lowered.step_at(place?)
}

fn gravest(
    vocabulary: &Vocabulary,
    sequence: &Sequence,
    lowered: &Lowered,
    played: &Played,
) -> Option<Suspicion> {
    for event in &played.events {
        if let Event::Deviation { deviation, .. } = event
            && deviation.level == Level::Must
        {
            let signature = if others_ended(sequence, &played.events) {
                Signature {
                    oracle: Oracle::Others,
                    subject: String::new(),
                }
            } else {
                signature(sequence, lowered, deviation)
            };
            return Some(Suspicion {
                signature,
                says: deviation.message.clone(),
                claim: None,
                struck: None,
            });
        }
    }
    if let CaseEnd::CouldNotRun { reason } = &played.end
        && reason.contains("could not connect")
    {
        return Some(Suspicion {
            signature: Signature {
                oracle: Oracle::Gone,
                subject: String::new(),
            },
            says: reason.clone(),
            claim: None,
            struck: None,
        });
    }
    unanswered(vocabulary, sequence, played).or_else(|| misshapen(vocabulary, lowered, played))
}

/// Whether the server ended the connection of somebody who was not the last to say anything: so do servers
/// that die, whoever notices first. What was not waited for may have ended a connection all the same.
fn others_ended(sequence: &Sequence, events: &[Event]) -> bool {
    let hasty: Vec<&str> = sequence
        .steps
        .iter()
        .filter(|step| step.hasty)
        .map(|step| step.act.actor().name())
        .collect();
    let mut last = "";
    events.iter().any(|event| match event {
        Event::Sent {
            actor,
            why: SentFor::Step | SentFor::Flow,
            ..
        } => {
            last = actor;
            false
        }
        Event::Closed { actor, end, .. } if *end != End::ByUs => {
            let user = |name| Actor::named(name).map(Actor::user);
            user(actor) != user(last) && !hasty.contains(&actor.as_str())
        }
        _ => false,
    })
}

fn signature(sequence: &Sequence, lowered: &Lowered, deviation: &Deviation) -> Signature {
    if let Some(right) = contradicted(sequence, lowered, deviation) {
        return right.signature.clone();
    }
    let claims = sequence.steps.iter().any(|step| step.claim.is_some());
    let who = deviation.actor.as_deref().unwrap_or_default();
    let is = |actors: &[Actor]| actors.iter().any(|actor| actor.name() == who);
    let received = deviation.received.as_deref().unwrap_or_default();
    let first_line = || received.lines().next().unwrap_or_default().to_owned();
    let (oracle, subject) = match deviation.kind {
        DeviationKind::Codec => (Oracle::Codec, without_numbers(&deviation.message)),
        DeviationKind::Unexpected => (Oracle::Leak, first_line()),
        _ if is(&[Actor::Dora, Actor::Wendy]) => (Oracle::Others, String::new()),
        DeviationKind::Closed if !is(&Actor::STORY) => (Oracle::Dropped, String::new()),
        DeviationKind::Shape => {
            let first = deviation.message.split(", and ").next().unwrap_or_default();
            (Oracle::Shape, first.to_owned())
        }
        DeviationKind::Missing if !is(&Actor::STORY) && claims => (Oracle::Hung, String::new()),
        _ => (
            Oracle::Story,
            format!("{:?} {}", deviation.kind, deviation.step),
        ),
    };
    Signature { oracle, subject }
}

/// What right servers say, where that is what the deviation is about.
fn contradicted<'s>(
    sequence: &'s Sequence,
    lowered: &Lowered,
    deviation: &Deviation,
) -> Option<&'s Right> {
    let about = matches!(
        deviation.kind,
        DeviationKind::Missing
            | DeviationKind::Mismatch
            | DeviationKind::Unexpected
            | DeviationKind::Order
            | DeviationKind::Shape
    );
    let step = match lowered.claim_at(&deviation.at) {
        Some(at) => &sequence.steps[at],
        // Who may hear nothing else hears it at the end.
        None if deviation.kind == DeviationKind::Unexpected => {
            (sequence.steps.iter()).find(|step| matches!(step.claim, Some(Claim::Right(_))))?
        }
        None => return None,
    };
    match &step.claim {
        Some(Claim::Right(right)) if about => {
            let theirs = deviation.actor.as_deref() == Some(right.actor.name());
            theirs.then_some(right)
        }
        _ => None,
    }
}

/// The reason, without what differs from run to run.
fn without_numbers(message: &str) -> String {
    let reason = message
        .split_once(": ")
        .map_or(message, |(_, reason)| reason);
    let quiet: String = reason
        .chars()
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .take(80)
        .collect();
    let mut short = quiet;
    while short.contains("##") {
        short = short.replace("##", "#");
    }
    short
}

/// A fence that did not come back on a connection that said nothing but what is documented.
fn unanswered(vocabulary: &Vocabulary, sequence: &Sequence, played: &Played) -> Option<Suspicion> {
    let silent = played.events.iter().find_map(|event| match event {
        Event::Silence {
            actor,
            shown: SilenceShown::FenceUnanswered,
            ..
        } => Some(actor.as_str()),
        _ => None,
    })?;
    // A server may forget a connection whose user has logged in on another one.
    let elsewhere = |step: &Step| match &step.act {
        Act::Send { actor, message, .. } => {
            *actor == Actor::Phone && vocabulary.may_close.contains(message)
        }
        _ => false,
    };
    if silent == Actor::Mallory.name() && sequence.steps.iter().any(elsewhere) {
        return None;
    }
    let own = |step: &&Step| step.act.actor().name() == silent;
    if sequence
        .steps
        .iter()
        .filter(own)
        .any(|step| !step.act.is_documented())
    {
        return None;
    }
    let last = sequence.steps.iter().rposition(|step| {
        own(&step) && matches!(step.act, Act::Send { .. }) && step.act.actor().is_logged_in()
    })?;
    Some(Suspicion {
        signature: Signature {
            oracle: Oracle::Hung,
            subject: String::new(),
        },
        says: format!("{silent} asked a harmless question and got no answer"),
        claim: Some((last, Claim::Answered)),
        struck: None,
    })
}

/// A message without its documented shape, sent to somebody who does anything.
fn misshapen(vocabulary: &Vocabulary, lowered: &Lowered, played: &Played) -> Option<Suspicion> {
    let mut last_line = None;
    let mut found = None;
    let mut questions: HashMap<&str, bool> = HashMap::new();
    for (i, event) in played.events.iter().enumerate() {
        match event {
            Event::Sent {
                at,
                why: SentFor::Step,
                ..
            } => last_line = at.split(':').nth(1).and_then(|line| line.parse().ok()),
            Event::Sent {
                actor,
                message: Some(message),
                why: SentFor::Fence,
                ..
            } => {
                questions.insert(actor, vocabulary.asks_early(message));
            }
            Event::Shape {
                message,
                path,
                kind,
                level: Level::Must,
                expected,
                received,
                ..
            } if found.is_none() => found = Some((message, path, kind, expected, received)),
            Event::Received { actor, message, .. } => {
                let Some((name, path, kind, expected, received)) = found else {
                    continue;
                };
                if message.as_ref() != Some(name) {
                    continue;
                }
                let noisy = [Actor::Mallory, Actor::Mike, Actor::Phone, Actor::Guest];
                let who = noisy.into_iter().find(|known| known.name() == actor)?;
                let line: usize = last_line?;
                let step = lowered.lines.iter().rposition(|at| *at == Some(line))?;
                let is_fence = matches!(
                    played.events.get(i + 1),
                    Some(Event::Taken {
                        by: TakenBy::Fence,
                        ..
                    })
                );
                // A question that is asked in between would be answered in its stead.
                let asked = questions.get(actor.as_str()).filter(|_| is_fence);
                let claim = match asked {
                    Some(early) => Claim::Asked {
                        actor: who,
                        early: *early,
                    },
                    None => Claim::Shape {
                        actor: who,
                        message: name.clone(),
                    },
                };
                return Some(Suspicion {
                    signature: Signature {
                        oracle: Oracle::Shape,
                        // In the engine's words.
                        subject: match kind {
                            ShapeKind::Missing => format!("{name} lacks `{path}`"),
                            _ => format!("`{path}` of {name} has the wrong type"),
                        },
                    },
                    says: format!("{path} of {name} is {received}, not {expected}"),
                    claim: Some((step, claim)),
                    struck: None,
                });
            }
            _ => {}
        }
    }
    None
}
