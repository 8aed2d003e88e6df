//! What the catalogue says of how to talk: which messages and fields, what usually stands in them, which flows
//! there are and what they need. Read off the pack's own flows and scenarios, so that nobody writes it twice.

//!
//! `about`: what a message refers to. `steps`: what is done in them. `answers`: what answers say, and whose secrets
//! stand where. `contents`: what stands in their fields. `parameters`: what flows want.

mod about;
mod answers;
mod contents;
mod parameters;
mod steps;

use std::collections::{HashMap, HashSet};

use super::datum::Datum;
use super::sequence::Actor;
use crate::protocol::{Field, FieldKind, FieldShape, Message, Type, WireCodec};
use crate::scenario::{Expr, Outgoing, Pack, Step, StepKind};
use crate::value::Value;
pub(super) use answers::{Secret, Served};
use contents::{datum, usual};
use parameters::{captured, wanted};
use steps::{
    inner_lists, links_of, may_end_after, receives, requests_of, sent_by, start_flow, traffic_of,
};

/// Bytes to transfer: name, size, size of a chunk.
pub(super) const FILES: [(&str, &str, &str); 3] = [
    ("snippet", "100", "64"),
    ("photo", "2500", "1KiB"),
    ("film", "12345", "1KiB"),
];

/// So often allowed to end a connection, a message is one of those that do.
const OFTEN: usize = 3;

/// So many usual contents of a field are kept.
const MOST_USES: usize = 16;

pub struct Vocabulary {
    /// The flow that brings a new user to where everything is possible, and the name of its actor.
    pub start: String,
    pub start_actor: String,
    /// Those that a client sends.
    pub messages: Vec<Word>,
    pub flows: Vec<FlowWord>,
    /// After these a server may close the connection.
    pub may_close: HashSet<String>,
    /// After these it may where it refuses them.
    pub may_close_at_times: HashSet<String>,
    /// Fields of the server's messages whose values tell answers apart.
    pub telling: Vec<String>,
    /// The answers that flows wait for.
    pub served: Vec<Served>,
    pub secrets: Vec<Secret>,
    pub codec: WireCodec,
    pub type_key: String,
    pub body_key: Option<String>,
    /// The fields that every actor has from the start.
    pub identity: Vec<String>,
    /// Ids that nothing has, by the pack's settings.
    pub unknown: Vec<Datum>,
    uses: HashMap<(String, String), Vec<Usual>>,
    /// How often the pack lets a connection end after a message, of how many times that it is sent.
    ends: HashMap<String, (usize, usize)>,
    before_login: Option<Question>,
    after_login: Option<Question>,
    /// What a user says last of all on the way to where everything is possible.
    pub(super) greeting: Option<usize>,
}

pub struct Word {
    pub name: String,
    pub discriminator: Value,
    pub fields: Vec<Field>,
    /// Its fields and theirs, those inside of objects and lists included.
    pub slots: Vec<Slot>,
}

/// A place in a message where a value stands.
pub struct Slot {
    /// Names of fields, [`Slot::ITEM`] for an item of a list.
    pub path: Vec<String>,
    pub shape: FieldShape,
}

impl Slot {
    pub(super) const ITEM: &'static str = "[]";
}

pub struct FlowWord {
    pub name: String,
    pub actors: Vec<String>,
    pub parameters: Vec<(String, Parameter)>,
    /// What it binds for its caller.
    pub captures: Vec<String>,
    /// Whether it opens or ends a connection: who plays it may be somewhere else afterwards than at the start.
    pub moves: bool,
    /// Whether it ends without a connection.
    pub ends: bool,
    /// Whether it says what has to come of it; what only sends may be done out of place.
    pub receives: bool,
    /// Whether something is received after all that is sent: then nothing of it is under way any more.
    pub settles: bool,
    /// What it sends, in order: which of its actors, and which message.
    pub requests: Vec<(usize, String)>,
}

/// What a parameter wants.
#[derive(Clone, Debug)]
pub enum Parameter {
    /// Content of this field of a message.
    Field(String, FieldShape, String),
    /// Bytes to transfer.
    File,
    /// One of these.
    OneOf(Vec<Value>),
    Unknown,
}

/// What stands in a field where a flow or a scenario sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum Usual {
    Value(Value),
    /// A field of who sends.
    Own(String),
    /// A field of somebody else.
    Other(String),
    /// A reference that means something everywhere.
    Given(String),
    /// What a flow captured by this name.
    Captured(String),
    List(Vec<Usual>),
    Map(Vec<(String, Usual)>),
}

impl Usual {
    /// Whether it names somebody, or is somebody's own.
    pub(super) fn is_personal(&self) -> bool {
        match self {
            Usual::Own(_) | Usual::Other(_) => true,
            Usual::List(items) => items.iter().any(Usual::is_personal),
            Usual::Map(pairs) => pairs.iter().any(|(_, value)| value.is_personal()),
            Usual::Value(_) | Usual::Given(_) | Usual::Captured(_) => false,
        }
    }
}

/// A harmless request and its answer.
struct Question {
    message: String,
    fields: Expr,
    answer: String,
}

impl Vocabulary {
    /// `None` where no flow of one actor ends with a connection: then there is nothing to start from.
    pub fn of(pack: &Pack) -> Option<Vocabulary> {
        let start = start_flow(pack)?;
        let catalogue = &pack.catalogue;
        let mut vocabulary = Vocabulary {
            start: start.name.clone(),
            start_actor: start.actors.first()?.clone(),
            messages: catalogue.messages.iter().filter_map(word).collect(),
            flows: Vec::new(),
            may_close: HashSet::new(),
            may_close_at_times: HashSet::new(),
            ends: HashMap::new(),
            telling: telling(&catalogue.messages),
            served: Vec::new(),
            secrets: answers::secrets(pack),
            codec: catalogue.wire.codec,
            type_key: catalogue.wire.type_key.clone(),
            identity: catalogue.identity_fields().map(str::to_owned).collect(),
            body_key: catalogue.wire.body_key.clone(),
            unknown: catalogue
                .settings
                .iter()
                .filter(|(name, _)| name.starts_with("unknown"))
                .map(|(name, _)| Datum::Reference(format!("settings.{name}")))
                .collect(),
            uses: HashMap::new(),
            before_login: None,
            after_login: None,
            greeting: None,
        };
        vocabulary.served = answers::served(pack, &vocabulary.telling);
        for fence in &pack.fences {
            let Outgoing::Message { name, fields } = &fence.sends else {
                continue;
            };
            let question = Question {
                message: name.clone(),
                fields: fields.clone(),
                answer: fence.answered_by.message.clone(),
            };
            if fence.since.is_none() {
                vocabulary.before_login = Some(question);
            } else {
                vocabulary.after_login = Some(question);
            }
        }
        for flow in &pack.flows {
            vocabulary.learn(&flow.steps, &flow.actors);
        }
        for scenario in &pack.scenarios {
            let actors: Vec<String> = scenario.actors.iter().map(|a| a.name.clone()).collect();
            vocabulary.learn(&scenario.steps, &actors);
        }
        for (name, (ends, all)) in &vocabulary.ends {
            if (2 * ends >= *all && *ends > 0) || *ends >= OFTEN {
                vocabulary.may_close.insert(name.clone());
            } else if *ends > 0 {
                vocabulary.may_close_at_times.insert(name.clone());
            }
        }
        // On a connection that is logged in, a second login is nobody's duty to bear.
        let mut greetings = Vec::new();
        sent_by(pack, &start.steps, &mut greetings);
        vocabulary.may_close.extend(greetings.iter().cloned());
        let greeting = greetings.pop();
        let mut words = vocabulary.messages.iter();
        vocabulary.greeting = words.position(|word| Some(&word.name) == greeting.as_ref());
        for flow in &pack.flows {
            let (mut captures, mut links) = (Vec::new(), Vec::new());
            captured(&flow.steps, &mut captures);
            links_of(pack, &flow.steps, &mut links);
            let parameters = flow.parameters.iter().map(|name| {
                let wanted = wanted(pack, &flow.steps, name, 0);
                (name.clone(), wanted.unwrap_or(Parameter::Unknown))
            });
            vocabulary.flows.push(FlowWord {
                name: flow.name.clone(),
                actors: flow.actors.clone(),
                parameters: parameters.collect(),
                captures,
                moves: !links.is_empty(),
                ends: links.last() == Some(&false),
                receives: receives(pack, &flow.steps),
                settles: {
                    let mut traffic = Vec::new();
                    traffic_of(pack, &flow.steps, &mut traffic);
                    traffic.last() != Some(&true)
                },
                requests: {
                    let mut requests = Vec::new();
                    requests_of(pack, &flow.steps, &flow.actors, &mut requests);
                    requests
                },
            });
        }
        Some(vocabulary)
    }

    pub fn uses(&self, message: &str, field: &str) -> &[Usual] {
        self.uses
            .get(&(message.to_owned(), field.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether somebody's own fields usually stand there.
    pub fn is_personal(&self, message: &str, field: &str) -> bool {
        self.uses(message, field).iter().any(Usual::is_personal)
    }

    /// Whether the field takes what somebody writes, and what others are told.
    pub fn is_content(&self, message: &str, field: &str) -> bool {
        let parameters = self.flows.iter().flat_map(|flow| &flow.parameters);
        let mut wanted = parameters.map(|(_, parameter)| parameter);
        !self.is_personal(message, field)
            && wanted.any(|parameter| match parameter {
                Parameter::Field(name, shape, known) => {
                    let is_text = matches!(shape.kind, FieldKind::Of(Type::String));
                    is_text && name == message && known == field
                }
                _ => false,
            })
    }

    pub fn word(&self, message: &str) -> Option<&Word> {
        self.messages.iter().find(|word| word.name == message)
    }

    pub fn flow(&self, name: &str) -> Option<&FlowWord> {
        self.flows.iter().find(|flow| flow.name == name)
    }

    /// A harmless request of this actor and what answers it, in the scenario language.
    pub fn question(&self, actor: Actor) -> Option<(String, String)> {
        self.question_at(actor, !actor.is_logged_in())
    }

    /// The same; `early` is the one that needs no login.
    pub(super) fn question_at(&self, actor: Actor, early: bool) -> Option<(String, String)> {
        let after = self.after_login.as_ref().filter(|_| !early);
        let question = after.or(self.before_login.as_ref())?;
        let fields = datum(&question.fields, actor);
        Some((
            format!("{{ {}: {fields} }}", question.message),
            format!("{{ {}: {{}} }}", question.answer),
        ))
    }

    /// Whether this message asks the harmless question that needs no login, and no other does.
    pub(super) fn asks_early(&self, message: &str) -> bool {
        let is = |question: &Option<Question>| {
            (question.as_ref()).is_some_and(|question| question.message == message)
        };
        is(&self.before_login) && !is(&self.after_login)
    }

    /// Takes note of what is sent in these steps and by whom, and of where a connection may end.
    fn learn(&mut self, steps: &[Step], actors: &[String]) {
        for (i, step) in steps.iter().enumerate() {
            if let StepKind::Send {
                actor,
                what: Outgoing::Message { name, fields },
            } = &step.kind
            {
                if let Expr::Map(pairs) = fields {
                    for (key, value) in pairs {
                        let Some(key) = key.literal() else { continue };
                        let Some(usual) = usual(value, actor, actors) else {
                            continue;
                        };
                        let key = (name.clone(), key.as_str().unwrap_or_default().to_owned());
                        let known = self.uses.entry(key).or_default();
                        if !known.contains(&usual) && known.len() < MOST_USES {
                            known.push(usual);
                        }
                    }
                }
                let (ends, all) = self.ends.entry(name.clone()).or_default();
                *ends += usize::from(may_end_after(steps, i, actor));
                *all += 1;
            }
            for inner in inner_lists(step) {
                self.learn(inner, actors);
            }
        }
    }
}

fn word(message: &Message) -> Option<Word> {
    let shape = message.client.as_ref()?;
    let fields = shape.variants.first()?.fields.clone();
    let mut slots = Vec::new();
    for field in &fields {
        slots_of(vec![field.name.clone()], &field.shape, &mut slots);
    }
    Some(Word {
        name: message.name.clone(),
        discriminator: message.discriminator.clone(),
        fields,
        slots,
    })
}

fn slots_of(path: Vec<String>, shape: &FieldShape, slots: &mut Vec<Slot>) {
    let below = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect();
    match &shape.kind {
        FieldKind::Object(fields) => {
            for field in fields {
                slots_of(below(&field.name), &field.shape, slots);
            }
        }
        FieldKind::ListOf(item) => slots_of(below(Slot::ITEM), item, slots),
        FieldKind::Of(_) | FieldKind::OneOf(_) | FieldKind::MapOf(_) => {}
    }
    slots.push(Slot {
        path,
        shape: shape.clone(),
    });
}

/// The fields with few documented values: codes, statuses, flags.
fn telling(messages: &[Message]) -> Vec<String> {
    let mut names = Vec::new();
    let shapes = messages
        .iter()
        .filter_map(|message| message.server.as_ref());
    for field in shapes.flat_map(|shape| shape.variants.iter().flat_map(|v| &v.fields)) {
        let few = match &field.shape.kind {
            FieldKind::OneOf(_) => true,
            FieldKind::Of(kind) => matches!(kind, Type::Bool | Type::Status),
            _ => field.name == "code" || field.name == "status",
        };
        if few && !names.contains(&field.name) {
            names.push(field.name.clone());
        }
    }
    names
}
