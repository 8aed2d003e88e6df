//! A profile's YAML into what it says, or all that is wrong with it.
//!
//! As strict as scenarios: whatever the catalogue does not know is a mistake at its place.

use std::time::Duration;

use super::profile::{
    Address, Departure, Echo, Frames, Framing, Limits, NotOffered, Profile, matches_glob,
};
use super::read_accounts::read_accounts;
use super::read_dialect::read_dialect;
use super::read_known::read_known;
use super::read_launch::read_launch;
use super::users::{PasswordForm, SHORTEST_LIMIT, Users};
use crate::protocol::{Catalogue, Message, Shape, WireCodec, scalar};
use crate::scenario::{parse_duration, size_of};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node, entries, items, text_of};
use crate::value::Value;

/// The pack that a profile is for, if it says so: the catalogue is needed to read the rest.
pub fn pack_of(root: &Node) -> Option<&Node> {
    root.get("pack")
}

/// Reads a profile for the pack of this catalogue.
pub fn read_profile(root: &Node, catalogue: &Catalogue) -> Result<(Address, Profile), Diagnostics> {
    let mut problems = Diagnostics::default();
    let read = read_all(root, catalogue, &mut problems);
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

fn read_all(
    root: &Node,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Option<(Address, Profile)> {
    let mut fields = Fields::of(root, "a profile", problems)?;
    fields.optional_text("profile", problems);
    fields.optional_text("pack", problems);
    let address = Address {
        url: fields.optional_text("url", problems).map(str::to_owned),
        headers: read_headers(fields.optional("headers"), problems),
        subprotocol: fields
            .optional_text("subprotocol", problems)
            .map(str::to_owned),
        ca: fields.optional_text("ca", problems).map(str::to_owned),
        insecure: fields.flag("insecure", false, problems),
        launch: read_launch(fields.optional("launch"), problems),
    };
    let mut profile = Profile {
        readings: read_readings(fields.optional("readings"), catalogue, problems),
        settings: read_settings(fields.optional("settings"), catalogue, problems),
        limits: read_limits(fields.optional("limits"), problems),
        not_offered: read_not_offered(fields.optional("not_offered"), catalogue, problems),
        users: read_users(fields.optional("users"), problems),
        known: read_known(fields.optional("known"), catalogue, problems),
        ..Profile::default()
    };
    profile.accounts = read_accounts(fields.optional("accounts"), catalogue, problems);
    let made_by = profile
        .accounts
        .iter()
        .flat_map(|accounts| &accounts.made_by);
    let made_by = made_by.map(|name| NotOffered {
        name: name.clone(),
        message: true,
    });
    let made_by: Vec<NotOffered> = made_by.collect();
    profile.not_offered.extend(made_by);
    read_times(&mut fields, &mut profile, problems);
    read_dialect(&mut fields, catalogue, &mut profile, problems);
    let one_login = fields.optional("one_login_per_connection");
    read_one_login(one_login, catalogue, &mut profile, problems);
    read_echoes(fields.optional("echoes"), catalogue, &mut profile, problems);
    fields.finish(&[], problems);
    Some((address, profile))
}

fn read_headers(node: Option<&Node>, problems: &mut Diagnostics) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (key, value) in entries(node, "headers", problems) {
        match value.kind {
            Kind::List(_) | Kind::Map(_) => problems.push(value.expected("a header's text")),
            _ => headers.push((text_of(key), text_of(value))),
        }
    }
    headers
}

fn read_readings(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<(String, String)> {
    let mut readings = Vec::new();
    for (key, value) in entries(node, "readings", problems) {
        let (id, option) = (text_of(key), text_of(value));
        let Some(reading) = catalogue.reading(&id) else {
            let known = catalogue.readings.iter().map(|reading| &reading.id);
            let message = format!("no reading is called \"{id}\"");
            problems.push(Diagnostic::new(&key.place, message).suggest(&id, known));
            continue;
        };
        let options: Vec<&str> = reading.options.iter().map(|(o, _)| o.as_str()).collect();
        if options.contains(&option.as_str()) {
            readings.push((id, option));
        } else {
            let message = format!("reading {id} has no option \"{option}\"");
            problems.push(
                Diagnostic::new(&value.place, message)
                    .help(format!("it has {}", options.join(", ")))
                    .suggest(&option, &options),
            );
        }
    }
    readings
}

fn read_settings(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<(String, Value)> {
    let mut settings = Vec::new();
    for (key, value) in entries(node, "settings", problems) {
        let name = text_of(key);
        let known = catalogue.settings.iter().map(|(known, _)| known);
        if !known.clone().any(|known| *known == name) {
            let message = format!("no setting is called \"{name}\"");
            problems.push(Diagnostic::new(&key.place, message).suggest(&name, known));
        }
        match scalar(value) {
            Some(value) => settings.push((name, value)),
            None => problems.push(value.expected("a plain value")),
        }
    }
    settings
}

fn read_limits(node: Option<&Node>, problems: &mut Diagnostics) -> Limits {
    let mut limits = Limits::default();
    let Some(mut fields) = node.and_then(|node| Fields::of(node, "`limits`", problems)) else {
        return limits;
    };
    if let Some(node) = fields.optional("message") {
        limits.message = scalar(node).and_then(|value| size_of(&value));
        if limits.message.is_none() {
            problems.push(node.expected("a size such as 64KiB"));
        }
    }
    if let Some(node) = fields.optional("text") {
        limits.text = node.as_int().and_then(|most| usize::try_from(most).ok());
        if limits.text.is_none() {
            problems.push(node.expected("a number of characters"));
        }
    }
    fields.finish(&[], problems);
    limits
}

fn read_not_offered(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<NotOffered> {
    let mut absent = Vec::new();
    for node in items(node, "not_offered", problems) {
        let name = text_of(node);
        let message = catalogue.message(&name).is_some();
        let ids = catalogue.requirements.iter().map(|r| r.id.as_str());
        if message || ids.clone().any(|id| matches_glob(&name, id)) {
            absent.push(NotOffered { name, message });
        } else {
            let names = catalogue.messages.iter().map(|m| m.name.as_str());
            let message = format!("\"{name}\" is no message and no requirement");
            problems.push(Diagnostic::new(&node.place, message).suggest(&name, names.chain(ids)));
        }
    }
    absent
}

/// `one_login_per_connection: { by: [register, auth], until: [logout] }`
fn read_one_login(
    node: Option<&Node>,
    catalogue: &Catalogue,
    profile: &mut Profile,
    problems: &mut Diagnostics,
) {
    let what = "`one_login_per_connection`";
    let Some(mut fields) = node.and_then(|node| Fields::of(node, what, problems)) else {
        return;
    };
    let by = fields.required("by", problems);
    for (key, node, list) in [
        ("by", by, &mut profile.once_per_connection),
        ("until", fields.optional("until"), &mut profile.again_after),
    ] {
        for node in items(node, key, problems) {
            let found = known_message(node, catalogue, problems);
            list.extend(found.map(|message| message.name.clone()));
        }
    }
    fields.finish(&[], problems);
}

pub(super) fn known_message<'c>(
    node: &Node,
    catalogue: &'c Catalogue,
    problems: &mut Diagnostics,
) -> Option<&'c Message> {
    let name = text_of(node);
    let found = catalogue.message(&name);
    if found.is_none() {
        let names = catalogue.messages.iter().map(|message| &message.name);
        let message = format!("unknown message {name}");
        problems.push(Diagnostic::new(&node.place, message).suggest(&name, names));
    }
    found
}

/// `SND_MSG: { READ_MSG: [room_id, message] }`
fn read_echoes(
    node: Option<&Node>,
    catalogue: &Catalogue,
    profile: &mut Profile,
    problems: &mut Diagnostics,
) {
    for (key, node) in entries(node, "echoes", problems) {
        let sent = known_message(key, catalogue, problems);
        for (key, node) in entries(Some(node), "what comes", problems) {
            let comes = known_message(key, catalogue, problems);
            let (Some(sent), Some(comes)) = (sent, comes) else {
                continue;
            };
            let names = |shape: &Option<Shape>| -> Vec<String> {
                let names = shape.iter().flat_map(Shape::field_names);
                names.map(str::to_owned).collect()
            };
            let known = names(&sent.client);
            let both = names(&comes.server)
                .into_iter()
                .filter(|name| known.contains(name));
            let both: Vec<String> = both.collect();
            let mut same = Vec::new();
            for node in items(
                Some(node),
                "the fields that are as they were sent",
                problems,
            ) {
                let name = text_of(node);
                if !both.contains(&name) {
                    let message = format!(
                        "{} and what comes as {} have no field `{name}` in common",
                        sent.name, comes.name
                    );
                    problems.push(Diagnostic::new(&node.place, message).suggest(&name, &both));
                }
                same.push(name);
            }
            if same.is_empty() {
                problems.push(
                    Diagnostic::new(&key.place, "an echo is known by some field")
                        .help("name the fields that come back as they were sent"),
                );
            }
            profile.departures.push(Departure {
                what: format!("what the sender of {} gets", sent.name),
                document: "nothing more".to_owned(),
                target: format!("{} too", comes.name),
            });
            profile.echoes.push(Echo {
                sent: sent.name.clone(),
                sent_kind: sent.discriminator.clone(),
                comes: comes.name.clone(),
                comes_kind: comes.discriminator.clone(),
                same,
            });
        }
    }
}

fn read_users(node: Option<&Node>, problems: &mut Diagnostics) -> Users {
    let mut users = Users::default();
    let Some(mut fields) = node.and_then(|node| Fields::of(node, "`users`", problems)) else {
        return users;
    };
    if let Some(node) = fields.optional("longest_name") {
        users.longest = node.as_int().and_then(|most| usize::try_from(most).ok());
        if users.longest.is_none_or(|most| most < SHORTEST_LIMIT) {
            let wanted = format!("a number of characters, {SHORTEST_LIMIT} or more");
            problems.push(node.expected(&wanted));
        }
    }
    if let Some(node) = fields.optional("name_alphabet") {
        users.alphabet = text_of(node).chars().collect();
        users.alphabet.sort_unstable();
        users.alphabet.dedup();
        if users.alphabet.len() < 8 {
            problems.push(node.expected("all the characters of a name, 8 or more"));
        }
    }
    let forms = PasswordForm::ALL.map(|(name, _)| name);
    if let Some(name) = choice(&mut fields, "password_form", &forms, problems) {
        users.password_form = named(&PasswordForm::ALL, name).unwrap_or_default();
    }
    fields.finish(&[], problems);
    users
}

fn read_times(fields: &mut Fields<'_>, profile: &mut Profile, problems: &mut Diagnostics) {
    if let Some(node) = fields.optional("keep_alive") {
        profile.keep_alive = duration(node, problems);
    }
    if let Some(node) = fields.optional("idle_limit") {
        profile.idle_limit = duration(node, problems);
    }
    let Some(node) = fields.optional("timeouts") else {
        return;
    };
    let Some(mut fields) = Fields::of(node, "`timeouts`", problems) else {
        return;
    };
    let timeouts = &mut profile.timeouts;
    for (key, time) in [
        ("connect", &mut timeouts.connect),
        ("answer", &mut timeouts.answer),
        ("silence", &mut timeouts.silence),
        ("goodbye", &mut timeouts.goodbye),
        ("case", &mut timeouts.case),
    ] {
        if let Some(found) = fields
            .optional(key)
            .and_then(|node| duration(node, problems))
        {
            *time = found;
        }
    }
    fields.finish(&[], problems);
}

pub(super) fn duration(node: &Node, problems: &mut Diagnostics) -> Option<Duration> {
    let found = node
        .as_str()
        .and_then(parse_duration)
        .filter(|time| !time.is_zero());
    if found.is_none() {
        problems.push(node.expected("a time such as 250ms or 5s"));
    }
    found
}

/// Codec, frames and framing.
pub(super) fn read_wire_choice(
    fields: &mut Fields<'_>,
    profile: &mut Profile,
    problems: &mut Diagnostics,
) {
    let codecs = [WireCodec::Json, WireCodec::MessagePack];
    if let Some(name) = choice(fields, "codec", &codecs.map(WireCodec::name), problems) {
        profile.wire.codec = codecs.into_iter().find(|codec| codec.name() == name);
    }
    let frames = [("text", Frames::Text), ("binary", Frames::Binary)];
    if let Some(name) = choice(fields, "frames", &frames.map(|(name, _)| name), problems) {
        profile.wire.frames = named(&frames, name);
    }
    let framings = Framing::ALL.map(|(name, _)| name);
    if let Some(name) = choice(fields, "framing", &framings, problems) {
        profile.wire.framing = named(&Framing::ALL, name);
    }
}

fn named<T: Copy>(all: &[(&str, T)], name: &str) -> Option<T> {
    all.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, it)| *it)
}

/// One of a few words.
fn choice<'n>(
    fields: &mut Fields<'n>,
    key: &'static str,
    words: &[&str],
    problems: &mut Diagnostics,
) -> Option<&'n str> {
    let node = fields.optional(key)?;
    match node.as_str() {
        Some(text) if words.contains(&text) => Some(text),
        other => {
            problems.push(
                Diagnostic::new(&node.place, format!("`{key}` is not {}", node.place.text()))
                    .help(format!("it is one of {}", words.join(", ")))
                    .suggest(other.unwrap_or_default(), words),
            );
            None
        }
    }
}
