//! How sign-up and login can be broken.

use super::super::auth::{
    LOGIN_OK, WRONG_PASS, WRONG_USER, admit, signup_exists, signup_fail, signup_ok,
};
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind::{ResponseLogin, ResponseSignup};
use super::super::request::{Credentials, Request};
use super::edit::{and, any_status, changed, request, restated, unchanged, unsent_status};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "login.ok",
        &[
            way("no answer", |_, effects| {
                unsent_status(effects, ResponseLogin, LOGIN_OK)
            }),
            way(
                "the answer says that the password is wrong",
                |_, effects| restated(effects, ResponseLogin, LOGIN_OK, WRONG_PASS),
            ),
        ],
    ),
    rule(
        "login.wrong-user",
        &[
            way(
                "the answer says that the password is wrong",
                |_, effects| restated(effects, ResponseLogin, WRONG_USER, WRONG_PASS),
            ),
            way(
                "an account is made and logged in",
                |cx, effects| match credentials(cx) {
                    Some(Credentials { login, pass })
                        if any_status(&effects, ResponseLogin, WRONG_USER) =>
                    {
                        let (user, pass) = (login.clone(), pass.clone());
                        let mut admitted = vec![Change::SetAccount { user, pass }.into()];
                        admitted.extend(admit(cx, login));
                        admitted
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "login.wrong-pass",
        &[
            way("logged in", |cx, effects| match credentials(cx) {
                Some(credentials) if any_status(&effects, ResponseLogin, WRONG_PASS) => {
                    admit(cx, &credentials.login)
                }
                _ => effects,
            }),
            way(
                "the answer says that there is no such user",
                |_, effects| restated(effects, ResponseLogin, WRONG_PASS, WRONG_USER),
            ),
            way("no answer", |_, effects| {
                unsent_status(effects, ResponseLogin, WRONG_PASS)
            }),
        ],
    ),
    rule(
        "signup.ok",
        &[
            way("no answer", |cx, effects| {
                unsent_status(effects, ResponseSignup, signup_ok(cx))
            }),
            way("the answer says that the login is taken", |cx, effects| {
                restated(effects, ResponseSignup, signup_ok(cx), signup_exists(cx))
            }),
        ],
    ),
    rule(
        "signup.usable",
        &[
            way("the password is stored wrongly", |_, effects| {
                changed(effects, |change| match change {
                    Change::SetAccount { user, pass } => Change::SetAccount {
                        user,
                        pass: pass + "?",
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
        "signup.exists",
        &[
            way("the answer says that it succeeded", |cx, effects| {
                restated(effects, ResponseSignup, signup_exists(cx), signup_ok(cx))
            }),
            way("the answer says that it failed", |cx, effects| {
                restated(effects, ResponseSignup, signup_exists(cx), signup_fail(cx))
            }),
            way("no answer", |cx, effects| {
                unsent_status(effects, ResponseSignup, signup_exists(cx))
            }),
        ],
    ),
    rule(
        "signup.exists-keeps-account",
        &[
            way("the password is overwritten", |cx, effects| {
                refused(cx, effects, |login, pass| Change::SetAccount {
                    user: login.to_owned(),
                    pass: pass.to_owned(),
                })
            }),
            way("the account is removed", |cx, effects| {
                refused(cx, effects, |login, _| Change::RemoveAccount {
                    user: login.to_owned(),
                })
            }),
        ],
    ),
];

fn credentials<'a>(cx: &Context<'a>) -> Option<&'a Credentials> {
    match request(cx)? {
        Request::RequestLogin(credentials) | Request::RequestSignup(credentials) => {
            Some(credentials)
        }
        _ => None,
    }
}

/// With a change of the state where a sign-up is refused because the login is taken.
fn refused(
    cx: &Context,
    effects: Vec<Effect>,
    change: impl Fn(&str, &str) -> Change,
) -> Vec<Effect> {
    match credentials(cx) {
        Some(Credentials { login, pass })
            if any_status(&effects, ResponseSignup, signup_exists(cx)) =>
        {
            and(effects, change(login, pass))
        }
        _ => effects,
    }
}
