//! What might be different about a target, judged by a case that does not go through: drafts to try in turn.
//!
//! Pure. Each attempt changes one thing; whoever plays the case under it finds out whether that was it.

use super::bench::{Trial, Verdict};
use super::draft::{Because, Draft, Other};
use crate::codec::Codec;
use crate::protocol::{Catalogue, FieldKind, FieldShape, Message, Settled, Type};
use crate::runner::Passed;
use crate::value::Value;

/// A draft, and whether it may also make the case inapplicable.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) draft: Draft,
    pub(super) may_exclude: bool,
}

/// The largest limit that is tried.
const MOST: i128 = 5;

/// What might let the case go through, the likeliest first. `trials` are all that were played.
pub(super) fn attempts(
    catalogue: &Catalogue,
    draft: &Draft,
    codec: Codec,
    case: &Trial,
    trials: &[Trial],
) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let mut may = |draft: Draft| {
        attempts.push(Attempt {
            draft,
            may_exclude: false,
        });
    };
    echoes(catalogue, draft, codec, case)
        .into_iter()
        .for_each(&mut may);
    forms(catalogue, draft, case).into_iter().for_each(&mut may);
    readings(catalogue, draft).into_iter().for_each(&mut may);
    limits(catalogue, draft).into_iter().for_each(&mut may);
    attempts.extend(
        one_login(catalogue, draft, case, trials).map(|draft| Attempt {
            draft,
            may_exclude: true,
        }),
    );
    attempts
}

/// The other options of the readings that the suite has to be told.
fn readings(catalogue: &Catalogue, draft: &Draft) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let told = |id: &str| draft.readings.iter().any(|known| known.it.0 == id);
    for reading in &catalogue.readings {
        if reading.settled != Settled::Profile || told(&reading.id) {
            continue;
        }
        for (option, _) in &reading.options {
            if Some(option) != reading.default.as_ref() {
                let mut other = draft.clone();
                let it = (reading.id.clone(), option.clone());
                let usual = reading.default.as_deref().unwrap_or("the usual one");
                other.readings.push(Because::new(
                    it,
                    format!("cases go through so, and not by {usual}"),
                ));
                drafts.push(other);
            }
        }
    }
    drafts
}

/// Small numbers for limits that the document leaves to the server.
fn limits(catalogue: &Catalogue, draft: &Draft) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let told = |name: &str| draft.settings.iter().any(|known| known.it.0 == name);
    for (name, default) in &catalogue.settings {
        if !matches!(default, Value::Null) || !name.ends_with("_limit") || told(name) {
            continue;
        }
        for most in 1..=MOST {
            let mut other = draft.clone();
            let it = (name.clone(), Value::Int(most));
            other.settings.push(Because::new(it, "cases go through so"));
            drafts.push(other);
        }
    }
    drafts
}

/// The other form of an id or a text that was sent last.
fn forms(catalogue: &Catalogue, draft: &Draft, case: &Trial) -> Vec<Draft> {
    let sent: Vec<&Value> = sent_messages(case).map(|(_, message)| message).collect();
    let mut drafts: Vec<Draft> = Vec::new();
    for frame in sent.iter().rev().take(3) {
        let Some(message) = message_of(catalogue, frame) else {
            continue;
        };
        let Some(shape) = &message.client else {
            continue;
        };
        for field in shape.variants.iter().flat_map(|variant| &variant.fields) {
            let value = catalogue
                .wire
                .body(frame)
                .and_then(|body| body.get(&field.name));
            let Some(form) = value.and_then(|value| other_form(&field.shape, value)) else {
                continue;
            };
            let other = Other {
                message: message.name.clone(),
                client: true,
                path: field.name.clone(),
                it: form,
            };
            if draft.forms.iter().any(|known| known.it == other) {
                continue;
            }
            let mut with = draft.clone();
            with.forms.push(Because::new(other, "cases go through so"));
            if !drafts.contains(&with) {
                drafts.push(with);
            }
        }
    }
    drafts
}

fn other_form(shape: &FieldShape, value: &Value) -> Option<&'static str> {
    match (&shape.kind, value) {
        (FieldKind::Of(Type::Bytes), Value::Bin(_)) => Some("base64"),
        (FieldKind::Of(Type::Base64), Value::Str(_)) => Some("bytes"),
        (FieldKind::Of(Type::String | Type::Id), Value::Str(text)) => {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some("number")
        }
        (FieldKind::Of(Type::Number | Type::Id | Type::Int), Value::Int(_)) => Some("text"),
        _ => None,
    }
}

/// What came to the sender of a message unasked, and has its fields.
fn echoes(catalogue: &Catalogue, draft: &Draft, codec: Codec, case: &Trial) -> Vec<Draft> {
    let Verdict::Fails { why, .. } = &case.verdict else {
        return Vec::new();
    };
    let mut drafts: Vec<Draft> = Vec::new();
    let mut last: Vec<(u32, &Message, &Value)> = Vec::new();
    for passed in &case.passed {
        match passed {
            Passed::Sent {
                connection,
                message: frame,
            } => {
                if let Some(message) = message_of(catalogue, frame) {
                    last.push((*connection, message, frame));
                }
            }
            Passed::Came {
                connection, bytes, ..
            } => {
                let Some(frame) = translated(catalogue, draft, codec, bytes) else {
                    continue;
                };
                let Some(comes) = message_of(catalogue, &frame) else {
                    continue;
                };
                let mut own = last.iter().rev().filter(|(on, ..)| on == connection);
                let Some((_, sent, request)) = own.next() else {
                    continue;
                };
                let same = shared_fields(catalogue, sent, request, comes, &frame);
                if sent.name == comes.name || same.is_empty() || !why.contains(&comes.name) {
                    continue;
                }
                let it = (sent.name.clone(), comes.name.clone(), same);
                let told = |known: &Because<(String, String, Vec<String>)>| {
                    known.it.0 == it.0 && known.it.1 == it.1
                };
                if draft.echoes.iter().any(told) {
                    continue;
                }
                let mut with = draft.clone();
                with.echoes
                    .push(Because::new(it, "it comes once for each message sent"));
                if !drafts.contains(&with) {
                    drafts.push(with);
                }
            }
        }
    }
    drafts
}

/// The fields that come back as they were sent.
fn shared_fields(
    catalogue: &Catalogue,
    sent: &Message,
    request: &Value,
    comes: &Message,
    frame: &Value,
) -> Vec<String> {
    let (Some(client), Some(server)) = (&sent.client, &comes.server) else {
        return Vec::new();
    };
    let wire = &catalogue.wire;
    let (Some(request), Some(frame)) = (wire.body(request), wire.body(frame)) else {
        return Vec::new();
    };
    let mut same: Vec<String> = Vec::new();
    for name in client.field_names() {
        let documented = server.field(name).is_some() && name != wire.type_key;
        let plain = |value: &&Value| matches!(value, Value::Str(_) | Value::Int(_));
        if documented
            && request.get(name).filter(plain).is_some()
            && request.get(name) == frame.get(name)
            && !same.iter().any(|known| known == name)
        {
            same.push(name.to_owned());
        }
    }
    same
}

/// A login for good: a second one on a connection is what did not go through.
fn one_login(
    catalogue: &Catalogue,
    draft: &Draft,
    case: &Trial,
    trials: &[Trial],
) -> Option<Draft> {
    let logins = logins(catalogue);
    if draft.one_login.is_some() || !ends_with_a_second(catalogue, &logins, case) {
        return None;
    }
    // What was sent between two logins where the second was taken, and never where it was not.
    let taken: Vec<Vec<String>> = (trials.iter())
        .filter(|trial| trial.conforms())
        .flat_map(|trial| between(catalogue, &logins, trial))
        .collect();
    let refused: Vec<Vec<String>> = (trials.iter())
        .filter(|trial| ends_with_a_second(catalogue, &logins, trial))
        .flat_map(|trial| between(catalogue, &logins, trial).pop())
        .collect();
    let frees = |name: &&String| !refused.iter().any(|other| other.contains(name));
    let mut until: Vec<String> = taken.iter().flatten().filter(frees).cloned().collect();
    until.sort();
    until.dedup();
    let mut with = draft.clone();
    let why = "A second login on a connection is refused, or closes it.";
    with.one_login = Some(Because::new((logins, until), why));
    Some(with)
}

/// The messages in which a client sends its password.
pub(super) fn logins(catalogue: &Catalogue) -> Vec<String> {
    let is_login = |message: &&Message| {
        let fields = (message.client.iter())
            .flat_map(|shape| &shape.variants)
            .flat_map(|variant| &variant.fields);
        let mut fields = fields.map(|field| &field.shape);
        fields.any(|shape| shape.secret && matches!(shape.kind, FieldKind::Of(Type::String)))
    };
    let messages = catalogue.messages.iter().filter(is_login);
    messages.map(|message| message.name.clone()).collect()
}

/// Whether the case failed with a second login on a connection as the last thing that it sent.
fn ends_with_a_second(catalogue: &Catalogue, logins: &[String], case: &Trial) -> bool {
    let mut open: Vec<u32> = Vec::new();
    let mut is_second = false;
    for (connection, frame) in sent_messages(case) {
        let is_login =
            message_of(catalogue, frame).is_some_and(|message| logins.contains(&message.name));
        is_second = is_login && open.contains(&connection);
        if is_login {
            open.push(connection);
        }
    }
    is_second && case.fails()
}

/// For each login on a connection that had one before: what was sent between the two.
fn between(catalogue: &Catalogue, logins: &[String], case: &Trial) -> Vec<Vec<String>> {
    let mut open: Vec<(u32, Vec<String>)> = Vec::new();
    let mut found = Vec::new();
    for (connection, frame) in sent_messages(case) {
        let Some(message) = message_of(catalogue, frame) else {
            continue;
        };
        let place = open.iter().position(|(on, _)| *on == connection);
        match (logins.contains(&message.name), place) {
            (true, None) => open.push((connection, Vec::new())),
            (true, Some(at)) => found.push(std::mem::take(&mut open[at].1)),
            (false, Some(at)) => open[at].1.push(message.name.clone()),
            (false, None) => {}
        }
    }
    found
}

fn sent_messages(case: &Trial) -> impl Iterator<Item = (u32, &Value)> {
    case.passed.iter().filter_map(|passed| match passed {
        Passed::Sent {
            connection,
            message,
        } => Some((*connection, message)),
        Passed::Came { .. } => None,
    })
}

/// The message of the document that a frame in the document's words is.
pub(super) fn message_of<'c>(catalogue: &'c Catalogue, frame: &Value) -> Option<&'c Message> {
    let kind = frame.get(&catalogue.wire.type_key)?;
    (catalogue.messages.iter()).find(|message| message.is_named(kind))
}

/// A frame that came, in the document's words.
pub(super) fn translated(
    catalogue: &Catalogue,
    draft: &Draft,
    codec: Codec,
    bytes: &[u8],
) -> Option<Value> {
    let value = codec.decode(bytes).ok()?;
    let (_, profile) = draft.profile(catalogue).ok()?;
    Some(profile.dialect.incoming(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Pack, embedded, read_pack};

    fn pack() -> Pack {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == "roomchat");
        read_pack(&source.expect("a known pack")).expect("a pack")
    }

    /// A case that sent these on one connection.
    fn trial(verdict: Verdict, sent: &[&str]) -> Trial {
        let message = |name: &&str| Passed::Sent {
            connection: 1,
            message: Value::map([("type", Value::str(*name))]),
        };
        Trial {
            case: sent.join(" "),
            verdict,
            progress: 0,
            events: Vec::new(),
            passed: sent.iter().map(message).collect(),
        }
    }

    fn failing(sent: &[&str]) -> Trial {
        let (at, why) = (String::new(), String::new());
        trial(Verdict::Fails { at, why }, sent)
    }

    /// What the last of the trials, which fails, says of logins.
    fn concluded(trials: &[Trial]) -> Option<Vec<String>> {
        let case = trials.last().expect("one");
        let draft = one_login(&pack().catalogue, &Draft::default(), case, trials)?;
        draft.one_login.map(|one| one.it.1)
    }

    const LOGIN: &str = "REQUEST_LOGIN";

    #[test]
    fn a_second_login_is_what_failed_where_nothing_was_sent_after_it() {
        assert_eq!(concluded(&[failing(&[LOGIN, LOGIN])]), Some(vec![]));
        assert_eq!(concluded(&[failing(&[LOGIN])]), None);
        let later = failing(&[LOGIN, LOGIN, "CREATE_ROOM"]);
        assert_eq!(concluded(&[later]), None, "the login was answered");
    }

    #[test]
    fn what_makes_a_second_login_free_stood_before_those_that_were_taken_alone() {
        let taken = || trial(Verdict::Conforms, &[LOGIN, "SND_MSG", "DELETE_ROOM", LOGIN]);
        let refused = || failing(&[LOGIN, "SND_MSG", LOGIN]);
        let until = Some(vec!["DELETE_ROOM".to_owned()]);
        assert_eq!(concluded(&[taken(), refused()]), until);
        // It fails behind a second login that was taken, which says nothing against what made that free.
        let later = failing(&[LOGIN, "DELETE_ROOM", LOGIN, "CREATE_ROOM"]);
        assert_eq!(concluded(&[taken(), later, refused()]), until);
    }
}
