//! How the shape of each message can be broken: a field is missing, or of another type.
//! Spoils fields by which no message is told from another, where there are such fields.
//! A message without fields has no shape to break.

use rmpv::Value;

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, broken, rule};

/// What is done to one kind of message.
#[derive(Clone, Copy)]
pub(crate) struct Damage {
    kind: Kind,
    /// The list whose items are spoilt; empty where it is the message itself.
    list: &'static str,
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
        if self.list.is_empty() {
            match (self.what, message.get(self.field).map(retyped)) {
                (What::Missing, _) => message.remove(self.field),
                (What::Retyped, Some(other)) => message.set(self.field, other),
                (What::Retyped, None) => {}
            }
            return;
        }
        for item in message.items(self.list).into_iter().flatten() {
            let Value::Map(pairs) = item else { continue };
            match self.what {
                What::Missing => pairs.retain(|(key, _)| key.as_str() != Some(self.field)),
                What::Retyped => {
                    let found = pairs
                        .iter_mut()
                        .find(|(key, _)| key.as_str() == Some(self.field));
                    if let Some((_, value)) = found {
                        *value = retyped(value);
                    }
                }
            }
        }
    }
}

/// A value of a type that no field of the document has.
fn retyped(value: &Value) -> Value {
    match value {
        Value::Array(_) => Value::Map(Vec::new()),
        _ => Value::Array(Vec::new()),
    }
}

macro_rules! shapes {
    ($($id:literal = $kind:ident $list:literal $field:literal,)*) => {
        pub(super) const RULES: &[Entry] = &[$(
            rule(concat!("shape.", $id), &[
                Way {
                    does: concat!($field, " is missing"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, list: $list, field: $field, what: What::Missing,
                    }),
                },
                Way {
                    does: concat!($field, " has another type"),
                    how: How::Shape(Damage {
                        kind: Kind::$kind, list: $list, field: $field, what: What::Retyped,
                    }),
                },
            ]),
        )*];
    };
}

shapes! {
    "auth-register-success" = RegisterSuccess "" "password",
    "auth-login-success" = LoginSuccess "" "user_name",
    "auth-login-fail" = LoginFail "" "reason",
    "user-sync" = UserSync "users" "user_name",
    "message-send-fail" = SendFail "" "reason",
    "message-push" = Push "messages" "message_id",
    "chat-spawn" = Spawn "" "created",
    "user-push" = UserPush "" "nick",
    "message-retrieve" = Retrieve "" "messages",
}
