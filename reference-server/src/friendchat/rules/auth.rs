//! How registration and login can be broken.

use super::super::auth::{
    ALREADY_LOGGED_IN, INVALID_CREDENTIALS, NO_SUCH_USER, REGISTRATION_ERROR, REGISTRATION_FAILED,
    SUCCESS, USER_EXISTS, admit,
};
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind;
use super::super::message::Kind::{LoginResponse, RegisterResponse};
use super::super::request::{Credentials, Request};
use super::super::texts::deliver;
use super::edit::{altered, and, any_code, changed, recoded, request, unchanged, unsent_code};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "register.succeeds",
        &[
            way("no answer", |_, effects| {
                unsent_code(effects, RegisterResponse, SUCCESS)
            }),
            way("the answer says that it failed", |_, effects| {
                answered(
                    effects,
                    RegisterResponse,
                    SUCCESS,
                    REGISTRATION_ERROR,
                    false,
                )
            }),
            way("success is false", |_, effects| {
                answered(effects, RegisterResponse, SUCCESS, SUCCESS, false)
            }),
        ],
    ),
    rule(
        "register.duplicate",
        &[
            way("the answer says that it succeeded", |_, effects| {
                answered(effects, RegisterResponse, USER_EXISTS, SUCCESS, true)
            }),
            way("another code", |_, effects| {
                recoded(effects, RegisterResponse, USER_EXISTS, REGISTRATION_FAILED)
            }),
            way("success is true", |_, effects| {
                answered(effects, RegisterResponse, USER_EXISTS, USER_EXISTS, true)
            }),
            way("no answer", |_, effects| {
                unsent_code(effects, RegisterResponse, USER_EXISTS)
            }),
        ],
    ),
    rule(
        "register.duplicate-keeps-account",
        &[
            way(
                "the password is overwritten",
                |cx, effects| match credentials(cx) {
                    Some(Credentials {
                        username,
                        password_hash,
                    }) if any_code(&effects, RegisterResponse, USER_EXISTS) => {
                        let (user, hash) = (username.clone(), password_hash.clone());
                        and(effects, Change::SetAccount { user, hash })
                    }
                    _ => effects,
                },
            ),
            way("the account is removed", |cx, effects| {
                match credentials(cx) {
                    Some(Credentials { username, .. })
                        if any_code(&effects, RegisterResponse, USER_EXISTS) =>
                    {
                        and(
                            effects,
                            Change::RemoveAccount {
                                user: username.clone(),
                            },
                        )
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "register.usable",
        &[
            way("the password is stored wrongly", |_, effects| {
                changed(effects, |change| match change {
                    Change::SetAccount { user, hash } => Change::SetAccount {
                        user,
                        hash: hash + "?",
                    },
                    change => change,
                })
            }),
            way("the account is not stored", |_, effects| {
                unchanged(effects, |change| {
                    matches!(change, Change::SetAccount { .. })
                })
            }),
        ],
    ),
    rule(
        "login.succeeds",
        &[
            way("no answer", |_, effects| {
                unsent_code(effects, LoginResponse, SUCCESS)
            }),
            way("the answer says that it failed", |_, effects| {
                answered(effects, LoginResponse, SUCCESS, INVALID_CREDENTIALS, false)
            }),
            way("success is false", |_, effects| {
                answered(effects, LoginResponse, SUCCESS, SUCCESS, false)
            }),
        ],
    ),
    rule(
        "login.wrong-password",
        &[
            way("logged in", |cx, effects| {
                admitted(cx, effects, INVALID_CREDENTIALS)
            }),
            way("another code", |_, effects| {
                recoded(effects, LoginResponse, INVALID_CREDENTIALS, NO_SUCH_USER)
            }),
            way("success is true", |_, effects| {
                answered(
                    effects,
                    LoginResponse,
                    INVALID_CREDENTIALS,
                    INVALID_CREDENTIALS,
                    true,
                )
            }),
        ],
    ),
    rule(
        "login.already-logged-in",
        &[
            way("logged in a second time", |cx, effects| {
                admitted(cx, effects, ALREADY_LOGGED_IN)
            }),
            way("another code", |_, effects| {
                recoded(
                    effects,
                    LoginResponse,
                    ALREADY_LOGGED_IN,
                    INVALID_CREDENTIALS,
                )
            }),
            way("success is true", |_, effects| {
                answered(
                    effects,
                    LoginResponse,
                    ALREADY_LOGGED_IN,
                    ALREADY_LOGGED_IN,
                    true,
                )
            }),
        ],
    ),
    rule(
        "login.required",
        &[way(
            "who is not logged in writes as anybody",
            |cx, effects| match request(cx) {
                Some(Request::TextMessage(text)) if cx.user.is_none() => deliver(cx, text),
                _ => effects,
            },
        )],
    ),
    rule(
        "login.unknown-user",
        &[
            way(
                "an account is made and logged in",
                |cx, effects| match credentials(cx) {
                    Some(Credentials {
                        username,
                        password_hash,
                    }) if any_code(&effects, LoginResponse, NO_SUCH_USER) => {
                        let (user, hash) = (username.clone(), password_hash.clone());
                        let mut admitted = vec![Change::SetAccount { user, hash }.into()];
                        admitted.extend(admit(cx, username));
                        admitted
                    }
                    _ => effects,
                },
            ),
            way("another code", |_, effects| {
                recoded(effects, LoginResponse, NO_SUCH_USER, INVALID_CREDENTIALS)
            }),
            way("success is true", |_, effects| {
                answered(effects, LoginResponse, NO_SUCH_USER, NO_SUCH_USER, true)
            }),
        ],
    ),
];

fn credentials<'a>(cx: &Context<'a>) -> Option<&'a Credentials> {
    match request(cx)? {
        Request::RegisterRequest(credentials) | Request::LoginRequest(credentials) => {
            Some(credentials)
        }
        _ => None,
    }
}

/// With another code, and another success, where the answer has this code.
fn answered(effects: Vec<Effect>, kind: Kind, from: i64, to: i64, success: bool) -> Vec<Effect> {
    altered(effects, kind, |message| {
        if message.code() == Some(from) {
            message.set("code", to);
            message.set("success", success);
        }
    })
}

/// Logged in where the login was to be refused with this code.
fn admitted(cx: &Context, effects: Vec<Effect>, refused: i64) -> Vec<Effect> {
    match credentials(cx) {
        Some(credentials) if any_code(&effects, LoginResponse, refused) => {
            admit(cx, &credentials.username)
        }
        _ => effects,
    }
}
