//! How what every response has, tokens, missing fields and unknown modes can be broken.

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{
    FAILED, NOT_FOUND, NOT_IMPLEMENTED, OK, Stamp, TOO_MANY_TOKENS, UNAUTHORIZED, UNAVAILABLE,
    UNPROCESSABLE,
};
use super::super::messages::chat_id;
use super::super::request::{Mode, Request};
use super::super::state::Message;
use super::edit::{altered, answers, first, is, lacks, request, restatused, status, unanswered};
use super::{Entry, rule, way};

/// A status that the document does not know.
const BAD_REQUEST: u16 = 400;

pub(super) const RULES: &[Entry] = &[
    // The three that every response has are broken where the fewest look.
    rule(
        "response.mode",
        &[
            way(
                "the answer to checkToken has another mode",
                |cx, effects| {
                    when(is(cx, Mode::CheckToken), effects, |effects| {
                        altered(effects, |answer| answer.name = "check_token".into())
                    })
                },
            ),
            way(
                "the answer to checkToken has the mode of a login",
                |cx, effects| {
                    when(is(cx, Mode::CheckToken), effects, |effects| {
                        altered(effects, |answer| answer.name = "auth".into())
                    })
                },
            ),
        ],
    ),
    rule(
        "response.timestamp",
        &[way("the answer to checkToken has none", |cx, effects| {
            when(is(cx, Mode::CheckToken), effects, |effects| {
                altered(effects, |answer| answer.timestamp = Stamp::Missing)
            })
        })],
    ),
    rule(
        "response.status",
        &[
            way("the answer to checkToken has a word", |cx, effects| {
                odd_status(cx, effects, &json!("OK"))
            }),
            way(
                "the answer to checkToken has no such code",
                |cx, effects| odd_status(cx, effects, &json!("999")),
            ),
            way("the answer to checkToken has none", |cx, effects| {
                odd_status(cx, effects, &Value::Null)
            }),
        ],
    ),
    rule(
        "token.from-register",
        &[
            way("it does not send messages", |cx, effects| {
                not_served(cx, effects, Mode::SendMessage, true)
            }),
            way("it does not list chats", |cx, effects| {
                not_served(cx, effects, Mode::GetChats, true)
            }),
        ],
    ),
    rule(
        "token.from-auth",
        &[
            way("it does not send messages", |cx, effects| {
                not_served(cx, effects, Mode::SendMessage, false)
            }),
            way("it does not list chats", |cx, effects| {
                not_served(cx, effects, Mode::GetChats, false)
            }),
        ],
    ),
    rule(
        "token.invalid",
        &[
            way("sendMessage says that it succeeded", |cx, effects| {
                let mine = bad_token(cx, &effects, true) && is(cx, Mode::SendMessage);
                when(mine, effects, |effects| restatused(effects, OK))
            }),
            way("another status", |cx, effects| {
                let mine = bad_token(cx, &effects, true);
                when(mine, effects, |effects| {
                    restatused(effects, TOO_MANY_TOKENS)
                })
            }),
            way("the message is stored all the same", |cx, effects| {
                let mine = bad_token(cx, &effects, true);
                when(mine, effects, |effects| stored(cx, effects))
            }),
        ],
    ),
    rule(
        "token.missing",
        &[
            way("getChats says that it succeeded", |cx, effects| {
                let mine = bad_token(cx, &effects, false) && is(cx, Mode::GetChats);
                when(mine, effects, |effects| restatused(effects, OK))
            }),
            way("another status", |cx, effects| {
                let mine = bad_token(cx, &effects, false);
                when(mine, effects, |effects| restatused(effects, BAD_REQUEST))
            }),
            way("the message is stored all the same", |cx, effects| {
                let mine = bad_token(cx, &effects, false);
                when(mine, effects, |effects| stored(cx, effects))
            }),
        ],
    ),
    rule(
        "field.missing",
        &[
            way("another status", |_, effects| {
                when(unprocessable(&effects), effects, |effects| {
                    restatused(effects, BAD_REQUEST)
                })
            }),
            way("it says that it succeeded", |_, effects| {
                when(unprocessable(&effects), effects, |effects| {
                    restatused(effects, OK)
                })
            }),
            way("no answer", |_, effects| {
                when(unprocessable(&effects), effects, unanswered)
            }),
        ],
    ),
    rule(
        "field.missing-does-nothing",
        &[
            way("half a message is stored", |cx, effects| {
                when(unprocessable(&effects), effects, |effects| {
                    stored(cx, effects)
                })
            }),
            way("an account without e-mail is made", |cx, effects| {
                let nameless = |request: &&Request| lacks(request, &["email"]);
                match request(cx, Mode::Register).filter(nameless) {
                    Some(request) => registered(request, effects),
                    None => effects,
                }
            }),
            way(
                "a chat is made with the one contact that is named",
                |cx, effects| {
                    let named = request(cx, Mode::CreateChat)
                        .filter(|request| lacks(request, &["contact_mode"]))
                        .and_then(|request| request.text("contact_value").ok())
                        .filter(|name| cx.state.users.contains_key(*name));
                    match (named, cx.user) {
                        (Some(contact), Some(user)) => {
                            let members = vec![user.to_owned(), contact.to_owned()];
                            first(Change::AddChat { members }, effects)
                        }
                        _ => effects,
                    }
                },
            ),
        ],
    ),
    rule(
        "mode.unknown",
        &[
            way("another status", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Unknown, NOT_IMPLEMENTED),
                    effects,
                    |effects| restatused(effects, NOT_FOUND),
                )
            }),
            way("it says that it succeeded", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Unknown, NOT_IMPLEMENTED),
                    effects,
                    |effects| restatused(effects, OK),
                )
            }),
            way("no answer", |cx, effects| {
                when(is(cx, Mode::Unknown), effects, unanswered)
            }),
        ],
    ),
    rule(
        "check-connection.succeeds",
        &[
            way("it says that the server failed", |cx, effects| {
                when(is(cx, Mode::CheckConnection), effects, |effects| {
                    restatused(effects, FAILED)
                })
            }),
            way("a login is wanted", |cx, effects| {
                let has_token = cx.state.tokens.values().any(|token| token.conn == cx.conn);
                when(
                    is(cx, Mode::CheckConnection) && !has_token,
                    effects,
                    |effects| restatused(effects, UNAUTHORIZED),
                )
            }),
        ],
    ),
    rule(
        "check-token.valid",
        &[
            way("refused", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CheckToken, OK),
                    effects,
                    |effects| restatused(effects, UNAUTHORIZED),
                )
            }),
            way("another status", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CheckToken, OK),
                    effects,
                    |effects| restatused(effects, UNAVAILABLE),
                )
            }),
        ],
    ),
    rule(
        "check-token.invalid",
        &[
            way("taken for a valid one", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CheckToken, UNAUTHORIZED),
                    effects,
                    |effects| restatused(effects, OK),
                )
            }),
            way("another status", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::CheckToken, UNAUTHORIZED),
                    effects,
                    |effects| restatused(effects, TOO_MANY_TOKENS),
                )
            }),
        ],
    ),
];

/// Otherwise, if it is so.
pub(super) fn when(
    holds: bool,
    effects: Vec<Effect>,
    otherwise: impl FnOnce(Vec<Effect>) -> Vec<Effect>,
) -> Vec<Effect> {
    if holds { otherwise(effects) } else { effects }
}

fn odd_status(cx: &Context, effects: Vec<Effect>, status: &Value) -> Vec<Effect> {
    when(is(cx, Mode::CheckToken), effects, |effects| {
        altered(effects, |answer| answer.odd_status = Some(status.clone()))
    })
}

/// Refuses one kind of request to tokens of registrations, or of logins.
fn not_served(
    cx: &Context,
    effects: Vec<Effect>,
    mode: Mode,
    of_registration: bool,
) -> Vec<Effect> {
    let token = request(cx, mode)
        .and_then(|request| request.text("token").ok())
        .and_then(|token| cx.state.tokens.get(token));
    match token {
        Some(token) if token.of_registration == of_registration => vec![cx.answer(UNAUTHORIZED)],
        _ => effects,
    }
}

/// Whether a request is refused for its token: one that is there and not valid, or one that is not there.
fn bad_token(cx: &Context, effects: &[Effect], there: bool) -> bool {
    let Some(request) = cx.request() else {
        return false;
    };
    let wants_token = !matches!(
        request.mode,
        Mode::CheckConnection | Mode::CheckToken | Mode::Auth | Mode::Register | Mode::Unknown
    );
    wants_token
        && cx.user.is_none()
        && request.has("token") == there
        && matches!(status(effects), Some(UNAUTHORIZED | UNPROCESSABLE))
}

fn unprocessable(effects: &[Effect]) -> bool {
    status(effects) == Some(UNPROCESSABLE)
}

/// Stores a message that was refused, in the name of a member.
fn stored(cx: &Context, effects: Vec<Effect>) -> Vec<Effect> {
    let Some(request) = request(cx, Mode::SendMessage) else {
        return effects;
    };
    let id = chat_id(cx, request).unwrap_or(0);
    let Some(member) = cx
        .state
        .chats
        .get(&id)
        .and_then(|chat| chat.members.first())
    else {
        return effects;
    };
    let text = |field| request.text(field).unwrap_or_default().to_owned();
    let message = Message {
        id: cx.state.next_message,
        from: member.clone(),
        content: text("content"),
        content_type: text("content_type"),
        at_ms: cx.now_ms,
    };
    first(Change::Store { chat: id, message }, effects)
}

fn registered(request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
    match (request.text("username"), request.text("password")) {
        (Ok(name), Ok(password)) => {
            let new = Change::AddUser {
                name: name.to_owned(),
                password: password.to_owned(),
                email: String::new(),
            };
            first(new, effects)
        }
        _ => effects,
    }
}
