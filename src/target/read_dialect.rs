//! `wire`, `constants` and `messages` of a profile into a [`Dialect`] and the departures that it makes.

use super::Dialect;
use super::dialect::{Layout, Translation};
use super::profile::Profile;
use super::read::read_wire_choice;
use super::read_overlay::{Direction, all_fields, paths, read_messages};
use super::translate::{Constant, Everywhere, Maker, depart};
use crate::protocol::{Catalogue, FieldKind, FieldShape, Message, Wire, scalar};
use crate::source::{Diagnostic, Diagnostics, Fields, Node, entries, text_of};
use crate::value::Value;

pub(super) fn read_dialect(
    fields: &mut Fields<'_>,
    catalogue: &Catalogue,
    profile: &mut Profile,
    problems: &mut Diagnostics,
) {
    let document = Layout {
        type_key: catalogue.wire.type_key.clone(),
        body_key: catalogue.wire.body_key.clone(),
        stamps: (catalogue.wire.stamp.iter().map(|(key, _)| key.clone())).collect(),
    };
    let target = read_wire(fields, &catalogue.wire, &document, profile, problems);
    let constants = read_constants(fields.optional("constants"), catalogue, problems);
    let everywhere = read_everywhere(fields, catalogue, problems);
    let overlays = read_messages(fields.optional("messages"), catalogue, problems);
    let mut dialect = Dialect {
        document,
        target,
        ..Dialect::default()
    };
    for message in &catalogue.messages {
        for direction in [Direction::Client, Direction::Server] {
            let Some(shape) = direction.shape(message) else {
                continue;
            };
            let overlay = (overlays.iter())
                .find(|overlay| overlay.message == message.name && overlay.direction == direction);
            let mut translation = Translation {
                kinds: kinds_of(message),
                wire: None,
                fields: Vec::new(),
                extra: Vec::new(),
            };
            let mut maker = Maker {
                message,
                direction,
                overlay,
                constants: &constants,
                everywhere: &everywhere,
                profile,
                problems,
            };
            translation.wire = maker.kind();
            translation.fields = maker.fields(&all_fields(shape), "");
            translation.extra = maker.extra();
            dialect.active |= translation.wire.is_some()
                || !translation.fields.is_empty()
                || !translation.extra.is_empty();
            match direction {
                Direction::Client => dialect.sent.push(translation),
                Direction::Server => dialect.received.push(translation),
            }
        }
    }
    dialect.active |= dialect.document != dialect.target;
    for overlay in &overlays {
        overlay.report_unused(problems);
    }
    report_alike(&dialect.received, fields, problems);
    profile.dialect = dialect;
}

/// Everything that stands for the message in the document.
fn kinds_of(message: &Message) -> Vec<Value> {
    let mut kinds = vec![message.discriminator.clone()];
    if let Some(reading) = &message.named_by {
        kinds.extend(reading.options.iter().map(|(option, _)| Value::str(option)));
    }
    kinds
}

/// Where the target has type, body and stamps.
fn read_wire(
    fields: &mut Fields<'_>,
    wire: &Wire,
    document: &Layout,
    profile: &mut Profile,
    problems: &mut Diagnostics,
) -> Layout {
    let mut target = document.clone();
    let Some(node) = fields.optional("wire") else {
        return target;
    };
    let Some(mut fields) = Fields::of(node, "`wire`", problems) else {
        return target;
    };
    read_wire_choice(&mut fields, profile, problems);
    if let Some(codec) = profile.wire.codec.filter(|codec| *codec != wire.codec) {
        depart(profile, "the codec", wire.codec.name(), codec.name());
    }
    if let Some(frames) = profile.wire.frames {
        depart(profile, "the frames", "of the codec's kind", frames.name());
    }
    let mut path = |key: &'static str| {
        let node = fields.optional(key)?;
        match text_of(node).strip_prefix('$') {
            Some("") if key == "body" => Some(None),
            Some(rest) if rest.len() > 1 && rest.starts_with('.') && !rest[1..].contains('.') => {
                Some(Some(rest[1..].to_owned()))
            }
            _ => {
                problems.push(node.expected("a key of the frame: $.name"));
                None
            }
        }
    };
    if let Some(Some(key)) = path("type") {
        target.type_key = key;
    }
    if let Some(body) = path("body") {
        target.body_key = body;
    }
    let show = |key: &Option<String>| {
        key.as_ref()
            .map_or("$".to_owned(), |key| format!("$.{key}"))
    };
    if target.type_key != document.type_key {
        let (a, b) = (
            Some(document.type_key.clone()),
            Some(target.type_key.clone()),
        );
        depart(profile, "the key of the type", &show(&a), &show(&b));
    }
    if target.body_key != document.body_key {
        let (a, b) = (show(&document.body_key), show(&target.body_key));
        depart(profile, "where the fields stand", &a, &b);
    }
    for (key, value) in entries(fields.optional("stamp"), "stamp", problems) {
        let (name, other) = (text_of(key), text_of(value));
        match document.stamps.iter().position(|stamp| *stamp == name) {
            Some(at) => {
                depart(profile, &format!("the stamp {name}"), &name, &other);
                target.stamps[at] = other;
            }
            None => problems.push(
                Diagnostic::new(&key.place, format!("the envelope has no stamp \"{name}\""))
                    .suggest(&name, &document.stamps),
            ),
        }
    }
    fields.finish(&[], problems);
    let mut keys = vec![&target.type_key];
    keys.extend(target.body_key.iter().chain(&target.stamps));
    for (i, key) in keys.iter().enumerate() {
        if keys[..i].contains(key) {
            let message = format!("two parts of the envelope are called \"{key}\"");
            problems.push(Diagnostic::new(&node.place, message));
        }
    }
    target
}

/// `rename` and `extra` of the profile itself: what holds of every message.
fn read_everywhere<'n>(
    fields: &mut Fields<'n>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Everywhere<'n> {
    let shapes = (catalogue.messages.iter())
        .flat_map(|message| message.client.iter().chain(&message.server));
    let known: Vec<String> = shapes
        .flat_map(|shape| paths(&all_fields(shape), ""))
        .filter_map(|path| path.rsplit('.').next().map(str::to_owned))
        .collect();
    let mut rename = Vec::new();
    for (key, value) in entries(fields.optional("rename"), "rename", problems) {
        let name = text_of(key);
        if !known.contains(&name) {
            let message = format!("no message has a field `{name}`");
            problems.push(Diagnostic::new(&key.place, message).suggest(&name, &known));
        }
        rename.push((name, text_of(value)));
    }
    let extra = entries(fields.optional("extra"), "extra", problems);
    let extra = (extra.into_iter())
        .map(|(key, value)| (text_of(key), value))
        .collect();
    Everywhere { rename, extra }
}

fn read_constants(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<Constant> {
    let mut values = Vec::new();
    let fields = (catalogue.messages.iter())
        .flat_map(|message| message.client.iter().chain(&message.server))
        .flat_map(all_fields);
    fields.for_each(|field| collect_values(&field.shape, &mut values));
    let mut constants = Vec::new();
    for (key, value) in entries(node, "constants", problems) {
        let name = text_of(key);
        if catalogue.message(&name).is_none() && !values.contains(&name) {
            let names = catalogue.messages.iter().map(|message| &message.name);
            let message = format!("\"{name}\" is no message and no documented value");
            problems
                .push(Diagnostic::new(&key.place, message).suggest(&name, names.chain(&values)));
        }
        match scalar(value) {
            Some(wire) => constants.push(Constant { name, wire }),
            None => problems.push(value.expected("what travels for it, a plain value")),
        }
    }
    constants
}

/// The documented values that are text.
fn collect_values(shape: &FieldShape, values: &mut Vec<String>) {
    match &shape.kind {
        FieldKind::Of(_) => {}
        FieldKind::OneOf(known) => values.extend(
            known
                .iter()
                .filter_map(|(value, _)| value.as_str().map(str::to_owned)),
        ),
        FieldKind::ListOf(item) | FieldKind::MapOf(item) => collect_values(item, values),
        FieldKind::Object(fields) => fields
            .iter()
            .for_each(|field| collect_values(&field.shape, values)),
    }
}

/// Two messages of the server under one type.
fn report_alike(received: &[Translation], fields: &mut Fields<'_>, problems: &mut Diagnostics) {
    let wires = |translation: &Translation| match &translation.wire {
        Some(wire) => vec![wire.clone()],
        None => translation.kinds.clone(),
    };
    let place = fields
        .optional("constants")
        .or_else(|| fields.optional("messages"));
    for (i, translation) in received.iter().enumerate() {
        let first = (received[..i].iter()).find(|other| {
            (other.wire.is_some() || translation.wire.is_some())
                && wires(other)
                    .iter()
                    .any(|wire| wires(translation).contains(wire))
        });
        if let (Some(first), Some(node)) = (first, place) {
            let message = format!(
                "the server's {} and {} have the same type, {}",
                first.kinds[0],
                translation.kinds[0],
                wires(translation)[0]
            );
            let name = translation.kinds[0].as_str().unwrap_or_default();
            problems.push(
                Diagnostic::new(&node.place.find(name), message)
                    .help("what comes must be of one of them"),
            );
        }
    }
}
