//! Registration and login (document: User Authentication).
//! A password hash is compared as a string; the server knows nothing of what it hashes.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect, Offline};
use super::media;
use super::message::Kind;
use super::presence::{self, NORMAL_CLOSE};
use super::readings::Departure;
use super::request::Credentials;
use super::state::{MAX_NAME, MAX_USERS};

pub(super) const SUCCESS: i64 = 0;
pub(super) const REGISTRATION_FAILED: i64 = 1001;
pub(super) const USER_EXISTS: i64 = 1002;
pub(super) const REGISTRATION_ERROR: i64 = 1003;
pub(super) const INVALID_CREDENTIALS: i64 = 2001;
pub(super) const ALREADY_LOGGED_IN: i64 = 2002;
pub(super) const NO_SUCH_USER: i64 = 2003;

/// Makes an account. It does not log in.
pub(super) fn register(cx: &Context, credentials: &Credentials) -> Vec<Effect> {
    let Credentials {
        username,
        password_hash,
    } = credentials;
    let too_long = username.len() > MAX_NAME || password_hash.len() > MAX_NAME;
    let code = if username.is_empty() || too_long {
        REGISTRATION_FAILED
    } else if cx.state.user_exists(username) {
        USER_EXISTS
    } else if cx.state.users.len() >= MAX_USERS {
        REGISTRATION_ERROR
    } else {
        let (user, hash) = (username.clone(), password_hash.clone());
        let mut effects = vec![
            Change::SetAccount { user, hash }.into(),
            answer(cx, Kind::RegisterResponse, SUCCESS),
        ];
        if cx.takes(Departure::RegistrationCloses) {
            effects.push(closing(cx));
        }
        return effects;
    };
    vec![answer(cx, Kind::RegisterResponse, code)]
}

/// Begins a session.
pub(super) fn login(cx: &Context, credentials: &Credentials) -> Vec<Effect> {
    let Credentials {
        username,
        password_hash,
    } = credentials;
    let code = match cx.state.users.get(username) {
        None => NO_SUCH_USER,
        Some(user) if user.hash != *password_hash => INVALID_CREDENTIALS,
        // A connection that already is somebody's is taken as well.
        Some(_) if cx.user.is_some() || cx.state.has_session(username, cx.now_ms) => {
            ALREADY_LOGGED_IN
        }
        Some(_) => return admit(cx, username),
    };
    let mut effects = vec![answer(cx, Kind::LoginResponse, code)];
    if cx.takes(Departure::RefusedLoginsClose) {
        effects.push(closing(cx));
    }
    effects
}

fn closing(cx: &Context) -> Effect {
    Effect::Close {
        conn: cx.conn,
        code: NORMAL_CLOSE,
    }
}

/// Logs a user in, whatever the credentials, and hands over what was stored meanwhile.
pub(super) fn admit(cx: &Context, user: &str) -> Vec<Effect> {
    let mut effects = vec![
        Change::LogIn {
            conn: cx.conn,
            user: user.to_owned(),
        }
        .into(),
        answer(cx, Kind::LoginResponse, SUCCESS),
    ];
    effects.extend(presence::announce_login(cx, user));
    if let Some(account) = cx.state.users.get(user) {
        effects.push(
            Change::TakeStored {
                user: user.to_owned(),
            }
            .into(),
        );
        effects.extend(account.stored.iter().map(|message| Effect::Deliver {
            to: user.to_owned(),
            message: message.clone(),
            how: Offline::Keep,
        }));
        effects.extend(media::begin_stored(cx, user, account));
    }
    effects
}

fn answer(cx: &Context, kind: Kind, code: i64) -> Effect {
    cx.reply(kind, json!({ "success": code == SUCCESS, "code": code }))
}
