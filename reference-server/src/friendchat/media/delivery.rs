//! Media from the server to a recipient: header, chunks, COMPLETE_ACK.
//! Sends nothing before what came before it is acknowledged.

use serde_json::json;

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind;
use super::super::readings::Departure;
use super::super::request::{Chunk, ChunkAck, MediaAck};
use super::super::state::User;
use super::{Delivery, Media, REFUSED, SUCCESS, Stage};

/// The header for a recipient who is online.
pub(super) fn header(cx: &Context, to: &str, media: &Media, delivery: &Delivery) -> Effect {
    let payload = json!({
        "sender": media.header.sender,
        "receiver": delivery.receiver,
        "mediaId": delivery.id,
        "mediaType": media.header.media_type,
        "mediaSize": media.header.media_size,
    });
    cx.tell(to, Kind::MediaMessage, payload)
}

/// What waited for a user who comes online with this login begins on the same connection.
pub(in super::super) fn begin_stored(cx: &Context, user: &str, account: &User) -> Vec<Effect> {
    let mut effects = Vec::new();
    for delivery in &account.deliveries {
        if let Some(media) = cx.state.media.get(&delivery.media) {
            effects.push(header(cx, user, media, delivery));
            effects.push(set(user, delivery, Stage::Header));
        }
    }
    effects
}

/// MEDIA_MESSAGE_ACK from a recipient: the first chunk may come.
pub(in super::super) fn header_acknowledged(cx: &Context, ack: &MediaAck) -> Vec<Effect> {
    let waiting = |stage| stage == Stage::Header;
    let Some((me, media, delivery)) = find(cx, &ack.media_id, waiting) else {
        return Vec::new();
    };
    if ack.code != SUCCESS {
        end(me, delivery)
    } else {
        next(cx, me, media, delivery, 0)
    }
}

/// MEDIA_MESSAGE_DATA_ACK from a recipient: the next chunk may come.
pub(in super::super) fn chunk_acknowledged(cx: &Context, ack: &ChunkAck) -> Vec<Effect> {
    let place = ack.chunk_index.checked_sub(first_index(cx));
    let waiting = |stage| place.is_some_and(|place| stage == Stage::Chunk(place));
    let Some((me, media, delivery)) = find(cx, &ack.media_id, waiting) else {
        return Vec::new();
    };
    let Stage::Chunk(place) = delivery.stage else {
        return Vec::new();
    };
    if ack.code != SUCCESS {
        end(me, delivery)
    } else {
        next(cx, me, media, delivery, place + 1)
    }
}

/// MEDIA_MESSAGE_COMPLETE from a recipient: acknowledged, and the delivery is over. Refused while
/// chunks are missing.
pub(in super::super) fn completed(cx: &Context, complete: &MediaAck) -> Vec<Effect> {
    let any = |stage| stage != Stage::Offline;
    let last = |stage| match stage {
        Stage::Complete => true,
        Stage::Chunk(_) | Stage::Header | Stage::Starved(_) | Stage::Offline => false,
    };
    let found = find(cx, &complete.media_id, last).or_else(|| find(cx, &complete.media_id, any));
    let Some((me, media, delivery)) = found else {
        return Vec::new();
    };
    let all_out = match delivery.stage {
        Stage::Complete => true,
        // The acknowledgement of the last chunk may come behind.
        Stage::Chunk(place) => media.total == Some(place + 1),
        Stage::Header | Stage::Starved(_) | Stage::Offline => false,
    };
    let code = if all_out { SUCCESS } else { REFUSED };
    let mut payload = super::upload::to_recipient(cx, media, delivery, me);
    payload["code"] = json!(code);
    let mut effects = vec![cx.reply(Kind::MediaMessageCompleteAck, payload)];
    if all_out || complete.code != SUCCESS {
        effects.extend(end(me, delivery));
    }
    effects
}

/// A chunk arrived from the sender while deliveries are under way: those who wait for it get it.
pub(super) fn feed(cx: &Context, media: &Media, chunk: &Chunk, place: u64) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (name, user) in &cx.state.users {
        let starved = |delivery: &&Delivery| {
            delivery.media == media.number && delivery.stage == Stage::Starved(place)
        };
        if let Some(delivery) = user.deliveries.iter().find(starved) {
            effects.push(data(
                cx,
                name,
                media,
                delivery,
                place,
                &chunk.data,
                chunk.total_chunks,
            ));
            effects.push(set(name, delivery, Stage::Chunk(place)));
        }
    }
    effects
}

/// The chunk at a place, or what is to come instead: the end, or a wait for the sender.
fn next(cx: &Context, me: &str, media: &Media, delivery: &Delivery, place: u64) -> Vec<Effect> {
    if media.total == Some(place) {
        return vec![set(me, delivery, Stage::Complete)];
    }
    match (media.chunks.get(&place), media.total) {
        (Some(chunk), Some(total)) => vec![
            data(cx, me, media, delivery, place, chunk, total),
            set(me, delivery, Stage::Chunk(place)),
        ],
        _ => vec![set(me, delivery, Stage::Starved(place))],
    }
}

/// The chunk at a place, for a recipient who is online.
pub(in super::super) fn data(
    cx: &Context,
    to: &str,
    media: &Media,
    delivery: &Delivery,
    place: u64,
    chunk: &str,
    total: u64,
) -> Effect {
    let payload = json!({
        "sender": media.header.sender,
        "receiver": delivery.receiver,
        "mediaId": delivery.id,
        "data": chunk,
        "chunkIndex": place + first_index(cx),
        "totalChunks": total,
    });
    cx.tell(to, Kind::MediaMessageData, payload)
}

/// The index of the first chunk, as the server numbers them.
pub(in super::super) fn first_index(cx: &Context) -> u64 {
    if cx.takes(Departure::ChunksFromZero) {
        0
    } else {
        1
    }
}

/// The delivery to the one who is logged in that has this id and such a stage.
fn find<'a>(
    cx: &Context<'a>,
    id: &str,
    waiting: impl Fn(Stage) -> bool,
) -> Option<(&'a str, &'a Media, &'a Delivery)> {
    let me = cx.user?;
    let deliveries = &cx.state.users.get(me)?.deliveries;
    let delivery = deliveries.iter().find(|d| d.id == id && waiting(d.stage))?;
    Some((me, cx.state.media.get(&delivery.media)?, delivery))
}

fn set(user: &str, delivery: &Delivery, stage: Stage) -> Effect {
    Change::SetStage {
        user: user.to_owned(),
        media: delivery.media,
        stage,
    }
    .into()
}

fn end(user: &str, delivery: &Delivery) -> Vec<Effect> {
    vec![
        Change::EndDelivery {
            user: user.to_owned(),
            media: delivery.media,
        }
        .into(),
    ]
}
