//! How messages can be broken.

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{FAILED, LOCKED, NOT_FOUND, OK, TOO_MANY_TOKENS};
use super::super::messages::{chat_id, page};
use super::super::request::Mode;
use super::super::state::{Chat, Message};
use super::edit::{
    altered, answers, changed, is, refielded, relisted, request, restatused, unanswered, unchanged,
};
use super::tokens::when;
use super::{Entry, rule, way};

/// Where a broken server cuts a message, in characters.
const CUT: usize = 1000;

pub(super) const RULES: &[Entry] = &[
    rule(
        "get-messages.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetMessages, OK),
                    effects,
                    unanswered,
                )
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetMessages, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
            way("only who made the chat may read", |cx, effects| {
                let creator = asked(cx).and_then(|chat| chat.members.first());
                let is_contact = creator.map(String::as_str) != cx.user;
                when(
                    is_contact && answers(cx, &effects, Mode::GetMessages, OK),
                    effects,
                    |_| vec![cx.answer(LOCKED)],
                )
            }),
        ],
    ),
    rule(
        "get-messages.all",
        &[
            way("the newest is left out", |cx, effects| {
                when(is_unbounded(cx), effects, |effects| {
                    refielded(effects, "messages", |messages| {
                        messages.as_array_mut().map(Vec::pop);
                    })
                })
            }),
            way("one's own are left out", |cx, effects| {
                when(is_unbounded(cx), effects, |effects| {
                    refielded(effects, "messages", |messages| {
                        if let Value::Array(entries) = messages {
                            entries.retain(|entry| entry["from_name"].as_str() != cx.user);
                        }
                    })
                })
            }),
        ],
    ),
    rule(
        "get-messages.intact",
        &[
            way("long messages are cut", |_, effects| {
                stored(effects, |message| Message {
                    content: message.content.chars().take(CUT).collect(),
                    ..message
                })
            }),
            way("letters that are not ASCII are lost", |_, effects| {
                stored(effects, |message| Message {
                    content: message.content.replace(|c: char| !c.is_ascii(), "?"),
                    ..message
                })
            }),
            way("white space around a message is lost", |_, effects| {
                stored(effects, |message| Message {
                    content: message.content.trim().to_owned(),
                    ..message
                })
            }),
            way("markup is escaped", |_, effects| {
                stored(effects, |message| Message {
                    content: message.content.replace('<', "&lt;"),
                    ..message
                })
            }),
            way("the content_type is another", |_, effects| {
                stored(effects, |message| Message {
                    content_type: "binary".into(),
                    ..message
                })
            }),
        ],
    ),
    rule(
        "get-messages.sender",
        &[
            way("all messages are the reader's", |cx, effects| {
                let reader = cx.user.and_then(|user| cx.state.users.get(user));
                let id = reader.map_or(Value::Null, |user| cx.user_id(user.id));
                when(is(cx, Mode::GetMessages), effects, |effects| {
                    relisted(effects, "messages", "from_id", |from| *from = id.clone())
                })
            }),
            way("all messages are of one user", |cx, effects| {
                when(is(cx, Mode::GetMessages), effects, |effects| {
                    relisted(effects, "messages", "from_id", |from| *from = json!(1))
                })
            }),
            way("each message is of a user of its own", |cx, effects| {
                when(is(cx, Mode::GetMessages), effects, |effects| {
                    refielded(effects, "messages", |messages| {
                        let entries = messages.as_array_mut().into_iter().flatten();
                        for (number, entry) in entries.enumerate() {
                            entry["from_id"] = json!(number + 1);
                        }
                    })
                })
            }),
        ],
    ),
    rule(
        "get-messages.bound-excludes",
        &[
            way("the bound is not looked at", |cx, effects| {
                match page_of(cx, None) {
                    Some(all) if has_bound(cx) && status_is_ok(cx, &effects) => vec![all],
                    _ => effects,
                }
            }),
            way("the newest is always there", |cx, effects| {
                let newest = asked(cx).and_then(|chat| chat.messages.last());
                match page_of(cx, newest.map(|message| message.id)) {
                    Some(newest) if has_bound(cx) && status_is_ok(cx, &effects) => vec![newest],
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "get-messages.bound-narrows",
        &[
            way(
                "the messages below the bound are sent",
                |cx, effects| match bound(cx) {
                    Some(bound) if status_is_ok(cx, &effects) => {
                        let Some(chat) = asked(cx) else {
                            return effects;
                        };
                        let below = chat.messages.iter().filter(|m| m.id <= bound).cloned();
                        let below = Chat {
                            members: Vec::new(),
                            messages: below.collect(),
                            bytes: 0,
                        };
                        vec![cx.send(page(cx, &below, None))]
                    }
                    _ => effects,
                },
            ),
            way("an even bound brings all", |cx, effects| {
                let is_even = bound(cx).is_some_and(|bound| bound % 2 == 0);
                match page_of(cx, None) {
                    Some(all) if is_even && status_is_ok(cx, &effects) => vec![all],
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "get-messages.chats-apart",
        &[
            way("the messages of all one's chats are sent", |cx, effects| {
                if !is_unbounded(cx) || !status_is_ok(cx, &effects) {
                    return effects;
                }
                let user = cx.user.and_then(|user| cx.state.users.get(user));
                let chats = user.into_iter().flat_map(|user| &user.chats);
                let chats = chats.filter_map(|id| cx.state.chats.get(id));
                let all = Chat {
                    members: Vec::new(),
                    messages: chats
                        .flat_map(|chat| chat.messages.iter().cloned())
                        .collect(),
                    bytes: 0,
                };
                vec![cx.send(page(cx, &all, None))]
            }),
            way(
                "a message goes into the writer's first chat",
                |cx, effects| {
                    let user = cx.user.and_then(|user| cx.state.users.get(user));
                    let first = user.and_then(|user| user.chats.first().copied());
                    changed(effects, |change| match (change, first) {
                        (Change::Store { message, .. }, Some(chat)) => {
                            Change::Store { chat, message }
                        }
                        (change, _) => change,
                    })
                },
            ),
        ],
    ),
    rule(
        "get-messages.not-a-member",
        &[
            way("as if a token were missing", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetMessages, LOCKED),
                    effects,
                    |effects| restatused(effects, TOO_MANY_TOKENS),
                )
            }),
            way("as if there were no such chat", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetMessages, LOCKED),
                    effects,
                    |effects| restatused(effects, NOT_FOUND),
                )
            }),
            way("an empty chat", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetMessages, LOCKED),
                    effects,
                    |effects| {
                        altered(effects, |answer| {
                            answer.status = OK;
                            answer.fields.insert("messages".into(), json!([]));
                        })
                    },
                )
            }),
        ],
    ),
    rule(
        "get-messages.private",
        &[
            way("the messages are sent with the refusal", |cx, effects| {
                leaked(cx, effects, LOCKED)
            }),
            way("the messages are sent", |cx, effects| {
                leaked(cx, effects, OK)
            }),
        ],
    ),
    rule(
        "send-message.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::SendMessage, OK),
                    effects,
                    unanswered,
                )
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::SendMessage, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
        ],
    ),
    rule(
        "send-message.stored-once",
        &[
            way("stored twice", |_, effects| {
                let stores = effects
                    .iter()
                    .filter(|effect| matches!(effect, Effect::Change(Change::Store { .. })));
                let again: Vec<Effect> = stores.cloned().collect();
                again.into_iter().chain(effects).collect()
            }),
            way("not stored", |_, effects| {
                unchanged(effects, |change| matches!(change, Change::Store { .. }))
            }),
        ],
    ),
];

/// The chat whose messages are asked for.
fn asked<'a>(cx: &Context<'a>) -> Option<&'a Chat> {
    let request = request(cx, Mode::GetMessages)?;
    cx.state.chats.get(&chat_id(cx, request).ok()?)
}

fn has_bound(cx: &Context) -> bool {
    request(cx, Mode::GetMessages).is_some_and(|request| request.has("min_message_id"))
}

fn bound(cx: &Context) -> Option<u64> {
    let request = request(cx, Mode::GetMessages)?;
    request.value("min_message_id").ok()?.as_u64()
}

fn is_unbounded(cx: &Context) -> bool {
    is(cx, Mode::GetMessages) && !has_bound(cx)
}

fn status_is_ok(cx: &Context, effects: &[Effect]) -> bool {
    answers(cx, effects, Mode::GetMessages, OK)
}

/// The messages of the chat that is asked for, from a bound on.
fn page_of(cx: &Context, bound: Option<u64>) -> Option<Effect> {
    Some(cx.send(page(cx, asked(cx)?, bound)))
}

/// Sends the messages to who is refused them.
fn leaked(cx: &Context, effects: Vec<Effect>, status: u16) -> Vec<Effect> {
    match page_of(cx, None) {
        Some(page) if answers(cx, &effects, Mode::GetMessages, LOCKED) => {
            restatused(vec![page], status)
        }
        _ => effects,
    }
}

/// With other messages stored.
fn stored(effects: Vec<Effect>, alter: impl Fn(Message) -> Message) -> Vec<Effect> {
    changed(effects, |change| match change {
        Change::Store { chat, message } => Change::Store {
            chat,
            message: alter(message),
        },
        change => change,
    })
}
