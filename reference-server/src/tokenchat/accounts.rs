//! Registration, login and logout (document: Аутентификация).
//! A password is compared as a string.

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::{CONFLICT, OK, TOO_MANY_TOKENS, UNAUTHORIZED, UNAVAILABLE, UNPROCESSABLE};
use super::readings::Departure;
use super::request::Request;
use super::state::{MANY_TOKENS, MAX_NAME, MAX_USERS, Token, User};

/// RFC 6455, section 7.4.1.
const NORMAL_CLOSE: u16 = 1000;

/// Makes an account and gives its first token.
pub(super) fn register(cx: &Context, request: &Request) -> Vec<Effect> {
    let fields = || {
        Ok((
            request.text("username")?,
            request.text("password")?,
            request.text("email")?,
        ))
    };
    let (name, password, email) = match fields() {
        Ok(fields) => fields,
        Err(status) => return vec![cx.answer(status)],
    };
    let odd = |text: &str| text.is_empty() || text.len() > MAX_NAME;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let odd_name = cx.takes(Departure::OddNamesAreRefused) && !name.chars().all(is_plain);
    let status = if odd_name || [name, password, email].into_iter().any(odd) {
        UNPROCESSABLE
    } else if cx.state.users.contains_key(name) || cx.state.emails.contains(email) {
        CONFLICT
    } else if cx.state.users.len() >= MAX_USERS {
        UNAVAILABLE
    } else {
        let new = Change::AddUser {
            name: name.to_owned(),
            password: password.to_owned(),
            email: email.to_owned(),
        };
        let mut effects = vec![new.into()];
        effects.extend(give_token(cx, name, true));
        return effects;
    };
    vec![cx.answer(status)]
}

/// Gives a token to who knows the password.
pub(super) fn auth(cx: &Context, request: &Request) -> Vec<Effect> {
    let fields = || Ok((request.text("username")?, request.text("password")?));
    let (name, password) = match fields() {
        Ok(fields) => fields,
        Err(status) => return vec![cx.answer(status)],
    };
    match cx.state.users.get(name) {
        Some(user) if user.password == password => admit(cx, name, user),
        _ => vec![cx.answer(UNAUTHORIZED)],
    }
}

/// Logs a user in, whatever the password.
pub(super) fn admit(cx: &Context, name: &str, user: &User) -> Vec<Effect> {
    let works_here = |name: &&String| {
        let token = cx.state.tokens.get(*name);
        token.is_some_and(|token| cx.works_here(token))
    };
    if cx.takes(Departure::TokensAreShared)
        && let Some(token) = user.tokens.iter().find(works_here)
    {
        return vec![cx.send(cx.response(OK).with("token", token.as_str()))];
    }
    let mut effects: Vec<Effect> = Vec::new();
    if cx.takes(Departure::OlderTokensEnd) {
        let user = name.to_owned();
        effects.push(Change::EndTokens { user }.into());
    } else if cx.takes(Departure::TokensAreUnlimited) {
        if user.tokens.len() >= MANY_TOKENS
            && let Some(oldest) = user.tokens.first()
        {
            let name = oldest.clone();
            effects.push(Change::EndToken { name }.into());
        }
    } else if user.tokens.len() >= cx.tokens_each() {
        return vec![cx.answer(TOO_MANY_TOKENS)];
    }
    effects.extend(give_token(cx, name, false));
    effects
}

/// Ends the token that the request carries.
pub(super) fn logout(cx: &Context, user: &str, request: &Request) -> Vec<Effect> {
    let end = if cx.takes(Departure::LogoutEndsAll) {
        let user = user.to_owned();
        Change::EndTokens { user }
    } else {
        let name = request.text("token").unwrap_or_default().to_owned();
        Change::EndToken { name }
    };
    let mut effects = vec![end.into(), cx.answer(OK)];
    if cx.takes(Departure::LogoutCloses) {
        effects.push(Effect::Close {
            conn: cx.conn,
            code: NORMAL_CLOSE,
        });
    }
    effects
}

fn give_token(cx: &Context, user: &str, of_registration: bool) -> [Effect; 2] {
    let name = cx.state.new_token();
    let token = Token {
        user: user.to_owned(),
        conn: cx.conn,
        of_registration,
    };
    let answer = cx.response(OK).with("token", name.as_str());
    [Change::GiveToken { name, token }.into(), cx.send(answer)]
}
