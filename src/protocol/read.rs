//! `protocol.yaml` into a catalogue, or all that is wrong with it.

use super::read_message::{read_message, read_type};
use super::{Catalogue, Fresh, Level, Reading, Requirement, Settled, Type, Wire, WireCodec};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node};
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
    let mut messages = Vec::new();
    for (key, node) in pairs(fields.required("messages", problems), "messages", problems) {
        messages.extend(read_message(key, node, problems));
    }
    let mut requirements = read_list(
        fields.required("requirements", problems),
        "requirements",
        problems,
        read_requirement,
    );
    for message in messages.iter().filter(|message| message.server.is_some()) {
        requirements.push(Requirement {
            id: message.shape_requirement(),
            level: Level::Must,
            section: message.section.clone(),
            text: format!(
                "{} has its documented fields, each with its type.",
                message.name
            ),
            unprovokable: None,
        });
    }
    report_repeated_requirements(&requirements, root, problems);
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
        messages,
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
            problems.push(
                Diagnostic::new(&node.place, format!("unknown codec \"{name}\""))
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
            &node.place,
            "`type` is a key of the frame: `$.name`",
        ));
    }
    let body_key = fields
        .optional("body")
        .map_or(Some(None), |node| read_path(node, problems));
    let mut stamp = Vec::new();
    for (key, node) in pairs(fields.optional("stamp"), "stamp", problems) {
        if let Some(kind) = read_type(node, problems) {
            stamp.push((key.place.text().to_owned(), kind));
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
    for (key, node) in pairs(Some(node), "identity", problems) {
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
        identity.push((key.place.text().to_owned(), fresh));
    }
    identity
}

fn read_settings(node: &Node, problems: &mut Diagnostics) -> Vec<(String, Value)> {
    let mut settings = Vec::new();
    for (key, node) in pairs(Some(node), "settings", problems) {
        match scalar(node) {
            Some(value) => settings.push((key.place.text().to_owned(), value)),
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
    let level = fields.text("level", problems).and_then(|name| {
        let found = Level::ALL.into_iter().find(|level| level.name() == name);
        if found.is_none() {
            problems.push(
                Diagnostic::new(&node.place, format!("unknown level \"{name}\""))
                    .suggest(name, Level::ALL.map(Level::name))
                    .help("the levels are must, should and advice"),
            );
        }
        found
    });
    let section = fields.text("section", problems);
    let text = fields.text("text", problems);
    let unprovokable = fields.optional_text("unprovokable", problems);
    fields.finish(&[], problems);
    Some(Requirement {
        id: id?.to_owned(),
        level: level?,
        section: section?.to_owned(),
        text: text?.to_owned(),
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
                        &node.place,
                        format!("a reading is not settled by \"{name}\""),
                    )
                    .suggest(name, ["observed", "profile", "free"]),
                );
                None
            }
        });
    let mut options = Vec::new();
    for (key, node) in pairs(fields.required("options", problems), "options", problems) {
        options.push((key.place.text().to_owned(), node.place.text().to_owned()));
    }
    let default = fields
        .optional("default")
        .map(|node| (node, node.place.text().to_owned()));
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

fn report_repeated_requirements(
    requirements: &[Requirement],
    root: &Node,
    problems: &mut Diagnostics,
) {
    for (i, requirement) in requirements.iter().enumerate() {
        if requirements[..i]
            .iter()
            .any(|other| other.id == requirement.id)
        {
            let place = find_requirement(root, &requirement.id).unwrap_or(root);
            problems.push(Diagnostic::new(
                &place.place,
                format!("requirement \"{}\" stands twice", requirement.id),
            ));
        }
    }
}

/// The last requirement of this id in the file.
pub(crate) fn find_requirement<'a>(root: &'a Node, id: &str) -> Option<&'a Node> {
    let list = root.get("requirements")?.as_list()?;
    list.iter()
        .rev()
        .find_map(|item| item.get("id").filter(|node| node.as_str() == Some(id)))
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

/// The entries of a map; none, and a diagnostic, where it is no map.
pub(crate) fn pairs<'a>(
    node: Option<&'a Node>,
    what: &str,
    problems: &mut Diagnostics,
) -> Vec<(&'a Node, &'a Node)> {
    match node.map(|node| (node, &node.kind)) {
        None => Vec::new(),
        Some((_, Kind::Map(pairs))) => pairs.iter().map(|(key, value)| (key, value)).collect(),
        Some((node, _)) => {
            problems.push(Diagnostic::new(
                &node.place,
                format!("`{what}` is a map, not a {}", node.type_name()),
            ));
            Vec::new()
        }
    }
}

fn read_list<T>(
    node: Option<&Node>,
    what: &str,
    problems: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    match node.map(|node| (node, &node.kind)) {
        None => Vec::new(),
        Some((_, Kind::List(items))) => items
            .iter()
            .filter_map(|item| read(item, problems))
            .collect(),
        Some((node, _)) => {
            problems.push(Diagnostic::new(
                &node.place,
                format!("`{what}` is a list, not a {}", node.type_name()),
            ));
            Vec::new()
        }
    }
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
