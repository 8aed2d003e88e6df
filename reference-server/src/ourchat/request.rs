//! What clients send: frames become typed requests.
//! Refuses what is no message of the document, and says why.

use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::protocol::Frame;

/// A request that is to be handled.
pub(super) struct Incoming {
    pub(super) request: Request,
    /// A verification was begun and is passed with it.
    pub(super) verified: bool,
}

/// Every message that a client may send.
#[derive(Clone, Debug)]
pub(super) enum Request {
    UserMessage(UserMessage),
    Register(Register),
    Login(Login),
    NewSession(NewSession),
    GetAccountInfo(GetAccountInfo),
    GetServerStatus,
    GenerateVerificationCode,
    Logout,
}

impl Request {
    /// Reads a text frame; there are no binary ones in this protocol.
    pub(super) fn parse(frame: &Frame) -> Result<Request, String> {
        let Frame::Text(text) = frame else {
            return Err("a binary frame is no message".to_owned());
        };
        let value: Value =
            serde_json::from_str(text).map_err(|_| "the frame is no JSON".to_owned())?;
        let code = value.get("code").ok_or("the message has no code")?;
        let Some(code) = code.as_u64() else {
            return Err("the code is no number of a message".to_owned());
        };
        fn of<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
            serde_json::from_value(value).map_err(|error| error.to_string())
        }
        Ok(match code {
            0 => Request::UserMessage(of(value)?),
            4 => Request::Register(of(value)?),
            6 => Request::Login(of(value)?),
            8 => Request::NewSession(of(value)?),
            10 => Request::GetAccountInfo(of(value)?),
            12 => Request::GetServerStatus,
            14 => Request::GenerateVerificationCode,
            16 => Request::Logout,
            _ => return Err(format!("no client sends code {code}")),
        })
    }
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct UserMessage {
    /// The sender's; seconds or milliseconds, as the sender likes.
    pub(super) time: Number,
    pub(super) sender: Sender,
    pub(super) msg: Vec<Entry>,
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct Sender {
    pub(super) ocid: Ocid,
    pub(super) session_id: u64,
}

/// One entry of a user message. What it holds besides a type is the clients' affair.
#[derive(Deserialize, Clone, Debug)]
#[serde(try_from = "Map<String, Value>")]
pub(super) struct Entry(pub(super) Map<String, Value>);

impl TryFrom<Map<String, Value>> for Entry {
    type Error = &'static str;

    fn try_from(entry: Map<String, Value>) -> Result<Entry, &'static str> {
        match entry.get("type") {
            Some(Value::Number(_)) => Ok(Entry(entry)),
            _ => Err("an entry of msg has a type, which is a number"),
        }
    }
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct Register {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) name: String,
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct Login {
    pub(super) login_type: u64,
    pub(super) account: String,
    pub(super) password: String,
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct NewSession {
    pub(super) members: Vec<Ocid>,
}

#[derive(Deserialize, Clone, Debug)]
pub(super) struct GetAccountInfo {
    pub(super) ocid: Ocid,
    pub(super) request_values: Vec<String>,
}

/// An ocid, which the document has as a number and as a text; `None` where no account can have it.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(try_from = "Value")]
pub(super) struct Ocid(pub(super) Option<u64>);

impl Ocid {
    pub(super) fn of_text(text: &str) -> Ocid {
        Ocid(text.parse().ok())
    }
}

impl TryFrom<Value> for Ocid {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Ocid, &'static str> {
        match value {
            Value::Number(number) => Ok(Ocid(number.as_u64())),
            Value::String(text) => Ok(Ocid::of_text(&text)),
            _ => Err("an ocid is a number or a text"),
        }
    }
}
