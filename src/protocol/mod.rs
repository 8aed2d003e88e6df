//! A pack's catalogue: the one place that knows the wire, the messages and what the document demands.
//!
//! Knows nothing of scenarios: flows and fences are steps, and live where steps are known.

mod message;
mod read;
mod read_message;
mod requirement;
mod schema;
mod secrets;
mod types;
mod wire;

pub use message::{Field, FieldKind, FieldShape, Message, Shape, Variant};
pub(crate) use read::scalar;
pub use read::{Unread, read};
pub use requirement::{Fresh, Level, Reading, Requirement, Settled};
pub use schema::{Fault, FaultKind, check, variant_of};
pub use secrets::secrets;
pub use types::{Type, status_code};
pub use wire::{Identified, Wire, WireCodec};

use crate::value::Value;

/// What `protocol.yaml` says, but for flows, fences and spontaneous messages.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub name: String,
    pub title: String,
    /// The file name of the protocol document.
    pub document: String,
    pub wire: Wire,
    /// The fields of a fresh user, in order.
    pub identity: Vec<(String, Fresh)>,
    /// What the document leaves to the target, with defaults.
    pub settings: Vec<(String, Value)>,
    pub messages: Vec<Message>,
    /// Those that the file states, then one `shape.<message>` for each message of the server.
    pub requirements: Vec<Requirement>,
    pub readings: Vec<Reading>,
}

impl Catalogue {
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.name == name)
    }

    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements
            .iter()
            .find(|requirement| requirement.id == id)
    }

    pub fn reading(&self, id: &str) -> Option<&Reading> {
        self.readings.iter().find(|reading| reading.id == id)
    }

    pub fn identity_fields(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().map(|(name, _)| name.as_str())
    }
}
