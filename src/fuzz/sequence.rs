//! What the fuzzer does to a target: steps of several actors, before they are written as a scenario.
//!
//! The actors are always the same few, and each has a part that says how it is judged.

use super::datum::Datum;
use super::oracle::Signature;
use crate::value::Value;

/// Steps and who looks on. Lowering adds everything else.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    pub steps: Vec<Step>,
    /// Somebody who does nothing must hear nothing, and is still served at the end.
    pub bystander: bool,
    /// Somebody who comes at the end is served.
    pub newcomer: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub act: Act,
    /// What must be so after it.
    pub claim: Option<Claim>,
    /// The next step does not wait until this one is handled.
    pub hasty: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A flow of the catalogue.
    Flow {
        flow: String,
        /// The flow's name and the actor who plays it.
        actors: Vec<(String, Actor)>,
        arguments: Vec<(String, Datum)>,
        /// The flow's name and ours.
        into: Vec<(String, String)>,
    },
    /// A message; malformed where the document does not allow it.
    Send {
        actor: Actor,
        message: String,
        body: Datum,
        malformed: bool,
    },
    /// The same message several times, with nothing in between.
    Burst {
        actor: Actor,
        message: String,
        bodies: Vec<Datum>,
    },
    /// A frame that is no message of the codec or of the protocol.
    Raw { actor: Actor, raw: Raw },
    /// What becomes of the connection.
    Link { actor: Actor, link: Link },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    Text(Datum),
    Hex(String),
    Value(Datum),
    Fragments(Vec<String>),
    Ping(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    Disconnects,
    Vanishes,
    Reconnects,
}

impl Link {
    pub fn verb(self) -> &'static str {
        match self {
            Link::Disconnects => "disconnects",
            Link::Vanishes => "vanishes",
            Link::Reconnects => "reconnects",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// The actor who acted is answered when asking the catalogue's harmless question.
    Answered,
    /// The actor receives this message in its documented shape.
    Shape { actor: Actor, message: String },
    /// The next thing that the actor says is the harmless question, and its answer has its documented shape.
    /// `early` is the question of those who have not logged in.
    Asked { actor: Actor, early: bool },
    /// The actor hears what right servers say.
    Right(Right),
}

/// What right servers say where the target says something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Right {
    /// What it is called where it is not so.
    pub signature: Signature,
    pub actor: Actor,
    pub hears: Hears,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Hears {
    /// No message at all, from the start.
    Nothing,
    /// This message, with a matcher for its fields.
    Message(String, String),
    /// These and no others, from the start, in this order.
    Just(Vec<(String, String)>),
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Actor {
    /// Plays flows of the catalogue, and hears what they say and no more.
    Alice,
    Bob,
    Carol,
    /// Logged in, and does anything; hears any documented message.
    Mallory,
    Mike,
    /// Mallory's second connection.
    Phone,
    /// Not logged in, and does anything.
    Guest,
    /// Does nothing.
    Dora,
    /// Comes when all is over.
    Wendy,
}

impl Actor {
    pub const STORY: [Actor; 3] = [Actor::Alice, Actor::Bob, Actor::Carol];
    pub const NOISE: [Actor; 2] = [Actor::Mallory, Actor::Mike];

    const ALL: [Actor; 9] = [
        Actor::Alice,
        Actor::Bob,
        Actor::Carol,
        Actor::Mallory,
        Actor::Mike,
        Actor::Phone,
        Actor::Guest,
        Actor::Dora,
        Actor::Wendy,
    ];

    pub fn named(name: &str) -> Option<Actor> {
        Actor::ALL.into_iter().find(|actor| actor.name() == name)
    }

    /// Two connections of one user are one matter.
    pub fn user(self) -> Actor {
        match self {
            Actor::Phone => Actor::Mallory,
            other => other,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Actor::Alice => "alice",
            Actor::Bob => "bob",
            Actor::Carol => "carol",
            Actor::Mallory => "mallory",
            Actor::Mike => "mike",
            Actor::Phone => "phone",
            Actor::Guest => "guest",
            Actor::Dora => "dora",
            Actor::Wendy => "wendy",
        }
    }

    /// Whether what it does is documented, so that a flow of its own that fails is the server's fault.
    pub fn is_judged(self) -> bool {
        Actor::STORY.contains(&self)
    }

    pub fn is_logged_in(self) -> bool {
        !matches!(self, Actor::Guest | Actor::Phone | Actor::Wendy)
    }
}

impl Act {
    pub fn actors(&self) -> Vec<Actor> {
        match self {
            Act::Flow { actors, .. } => actors.iter().map(|(_, actor)| *actor).collect(),
            Act::Send { actor, .. }
            | Act::Burst { actor, .. }
            | Act::Raw { actor, .. }
            | Act::Link { actor, .. } => vec![*actor],
        }
    }

    /// The actor who acts, or the first.
    pub fn actor(&self) -> Actor {
        self.actors().first().copied().unwrap_or(Actor::Guest)
    }

    /// Whether all of it is as the document has it.
    pub fn is_documented(&self) -> bool {
        match self {
            Act::Flow { .. } | Act::Burst { .. } | Act::Link { .. } => true,
            Act::Send { malformed, .. } => !malformed,
            Act::Raw { .. } => false,
        }
    }

    pub fn mentions(&self, root: &str) -> bool {
        match self {
            Act::Flow { arguments, .. } => arguments.iter().any(|(_, value)| value.mentions(root)),
            Act::Send { body, .. } => body.mentions(root),
            Act::Burst { bodies, .. } => bodies.iter().any(|body| body.mentions(root)),
            Act::Raw {
                raw: Raw::Value(value) | Raw::Text(value),
                ..
            } => value.mentions(root),
            Act::Raw { .. } | Act::Link { .. } => false,
        }
    }
}

impl Act {
    /// Whether a raw text escapes half a pair that stands for one character.
    pub fn has_half_a_character(&self) -> bool {
        let half = |text: &str| text.to_ascii_lowercase().contains("\\ud");
        match self {
            Act::Raw { raw, .. } => match raw {
                Raw::Text(Datum::Value(Value::Str(text))) => half(text),
                Raw::Fragments(parts) => half(&parts.concat()),
                _ => false,
            },
            _ => false,
        }
    }
}

impl Sequence {
    /// Whether somebody who may do anything names people of the story, or what they made.
    pub fn crosses(&self) -> bool {
        self.steps.iter().any(|step| self.is_crossing(step))
    }

    pub fn is_crossing(&self, step: &Step) -> bool {
        let mut made = self.steps.iter().flat_map(|step| match &step.act {
            Act::Flow { into, .. } if step.act.actor().is_judged() => into.as_slice(),
            _ => &[],
        });
        let people = || Actor::STORY.iter().any(|who| step.act.mentions(who.name()));
        !step.act.actor().is_judged() && (people() || made.any(|(_, ours)| step.act.mentions(ours)))
    }

    /// The flows alone, in order: what has to work if nobody disturbs.
    pub fn story(&self) -> Sequence {
        let steps = self.steps.iter();
        Sequence {
            steps: steps
                .filter(|step| matches!(step.act, Act::Flow { .. }))
                .cloned()
                .collect(),
            bystander: false,
            newcomer: false,
        }
    }

    pub fn has(&self, actor: Actor) -> bool {
        self.steps.iter().any(|step| {
            step.act.actors().contains(&actor)
                || step.act.mentions(actor.name())
                || match &step.claim {
                    Some(Claim::Shape { actor: other, .. } | Claim::Asked { actor: other, .. }) => {
                        *other == actor
                    }
                    Some(Claim::Right(right)) => right.actor == actor,
                    Some(Claim::Answered) | None => false,
                }
        })
    }
}
