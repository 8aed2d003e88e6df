//! How registration, login and logout can be broken.

use super::super::accounts::{
    EMAIL_IN_USE, INCORRECT, LOGIN_ERROR, LOGOUT_FAILED, REGISTRATION_ERROR, SUCCESS, admit, named,
};
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind::{LoginResponse, LogoutResponse, RegisterResponse};
use super::edit::{
    altered, and, another_id, changed, is_login, keep, login, registration, restated, says, sends,
    unchanged, unsaid,
};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "register.succeeds",
        &[
            way("no answer", |_, effects| {
                unsaid(effects, RegisterResponse, SUCCESS)
            }),
            way("the answer says that the server failed", |_, effects| {
                restated(effects, RegisterResponse, SUCCESS, REGISTRATION_ERROR)
            }),
        ],
    ),
    rule(
        "register.ocid-unique",
        &[way(
            "who has the password of another account is told its ocid",
            |cx, effects| {
                let twin = registration(cx).and_then(|new| {
                    let mut accounts = cx.state.accounts.iter();
                    accounts.find(|(_, other)| other.password == new.password)
                });
                match twin {
                    Some((ocid, _)) => altered(effects, RegisterResponse, |message| {
                        if message.status() == Some(SUCCESS) {
                            message.set("ocid", *ocid);
                        }
                    }),
                    None => effects,
                }
            },
        )],
    ),
    rule(
        "register.email-in-use",
        &[
            way("the answer says that it succeeded", |cx, effects| {
                let next = cx.state.next_account();
                altered(effects, RegisterResponse, |message| {
                    if message.status() == Some(EMAIL_IN_USE) {
                        message.set("status", SUCCESS);
                        message.set("ocid", next);
                    }
                })
            }),
            way("the answer says that the server failed", |_, effects| {
                restated(effects, RegisterResponse, EMAIL_IN_USE, REGISTRATION_ERROR)
            }),
            way("no answer", |_, effects| {
                unsaid(effects, RegisterResponse, EMAIL_IN_USE)
            }),
        ],
    ),
    rule(
        "register.refusal-keeps-account",
        &[
            way("the password is overwritten", |cx, effects| {
                refused_twice(cx, effects, |ocid, _, password| Change::SetPassword {
                    ocid,
                    password,
                })
            }),
            way("the nickname is overwritten", |cx, effects| {
                refused_twice(cx, effects, |ocid, name, _| Change::SetName { ocid, name })
            }),
        ],
    ),
    rule(
        "register.usable",
        &[way("the password is stored wrongly", |_, effects| {
            changed(effects, |change| match change {
                Change::Open {
                    ocid,
                    mut account,
                    now_ms,
                } => {
                    account.password.push('?');
                    Change::Open {
                        ocid,
                        account,
                        now_ms,
                    }
                }
                change => change,
            })
        })],
    ),
    rule(
        "login.by-email",
        &[
            way("no answer", |cx, effects| match is_login(cx, 0) {
                true => unsaid(effects, LoginResponse, SUCCESS),
                false => effects,
            }),
            way("the answer says that it failed", |cx, effects| {
                refused_login(cx, effects, 0)
            }),
        ],
    ),
    rule(
        "login.by-ocid",
        &[
            way("no answer", |cx, effects| match is_login(cx, 1) {
                true => unsaid(effects, LoginResponse, SUCCESS),
                false => effects,
            }),
            way("the answer says that it failed", |cx, effects| {
                refused_login(cx, effects, 1)
            }),
        ],
    ),
    rule(
        "login.names-account",
        &[
            way("the answer has another ocid", |_, effects| {
                altered(effects, LoginResponse, |message| {
                    if let Some(ocid) = message.get("ocid").map(another_id) {
                        message.set("ocid", ocid);
                    }
                })
            }),
            way("the answer has 0 for the ocid", |_, effects| {
                altered(effects, LoginResponse, |message| {
                    if message.status() == Some(SUCCESS) {
                        message.set("ocid", 0);
                    }
                })
            }),
        ],
    ),
    rule(
        "login.wrong-password",
        &[
            way("logged in", |cx, effects| match wrongly_named(cx) {
                Some(ocid) if says(&effects, LoginResponse, INCORRECT) => admit(cx, ocid),
                _ => effects,
            }),
            way(
                "the answer says that the server failed",
                |cx, effects| match wrongly_named(cx) {
                    Some(_) => restated(effects, LoginResponse, INCORRECT, LOGIN_ERROR),
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "login.unknown-account",
        &[
            way("the answer says that it succeeded", |cx, effects| {
                let next = cx.state.next_account();
                match never_was(cx) {
                    true => altered(effects, LoginResponse, |message| {
                        message.set("status", SUCCESS);
                        message.set("ocid", next);
                    }),
                    false => effects,
                }
            }),
            way(
                "the answer says that the server failed",
                |cx, effects| match never_was(cx) {
                    true => restated(effects, LoginResponse, INCORRECT, LOGIN_ERROR),
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "login.refusal-admits-nobody",
        &[way(
            "the connection is logged in although the answer refuses it",
            |cx, effects| match wrongly_named(cx) {
                Some(ocid) if says(&effects, LoginResponse, INCORRECT) => {
                    let conn = cx.conn;
                    and(effects, Change::LogIn { conn, ocid })
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "logout.succeeds",
        &[
            way("no answer", |_, effects| {
                unsaid(effects, LogoutResponse, SUCCESS)
            }),
            way("the answer says that it failed", |_, effects| {
                restated(effects, LogoutResponse, SUCCESS, LOGOUT_FAILED)
            }),
        ],
    ),
    rule(
        "logout.deletes-account",
        &[
            way("the account is still there", |_, effects| {
                unchanged(effects, |change| matches!(change, Change::Delete { .. }))
            }),
            way("the ocid still logs in", |_, effects| {
                changed(effects, |change| match change {
                    Change::Delete { ocid } => Change::ForgetEmail { ocid },
                    change => change,
                })
            }),
        ],
    ),
    rule(
        "logout.deletes-only-own",
        &[
            way("the account opened next is deleted too", |cx, effects| {
                let own = deleted(&effects);
                let mut accounts = cx.state.accounts.keys();
                match accounts.find(|ocid| own.is_some_and(|own| **ocid > own)) {
                    Some(&ocid) => and(effects, Change::Delete { ocid }),
                    None => effects,
                }
            }),
            way("all members of its sessions are deleted", |cx, effects| {
                let Some(own) = deleted(&effects) else {
                    return effects;
                };
                let sessions = cx.state.sessions.values();
                let shared = sessions.filter(|session| session.members.contains(&own));
                let members = shared.flat_map(|session| &session.members);
                let members: Vec<u64> = members.copied().collect();
                let delete = |effects, ocid| and(effects, Change::Delete { ocid });
                members.into_iter().fold(effects, delete)
            }),
        ],
    ),
    rule(
        "logout.without-login",
        &[way("the answer says that it succeeded", |_, effects| {
            restated(effects, LogoutResponse, LOGOUT_FAILED, SUCCESS)
        })],
    ),
];

/// The change that a registration of an email in use makes all the same.
fn refused_twice(
    cx: &Context,
    effects: Vec<Effect>,
    change: fn(u64, String, String) -> Change,
) -> Vec<Effect> {
    let Some(new) = registration(cx).filter(|_| says(&effects, RegisterResponse, EMAIL_IN_USE))
    else {
        return effects;
    };
    match cx.state.account_of_email(&new.email) {
        Some(ocid) => and(
            effects,
            change(ocid, new.name.clone(), new.password.clone()),
        ),
        None => effects,
    }
}

/// A refusal where a login of this type was to succeed.
fn refused_login(cx: &Context, effects: Vec<Effect>, login_type: u64) -> Vec<Effect> {
    if !is_login(cx, login_type) || !says(&effects, LoginResponse, SUCCESS) {
        return effects;
    }
    let answers = keep(effects, |effect| sends(effect, LoginResponse).is_some());
    restated(answers, LoginResponse, SUCCESS, INCORRECT)
}

/// The account for which a login has the wrong password.
fn wrongly_named(cx: &Context) -> Option<u64> {
    let login = login(cx)?;
    let ocid = named(cx, login)?;
    let account = cx.state.accounts.get(&ocid)?;
    (account.password != login.password).then_some(ocid)
}

/// Whether a login names an account that there never was; ocids are not looked at.
fn never_was(cx: &Context) -> bool {
    login(cx).is_some_and(|login| {
        login.login_type == 0
            && named(cx, login).is_none()
            && !cx.state.scars.deleted.contains(&login.account)
    })
}

fn deleted(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::Change(Change::Delete { ocid }) => Some(*ocid),
        _ => None,
    })
}
