//! Media from its sender to the server: header, chunks, COMPLETE.
//! Takes nothing for strangers, nothing that is no base64, and no more bytes than announced.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind;
use super::super::readings::Departure;
use super::super::request::{Chunk, Header};
use super::super::state::MAX_NAME;
use super::delivery;
use super::{Delivery, Media, REFUSED, SUCCESS, Stage};

/// Bytes of one transfer, before base64.
const MAX_SIZE: u64 = 32 << 20;
/// Bytes of all media in base64.
const MAX_ALL: usize = 256 << 20;
const MAX_CHUNKS: u64 = 100_000;
/// Uploads at a time, over all users; and transfers that wait for one user.
const MAX_UPLOADS: usize = 10_000;
const MAX_DELIVERIES: usize = 200;

/// MEDIA_MESSAGE from a client: announces media.
pub(in super::super) fn header(cx: &Context, header: &Header) -> Vec<Effect> {
    let acknowledge = |code| {
        let mut payload = cx.media_ack_names(&header.sender, &header.receiver);
        payload["mediaId"] = json!(header.media_id);
        payload["code"] = json!(code);
        cx.reply(Kind::MediaMessageAck, payload)
    };
    let recipients = recipients(cx, header);
    let too_long = header.media_id.len() > MAX_NAME || header.media_type.len() > MAX_NAME;
    let too_much = header.media_size > MAX_SIZE || cx.state.uploads.len() >= MAX_UPLOADS;
    if !cx.is_me(&header.sender) || recipients.is_empty() || too_long || too_much {
        return vec![acknowledge(REFUSED)];
    }
    let media = Media {
        number: cx.state.next_media,
        header: header.clone(),
        chunks: BTreeMap::new(),
        base: None,
        total: None,
        size: 0,
        uploading: true,
        awaited: 0,
    };
    let mut effects = vec![
        Change::Upload {
            user: header.sender.clone(),
            media: media.clone(),
        }
        .into(),
        acknowledge(SUCCESS),
    ];
    if cx.takes(Departure::MediaStreams) {
        effects.extend(begin_deliveries(cx, &media));
    }
    effects
}

/// MEDIA_MESSAGE_DATA from a client: one chunk.
pub(in super::super) fn chunk(cx: &Context, chunk: &Chunk) -> Vec<Effect> {
    let acknowledge = |code| {
        let mut payload = cx.media_ack_names(&chunk.sender, &chunk.receiver);
        payload["mediaId"] = json!(chunk.media_id);
        payload["chunkIndex"] = json!(chunk.chunk_index);
        payload["code"] = json!(code);
        cx.reply(Kind::MediaMessageDataAck, payload)
    };
    let key = (chunk.sender.clone(), chunk.media_id.clone());
    let upload = cx
        .state
        .uploads
        .get(&key)
        .filter(|_| cx.is_me(&chunk.sender));
    let Some(media) = upload.and_then(|number| cx.state.media.get(number)) else {
        return vec![acknowledge(REFUSED)];
    };
    let Some(taken) = take(cx, media, chunk) else {
        return vec![acknowledge(REFUSED)];
    };
    if media.chunks.contains_key(&taken.place) {
        return vec![acknowledge(SUCCESS)];
    }
    let mut effects = vec![
        Change::AddChunk {
            media: media.number,
            chunk: chunk.data.as_str().into(),
            place: taken.place,
            base: taken.base,
            total: chunk.total_chunks,
            size: taken.size,
        }
        .into(),
        acknowledge(SUCCESS),
    ];
    if cx.takes(Departure::MediaStreams) {
        effects.extend(delivery::feed(cx, media, chunk, taken.place));
    }
    if media.chunks.len() as u64 + 1 == chunk.total_chunks {
        effects.extend(complete(cx, media, media.size + taken.size));
    }
    effects
}

/// A chunk that can be taken.
struct Taken {
    place: u64,
    base: u64,
    size: u64,
}

/// The place and size of a chunk, or `None` if it does not fit what is there.
fn take(cx: &Context, media: &Media, chunk: &Chunk) -> Option<Taken> {
    let base = media.base.unwrap_or(match chunk.chunk_index {
        0 => 0,
        _ if cx.takes(Departure::ChunksFromZero) => 0,
        _ => 1,
    });
    let place = chunk.chunk_index.checked_sub(base)?;
    let total = media.total.unwrap_or(chunk.total_chunks);
    let decoded = STANDARD.decode(&chunk.data).ok()?.len() as u64;
    // A chunk that is there already adds nothing.
    let size = if media.chunks.contains_key(&place) {
        0
    } else {
        decoded
    };
    let fits = place < total
        && total == chunk.total_chunks
        && total <= MAX_CHUNKS
        && media.size + size <= media.header.media_size
        && cx.state.media_bytes + chunk.data.len() <= MAX_ALL;
    fits.then_some(Taken { place, base, size })
}

/// The last chunk is there: tells the sender, and begins the deliveries unless they have begun.
fn complete(cx: &Context, media: &Media, size: u64) -> Vec<Effect> {
    let header = &media.header;
    let code = if size == header.media_size {
        SUCCESS
    } else {
        REFUSED
    };
    let mut effects = vec![completion(cx, header, code)];
    if code == SUCCESS && !cx.takes(Departure::MediaStreams) {
        effects.extend(begin_deliveries(cx, media));
    }
    let (user, id) = (header.sender.clone(), header.media_id.clone());
    effects.push(Change::EndUpload { user, id }.into());
    effects
}

/// MEDIA_MESSAGE_COMPLETE to the sender.
pub(in super::super) fn completion(cx: &Context, header: &Header, code: i64) -> Effect {
    let mut payload = cx.media_ack_names(&header.sender, &header.receiver);
    payload["mediaId"] = json!(header.media_id);
    payload["code"] = json!(code);
    cx.reply(Kind::MediaMessageComplete, payload)
}

/// Sends the header to each recipient, or stores it for those who are offline.
fn begin_deliveries(cx: &Context, media: &Media) -> Vec<Effect> {
    let header = &media.header;
    let to_group = !cx.state.are_friends(&header.sender, &header.receiver);
    let mut effects = Vec::new();
    for recipient in recipients(cx, header) {
        let online = cx.state.is_online(recipient);
        let receiver = if to_group && cx.takes(Departure::GroupMediaNamesMember) {
            recipient.to_owned()
        } else {
            header.receiver.clone()
        };
        let id = if cx.takes(Departure::MediaIdsAreRenamed) {
            format!("m{}-{}", media.number, header.media_id)
        } else {
            header.media_id.clone()
        };
        let stage = if online {
            Stage::Header
        } else {
            Stage::Offline
        };
        let stored = !online;
        let number = media.number;
        let delivery = Delivery {
            media: number,
            id,
            receiver,
            stage,
            to_group,
            stored,
        };
        if online {
            effects.push(delivery::header(cx, recipient, media, &delivery));
        }
        effects.push(
            Change::Await {
                user: recipient.to_owned(),
                delivery,
            }
            .into(),
        );
    }
    effects
}

/// A friend of this name, else the other members of a group of this name; without those who
/// have too much waiting for them.
fn recipients<'a>(cx: &Context<'a>, header: &'a Header) -> Vec<&'a str> {
    let Header {
        sender, receiver, ..
    } = header;
    let mut recipients: Vec<&str> = if cx.state.are_friends(sender, receiver) {
        vec![receiver]
    } else {
        let group = cx.state.group_with(receiver, sender);
        group
            .into_iter()
            .flat_map(|group| group.others(sender))
            .collect()
    };
    recipients.retain(|recipient| {
        let user = cx.state.users.get(*recipient);
        user.is_some_and(|user| user.deliveries.len() < MAX_DELIVERIES)
    });
    recipients
}

/// The payload that the server's acknowledgements to a recipient have in common.
pub(super) fn to_recipient(cx: &Context, media: &Media, delivery: &Delivery, me: &str) -> Value {
    // What is acknowledged came from the recipient, so its sender is the recipient.
    let mut payload = cx.media_ack_names(me, &media.header.sender);
    payload["mediaId"] = json!(delivery.id);
    payload
}
