//! How the shape of each message can be broken: a field is missing, or of another JSON type.
//! A message without fields has no shape to break.

use serde_json::{Value, json};

use super::super::message::{Kind, Message};
use super::{Entry, How, Way, rule};
use crate::rules::shapes::{Shaped, Spot, What, shapes};

impl Shaped for Message {
    fn spoil(&mut self, spot: Spot, what: What) {
        match (what, self.get(spot.field)) {
            (What::Missing, _) => _ = self.fields.shift_remove(spot.field),
            (What::Retyped, Some(Value::Object(_) | Value::Array(_))) => {
                self.set(spot.field, "all of it");
            }
            (What::Retyped, Some(_)) => self.set(spot.field, json!({})),
            (What::Retyped, None) => {}
        }
    }
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
