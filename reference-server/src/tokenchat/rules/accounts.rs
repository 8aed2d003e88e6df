//! How registration, login and logout can be broken.

use super::super::accounts::admit;
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::{CONFLICT, FAILED, OK, TOO_MANY_TOKENS, UNAUTHORIZED, UNPROCESSABLE};
use super::super::request::Mode;
use super::super::state::Token;
use super::edit::{
    altered, answers, changed, first, is, request, restatused, unanswered, unchanged, unfielded,
};
use super::tokens::when;
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "register.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Register, OK),
                    effects,
                    unanswered,
                )
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Register, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
            way("no token", |cx, effects| {
                when(is(cx, Mode::Register), effects, |effects| {
                    unfielded(effects, "token")
                })
            }),
        ],
    ),
    rule(
        "register.usable",
        &[way("the password is stored wrongly", |_, effects| {
            changed(effects, |change| match change {
                Change::AddUser {
                    name,
                    password,
                    email,
                } => Change::AddUser {
                    name,
                    password: password + "?",
                    email,
                },
                change => change,
            })
        })],
    ),
    rule(
        "register.duplicate-username",
        &[
            way("the answer says that it succeeded", |cx, effects| {
                when(is_duplicate(cx, true), effects, |effects| {
                    restatused(effects, OK)
                })
            }),
            way("another status", |cx, effects| {
                when(is_duplicate(cx, true), effects, |effects| {
                    restatused(effects, UNPROCESSABLE)
                })
            }),
            way("no answer", |cx, effects| {
                when(is_duplicate(cx, true), effects, unanswered)
            }),
        ],
    ),
    rule(
        "register.duplicate-email",
        &[
            way("the account is made", |cx, effects| {
                when(is_duplicate(cx, false), effects, |effects| {
                    altered(made_all_the_same(cx, effects), |answer| {
                        answer.status = OK;
                        answer
                            .fields
                            .insert("token".into(), cx.state.new_token().into());
                    })
                })
            }),
            way("another status", |cx, effects| {
                when(is_duplicate(cx, false), effects, |effects| {
                    restatused(effects, UNPROCESSABLE)
                })
            }),
        ],
    ),
    rule(
        "register.duplicate-changes-nothing",
        &[
            way("the password is overwritten", |cx, effects| {
                let Some((name, password)) = credentials(cx, Mode::Register) else {
                    return effects;
                };
                when(is_duplicate(cx, true), effects, |effects| {
                    first(Change::SetPassword { name, password }, effects)
                })
            }),
            way("the refusal has a token that works", |cx, effects| {
                let Some((user, _)) = credentials(cx, Mode::Register) else {
                    return effects;
                };
                when(is_duplicate(cx, true), effects, |effects| {
                    with_token(cx, user, effects)
                })
            }),
            way(
                "the account is made though its e-mail is refused",
                |cx, effects| {
                    when(is_duplicate(cx, false), effects, |effects| {
                        made_all_the_same(cx, effects)
                    })
                },
            ),
        ],
    ),
    rule(
        "auth.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(answers(cx, &effects, Mode::Auth, OK), effects, unanswered)
            }),
            way("the answer says that it failed", |cx, effects| {
                when(answers(cx, &effects, Mode::Auth, OK), effects, |effects| {
                    restatused(effects, FAILED)
                })
            }),
            way("no token", |cx, effects| {
                when(is(cx, Mode::Auth), effects, |effects| {
                    unfielded(effects, "token")
                })
            }),
        ],
    ),
    rule(
        "auth.wrong-password",
        &[
            way("logged in", |cx, effects| {
                let user = credentials(cx, Mode::Auth)
                    .and_then(|(name, _)| Some((cx.state.users.get(&name)?, name)));
                match user {
                    Some((user, name)) if answers(cx, &effects, Mode::Auth, UNAUTHORIZED) => {
                        admit(cx, &name, user)
                    }
                    _ => effects,
                }
            }),
            way(
                "the refusal has a token that works",
                |cx, effects| match credentials(cx, Mode::Auth) {
                    Some((user, _))
                        if answers(cx, &effects, Mode::Auth, UNAUTHORIZED)
                            && cx.state.users.contains_key(&user) =>
                    {
                        with_token(cx, user, effects)
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "auth.unknown-user",
        &[
            way(
                "an account is made and logged in",
                |cx, effects| match credentials(cx, Mode::Auth) {
                    Some((name, password)) if !cx.state.users.contains_key(&name) => {
                        let new = Change::AddUser {
                            name: name.clone(),
                            password,
                            email: String::new(),
                        };
                        let admitted = with_token(cx, name, restatused(effects, OK));
                        first(new, admitted)
                    }
                    _ => effects,
                },
            ),
            way(
                "the answer says that it succeeded",
                |cx, effects| match credentials(cx, Mode::Auth) {
                    Some((name, _)) if !cx.state.users.contains_key(&name) => {
                        restatused(effects, OK)
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "auth.token-limit",
        &[
            way("refused as if the password were wrong", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Auth, TOO_MANY_TOKENS),
                    effects,
                    |effects| restatused(effects, UNAUTHORIZED),
                )
            }),
            way("another status", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Auth, TOO_MANY_TOKENS),
                    effects,
                    |effects| restatused(effects, CONFLICT),
                )
            }),
        ],
    ),
    rule(
        "logout.succeeds",
        &[
            way("no answer", |cx, effects| {
                when(answers(cx, &effects, Mode::Logout, OK), effects, unanswered)
            }),
            way("the answer says that it failed", |cx, effects| {
                when(
                    answers(cx, &effects, Mode::Logout, OK),
                    effects,
                    |effects| restatused(effects, FAILED),
                )
            }),
        ],
    ),
    rule(
        "logout.ends-token",
        &[
            way("the token goes on working", |cx, effects| {
                when(is(cx, Mode::Logout), effects, |effects| {
                    unchanged(effects, |change| matches!(change, Change::EndToken { .. }))
                })
            }),
            way("it is refused with another status", |cx, effects| {
                let token = cx.request().and_then(|request| request.text("token").ok());
                let Some(token) = token else {
                    return effects;
                };
                if cx.state.scars.mourned.contains_key(token) {
                    return restatused(effects, TOO_MANY_TOKENS);
                }
                match cx.user {
                    Some(user) if is(cx, Mode::Logout) => {
                        let (name, user) = (token.to_owned(), user.to_owned());
                        first(Change::Mourn { name, user }, effects)
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "logout.ends-no-other",
        &[way(
            "the tokens of the user's contacts end too",
            |cx, effects| {
                let chats = cx
                    .user
                    .filter(|_| is(cx, Mode::Logout))
                    .and_then(|user| cx.state.users.get(user))
                    .map_or(&[][..], |user| &user.chats);
                let contacts = chats.iter().filter_map(|id| cx.state.chats.get(id));
                let contacts = contacts.flat_map(|chat| chat.members.iter().cloned());
                let end = |user| Change::EndTokens { user }.into();
                contacts.map(end).chain(effects).collect()
            },
        )],
    ),
    rule(
        "logout.login-again",
        &[way("who logged out cannot log in", |cx, effects| {
            if let Some(user) = cx.user.filter(|_| is(cx, Mode::Logout)) {
                let user = user.to_owned();
                return first(Change::LoggedOut { user }, effects);
            }
            match credentials(cx, Mode::Auth) {
                Some((name, _)) if cx.state.scars.logged_out.contains(&name) => {
                    vec![cx.answer(UNAUTHORIZED)]
                }
                _ => effects,
            }
        })],
    ),
];

/// The name and the password of a registration or a login.
fn credentials(cx: &Context, mode: Mode) -> Option<(String, String)> {
    let request = request(cx, mode)?;
    let (name, password) = (request.text("username"), request.text("password"));
    Some((name.ok()?.to_owned(), password.ok()?.to_owned()))
}

/// Whether a registration is refused for its name, or for its e-mail alone.
fn is_duplicate(cx: &Context, by_name: bool) -> bool {
    let Some(request) = request(cx, Mode::Register) else {
        return false;
    };
    let has_name = request
        .text("username")
        .is_ok_and(|name| cx.state.users.contains_key(name));
    let has_email = request
        .text("email")
        .is_ok_and(|email| cx.state.emails.contains(email));
    if by_name {
        has_name
    } else {
        has_email && !has_name
    }
}

/// Makes the account of a registration that is refused.
fn made_all_the_same(cx: &Context, effects: Vec<Effect>) -> Vec<Effect> {
    match credentials(cx, Mode::Register) {
        Some((name, password)) => {
            let email = String::new();
            let new = Change::AddUser {
                name,
                password,
                email,
            };
            first(new, effects)
        }
        None => effects,
    }
}

/// Adds a token that works to the answer, whatever its status.
fn with_token(cx: &Context, user: String, effects: Vec<Effect>) -> Vec<Effect> {
    let name = cx.state.new_token();
    let token = Token {
        user,
        conn: cx.conn,
        of_registration: false,
    };
    let effects = altered(effects, |answer| {
        answer.fields.insert("token".into(), name.as_str().into());
    });
    first(Change::GiveToken { name, token }, effects)
}
