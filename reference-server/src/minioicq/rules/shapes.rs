//! How the shape of each message can be broken: a field is missing, or of another type.
//! Spoils fields by which no message is told from another, where there are such fields.
//! A message without fields has no shape to break.

use rmpv::Value;

use super::super::message::{Kind, Message};
use super::edit::item_field;
use super::{Entry, How, Way, rule};
use crate::rules::shapes::{Damage, Shaped, Spot, What, shapes};

impl Shaped for Message {
    fn spoil(&mut self, spot: Spot, what: What) {
        if spot.list.is_empty() {
            match (what, self.get(spot.field).map(retyped)) {
                (What::Missing, _) => self.remove(spot.field),
                (What::Retyped, Some(other)) => self.set(spot.field, other),
                (What::Retyped, None) => {}
            }
            return;
        }
        for item in self.items(spot.list).into_iter().flatten() {
            match what {
                What::Missing => {
                    if let Value::Map(pairs) = item {
                        pairs.retain(|(key, _)| key.as_str() != Some(spot.field));
                    }
                }
                What::Retyped => {
                    if let Some(value) = item_field(item, spot.field) {
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

shapes! {
    "auth-register-success" = RegisterSuccess "password",
    "auth-login-success" = LoginSuccess "user_name",
    "auth-login-fail" = LoginFail "reason",
    "user-sync" = UserSync "user_name" in "users",
    "message-send-fail" = SendFail "reason",
    "message-push" = Push "message_id" in "messages",
    "chat-spawn" = Spawn "created",
    "user-push" = UserPush "nick",
}

/// The history is subject to change, by the document: its list may be missing.
pub(super) const OF_HISTORY: &[Entry] = &[rule(
    "shape.message-retrieve",
    &[Way {
        does: "messages has another type",
        how: How::Shape(Damage {
            kind: Kind::Retrieve,
            spot: Spot {
                list: "",
                field: "messages",
            },
            what: What::Retyped,
        }),
    }],
)];
