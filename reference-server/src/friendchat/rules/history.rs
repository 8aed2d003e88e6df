//! How the transfer of history can be broken.

use std::sync::Arc;

use serde_json::json;

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::history::{Entry as Said, NONE, REFUSED, SUCCESS, begin, data, first_page};
use super::super::message::Kind::{
    MessageHistoryBegin, MessageHistoryComplete, MessageHistoryData, MessageHistoryResponse,
};
use super::super::request::{Named, Request, Text};
use super::edit::{
    altered, and, any_code, recoded, request, sends, unchanged, unsent, unsent_code,
};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "history.begins",
        &[
            way("no answer", |_, effects| {
                unsent(
                    unsent_code(effects, MessageHistoryResponse, SUCCESS),
                    MessageHistoryBegin,
                )
            }),
            way(
                "the answer says that there is none",
                |cx, effects| match asked(cx) {
                    Some(Named { username })
                        if effects.iter().any(|e| sends(e, MessageHistoryBegin)) =>
                    {
                        let payload = json!({ "username": username, "code": NONE });
                        vec![cx.reply(MessageHistoryResponse, payload)]
                    }
                    _ => effects,
                },
            ),
            way("BEGIN has another code", |_, effects| {
                recoded(effects, MessageHistoryBegin, SUCCESS, NONE)
            }),
        ],
    ),
    rule(
        "history.none",
        &[
            way("no answer", |_, effects| {
                unsent_code(effects, MessageHistoryResponse, NONE)
            }),
            way("another code", |_, effects| {
                recoded(effects, MessageHistoryResponse, NONE, REFUSED)
            }),
            way("BEGIN comes", |cx, effects| match asked(cx) {
                Some(Named { username }) if any_code(&effects, MessageHistoryResponse, NONE) => {
                    let payload = json!({ "username": username, "code": SUCCESS });
                    vec![cx.reply(MessageHistoryBegin, payload)]
                }
                _ => effects,
            }),
        ],
    ),
    rule(
        "history.data-after-begin-ack",
        &[
            way("DATA comes right behind BEGIN", |cx, effects| {
                match begun(&effects) {
                    Some(sync) => {
                        let (page, sync) = first_page(cx, sync);
                        let set = Change::SetSync {
                            conn: cx.conn,
                            sync: Some(sync),
                        };
                        and(and(effects, page), set)
                    }
                    None => effects,
                }
            }),
            way("DATA comes before BEGIN", |cx, effects| {
                match begun(&effects) {
                    Some(sync) => {
                        let (page, sync) = first_page(cx, sync);
                        let set = Change::SetSync {
                            conn: cx.conn,
                            sync: Some(sync),
                        };
                        let effects = and(effects, set);
                        [page].into_iter().chain(effects).collect()
                    }
                    None => effects,
                }
            }),
        ],
    ),
    rule(
        "history.data-has-messages",
        &[
            way("DATA is empty", |_, effects| {
                altered(effects, MessageHistoryData, |message| {
                    message.set("messages", json!([]))
                })
            }),
            way("no DATA comes", |cx, effects| {
                match (begin_acknowledged(cx), cx.user) {
                    (true, Some(me)) if effects.iter().any(|e| sends(e, MessageHistoryData)) => {
                        let payload = json!({ "username": me, "code": SUCCESS });
                        let over = Change::SetSync {
                            conn: cx.conn,
                            sync: None,
                        };
                        vec![over.into(), cx.reply(MessageHistoryComplete, payload)]
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "history.completes",
        &[
            way("no COMPLETE", |_, effects| {
                unsent(effects, MessageHistoryComplete)
            }),
            way("COMPLETE has another code", |_, effects| {
                recoded(effects, MessageHistoryComplete, SUCCESS, NONE)
            }),
            way("DATA comes after COMPLETE", |cx, effects| match cx.user {
                Some(me) if effects.iter().any(|e| sends(e, MessageHistoryComplete)) => {
                    let history = cx.state.users.get(me).map(|user| &user.history);
                    match history.and_then(|history| history.back()) {
                        Some(last) => and(effects, data(cx, me, std::slice::from_ref(last))),
                        None => effects,
                    }
                }
                _ => effects,
            }),
        ],
    ),
    rule(
        "history.has-both-sides",
        &[
            way("the receiver has it not", |cx, effects| match text(cx) {
                Some(Text { sender, .. }) => unchanged(
                    effects,
                    |change| matches!(change, Change::Remember { user, .. } if user != sender),
                ),
                None => effects,
            }),
            way("the sender has it not", |cx, effects| match text(cx) {
                Some(Text { sender, .. }) => unchanged(
                    effects,
                    |change| matches!(change, Change::Remember { user, .. } if user == sender),
                ),
                None => effects,
            }),
        ],
    ),
    rule(
        "history.own-messages-only",
        &[
            way(
                "DATA holds a message of others",
                |cx, effects| match foreign(cx) {
                    Some(said) => altered(effects, MessageHistoryData, |message| {
                        if let Some(mut messages) = message.get("messages").cloned() {
                            if let Some(messages) = messages.as_array_mut() {
                                messages.push(said.shown());
                            }
                            message.set("messages", messages);
                        }
                    }),
                    None => effects,
                },
            ),
            way(
                "a page of others comes before COMPLETE",
                |cx, effects| match (foreign(cx), cx.user) {
                    (Some(said), Some(me)) => {
                        let page = |effect: Effect| {
                            let last = sends(&effect, MessageHistoryComplete);
                            let page = last.then(|| data(cx, me, std::slice::from_ref(&said)));
                            page.into_iter().chain([effect])
                        };
                        effects.into_iter().flat_map(page).collect()
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "history.no-data-before-login",
        &[
            way("served as if logged in", |cx, effects| match asked(cx) {
                Some(Named { username }) if cx.user.is_none() => {
                    begin(cx, username).unwrap_or(effects)
                }
                _ => effects,
            }),
            way("DATA comes at once", |cx, effects| match asked(cx) {
                Some(Named { username }) if cx.user.is_none() => {
                    match cx
                        .state
                        .users
                        .get(username)
                        .and_then(|user| user.history.back())
                    {
                        Some(last) => and(effects, data(cx, username, std::slice::from_ref(last))),
                        None => effects,
                    }
                }
                _ => effects,
            }),
        ],
    ),
    rule(
        "history.refused-before-login",
        &[
            way("no answer", |cx, effects| match cx.user {
                None => unsent_code(effects, MessageHistoryResponse, REFUSED),
                Some(_) => effects,
            }),
            way(
                "the answer says that it succeeded",
                |cx, effects| match cx.user {
                    None => recoded(effects, MessageHistoryResponse, REFUSED, SUCCESS),
                    Some(_) => effects,
                },
            ),
        ],
    ),
    rule(
        "history.of-others-refused",
        &[way("served", |cx, effects| match asked(cx) {
            Some(Named { username }) if cx.user.is_some() && !cx.is_me(username) => {
                begin(cx, username).unwrap_or(effects)
            }
            _ => effects,
        })],
    ),
];

fn asked<'a>(cx: &Context<'a>) -> Option<&'a Named> {
    match request(cx)? {
        Request::MessageHistoryRequest(user) => Some(user),
        _ => None,
    }
}

fn text<'a>(cx: &Context<'a>) -> Option<&'a Text> {
    match request(cx)? {
        Request::TextMessage(text) => Some(text),
        _ => None,
    }
}

fn begin_acknowledged(cx: &Context) -> bool {
    matches!(request(cx), Some(Request::MessageHistoryBeginAck(_)))
}

/// The transfer that begins with these effects.
fn begun(effects: &[Effect]) -> Option<&super::super::history::Sync> {
    if !effects
        .iter()
        .any(|effect| sends(effect, MessageHistoryBegin))
    {
        return None;
    }
    effects.iter().find_map(|effect| match effect {
        Effect::Change(Change::SetSync { sync, .. }) => sync.as_ref(),
        _ => None,
    })
}

/// Something that two others said to each other.
fn foreign(cx: &Context) -> Option<Arc<Said>> {
    let me = cx.user?;
    let is_foreign = |said: &&Arc<Said>| {
        said.sender != me && said.receiver != me && cx.state.user_exists(&said.receiver)
    };
    cx.state
        .users
        .values()
        .flat_map(|user| &user.history)
        .find(is_foreign)
        .cloned()
}
