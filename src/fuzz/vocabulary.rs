//! What the catalogue says of how to talk: which messages and fields, what usually stands in them, which flows
//! there are and what they need. Read off the pack's own flows and scenarios, so that nobody writes it twice.

use std::collections::{HashMap, HashSet};

use super::datum::Datum;
use super::sequence::Actor;
use crate::protocol::{Field, FieldKind, FieldShape, Message, Type, WireCodec};
use crate::scenario::{
    Expr, Outgoing, Pack, Part, Pattern, Reference, Start, Step, StepKind, Until,
};
use crate::value::Value;

/// Bytes to transfer: name, size, size of a chunk.
pub(super) const FILES: [(&str, &str, &str); 3] = [
    ("snippet", "100", "64"),
    ("photo", "2500", "1KiB"),
    ("film", "12345", "1KiB"),
];

/// Longer texts are not taken over.
const LONGEST_USE: usize = 200;

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
    /// Fields of the server's messages whose values tell answers apart.
    pub telling: Vec<String>,
    pub codec: WireCodec,
    pub type_key: String,
    pub body_key: Option<String>,
    /// The fields that every actor has from the start.
    pub identity: Vec<String>,
    /// Ids that nothing has, by the pack's settings.
    pub unknown: Vec<Datum>,
    uses: HashMap<(String, String), Vec<Usual>>,
    before_login: Option<Question>,
    after_login: Option<Question>,
}

pub struct Word {
    pub name: String,
    pub discriminator: Value,
    pub fields: Vec<Field>,
}

pub struct FlowWord {
    pub name: String,
    pub actors: Vec<String>,
    pub parameters: Vec<(String, Parameter)>,
    /// What it binds for its caller.
    pub captures: Vec<String>,
    /// Whether it says what has to come of it; what only sends may be done out of place.
    pub receives: bool,
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
            telling: telling(&catalogue.messages),
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
        };
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
        // On a connection that is logged in, a second login is nobody's duty to bear.
        let mut greetings = Vec::new();
        sent_by(pack, &start.steps, &mut greetings);
        vocabulary.may_close.extend(greetings);
        for flow in &pack.flows {
            let mut captures = Vec::new();
            captured(&flow.steps, &mut captures);
            let parameters = flow.parameters.iter().map(|name| {
                let wanted = wanted(pack, &flow.steps, name, 0);
                (name.clone(), wanted.unwrap_or(Parameter::Unknown))
            });
            vocabulary.flows.push(FlowWord {
                name: flow.name.clone(),
                actors: flow.actors.clone(),
                parameters: parameters.collect(),
                captures,
                receives: receives(pack, &flow.steps),
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

    pub fn word(&self, message: &str) -> Option<&Word> {
        self.messages.iter().find(|word| word.name == message)
    }

    pub fn flow(&self, name: &str) -> Option<&FlowWord> {
        self.flows.iter().find(|flow| flow.name == name)
    }

    /// A harmless request of this actor and what answers it, in the scenario language.
    pub fn question(&self, actor: Actor) -> Option<(String, String)> {
        let after = self.after_login.as_ref().filter(|_| actor.is_logged_in());
        let question = after.or(self.before_login.as_ref())?;
        let fields = datum(&question.fields, actor);
        Some((
            format!("{{ {}: {fields} }}", question.message),
            format!("{{ {}: {{}} }}", question.answer),
        ))
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
                let around = &steps[i.saturating_sub(2)..steps.len().min(i + 4)];
                if around.iter().any(|step| may_end(step, actor)) {
                    self.may_close.insert(name.clone());
                }
            }
            for inner in inner_lists(step) {
                self.learn(inner, actors);
            }
        }
    }
}

fn word(message: &Message) -> Option<Word> {
    let shape = message.client.as_ref()?;
    Some(Word {
        name: message.name.clone(),
        discriminator: message.discriminator.clone(),
        fields: shape.variants.first()?.fields.clone(),
    })
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

/// Of the flows that take a new user from nothing to a connection, the one that says most on the way.
fn start_flow(pack: &Pack) -> Option<&crate::scenario::Flow> {
    let candidates = pack.flows.iter().filter(|flow| {
        let mut links = Vec::new();
        links_of(pack, &flow.steps, &mut links);
        let connected = links.first() == Some(&true) && links.last() == Some(&true);
        flow.actors.len() == 1 && flow.parameters.is_empty() && connected
    });
    let starts = candidates.max_by_key(|flow| {
        let mut sent = Vec::new();
        sent_by(pack, &flow.steps, &mut sent);
        // The pack's own scenarios know best where to start from.
        let actors = pack.scenarios.iter().flat_map(|scenario| &scenario.actors);
        let started = actors.filter(|actor| actor.starts == Start::Flow(flow.name.clone()));
        (started.count(), sent.len())
    });
    starts.map(|flow| &**flow)
}

/// Connections that are opened (true) and closed, in order.
fn links_of(pack: &Pack, steps: &[Step], links: &mut Vec<bool>) {
    for step in steps {
        match &step.kind {
            StepKind::Connect { .. } | StepKind::Reconnect { .. } => links.push(true),
            StepKind::Disconnect { .. } | StepKind::Vanish { .. } => links.push(false),
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    links_of(pack, &flow.steps, links);
                }
            }
            _ => {}
        }
    }
}

fn receives(pack: &Pack, steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.kind {
        StepKind::Receive(_) => true,
        StepKind::Use { flow, .. } => {
            let flow = pack.flow(flow);
            flow.is_some_and(|flow| receives(pack, &flow.steps))
        }
        _ => inner_lists(step)
            .into_iter()
            .any(|inner| receives(pack, inner)),
    })
}

fn sent_by(pack: &Pack, steps: &[Step], sent: &mut Vec<String>) {
    for step in steps {
        match &step.kind {
            StepKind::Send {
                what: Outgoing::Message { name, .. },
                ..
            } => sent.push(name.clone()),
            StepKind::Use { flow, .. } => {
                if let Some(flow) = pack.flow(flow) {
                    sent_by(pack, &flow.steps, sent);
                }
            }
            _ => {}
        }
    }
}

fn may_end(step: &Step, who: &str) -> bool {
    match &step.kind {
        StepKind::MayBeClosed { actor, .. }
        | StepKind::Closed { actor, .. }
        | StepKind::Disconnect { actor } => actor == who,
        _ => false,
    }
}

fn inner_lists(step: &Step) -> Vec<&[Step]> {
    match &step.kind {
        StepKind::InAnyOrder { receives, .. } => vec![receives],
        StepKind::ForEach { steps, .. } => vec![steps],
        StepKind::RepeatUntil { until, steps, .. } => match until {
            Until::Received(until) => vec![until, steps],
            Until::Holds(_) => vec![steps],
        },
        StepKind::When {
            then, otherwise, ..
        } => vec![then, otherwise],
        _ => Vec::new(),
    }
}

/// What stands there, freed from the story that it stands in.
fn usual(expr: &Expr, sender: &str, actors: &[String]) -> Option<Usual> {
    Some(match expr {
        // Stories of long texts are told elsewhere.
        Expr::Literal(value) if Datum::Value(value.clone()).longest() > LONGEST_USE => return None,
        Expr::Literal(value) => Usual::Value(value.clone()),
        Expr::Ref(reference) => {
            let root = reference.root();
            let rest = reference.path[1..].join(".");
            if root == sender && !rest.is_empty() {
                Usual::Own(rest)
            } else if actors.iter().any(|actor| actor == root) && !rest.is_empty() {
                Usual::Other(rest)
            } else if ["settings", "nobody", "now"].contains(&root) {
                Usual::Given(reference.path.join("."))
            } else if rest.is_empty() {
                Usual::Captured(root.to_owned())
            } else {
                return None;
            }
        }
        Expr::Text(_) => return None,
        Expr::List(items) => {
            let items = items.iter().map(|item| usual(item, sender, actors));
            Usual::List(items.collect::<Option<_>>()?)
        }
        Expr::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                let key = key.literal()?.as_str()?.to_owned();
                Some((key, usual(value, sender, actors)?))
            });
            Usual::Map(pairs.collect::<Option<_>>()?)
        }
    })
}

/// The names that steps bind, but for those that become fields of actors.
fn captured(steps: &[Step], names: &mut Vec<String>) {
    let mut add = |name: &str| {
        if !name.contains('.') && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for step in steps {
        match &step.kind {
            StepKind::Receive(receive) => {
                receive
                    .expected
                    .fields
                    .capture_names()
                    .into_iter()
                    .for_each(&mut add);
            }
            StepKind::Check(conditions) => conditions
                .iter()
                .flat_map(|condition| condition.pattern.capture_names())
                .for_each(&mut add),
            StepKind::Use { into, .. } => into.iter().for_each(|(ours, _)| add(ours)),
            _ => {}
        }
    }
}

/// What a parameter of a flow is used for.
fn wanted(pack: &Pack, steps: &[Step], name: &str, depth: usize) -> Option<Parameter> {
    if depth > 6 {
        return None;
    }
    for step in steps {
        let found = match &step.kind {
            StepKind::Send {
                what:
                    Outgoing::Message {
                        name: message,
                        fields,
                    },
                ..
            } => in_message(pack, message, fields, name),
            StepKind::Use {
                flow, arguments, ..
            } => arguments.iter().find_map(|(theirs, value)| match value {
                Expr::Ref(reference) if is_whole(reference, name) => {
                    wanted(pack, &pack.flow(flow)?.steps, theirs, depth + 1)
                }
                _ => None,
            }),
            StepKind::ForEach {
                list: Expr::Ref(reference),
                ..
            } if reference.root() == name => Some(if reference.path.len() > 1 {
                Parameter::File
            } else {
                Parameter::Unknown
            }),
            StepKind::When { conditions, .. } => {
                let about = conditions.iter().filter(|c| is_whole(&c.subject, name));
                let values: Vec<Value> = about
                    .filter_map(|condition| match &condition.pattern {
                        Pattern::Is(expr) => expr.literal(),
                        _ => None,
                    })
                    .collect();
                (!values.is_empty()).then_some(Parameter::OneOf(values))
            }
            _ => None,
        };
        let found = found.or_else(|| {
            inner_lists(step)
                .into_iter()
                .find_map(|inner| wanted(pack, inner, name, depth + 1))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_whole(reference: &Reference, name: &str) -> bool {
    reference.root() == name && reference.path.len() == 1
}

fn in_message(pack: &Pack, message: &str, fields: &Expr, name: &str) -> Option<Parameter> {
    let shape = pack.catalogue.message(message)?.client.as_ref()?;
    let known = &shape.variants.first()?.fields;
    in_fields(message, known, fields, name)
}

fn in_fields(message: &str, known: &[Field], fields: &Expr, name: &str) -> Option<Parameter> {
    let Expr::Map(pairs) = fields else {
        return None;
    };
    pairs.iter().find_map(|(key, value)| {
        let key = key.literal()?;
        let field = known
            .iter()
            .find(|field| Some(field.name.as_str()) == key.as_str())?;
        match value {
            Expr::Ref(reference) if is_whole(reference, name) => Some(Parameter::Field(
                message.to_owned(),
                field.shape.clone(),
                field.name.clone(),
            )),
            Expr::Ref(reference) if reference.root() == name => Some(Parameter::File),
            Expr::Map(_) => match &field.shape.kind {
                FieldKind::Object(inner) => in_fields(message, inner, value, name),
                _ => None,
            },
            Expr::List(items) => {
                let direct = items.iter().any(|item| match item {
                    Expr::Ref(reference) => is_whole(reference, name),
                    Expr::Map(pairs) => pairs
                        .iter()
                        .any(|(_, value)| matches!(value, Expr::Ref(r) if is_whole(r, name))),
                    _ => false,
                });
                let text = FieldShape {
                    kind: FieldKind::Of(Type::String),
                    ..field.shape.clone()
                };
                direct.then(|| Parameter::Field(message.to_owned(), text, String::new()))
            }
            _ => None,
        }
    })
}

/// The request of a fence, asked by this actor.
fn datum(expr: &Expr, actor: Actor) -> Datum {
    let path = |reference: &Reference| match reference.root() {
        "me" => {
            let mut path = reference.path.clone();
            path[0] = actor.name().to_owned();
            path.join(".")
        }
        "fresh" => "nobody".to_owned(),
        _ => reference.path.join("."),
    };
    match expr {
        Expr::Literal(value) => Datum::Value(value.clone()),
        Expr::Ref(reference) => Datum::Reference(path(reference)),
        Expr::Text(parts) => {
            Datum::Template(parts.iter().fold(String::new(), |text, part| match part {
                Part::Plain(plain) => text + plain,
                Part::Ref(reference) => text + &format!("${{{}}}", path(reference)),
            }))
        }
        Expr::List(items) => Datum::List(items.iter().map(|item| datum(item, actor)).collect()),
        Expr::Map(pairs) => Datum::Map(
            pairs
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.literal()?.as_str()?.to_owned(), datum(value, actor)))
                })
                .collect(),
        ),
    }
}
