//! Which values of a case are secret, told before the frames that hold them, so that whoever writes a
//! report can mask them by value. Masks nothing itself.

use std::collections::HashSet;
use std::sync::Arc;

use crate::event::Event;
use crate::protocol::secrets;
use crate::scenario::Pack;
use crate::value::Value;

pub(super) struct Secrets {
    case: String,
    pack: Arc<Pack>,
    told: HashSet<String>,
    untold: Vec<Event>,
}

impl Secrets {
    pub(super) fn new(case: String, pack: Arc<Pack>) -> Secrets {
        Secrets {
            case,
            pack,
            told: HashSet::new(),
            untold: Vec::new(),
        }
    }

    /// Looks through a frame that was sent or received.
    pub(super) fn look(&mut self, frame: &Value) {
        for secret in secrets(&self.pack.catalogue, frame) {
            let value = match secret {
                Value::Str(text) => text.clone(),
                other => other.to_string(),
            };
            if !value.is_empty() && self.told.insert(value.clone()) {
                let case = self.case.clone();
                self.untold.push(Event::Secret { case, value });
            }
        }
    }

    /// What is to be told before anything that was looked through.
    pub(super) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.untold)
    }
}
