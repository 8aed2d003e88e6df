//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! A message without fields has no shape to break.

use serde_json::{Value, json};

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, broken, rule};

/// What is done to the fields of one kind of message.
#[derive(Clone, Copy)]
pub(crate) struct Damage {
    kind: Kind,
    field: &'static str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Missing,
    Retyped,
}

impl broken::Damage<Message> for Damage {
    fn inflict(self, message: &mut Message) {
        if message.kind != self.kind {
            return;
        }
        match (self.what, message.get(self.field)) {
            (What::Missing, _) => _ = message.fields.shift_remove(self.field),
            (What::Retyped, Some(Value::Object(_) | Value::Array(_))) => {
                message.set(self.field, "all of it");
            }
            (What::Retyped, Some(_)) => message.set(self.field, json!({})),
            (What::Retyped, None) => {}
        }
    }
}

macro_rules! shapes {
    ($($id:literal = $kind:ident $field:literal,)*) => {
        pub(super) const RULES: &[Entry] = &[$(
            rule(concat!("shape.", $id), &[
                Way {
                    does: concat!($field, " is missing"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, field: $field, what: What::Missing,
                    }),
                },
                Way {
                    does: concat!($field, " has another type"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, field: $field, what: What::Retyped,
                    }),
                },
            ]),
        )*];
    };
}

shapes! {
    "user-message" = UserMessage "time",
    "register-response" = RegisterResponse "ocid",
    "login-response" = LoginResponse "ocid",
    "new-session-response" = NewSessionResponse "session_id",
    "account-info" = AccountInfo "data",
    "server-status" = ServerStatus "status",
    "verification-status" = VerificationStatus "status",
    "logout-response" = LogoutResponse "status",
    "error" = Error "details",
}
