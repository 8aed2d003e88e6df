//! What can be asked: the information of an account, and the server's own status.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::effect::Effect;
use super::message::Kind;
use super::readings::Departure;
use super::request::GetAccountInfo;

const RUNNING: u64 = 0;
/// The status of an account; the document names none.
const ACTIVE: u64 = 0;

/// GET_ACCOUNT_INFO. Values that the document does not know are passed over.
pub(super) fn account(cx: &Context, question: &GetAccountInfo) -> Vec<Effect> {
    if cx.me().is_none() && !cx.takes(Departure::AccountInfoNeedsNoLogin) {
        return vec![cx.error("log in first")];
    }
    let Some(ocid) = cx.state.known(question.ocid) else {
        return vec![if cx.takes(Departure::UnknownAccountsHaveData) {
            cx.reply(Kind::AccountInfo, json!({ "data": {} }))
        } else {
            cx.error("no such account")
        }];
    };
    vec![told(cx, ocid, question)]
}

/// The information of an account that there is.
pub(super) fn told(cx: &Context, ocid: u64, question: &GetAccountInfo) -> Effect {
    let mut data = Map::new();
    let asked = |value: &str| question.request_values.iter().any(|asked| asked == value);
    for value in ["ocid", "nickname", "status", "avatar", "time"] {
        if (asked(value) || cx.takes(Departure::AccountInfoTellsAll))
            && let Some(told) = value_of(cx, ocid, value)
        {
            data.insert(value.to_owned(), told);
        }
    }
    cx.reply(Kind::AccountInfo, json!({ "data": data }))
}

fn value_of(cx: &Context, ocid: u64, value: &str) -> Option<Value> {
    let account = cx.state.accounts.get(&ocid)?;
    Some(match value {
        "ocid" => cx.ocid(ocid, cx.takes(Departure::OcidIsTextInAccountInfo)),
        "nickname" => account.name.clone().into(),
        "status" => ACTIVE.into(),
        "avatar" if cx.takes(Departure::UnsetAvatarsAreEmpty) => "".into(),
        "avatar" if cx.takes(Departure::UnsetAvatarsAreAbsent) => return None,
        "avatar" if cx.takes(Departure::UnsetAvatarsAreLinks) => {
            "https://example.com/avatar.png".into()
        }
        "avatar" => Value::Null,
        "time" if cx.takes(Departure::AccountTimesAreText) => {
            format!("{} s after the epoch", account.since_ms / 1000).into()
        }
        _ => (account.since_ms / 1000).into(),
    })
}

/// SERVER_STATUS.
pub(super) fn server(cx: &Context) -> Vec<Effect> {
    if cx.me().is_none() && cx.takes(Departure::StatusNeedsLogin) {
        return vec![cx.error("log in first")];
    }
    vec![cx.reply(Kind::ServerStatus, json!({ "status": RUNNING }))]
}
