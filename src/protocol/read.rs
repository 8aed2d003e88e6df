//! `protocol.yaml` into a catalogue, or all that is wrong with it.

use super::read_message::{level_of, read_message, read_type};
use super::{
    Catalogue, Fresh, Level, Message, Reading, Requirement, Settled, Shape, Type, Wire, WireCodec,
};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node, Place, entries, items, text_of};
use crate::value::Value;

/// What the catalogue leaves to those who know steps.
#[derive(Clone, Debug, Default)]
pub struct Unread {
    pub flows: Option<Node>,
    pub fences: Option<Node>,
    pub spontaneous: Option<Node>,
}

/// Reads the catalogue; flows, fences and spontaneous messages are handed back as they stand.
pub fn read(root: &Node) -> Result<(Catalogue, Unread), Diagnostics> {
    let mut problems = Diagnostics::default();
    let read = read_catalogue(root, &mut problems);
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

fn read_catalogue(root: &Node, problems: &mut Diagnostics) -> Option<(Catalogue, Unread)> {
    let mut fields = Fields::of(root, "a protocol", problems)?;
    let name = fields.text("protocol", problems);
    let title = fields.text("title", problems);
    let document = fields.text("document", problems);
    let wire = fields
        .required("wire", problems)
        .and_then(|node| read_wire(node, problems));
    let identity = fields
        .optional("identity")
        .map(|node| read_identity(node, problems))
        .unwrap_or_default();
    let settings = fields
        .optional("settings")
        .map(|node| read_settings(node, problems))
        .unwrap_or_default();
    let readings = read_list(
        fields.optional("readings"),
        "readings",
        problems,
        read_reading,
    );
    report_repeated_readings(fields.optional("readings"), problems);
    let mut messages: Vec<(&Node, Message)> = Vec::new();
    for (key, node) in entries(fields.required("messages", problems), "messages", problems) {
        messages.extend(read_message(key, node, &readings, problems).map(|read| (key, read)));
    }
    report_repeated_discriminators(&messages, problems);
    let mut requirements = read_list(
        fields.required("requirements", problems),
        "requirements",
        problems,
        read_requirement,
    );
    // A message without a field has nothing that could be wrong with its shape.
    let has_shape = |message: &Message| {
        let fields = message.server.as_ref().map(Shape::field_names);
        fields.is_some_and(|mut fields| fields.next().is_some())
    };
    for (key, message) in messages.iter().filter(|(_, m)| has_shape(m)) {
        requirements.push(Requirement {
            id: message.shape_requirement(),
            place: key.place.clone(),
            level: Level::Must,
            section: message.section.clone(),
            text: format!(
                "{} has its documented fields, each with its type.",
                message.name
            ),
            form: true,
            unprovokable: None,
        });
    }
    report_repeated_requirements(&requirements, problems);
    let unread = Unread {
        flows: fields.optional("flows").cloned(),
        fences: fields.optional("fences").cloned(),
        spontaneous: fields.optional("spontaneous").cloned(),
    };
    fields.finish(&[], problems);
    let catalogue = Catalogue {
        name: name?.to_owned(),
        title: title?.to_owned(),
        document: document?.to_owned(),
        wire: wire?,
        identity,
        settings,
        messages: messages.into_iter().map(|(_, message)| message).collect(),
        requirements,
        readings,
    };
    Some((catalogue, unread))
}

fn read_wire(node: &Node, problems: &mut Diagnostics) -> Option<Wire> {
    let mut fields = Fields::of(node, "`wire`", problems)?;
    let codec = fields.text("codec", problems).and_then(|name| {
        let codecs = [WireCodec::Json, WireCodec::MessagePack];
        let found = codecs.into_iter().find(|codec| codec.name() == name);
        if found.is_none() {
            let place = place_of(node, "codec");
            problems.push(
                Diagnostic::new(place, format!("unknown codec \"{name}\""))
                    .suggest(name, codecs.iter().map(|codec| codec.name())),
            );
        }
        found
    });
    let type_key = fields
        .required("type", problems)
        .and_then(|node| read_path(node, problems));
    if let Some(None) = type_key {
        problems.push(Diagnostic::new(
            place_of(node, "type"),
            "`type` is a key of the frame: `$.name`",
        ));
    }
    let body_key = fields
        .optional("body")
        .map_or(Some(None), |node| read_path(node, problems));
    let mut stamp = Vec::new();
    for (key, node) in entries(fields.optional("stamp"), "stamp", problems) {
        if let Some(kind) = read_type(node, problems) {
            stamp.push((text_of(key), kind));
        }
    }
    fields.finish(&[], problems);
    Some(Wire {
        codec: codec?,
        type_key: type_key??,
        body_key: body_key?,
        stamp,
    })
}

/// The place of a value; of the map itself where it has no such key.
pub(super) fn place_of<'a>(node: &'a Node, key: &str) -> &'a Place {
    &node.get(key).unwrap_or(node).place
}

/// `$` is the frame itself (`Some(None)`), `$.key` one of its keys.
fn read_path(node: &Node, problems: &mut Diagnostics) -> Option<Option<String>> {
    let text = node.as_str().unwrap_or_default();
    match text.strip_prefix('$') {
        Some("") => Some(None),
        Some(rest) if rest.len() > 1 && rest.starts_with('.') && !rest[1..].contains('.') => {
            Some(Some(rest[1..].to_owned()))
        }
        _ => {
            problems.push(Diagnostic::new(&node.place, "expected `$` or `$.key`"));
            None
        }
    }
}

fn read_identity(node: &Node, problems: &mut Diagnostics) -> Vec<(String, Fresh)> {
    let kinds = [
        ("<fresh name>", Fresh::Name),
        ("<fresh hash>", Fresh::Hash),
        ("<fresh email>", Fresh::Email),
        ("<fresh uuid>", Fresh::Uuid),
    ];
    let mut identity = Vec::new();
    for (key, node) in entries(Some(node), "identity", problems) {
        let text = node.as_str().unwrap_or_default();
        let fresh = match kinds.iter().find(|(name, _)| *name == text) {
            Some((_, fresh)) => fresh.clone(),
            None if text.starts_with('<') => {
                problems.push(
                    Diagnostic::new(&node.place, format!("unknown kind of identity `{text}`"))
                        .suggest(text, kinds.iter().map(|(name, _)| *name)),
                );
                continue;
            }
            None => match scalar(node) {
                Some(value) => Fresh::Fixed(value),
                None => {
                    problems.push(Diagnostic::new(
                        &node.place,
                        "an identity field is a plain value",
                    ));
                    continue;
                }
            },
        };
        identity.push((text_of(key), fresh));
    }
    identity
}

fn read_settings(node: &Node, problems: &mut Diagnostics) -> Vec<(String, Value)> {
    let mut settings = Vec::new();
    for (key, node) in entries(Some(node), "settings", problems) {
        match scalar(node) {
            Some(value) => settings.push((text_of(key), value)),
            None => problems.push(Diagnostic::new(
                &node.place,
                "a setting is a plain value, or null",
            )),
        }
    }
    settings
}

fn read_requirement(node: &Node, problems: &mut Diagnostics) -> Option<Requirement> {
    let mut fields = Fields::of(node, "a requirement", problems)?;
    let id = fields.text("id", problems);
    let level = fields
        .text("level", problems)
        .and_then(|name| level_of(place_of(node, "level"), name, problems));
    let section = fields.text("section", problems);
    let text = fields.text("text", problems);
    let form = fields.flag("form", false, problems);
    let unprovokable = fields.optional_text("unprovokable", problems);
    fields.finish(&[], problems);
    Some(Requirement {
        id: id?.to_owned(),
        place: place_of(node, "id").clone(),
        level: level?,
        section: section?.to_owned(),
        text: text?.to_owned(),
        form,
        unprovokable: unprovokable.map(str::to_owned),
    })
}

fn read_reading(node: &Node, problems: &mut Diagnostics) -> Option<Reading> {
    let mut fields = Fields::of(node, "a reading", problems)?;
    let id = fields.text("id", problems);
    let question = fields.text("question", problems);
    let settled = fields
        .text("settled", problems)
        .and_then(|name| match name {
            "observed" => Some(Settled::Observed),
            "profile" => Some(Settled::Profile),
            "free" => Some(Settled::Free),
            _ => {
                problems.push(
                    Diagnostic::new(
                        place_of(node, "settled"),
                        format!("a reading is not settled by \"{name}\""),
                    )
                    .help("a reading is `observed`, settled by the `profile`, or `free`")
                    .suggest(name, ["observed", "profile", "free"]),
                );
                None
            }
        });
    let mut options = Vec::new();
    for (key, node) in entries(fields.required("options", problems), "options", problems) {
        options.push((text_of(key), text_of(node)));
    }
    let default = fields.optional("default").map(|node| (node, text_of(node)));
    if let Some((node, default)) = &default
        && !options.iter().any(|(option, _)| option == default)
    {
        problems.push(
            Diagnostic::new(&node.place, format!("\"{default}\" is none of the options"))
                .suggest(default, options.iter().map(|(option, _)| option)),
        );
    }
    if settled == Some(Settled::Profile) && default.is_none() {
        problems.push(Diagnostic::new(
            &node.place,
            "a reading that the profile settles needs a `default`",
        ));
    }
    fields.finish(&[], problems);
    Some(Reading {
        id: id?.to_owned(),
        question: question?.to_owned(),
        options,
        settled: settled?,
        default: default.map(|(_, default)| default),
    })
}

fn report_repeated_requirements(requirements: &[Requirement], problems: &mut Diagnostics) {
    for (i, requirement) in requirements.iter().enumerate() {
        let first = requirements[..i]
            .iter()
            .find(|other| other.id == requirement.id);
        if let Some(first) = first {
            let message = format!("requirement \"{}\" stands twice", requirement.id);
            problems.push(twice(&requirement.place, &first.place, message));
        }
    }
}

fn report_repeated_readings(node: Option<&Node>, problems: &mut Diagnostics) {
    let readings = node.and_then(Node::as_list).unwrap_or_default();
    let ids: Vec<&Node> = readings.iter().filter_map(|node| node.get("id")).collect();
    for (i, id) in ids.iter().enumerate() {
        let first = ids[..i].iter().find(|other| other.as_str() == id.as_str());
        if let Some(first) = first {
            let message = format!("reading \"{}\" stands twice", id.place.text());
            problems.push(twice(&id.place, &first.place, message));
        }
    }
}

/// A received frame must be of one message.
fn report_repeated_discriminators(messages: &[(&Node, Message)], problems: &mut Diagnostics) {
    for (i, (key, message)) in messages.iter().enumerate() {
        let first = messages[..i]
            .iter()
            .find(|(_, other)| other.discriminator == message.discriminator);
        if let Some((first, _)) = first {
            let message = format!(
                "two messages are {} on the wire; a message has `client` and `server`",
                message.discriminator
            );
            problems.push(twice(&key.place, &first.place, message));
        }
    }
}

fn twice(again: &Place, first: &Place, message: String) -> Diagnostic {
    Diagnostic::new(again, message)
        .label("again here")
        .related(first, "first here")
}

/// A plain value of the catalogue: a scalar.
pub(crate) fn scalar(node: &Node) -> Option<Value> {
    match &node.kind {
        Kind::Null => Some(Value::Null),
        Kind::Bool(bool) => Some(Value::Bool(*bool)),
        Kind::Int(int) => Some(Value::Int(*int)),
        Kind::Float(float) => Some(Value::Float(*float)),
        Kind::Str { text, .. } => Some(Value::str(text)),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

fn read_list<T>(
    node: Option<&Node>,
    what: &str,
    problems: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    let items = items(node, what, problems);
    let read = |item| read(item, problems);
    items.iter().filter_map(read).collect()
}

impl Catalogue {
    /// The type of an envelope field: the stamp's.
    pub fn stamp(&self, key: &str) -> Option<Type> {
        self.wire
            .stamp
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, kind)| *kind)
    }
}
