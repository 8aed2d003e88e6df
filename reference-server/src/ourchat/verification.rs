//! Verification. No message carries the code, so whoever asks for it has passed.
//! Where the server takes the reading, it holds a request back until then.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::readings::Departure;
use super::request::{Incoming, Request};
use super::state::{MAX_MEMBERS, MAX_NAME};
use super::{Input, handle};

const PASSED: u64 = 0;
const FAILED: u64 = 1;

/// What is done instead of handling the input, where a verification comes first.
pub(super) fn wanted(cx: &Context) -> Option<Vec<Effect>> {
    let held = match cx.input {
        Input::Connected if cx.takes(Departure::VerifiesConnections) => None,
        Input::Request(incoming) if is_verified(cx, &incoming.request) => {
            Some(incoming.request.clone())
        }
        _ => return None,
    };
    let conn = cx.conn;
    let mut effects = if held.is_none() {
        handle(cx)
    } else {
        Vec::new()
    };
    effects.push(Change::Wait { conn, held }.into());
    effects.push(cx.reply(Kind::InitiateVerification, json!({})));
    Some(effects)
}

/// Whether such a request waits for a verification. One that is too long to be granted does not.
fn is_verified(cx: &Context, request: &Request) -> bool {
    let short = |texts: &[&String]| texts.iter().all(|text| text.len() <= MAX_NAME);
    match request {
        Request::Register(account) => {
            cx.takes(Departure::VerifiesRegistrations)
                && short(&[&account.email, &account.password, &account.name])
        }
        Request::Login(login) => {
            cx.takes(Departure::VerifiesLogins) && short(&[&login.account, &login.password])
        }
        Request::NewSession(session) => {
            cx.takes(Departure::VerifiesSessions) && session.members.len() <= MAX_MEMBERS
        }
        Request::Logout => cx.takes(Departure::VerifiesLogouts),
        _ => false,
    }
}

/// The code was asked for, and the verification is passed; then comes what was held back.
pub(super) fn passed(cx: &Context) -> Vec<Effect> {
    let mut effects = vec![
        Change::GoOn { conn: cx.conn }.into(),
        cx.reply(Kind::VerificationStatus, json!({ "status": PASSED })),
    ];
    let asks = |incoming: &Incoming| matches!(incoming.request, Request::GenerateVerificationCode);
    if !cx.request().is_some_and(asks) {
        effects.extend(handle(cx));
    }
    effects
}

/// GENERATE_VERIFICATION_CODE where no verification was begun.
pub(super) fn unasked(cx: &Context) -> Vec<Effect> {
    vec![if cx.takes(Departure::UnaskedVerificationsAreErrors) {
        cx.error("no verification was begun")
    } else {
        cx.reply(Kind::VerificationStatus, json!({ "status": FAILED }))
    }]
}
