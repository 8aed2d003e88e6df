//! How the shape of each answer can be broken: a field is missing, or of another JSON type.

use serde_json::json;

use super::super::message::{Answer, Stamp};
use super::super::request::Mode;
use super::{Entry, How, Way, broken, rule};

/// What is done to the answers of one mode.
#[derive(Clone, Copy)]
pub(in super::super) struct Damage {
    mode: Mode,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    TimestampMissing,
    StatusRetyped,
}

impl broken::Damage<Answer> for Damage {
    fn inflict(self, answer: &mut Answer) {
        if answer.mode != self.mode {
            return;
        }
        match self.what {
            What::TimestampMissing => answer.timestamp = Stamp::Missing,
            What::StatusRetyped => answer.odd_status = Some(json!([answer.status])),
        }
    }
}

macro_rules! shapes {
    ($($id:literal = $mode:ident,)*) => {
        pub(super) const RULES: &[Entry] = &[$(
            rule(concat!("shape.", $id), &[
                Way {
                    does: "timestamp is missing",
                    how: How::Shape(Damage { mode: Mode::$mode, what: What::TimestampMissing }),
                },
                Way {
                    does: "status is a list",
                    how: How::Shape(Damage { mode: Mode::$mode, what: What::StatusRetyped }),
                },
            ]),
        )*];
    };
}

shapes! {
    "check-connection" = CheckConnection,
    "check-token" = CheckToken,
    "auth" = Auth,
    "register" = Register,
    "logout" = Logout,
    "create-chat" = CreateChat,
    "get-chats" = GetChats,
    "get-messages" = GetMessages,
    "send-message" = SendMessage,
}
