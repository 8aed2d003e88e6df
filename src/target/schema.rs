//! The JSON Schema of a profile, for editors: draft-07, which their YAML plug-ins understand.
//!
//! For completion only; [`super::read_profile`] decides what is right.

use serde_json::{Map, Value, json};

use super::field_rule::Form;
use super::profile::Framing;
use super::users::PasswordForm;
use crate::event::{DeviationKind, ShapeKind};
use crate::protocol::Catalogue;

/// With a catalogue, it knows the pack's messages, readings and settings by name.
pub fn schema(catalogue: Option<&Catalogue>) -> Value {
    let time = json!({ "type": "string", "pattern": "^[0-9.]+(ms|s|min)$" });
    let scalar = json!({ "type": ["string", "number", "boolean", "null"] });
    let key = json!({ "type": "string", "pattern": r"^\$(\.[^.]+)?$" });
    let names = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let client = direction(&json!({ "type": "object" }));
    let server = direction(&Value::Null);
    let message = closed(&[("client", client), ("server", server)]);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A target profile of wireproof",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "profile": { "type": "string", "description": "a title, for people" },
            "pack": { "type": "string", "description": "the protocol that the target speaks" },
            "url": { "type": "string", "pattern": "^(wss?|tcp|tls)://" },
            "headers": { "type": "object" },
            "subprotocol": { "type": "string" },
            "ca": { "type": "string", "description": "a PEM file, relative to the profile" },
            "insecure": { "type": "boolean", "description": "accept any certificate" },
            "launch": launch(&time),
            "keep_alive": time,
            "idle_limit": time.clone(),
            "timeouts": closed(&[
                ("connect", time.clone()),
                ("answer", time.clone()),
                ("silence", time.clone()),
                ("goodbye", time.clone()),
                ("case", time.clone()),
            ]),
            "wire": closed(&[
                ("codec", words(["json", "messagepack"])),
                ("frames", words(["text", "binary"])),
                ("framing", words(Framing::ALL.map(|(name, _)| name))),
                ("type", key.clone()),
                ("body", key),
                ("stamp", names.clone()),
            ]),
            "constants": { "type": "object", "additionalProperties": scalar },
            "rename": names,
            "extra": { "type": "object", "description": "further fields of every request" },
            "messages": match catalogue {
                None => json!({ "type": "object", "additionalProperties": message }),
                Some(catalogue) => {
                    let names = catalogue.messages.iter().map(|m| m.name.as_str());
                    named(names.map(|name| (name, message.clone())))
                }
            },
            "readings": match catalogue {
                None => json!({ "type": "object" }),
                Some(catalogue) => named(catalogue.readings.iter().map(|reading| {
                    let mut options = words(reading.options.iter().map(|(name, _)| name.as_str()));
                    options["description"] = json!(reading.question);
                    (reading.id.as_str(), options)
                })),
            },
            "settings": match catalogue {
                None => json!({ "type": "object" }),
                Some(catalogue) => {
                    let names = catalogue.settings.iter().map(|(name, _)| name.as_str());
                    named(names.map(|name| (name, json!({}))))
                }
            },
            "not_offered": { "type": "array", "items": { "type": "string" } },
            "one_login_per_connection": closed(&[
                ("by", json!({ "type": "array", "items": { "type": "string" } })),
                ("until", json!({ "type": "array", "items": { "type": "string" } })),
            ]),
            "echoes": { "type": "object" },
            "limits": closed(&[
                ("message", json!({ "type": ["string", "integer"] })),
                ("text", json!({ "type": "integer" })),
            ]),
            "users": closed(&[
                ("longest_name", json!({ "type": "integer", "minimum": 6 })),
                ("name_alphabet", json!({ "type": "string", "minLength": 8 })),
                ("password_form", words(PasswordForm::ALL.map(|(name, _)| name))),
            ]),
            "accounts": accounts(),
            "known": { "type": "array", "items": known() },
        },
    })
}

fn accounts() -> Value {
    let mut schema = closed(&[
        (
            "of",
            json!({ "type": "array", "minItems": 1, "items": { "type": "object" } }),
        ),
        (
            "made_by",
            json!({ "type": "array", "items": { "type": "string" } }),
        ),
        (
            "instead",
            json!({
                "type": "object",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
            }),
        ),
        ("reuse", json!({ "type": "boolean" })),
    ]);
    schema["required"] = json!(["of", "made_by"]);
    schema
}

fn launch(time: &Value) -> Value {
    let mut schema = closed(&[
        (
            "command",
            json!({ "type": "string", "minLength": 1, "description": "for the shell; {port} is a free port" }),
        ),
        (
            "ready",
            json!({ "type": "string", "description": "a regular expression for a line that says so" }),
        ),
        ("within", time.clone()),
        ("grace", time.clone()),
        ("env", json!({ "type": "object" })),
        (
            "log",
            json!({ "type": "string", "description": "a file for what it writes, relative to the profile" }),
        ),
    ]);
    schema["required"] = json!(["command"]);
    schema
}

fn direction(extra: &Value) -> Value {
    let mut keys = vec![
        ("type", json!({ "type": ["string", "number"] })),
        (
            "rename",
            json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        ),
        (
            "values",
            json!({ "type": "object", "additionalProperties": { "type": "object" } }),
        ),
        (
            "forms",
            json!({ "type": "object", "additionalProperties": words(Form::ALL.map(Form::name)) }),
        ),
    ];
    if !extra.is_null() {
        keys.push(("extra", extra.clone()));
    }
    closed(&keys)
}

fn known() -> Value {
    let kinds = (DeviationKind::ALL.map(DeviationKind::name).into_iter())
        .chain(["blocked"])
        .chain(ShapeKind::ALL.map(ShapeKind::name));
    let mut schema = closed(&[
        ("case", json!({ "type": "string" })),
        ("shape", json!({ "type": "string", "pattern": r"^\S+ \$" })),
        (
            "fails",
            json!({ "type": "string", "examples": kinds.collect::<Vec<_>>() }),
        ),
        ("reason", json!({ "type": "string", "minLength": 1 })),
        ("sometimes", json!({ "type": "boolean" })),
    ]);
    schema["required"] = json!(["fails", "reason"]);
    schema
}

fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    json!({ "enum": words.into_iter().collect::<Vec<_>>() })
}

fn closed(keys: &[(&str, Value)]) -> Value {
    named(keys.iter().map(|(key, value)| (*key, value.clone())))
}

fn named<'k>(keys: impl Iterator<Item = (&'k str, Value)>) -> Value {
    let keys: Map<String, Value> = keys.map(|(key, value)| (key.to_owned(), value)).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": keys })
}
