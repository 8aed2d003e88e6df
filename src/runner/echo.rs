//! Echoes that the profile tells of: what the sender of a message gets, too, and the document has not.
//!
//! Each is taken away once for each message that was sent, by the fields that come back as they were sent;
//! one more is left to be judged.

use super::speech::Target;
use crate::engine::Outbound;
use crate::value::Value;

#[derive(Debug, Default)]
pub(super) struct Echoes {
    /// Connection, which of the profile's echoes, and the fields that it is known by.
    due: Vec<(u32, usize, Vec<Value>)>,
}

/// Sent messages whose echo may still come, on all connections of a case.
const MOST: usize = 1000;

impl Echoes {
    /// Takes note of what is sent.
    pub(super) fn sent(&mut self, connection: u32, what: &Outbound, target: &Target) {
        let Outbound::Value(frame) = what else { return };
        for (i, echo) in target.profile.echoes.iter().enumerate() {
            if target.kind_of(frame) == Some(&echo.sent_kind)
                && let Some(same) = target.fields_of(frame, &echo.same)
                && self.due.len() < MOST
            {
                self.due.push((connection, i, same));
            }
        }
    }

    /// Whether what came is an echo that is due; then it is so no more.
    pub(super) fn take(&mut self, connection: u32, frame: &Value, target: &Target) -> bool {
        let found = self.due.iter().position(|(on, i, same)| {
            let echo = &target.profile.echoes[*i];
            *on == connection
                && target.kind_of(frame) == Some(&echo.comes_kind)
                && target.fields_of(frame, &echo.same).as_ref() == Some(same)
        });
        found.inspect(|at| drop(self.due.remove(*at))).is_some()
    }
}
