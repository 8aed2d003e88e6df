//! What clients send: frames become typed requests.
//! Refuses what is no message of the document; the caller gets `None`, for no answer exists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmpv::Value;

use super::id::Id;
use super::message::field;
use crate::protocol::Frame;

/// Levels of nesting that are read; the document's messages have three.
const DEPTH: usize = 32;

/// Every message that a client may send.
#[derive(PartialEq, Debug)]
pub(super) enum Request {
    Register {
        name: String,
        password: String,
    },
    Login {
        user: Id,
        password: String,
    },
    Logout,
    Sync,
    Heartbeat,
    Send(Sending),
    PushAck,
    Create {
        members: Vec<Id>,
    },
    /// The image, out of base64 if it came so.
    SetAvatar(Vec<u8>),
    Get {
        user: Id,
    },
    History {
        user: Id,
        start: Value,
        end: Value,
    },
}

/// The message of a `message.send`.
#[derive(PartialEq, Clone, Debug)]
pub(super) struct Sending {
    pub(super) chat: Id,
    pub(super) kind: String,
    pub(super) content: String,
    pub(super) time: String,
}

impl Request {
    /// Reads a binary frame that holds one MessagePack map and nothing after it.
    pub(super) fn parse(frame: &Frame) -> Option<Request> {
        let Frame::Binary(bytes) = frame else {
            return None;
        };
        let mut rest = bytes.as_slice();
        let value = rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let text = |name: &str| Some(field(&value, name)?.as_str()?.to_owned());
        let id = |name: &str| Id::of(field(&value, name)?);
        Some(match field(&value, "action")?.as_str()? {
            "auth.register" => Request::Register {
                name: text("user_name")?,
                password: text("password")?,
            },
            "auth.login" => Request::Login {
                user: id("user_id")?,
                password: text("password")?,
            },
            "auth.logout" => Request::Logout,
            "user.sync" => Request::Sync,
            "heartbeat" => Request::Heartbeat,
            "message.send" => Request::Send(Sending::parse(field(&value, "message")?)?),
            "message.push.ack" => Request::PushAck,
            "chat.create" => Request::Create {
                members: field(&value, "members")?
                    .as_array()?
                    .iter()
                    .map(Id::of)
                    .collect::<Option<_>>()?,
            },
            "avatar.set" => Request::SetAvatar(match field(&value, "avatar")? {
                Value::Binary(bytes) => bytes.clone(),
                other => STANDARD.decode(other.as_str()?).ok()?,
            }),
            "user.get" => Request::Get {
                user: id("user_id")?,
            },
            "message.get" => Request::History {
                user: id("user_id")?,
                start: field(&value, "start")?.clone(),
                end: field(&value, "end")?.clone(),
            },
            _ => return None,
        })
    }
}

impl Sending {
    fn parse(message: &Value) -> Option<Sending> {
        let text = |name: &str| Some(field(message, name)?.as_str()?.to_owned());
        let kind = text("type")?;
        let known = ["text", "image", "file", "video", "audio"].contains(&kind.as_str());
        known.then_some(())?;
        Some(Sending {
            chat: Id::of(field(message, "chat_id")?)?,
            kind,
            content: text("content")?,
            time: text("time")?,
        })
    }
}
