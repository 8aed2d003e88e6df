//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! Spoils fields by which no message is told from another, where there are such fields.

use serde_json::{Value, json};

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, rule};
use crate::rules::shapes::{Shaped, Spot, What, shapes};

impl Shaped for Message {
    /// A list without elements says nothing, and is left alone.
    fn spoil(&mut self, spot: Spot, what: What) {
        match (what, self.get(spot.field)) {
            (_, Some(Value::Array(items))) if items.is_empty() => {}
            (What::Missing, _) => self.remove(spot.field),
            (What::Retyped, Some(Value::Array(_))) => self.set(spot.field, json!({})),
            // Ids and dates may be numbers and texts.
            (What::Retyped, Some(Value::Number(_))) => self.set(spot.field, true),
            (What::Retyped, Some(Value::String(_))) => self.set(spot.field, json!([7])),
            (What::Retyped, _) => {}
        }
    }
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
