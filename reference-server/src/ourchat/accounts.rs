//! Registration, login, and the logout that deletes the account.
//! A password is compared as a string; the server knows nothing of how it was encrypted.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::readings::Departure;
use super::request::{Login, Ocid, Register};
use super::state::{MAX_ACCOUNTS, MAX_NAME};

pub(super) const SUCCESS: u64 = 0;
pub(super) const REGISTRATION_ERROR: u64 = 1;
pub(super) const EMAIL_IN_USE: u64 = 2;
pub(super) const INCORRECT: u64 = 1;
pub(super) const LOGIN_ERROR: u64 = 2;
pub(super) const LOGOUT_FAILED: u64 = 1;

/// RFC 6455, section 7.4.1.
const NORMAL: u16 = 1000;

/// Makes an account.
pub(super) fn register(cx: &Context, account: &Register) -> Vec<Effect> {
    let Register {
        email,
        password,
        name,
    } = account;
    let fields = [email, password, name];
    let odd = fields.iter().any(|f| f.is_empty() || f.len() > MAX_NAME);
    let is_odd = |text: &str| !text.chars().all(is_plain);
    let odd_name = cx.takes(Departure::OddNamesAreRefused) && is_odd(name)
        || cx.takes(Departure::OddPasswordsAreRefused) && (is_odd(password) || password.len() < 4);
    let was_here = cx.takes(Departure::EmailsAreNotFreed) && cx.state.scars.deleted.contains(email);
    let name_taken = cx.takes(Departure::NicknamesAreUnique)
        && cx.state.accounts.values().any(|other| other.name == *name);
    let status = if cx.state.account_of_email(email).is_some() || was_here {
        EMAIL_IN_USE
    } else if odd
        || odd_name
        || name_taken
        || cx.had_its_login()
        || cx.state.accounts.len() >= MAX_ACCOUNTS
    {
        REGISTRATION_ERROR
    } else {
        return opened(cx, account);
    };
    vec![cx.reply(Kind::RegisterResponse, json!({ "status": status }))]
}

/// Whether a server that is choosy about names takes this letter.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_".contains(c)
}

fn opened(cx: &Context, account: &Register) -> Vec<Effect> {
    let ocid = cx.state.next_account();
    let as_text = cx.takes(Departure::OcidIsTextInRegistration);
    let fields = json!({ "status": SUCCESS, "ocid": cx.ocid(ocid, as_text) });
    let (account, now_ms, conn) = (account.clone(), cx.now_ms, cx.conn);
    let mut effects = vec![
        Change::Open {
            ocid,
            account,
            now_ms,
        }
        .into(),
        cx.reply(Kind::RegisterResponse, fields),
    ];
    if cx.takes(Departure::RegistrationLogsIn) {
        effects.push(Change::LogIn { conn, ocid }.into());
    }
    effects
}

/// The account that a login names, whatever the password.
pub(super) fn named(cx: &Context, login: &Login) -> Option<u64> {
    match login.login_type {
        0 => cx.state.account_of_email(&login.account),
        1 => cx.state.known(Ocid::of_text(&login.account)),
        _ => None,
    }
}

/// Logs an account in on the connection, whoever was logged in there.
pub(super) fn login(cx: &Context, login: &Login) -> Vec<Effect> {
    let account = named(cx, login).and_then(|ocid| Some((ocid, cx.state.accounts.get(&ocid)?)));
    match account {
        Some((ocid, account)) if account.password == login.password => {
            let elsewhere = cx.state.connections_of(ocid).iter().any(|c| *c != cx.conn);
            if cx.had_its_login() || elsewhere && cx.takes(Departure::SecondLoginsAreRefused) {
                vec![refusal(cx, LOGIN_ERROR)]
            } else {
                admit(cx, ocid)
            }
        }
        _ => vec![refusal(cx, INCORRECT)],
    }
}

fn refusal(cx: &Context, status: u64) -> Effect {
    let mut fields = json!({ "status": status });
    if cx.takes(Departure::FailuresHaveAnOcid) {
        fields["ocid"] = 0.into();
    }
    cx.reply(Kind::LoginResponse, fields)
}

/// Logs an account in, whatever the password, and hands over what was stored meanwhile.
pub(super) fn admit(cx: &Context, ocid: u64) -> Vec<Effect> {
    let mut effects = Vec::new();
    if cx.takes(Departure::SecondLoginsCloseTheFirst) {
        let others = cx.state.connections_of(ocid).iter();
        for &conn in others.filter(|conn| **conn != cx.conn) {
            effects.push(Change::LogOut { conn }.into());
            effects.push(Effect::Close { conn, code: NORMAL });
        }
    }
    let conn = cx.conn;
    let as_text = cx.takes(Departure::OcidIsTextInLogin);
    let fields = json!({ "status": SUCCESS, "ocid": cx.ocid(ocid, as_text) });
    effects.push(Change::LogIn { conn, ocid }.into());
    effects.push(cx.reply(Kind::LoginResponse, fields));
    if let Some(account) = cx.state.accounts.get(&ocid) {
        effects.push(Change::TakeStored { ocid }.into());
        effects.extend(account.stored.iter().map(|message| Effect::Send {
            to: conn,
            message: message.clone(),
        }));
    }
    effects
}

/// Deletes the account that is logged in.
pub(super) fn logout(cx: &Context) -> Vec<Effect> {
    let Some(ocid) = cx.me() else {
        if cx.takes(Departure::LogoutWithoutLoginIsIgnored) {
            return Vec::new();
        }
        return vec![if cx.takes(Departure::LogoutWithoutLoginIsAnError) {
            cx.error("nobody is logged in here")
        } else {
            cx.reply(Kind::LogoutResponse, json!({ "status": LOGOUT_FAILED }))
        }];
    };
    let mut effects = vec![
        Change::Delete { ocid }.into(),
        cx.reply(Kind::LogoutResponse, json!({ "status": SUCCESS })),
    ];
    if cx.takes(Departure::LogoutCloses) {
        let (conn, code) = (cx.conn, NORMAL);
        effects.push(Effect::Close { conn, code });
    }
    effects
}
