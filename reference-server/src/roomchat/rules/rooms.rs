//! How the making and the deletion of rooms can be broken.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::ids;
use super::super::message::Kind::{CreateRoom, DeleteRoom};
use super::super::request::{NewRoom, Request};
use super::super::state::Room;
use super::edit::{
    altered, and, any_change, changed, copied, keep, misnumbered, outsiders, partners, request,
    sends, unchanged, unsent,
};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "create-room.answered",
        &[
            way("no answer", |_, effects| unsent(effects, CreateRoom)),
            way(
                "the customer is not the one who was named",
                |cx, effects| {
                    let Some(me) = cx.user else {
                        return effects;
                    };
                    altered(effects, CreateRoom, |message| message.set("customer", me))
                },
            ),
        ],
    ),
    rule(
        "create-room.id-own",
        &[
            way("a creator's second room is the first one", |cx, effects| {
                let first = cx.user.and_then(|me| cx.state.rooms_of(me).next());
                match first {
                    Some((first, _)) if new_room(cx).is_some() => {
                        let effects = unchanged(effects, is_made);
                        altered(effects, CreateRoom, |message| {
                            message.set("id", ids::room(cx, first));
                        })
                    }
                    _ => effects,
                }
            }),
            way("the answer holds the first room's id", |cx, effects| {
                let first = cx.user.and_then(|me| cx.state.rooms_of(me).next());
                let Some((first, _)) = first else {
                    return effects;
                };
                altered(effects, CreateRoom, |message| {
                    message.set("id", ids::room(cx, first));
                })
            }),
        ],
    ),
    rule(
        "create-room.usable",
        &[
            way("the customer is not in the room", |_, effects| {
                changed(effects, |change| match change {
                    Change::MakeRoom { room, creator, .. } => Change::MakeRoom {
                        room,
                        customer: creator.clone(),
                        creator,
                    },
                    change => change,
                })
            }),
            way("the room is gone at once", |cx, effects| {
                if any_change(&effects, is_made) {
                    let room = cx.state.last_room + 1;
                    and(effects, Change::DropRoom { room })
                } else {
                    effects
                }
            }),
        ],
    ),
    rule(
        "create-room.private",
        &[
            way("everybody is told", |cx, effects| {
                let everybody = outsiders(cx, &named(cx));
                copied(effects, CreateRoom, &everybody)
            }),
            way("the creator's other partners are told", |cx, effects| {
                let partners = partners(cx, &named(cx));
                copied(effects, CreateRoom, &partners)
            }),
        ],
    ),
    rule(
        "delete-room.told",
        &[
            way("the one who asked is not told", |cx, effects| {
                keep(effects, |effect| !reaches(effect, cx.user))
            }),
            way("the other member is not told", |cx, effects| {
                let other = deleted(cx).zip(cx.user).map(|(room, me)| room.1.other(me));
                keep(effects, |effect| !reaches(effect, other))
            }),
            way("another id is told", |_, effects| {
                misnumbered(effects, DeleteRoom, "id")
            }),
        ],
    ),
    rule(
        "delete-room.private",
        &[
            way("everybody is told", |cx, effects| match deleted(cx) {
                Some((_, room)) => {
                    let everybody = outsiders(cx, &[&room.creator, &room.customer]);
                    copied(effects, DeleteRoom, &everybody)
                }
                None => effects,
            }),
            way(
                "the partners in other rooms are told",
                |cx, effects| match deleted(cx) {
                    Some((_, room)) => {
                        let partners = partners(cx, &[&room.creator, &room.customer]);
                        copied(effects, DeleteRoom, &partners)
                    }
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "delete-room.effective",
        &[
            way("the room stays", |_, effects| {
                unchanged(effects, is_dropped)
            }),
            way("the room stays for the other member", |cx, effects| {
                let Some((room, me)) = deleted(cx).map(|(room, _)| room).zip(cx.user) else {
                    return effects;
                };
                changed(effects, |change| match change {
                    Change::DropRoom { .. } => Change::Unlist {
                        room,
                        user: me.to_owned(),
                    },
                    change => change,
                })
            }),
        ],
    ),
    rule(
        "delete-room.others-kept",
        &[
            way("all rooms of the one who asked go", |cx, effects| {
                let Some(me) = cx.user.filter(|_| any_change(&effects, is_dropped)) else {
                    return effects;
                };
                let rooms = cx.state.rooms_of(me).map(|(room, _)| room);
                rooms.fold(effects, |all, room| and(all, Change::DropRoom { room }))
            }),
            way("the messages of the other rooms go", |cx, effects| {
                let Some(me) = cx.user.filter(|_| any_change(&effects, is_dropped)) else {
                    return effects;
                };
                let rooms = cx.state.rooms_of(me);
                let messages = rooms.flat_map(|(_, room)| room.messages.keys().copied());
                messages.fold(effects, |all, message| {
                    and(all, Change::DropMessage { message })
                })
            }),
        ],
    ),
];

fn is_made(change: &Change) -> bool {
    matches!(change, Change::MakeRoom { .. })
}

fn is_dropped(change: &Change) -> bool {
    matches!(change, Change::DropRoom { .. })
}

fn new_room<'a>(cx: &Context<'a>) -> Option<&'a NewRoom> {
    match request(cx)? {
        Request::CreateRoom(room) => Some(room),
        _ => None,
    }
}

/// The two of a room to be made.
fn named<'a>(cx: &Context<'a>) -> Vec<&'a str> {
    let pair = |new: &'a NewRoom| vec![new.username.as_str(), new.customer.as_str()];
    new_room(cx).map(pair).unwrap_or_default()
}

/// The room that is asked to be deleted.
fn deleted<'a>(cx: &Context<'a>) -> Option<(u64, &'a Room)> {
    let Request::DeleteRoom(room) = request(cx)? else {
        return None;
    };
    let number = ids::room_number(cx, &room.id)?;
    Some((number, cx.state.rooms.get(&number)?))
}

/// Whether an effect tells this user of a deletion.
fn reaches(effect: &Effect, user: Option<&str>) -> bool {
    match effect {
        Effect::Deliver { to, .. } => sends(effect, DeleteRoom) && Some(to.as_str()) == user,
        _ => false,
    }
}
