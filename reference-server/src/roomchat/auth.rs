//! Sign-up and login (document: Log in, Sign up).
//! A password is compared as a string; nothing is hashed here.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::readings::Departure;
use super::request::Credentials;
use super::state::{MAX_NAME, MAX_USERS};

pub(super) const LOGIN_OK: &str = "LOGIN_OK";
pub(super) const WRONG_USER: &str = "LOGIN_WRONG_USER";
pub(super) const WRONG_PASS: &str = "LOGIN_WRONG_PASS";
/// For a second login where that is refused; the document has no status for it.
const LOGIN_REFUSED: &str = "LOGIN_REFUSED";

/// RFC 6455, section 7.4.1.
const NORMAL: u16 = 1000;

/// REQUEST_SIGNUP: makes an account.
pub(super) fn sign_up(cx: &Context, credentials: &Credentials) -> Vec<Effect> {
    let Credentials { login, pass } = credentials;
    let too_long = login.len() > MAX_NAME || pass.len() > MAX_NAME;
    let unfit = login.is_empty() || pass.is_empty() || too_long;
    let status = if cx.state.users.contains_key(login) {
        signup_exists(cx)
    } else if cx.had_its_login() || unfit || cx.state.users.len() >= MAX_USERS {
        signup_fail(cx)
    } else {
        let (user, pass) = (login.clone(), pass.clone());
        let account = Change::SetAccount {
            user: user.clone(),
            pass,
        };
        let mut effects = vec![account.into()];
        if cx.takes(Departure::SignupLogsIn) {
            let conn = cx.conn;
            effects.push(Change::LogIn { conn, user }.into());
        }
        effects.push(cx.reply(Kind::ResponseSignup, json!({ "status": signup_ok(cx) })));
        if cx.takes(Departure::SignupCloses) {
            effects.push(closing(cx));
        }
        return effects;
    };
    vec![cx.reply(Kind::ResponseSignup, json!({ "status": status }))]
}

/// REQUEST_LOGIN: whoever was logged in on the connection is not any more, if it succeeds.
pub(super) fn login(cx: &Context, credentials: &Credentials) -> Vec<Effect> {
    let status = match cx.state.users.get(&credentials.login) {
        None => WRONG_USER,
        Some(user) if user.pass != credentials.pass => WRONG_PASS,
        Some(_) if cx.had_its_login() => LOGIN_REFUSED,
        Some(user)
            if cx.takes(Departure::SecondLoginIsRefused)
                && user.conns.iter().any(|conn| *conn != cx.conn) =>
        {
            LOGIN_REFUSED
        }
        Some(_) => return admit(cx, &credentials.login),
    };
    let mut effects = vec![cx.reply(Kind::ResponseLogin, json!({ "status": status }))];
    if cx.takes(Departure::RefusedLoginsClose) {
        effects.push(closing(cx));
    }
    effects
}

fn closing(cx: &Context) -> Effect {
    Effect::Close {
        conn: cx.conn,
        code: NORMAL,
    }
}

/// Logs a user in, whatever the credentials, and hands over what was kept meanwhile.
pub(super) fn admit(cx: &Context, user: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let account = cx.state.users.get(user);
    if cx.takes(Departure::SecondLoginReplaces) {
        let others = account.into_iter().flat_map(|account| &account.conns);
        for &conn in others.filter(|conn| **conn != cx.conn) {
            effects.push(Effect::Close { conn, code: NORMAL });
        }
    }
    let (conn, name) = (cx.conn, user.to_owned());
    effects.push(
        Change::LogIn {
            conn,
            user: name.clone(),
        }
        .into(),
    );
    effects.push(cx.reply(Kind::ResponseLogin, json!({ "status": LOGIN_OK })));
    effects.push(Change::TakeKept { user: name }.into());
    let kept = account.into_iter().flat_map(|account| &account.kept);
    effects.extend(kept.map(|message| Effect::Send {
        to: cx.conn,
        message: message.clone(),
    }));
    effects
}

pub(super) fn signup_ok(cx: &Context) -> &'static str {
    if cx.takes(Departure::SignupOkIsCorrected) {
        "SIGNUP_OK"
    } else {
        "SINGUP_OK"
    }
}

pub(super) fn signup_exists(cx: &Context) -> &'static str {
    if cx.takes(Departure::SignupExistsIsAlike) {
        "SINGUP_USER_EXIST"
    } else {
        "SIGNUP_USER_EXIST"
    }
}

pub(super) fn signup_fail(cx: &Context) -> &'static str {
    if cx.takes(Departure::SignupFailIsCorrected) {
        "SIGNUP_FAIL"
    } else {
        "SINGUP_FAIL"
    }
}
