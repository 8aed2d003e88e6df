//! How chats and their lists can be broken.

use serde_json::{Value, json};

use super::super::chats::entry;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{CONFLICT, FAILED, NOT_FOUND, OK, UNPROCESSABLE};
use super::super::request::Mode;
use super::super::state::Chat;
use super::edit::{
    altered, answers, first, is, refielded, relisted, request, restatused, unanswered, unfielded,
};
use super::tokens::when;
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "create-chat.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CreateChat, OK),
                    effects,
                    unanswered,
                )
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CreateChat, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
            way("no chat_id", |cx, effects| {
                when(is(cx, Mode::CreateChat), effects, |effects| {
                    unfielded(effects, "chat_id")
                })
            }),
        ],
    ),
    rule(
        "create-chat.by-id",
        &[
            way("nobody is found", |cx, effects| {
                when(is_by_id(cx), effects, |_| vec![cx.answer(CONFLICT)])
            }),
            way("the chat is with nobody", |cx, effects| {
                when(is_by_id(cx), effects, |effects| {
                    let alone = |effect| match effect {
                        Effect::Change(Change::AddChat { mut members }) => {
                            members.truncate(1);
                            Change::AddChat { members }.into()
                        }
                        effect => effect,
                    };
                    effects.into_iter().map(alone).collect()
                })
            }),
        ],
    ),
    rule(
        "create-chat.unknown-contact",
        &[
            way("another status", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CreateChat, CONFLICT),
                    effects,
                    |effects| restatused(effects, NOT_FOUND),
                )
            }),
            way("the answer says that it succeeded", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CreateChat, CONFLICT),
                    effects,
                    |effects| {
                        altered(effects, |answer| {
                            answer.status = OK;
                            let id = cx.chat_id(cx.state.next_chat);
                            answer.fields.insert("chat_id".into(), id);
                        })
                    },
                )
            }),
            way("as if a field were missing", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CreateChat, CONFLICT),
                    effects,
                    |effects| restatused(effects, UNPROCESSABLE),
                )
            }),
        ],
    ),
    rule(
        "create-chat.refusal-makes-nothing",
        &[way("a chat with nobody is made", |cx, effects| {
            match cx.user {
                Some(user) if answers(cx, &effects, Mode::CreateChat, CONFLICT) => {
                    let members = vec![user.to_owned()];
                    first(Change::AddChat { members }, effects)
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "create-chat.listed",
        &[
            way("not in the contact's list", |cx, effects| {
                only_chats(cx, effects, |user, chat| {
                    chat.members.first().is_some_and(|creator| creator == user)
                })
            }),
            way("not in the creator's list", |cx, effects| {
                only_chats(cx, effects, |user, chat| {
                    chat.members.first().is_none_or(|creator| creator != user)
                })
            }),
            way("the contact's list has another chat_id", |cx, effects| {
                let is_contact = |chat: &Chat| chat.members.first().map(String::as_str) != cx.user;
                let ids = chats(cx).filter(|(_, chat)| is_contact(chat));
                let ids: Vec<Value> = ids.map(|(id, _)| cx.chat_id(id)).collect();
                when(is(cx, Mode::GetChats), effects, |effects| {
                    relisted(effects, "chats", "chat_id", |id| {
                        if ids.contains(id) {
                            *id = cx.chat_id(1);
                        }
                    })
                })
            }),
        ],
    ),
    rule(
        "create-chat.distinct",
        &[way("all chats of a user are one", |cx, effects| {
            let there_is = chats(cx).next();
            match there_is {
                Some((id, _)) if answers(cx, &effects, Mode::CreateChat, OK) => {
                    let answer = cx.response(OK).with("chat_id", cx.chat_id(id));
                    vec![cx.send(answer)]
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "get-chats.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetChats, OK),
                    effects,
                    unanswered,
                )
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::GetChats, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
            way("no list", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    unfielded(effects, "chats")
                })
            }),
        ],
    ),
    rule(
        "get-chats.personal",
        &[
            way("a chat of two is a group", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    relisted(effects, "chats", "chat_type", |kind| *kind = json!("group"))
                })
            }),
            way("a type that the document does not know", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    relisted(effects, "chats", "chat_type", |kind| {
                        *kind = json!("private")
                    })
                })
            }),
        ],
    ),
    rule(
        "get-chats.last-message-time",
        &[
            way("it is left out", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    refielded(effects, "chats", |chats| {
                        let entries = chats.as_array_mut().into_iter().flatten();
                        for entry in entries.filter_map(Value::as_object_mut) {
                            entry.shift_remove("last_message_time");
                        }
                    })
                })
            }),
            way("there is never one", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    relisted(effects, "chats", "last_message_time", |time| {
                        *time = Value::Null
                    })
                })
            }),
        ],
    ),
    rule(
        "get-chats.own-only",
        &[
            way("everybody's chats are listed", |cx, effects| {
                let Some(user) = cx.user else { return effects };
                when(is(cx, Mode::GetChats), effects, |effects| {
                    let all = cx.state.chats.iter();
                    let all: Vec<Value> =
                        all.map(|(id, chat)| entry(cx, user, *id, chat)).collect();
                    refielded(effects, "chats", |chats| *chats = json!(all))
                })
            }),
            way("each chat is listed twice", |cx, effects| {
                when(is(cx, Mode::GetChats), effects, |effects| {
                    refielded(effects, "chats", |chats| {
                        if let Value::Array(entries) = chats {
                            entries.extend(entries.clone());
                        }
                    })
                })
            }),
        ],
    ),
];

/// The chats of the one who asks, the oldest first.
fn chats<'a>(cx: &Context<'a>) -> impl Iterator<Item = (u64, &'a Chat)> {
    let user = cx.user.and_then(|user| cx.state.users.get(user));
    let ids = user.into_iter().flat_map(|user| &user.chats);
    let state = cx.state;
    ids.filter_map(|id| Some((*id, state.chats.get(id)?)))
}

/// Whether a chat is about to be made with a user who is named by id.
fn is_by_id(cx: &Context) -> bool {
    request(cx, Mode::CreateChat).is_some_and(|request| request.text("contact_mode") == Ok("id"))
}

/// Lists only some of a user's chats.
fn only_chats(
    cx: &Context,
    effects: Vec<Effect>,
    wanted: impl Fn(&str, &Chat) -> bool,
) -> Vec<Effect> {
    let Some(user) = cx.user else { return effects };
    when(is(cx, Mode::GetChats), effects, |effects| {
        let listed = chats(cx).filter(|(_, chat)| wanted(user, chat));
        let listed: Vec<Value> = listed.map(|(id, chat)| entry(cx, user, id, chat)).collect();
        refielded(effects, "chats", |chats| *chats = json!(listed))
    })
}
