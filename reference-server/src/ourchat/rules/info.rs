//! How account information and the server's status can be broken.

use serde_json::Value;

use super::super::context::Context;
use super::super::info::told;
use super::super::message::Kind::{AccountInfo, ServerStatus};
use super::super::message::Message;
use super::edit::{altered, another_id, keep, question, sends, unsent};
use super::{Entry, rule, way, written};

pub(super) const RULES: &[Entry] = &[
    rule(
        "account-info.values",
        &[
            written("the status is left out", |message| {
                data(message, "status", |_| None)
            }),
            written("the time is left out", |message| {
                data(message, "time", |_| None)
            }),
        ],
    ),
    rule(
        "account-info.ocid",
        &[
            written("another ocid is told", |message| {
                data(message, "ocid", |ocid| Some(another_id(ocid)));
            }),
            written("0 is told", |message| {
                data(message, "ocid", |_| Some(Value::from(0)))
            }),
        ],
    ),
    rule(
        "account-info.nickname",
        &[
            way("the email is told", |cx, effects| {
                let asked = question(cx).and_then(|question| cx.state.known(question.ocid));
                match asked.and_then(|ocid| cx.state.accounts.get(&ocid)) {
                    Some(account) => altered(effects, AccountInfo, |message| {
                        data(message, "nickname", |_| Some(account.email.clone().into()));
                    }),
                    None => effects,
                }
            }),
            written("letters beyond ASCII become question marks", |message| {
                data(message, "nickname", |name| {
                    let ascii = |letter: char| if letter.is_ascii() { letter } else { '?' };
                    let name = name.as_str().unwrap_or_default();
                    Some(name.chars().map(ascii).collect::<String>().into())
                });
            }),
        ],
    ),
    rule(
        "account-info.any-account",
        &[
            way("only the own account is told", |cx, effects| {
                match asks_for_another(cx)
                    && effects.iter().any(|e| sends(e, AccountInfo).is_some())
                {
                    true => {
                        let mut rest = unsent(effects, AccountInfo);
                        rest.push(cx.error("this account is not yours"));
                        rest
                    }
                    false => effects,
                }
            }),
            way("the own account is told instead", |cx, effects| {
                match (cx.me(), question(cx)) {
                    (Some(me), Some(question)) if asks_for_another(cx) => {
                        let mut rest = keep(effects, |e| sends(e, AccountInfo).is_none());
                        rest.push(told(cx, me, question));
                        rest
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "server-status.answered",
        &[
            written("a status that the document does not have", |message| {
                if message.kind == ServerStatus {
                    message.set("status", 9);
                }
            }),
            way("no answer", |_, effects| unsent(effects, ServerStatus)),
        ],
    ),
];

/// Puts another value in the place of one that is told, or none.
fn data(message: &mut Message, value: &str, other: impl Fn(&Value) -> Option<Value>) {
    if message.kind != AccountInfo {
        return;
    }
    let Some(data) = message
        .fields
        .get_mut("data")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    match data.get(value).map(other) {
        Some(Some(told)) => _ = data.insert(value.to_owned(), told),
        Some(None) => _ = data.shift_remove(value),
        None => {}
    }
}

fn asks_for_another(cx: &Context) -> bool {
    let asked = question(cx).and_then(|question| cx.state.known(question.ocid));
    asked.is_some() && asked != cx.me()
}
