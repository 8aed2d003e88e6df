//! How media can be broken, on its way to the server and on its way to the recipients.
//! One table for one section of the document, hence its length.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::media::{self, Delivery, Media, SUCCESS, Stage};
use super::super::message::Kind::{
    MediaMessage, MediaMessageAck, MediaMessageComplete, MediaMessageCompleteAck, MediaMessageData,
    MediaMessageDataAck,
};
use super::super::message::{Kind, Message};
use super::super::request::Request;
use super::edit::{
    altered, changed, copied, keep, misnamed, outsiders, recoded, request, sends, unsent,
    unsent_code,
};
use super::{Entry, rule, way, written};

/// A code that the document gives no meaning.
const FAILED: i64 = 5099;

pub(super) const RULES: &[Entry] = &[
    rule(
        "media.header-acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, MediaMessageAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, MediaMessageAck, SUCCESS, FAILED)
            }),
            way("another mediaId", |_, effects| {
                misnamed(effects, MediaMessageAck, "mediaId")
            }),
        ],
    ),
    rule(
        "media.chunk-acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, MediaMessageDataAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, MediaMessageDataAck, SUCCESS, FAILED)
            }),
            way("another chunkIndex", |_, effects| {
                misnamed(effects, MediaMessageDataAck, "chunkIndex")
            }),
        ],
    ),
    rule(
        "media.complete-after-last-chunk",
        &[
            way("no COMPLETE", |_, effects| {
                unsent(effects, MediaMessageComplete)
            }),
            way("COMPLETE has another code", |_, effects| {
                recoded(effects, MediaMessageComplete, SUCCESS, FAILED)
            }),
            way(
                "COMPLETE comes after the first chunk",
                |cx, effects| match uploaded(cx) {
                    Some(media) if effects.iter().any(|e| sends(e, MediaMessageDataAck)) => {
                        let mut effects = unsent(effects, MediaMessageComplete);
                        if media.chunks.is_empty() {
                            effects.push(media::completion(cx, &media.header, SUCCESS));
                        }
                        effects
                    }
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "media.header-delivered",
        &[
            way("not delivered", |_, effects| {
                match begins(&effects, |d| !d.to_group && !d.stored) {
                    true => unsent(
                        keep(effects, |effect| awaited(effect).is_none()),
                        MediaMessage,
                    ),
                    false => effects,
                }
            }),
            way("another mediaSize", |_, effects| {
                misnamed(effects, MediaMessage, "mediaSize")
            }),
            way("another mediaType", |_, effects| {
                misnamed(effects, MediaMessage, "mediaType")
            }),
            way("another sender", |_, effects| {
                misnamed(effects, MediaMessage, "sender")
            }),
        ],
    ),
    rule(
        "media.data-after-header-ack",
        &[
            way(
                "the first chunk comes right behind the header",
                |cx, effects| hurried(cx, effects, |header, chunk| [header, chunk]),
            ),
            way("the first chunk comes before the header", |cx, effects| {
                hurried(cx, effects, |header, chunk| [chunk, header])
            }),
        ],
    ),
    rule(
        "media.bytes-intact",
        &[
            written("one byte of each chunk is another", |message| {
                spoil(message, |data| {
                    let other = if data.starts_with('A') { "B" } else { "A" };
                    data.get(1..).map(|rest| format!("{other}{rest}"))
                });
            }),
            written("the end of each chunk is lost", |message| {
                spoil(message, |data| {
                    Some(data.get(..data.len().checked_sub(4)?)?.to_owned())
                });
            }),
            way("the chunks come in reverse", |cx, effects| {
                let out = effects.iter().find_map(|effect| match effect {
                    Effect::Change(Change::SetStage {
                        media,
                        stage: Stage::Chunk(place),
                        ..
                    }) => Some((*media, *place)),
                    _ => None,
                });
                let opposite = out.and_then(|(media, place)| {
                    let media = cx.state.media.get(&media)?;
                    media.chunks.get(&media.total?.checked_sub(place + 1)?)
                });
                match opposite {
                    Some(data) => altered(effects, MediaMessageData, |message| {
                        message.set("data", &**data);
                    }),
                    None => effects,
                }
            }),
        ],
    ),
    rule(
        "media.chunks-numbered",
        &[
            way("the last chunk skips a number", |cx, effects| {
                let last = |message: &Message| {
                    let number = |field| message.get(field).and_then(|value| value.as_u64());
                    let (index, total) = (number("chunkIndex"), number("totalChunks"));
                    index
                        .zip(total)
                        .is_some_and(|(i, total)| i + 1 == total + media::first_index(cx))
                };
                let skips = effects.iter().filter_map(Effect::message).any(last);
                if skips {
                    misnamed(effects, MediaMessageData, "chunkIndex")
                } else {
                    effects
                }
            }),
            way("one chunk too many is announced", |_, effects| {
                misnamed(effects, MediaMessageData, "totalChunks")
            }),
        ],
    ),
    rule(
        "media.one-chunk",
        &[way(
            "no chunk comes where there is one only",
            |_, effects| {
                let only = |effect: &Effect| {
                    let total = effect
                        .message()
                        .and_then(|message| message.get("totalChunks"));
                    sends(effect, MediaMessageData) && total.is_some_and(|total| *total == 1)
                };
                keep(effects, |effect| !only(effect))
            },
        )],
    ),
    rule(
        "media.completion-acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent(effects, MediaMessageCompleteAck)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, MediaMessageCompleteAck, SUCCESS, FAILED)
            }),
            way("another mediaId", |_, effects| {
                misnamed(effects, MediaMessageCompleteAck, "mediaId")
            }),
        ],
    ),
    rule(
        "media.private",
        &[
            way("everybody online gets the header", |cx, effects| {
                leaked(cx, effects, MediaMessage)
            }),
            way("everybody online gets the chunks", |cx, effects| {
                leaked(cx, effects, MediaMessageData)
            }),
        ],
    ),
    rule(
        "media.stored-for-offline",
        &[
            way("lost", |_, effects| {
                lost(effects, |d| !d.to_group && d.stored)
            }),
            way("the chunks are lost", |cx, effects| {
                chunkless(cx, effects, |d| !d.to_group && d.stored)
            }),
        ],
    ),
    rule(
        "media.group-delivered",
        &[
            way("delivered to nobody", |_, effects| {
                let now = |delivery: &Delivery| delivery.to_group && !delivery.stored;
                if begins(&effects, now) {
                    unsent(lost(effects, now), MediaMessage)
                } else {
                    effects
                }
            }),
            way("delivered to one member only", |_, effects| {
                let now = |delivery: &Delivery| delivery.to_group && !delivery.stored;
                let first = effects
                    .iter()
                    .filter_map(awaited)
                    .find(|(_, delivery)| now(delivery));
                let Some((first, _)) = first else {
                    return effects;
                };
                let first = first.to_owned();
                keep(effects, |effect| match effect {
                    Effect::Deliver { to, message, .. } if message.kind == MediaMessage => {
                        *to == first
                    }
                    _ => awaited(effect).is_none_or(|(user, d)| *user == first || !now(d)),
                })
            }),
            way("the chunks are lost", |cx, effects| {
                chunkless(cx, effects, |d| d.to_group && !d.stored)
            }),
        ],
    ),
    rule(
        "media.group-stored-for-offline",
        &[
            way("lost", |_, effects| {
                lost(effects, |d| d.to_group && d.stored)
            }),
            way("the chunks are lost", |cx, effects| {
                chunkless(cx, effects, |d| d.to_group && d.stored)
            }),
        ],
    ),
];

/// The media of which the input is a chunk, as it was before.
fn uploaded<'a>(cx: &Context<'a>) -> Option<&'a Media> {
    let Request::MediaMessageData(chunk) = request(cx)? else {
        return None;
    };
    let number = cx
        .state
        .uploads
        .get(&(chunk.sender.clone(), chunk.media_id.clone()))?;
    cx.state.media.get(number)
}

/// A delivery that begins, or is stored, with this effect.
fn awaited(effect: &Effect) -> Option<(&String, &Delivery)> {
    match effect {
        Effect::Change(Change::Await { user, delivery }) => Some((user, delivery)),
        _ => None,
    }
}

fn begins(effects: &[Effect], which: impl Fn(&Delivery) -> bool) -> bool {
    effects
        .iter()
        .filter_map(awaited)
        .any(|(_, delivery)| which(delivery))
}

/// Without such deliveries.
fn lost(effects: Vec<Effect>, which: impl Fn(&Delivery) -> bool) -> Vec<Effect> {
    keep(effects, |effect| {
        awaited(effect).is_none_or(|(_, delivery)| !which(delivery))
    })
}

/// Nothing comes of the header's acknowledgement in such deliveries.
fn chunkless(cx: &Context, effects: Vec<Effect>, which: impl Fn(&Delivery) -> bool) -> Vec<Effect> {
    let (Some(Request::MediaMessageAck(ack)), Some(me)) = (request(cx), cx.user) else {
        return effects;
    };
    let deliveries = cx.state.users.get(me).map(|user| &user.deliveries);
    let mut deliveries = deliveries.into_iter().flatten();
    let hit = deliveries.any(|delivery| delivery.id == ack.media_id && which(delivery));
    if hit { Vec::new() } else { effects }
}

/// With the first chunk sent along with each header, instead of after its acknowledgement.
fn hurried(
    cx: &Context,
    effects: Vec<Effect>,
    order: impl Fn(Effect, Effect) -> [Effect; 2],
) -> Vec<Effect> {
    let mut hurried = Vec::new();
    let mut out = Vec::new();
    for effect in effects.clone() {
        match first_chunk(cx, &effects, &effect) {
            Some((number, chunk)) => {
                hurried.push(number);
                out.extend(order(effect, chunk));
            }
            None => out.push(effect),
        }
    }
    changed(out, |change| match change {
        Change::Await { user, delivery } if hurried.contains(&delivery.media) => {
            let stage = match delivery.stage {
                Stage::Header => Stage::Chunk(0),
                stage => stage,
            };
            Change::Await {
                user,
                delivery: Delivery { stage, ..delivery },
            }
        }
        Change::SetStage {
            user,
            media,
            stage: Stage::Header,
        } if hurried.contains(&media) => Change::SetStage {
            user,
            media,
            stage: Stage::Chunk(0),
        },
        change => change,
    })
}

/// Where the effect delivers a header: the number of the media and its first chunk.
fn first_chunk(cx: &Context, effects: &[Effect], effect: &Effect) -> Option<(u64, Effect)> {
    let Effect::Deliver { to, message, .. } = effect else {
        return None;
    };
    if message.kind != MediaMessage {
        return None;
    }
    let begun = effects
        .iter()
        .filter_map(awaited)
        .filter(|(user, _)| *user == to);
    let before = cx
        .state
        .users
        .get(to)
        .into_iter()
        .flat_map(|user| &user.deliveries);
    let mut deliveries = begun.map(|(_, delivery)| delivery).chain(before);
    let delivery = deliveries.find(|delivery| delivery.id == message.text("mediaId"))?;
    let media = cx.state.media.get(&delivery.media)?;
    // The only chunk may be the one that is coming in.
    let (chunk, total) = match (media.chunks.get(&0), media.total, request(cx)) {
        (Some(chunk), Some(total), _) => (&**chunk, total),
        (None, None, Some(Request::MediaMessageData(chunk))) => {
            (chunk.data.as_str(), chunk.total_chunks)
        }
        _ => return None,
    };
    Some((
        media.number,
        media::data(cx, to, media, delivery, 0, chunk, total),
    ))
}

fn spoil(message: &mut Message, spoilt: impl Fn(&str) -> Option<String>) {
    if message.kind == MediaMessageData
        && let Some(data) = spoilt(message.text("data"))
    {
        message.set("data", data);
    }
}

/// With a message of this kind sent to everybody else who is online.
fn leaked(cx: &Context, effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    let Some(message) = effects
        .iter()
        .filter_map(Effect::message)
        .find(|m| m.kind == kind)
    else {
        return effects;
    };
    let (sender, receiver) = (message.text("sender"), message.text("receiver"));
    let receivers = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { to, .. } => Some(to.as_str()),
        _ => None,
    });
    let group = cx.state.groups.get(receiver);
    let members = group
        .into_iter()
        .flat_map(|group| &group.members)
        .map(String::as_str);
    let insiders: Vec<&str> = receivers.chain(members).chain([sender, receiver]).collect();
    let to = outsiders(cx, &insiders);
    copied(effects, kind, to)
}
