//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! Spoils fields by which no message is told from another, where there are such fields.

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
    /// A list without elements says nothing, and is left alone.
    fn inflict(self, message: &mut Message) {
        if message.kind != self.kind {
            return;
        }
        match (self.what, message.get(self.field)) {
            (_, Some(Value::Array(items))) if items.is_empty() => {}
            (What::Missing, _) => message.remove(self.field),
            (What::Retyped, Some(Value::Array(_))) => message.set(self.field, json!({})),
            // Ids and dates may be numbers and texts.
            (What::Retyped, Some(Value::Number(_))) => message.set(self.field, true),
            (What::Retyped, Some(Value::String(_))) => message.set(self.field, json!([7])),
            (What::Retyped, _) => {}
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
    "response-login" = ResponseLogin "status",
    "response-signup" = ResponseSignup "status",
    "create-room" = CreateRoom "customer",
    "snd-msg" = SndMsg "date",
    "read-msg" = ReadMsg "sender",
    "search-user" = SearchUser "user",
    "delete-room" = DeleteRoom "id",
    "delete-msg" = DeleteMsg "id",
    "edit-msg" = EditMsg "new_msg",
    "old-dialogs" = OldDialogs "dialogs",
}
