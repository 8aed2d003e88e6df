//! Media in chunks, acknowledged one by one (document: Media Message).
//! [`upload`] is the leg from the sender to the server, [`delivery`] the one from the server to
//! each recipient; this file holds what both know.

mod delivery;
mod upload;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use delivery::{
    begin_stored, chunk_acknowledged, completed, data, first_index, header_acknowledged,
};
pub(super) use upload::{chunk, completion, header};

use super::request::Header;

pub(super) const SUCCESS: i64 = 0;
/// For whatever is refused; the document has no code for it.
const REFUSED: i64 = 5002;

/// Something that a user sends to others, as far as it has arrived.
#[derive(Clone, Debug)]
pub(super) struct Media {
    /// Our own number; ids are the senders' and may clash.
    pub(super) number: u64,
    pub(super) header: Header,
    /// The chunks by their place from 0, in base64.
    pub(super) chunks: BTreeMap<u64, Arc<str>>,
    /// The index of the sender's first chunk; known from the first one that arrives.
    pub(super) base: Option<u64>,
    /// How many chunks there will be; known from the first one that arrives.
    pub(super) total: Option<u64>,
    /// Bytes so far, before base64.
    pub(super) size: u64,
    pub(super) uploading: bool,
    /// How many deliveries are not over.
    pub(super) awaited: usize,
}

/// The way of some media to one recipient.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// The number of the media.
    pub(super) media: u64,
    /// The id that the recipient sees.
    pub(super) id: String,
    /// Whom the recipient sees as receiver.
    pub(super) receiver: String,
    pub(super) stage: Stage,
    /// Whether it goes to the recipient as a member of a group.
    pub(super) to_group: bool,
    /// Whether the recipient was offline as it began.
    pub(super) stored: bool,
}

/// How far a delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Nothing is out; the recipient is offline.
    Offline,
    /// The header is out and not acknowledged.
    Header,
    /// The chunk at this place is out and not acknowledged.
    Chunk(u64),
    /// The chunk at this place is due and has not arrived from the sender.
    Starved(u64),
    /// Every chunk is acknowledged, and the recipient is to say that it is complete.
    Complete,
}

impl Media {
    /// Whether every chunk has arrived.
    pub(super) fn is_whole(&self) -> bool {
        self.total == Some(self.chunks.len() as u64)
    }
}
