//! Rooms of two (document: Create room, Delete room).
//! The document has no answer for a room that cannot be had, so there is none unless a reading wants it.

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::ids;
use super::message::Kind;
use super::readings::Departure;
use super::request::NewRoom;
use super::state::{MAX_NAME, MAX_ROOMS, MAX_ROOMS_OF_USER};

/// CREATE_ROOM: the creator and a customer get a room.
pub(super) fn create(cx: &Context, new: &NewRoom) -> Vec<Effect> {
    let NewRoom { username, customer } = new;
    if !cx.is_me(username) || !cx.state.users.contains_key(username) {
        return refused(cx, new);
    }
    let nobody = !cx.state.users.contains_key(customer);
    if nobody && (!cx.takes(Departure::NobodyCanBeCustomer) || customer.len() > MAX_NAME)
        || username == customer && !cx.takes(Departure::OneselfCanBeCustomer)
    {
        return refused(cx, new);
    }
    if let Some(room) = cx.state.room_between(username, customer) {
        if cx.takes(Departure::SecondRoomIsRefused) {
            return refused(cx, new);
        }
        if cx.takes(Departure::SecondRoomIsTheFirst) {
            return vec![answer(cx, new, room)];
        }
    }
    let is_full = |user: &String| {
        let user = cx.state.users.get(user);
        user.is_some_and(|user| user.rooms.len() >= MAX_ROOMS_OF_USER)
    };
    if is_full(username) || is_full(customer) || cx.state.rooms.len() >= MAX_ROOMS {
        return refused(cx, new);
    }
    let room = cx.state.last_room + 1;
    let made = Change::MakeRoom {
        room,
        creator: username.clone(),
        customer: customer.clone(),
    };
    let mut effects = vec![made.into(), answer(cx, new, room)];
    if username != customer {
        effects.extend(told(cx, new, room));
    }
    effects
}

/// DELETE_ROOM: by either member, told to both.
pub(super) fn delete(cx: &Context, id: &Value) -> Vec<Effect> {
    let Some(number) = ids::room_number(cx, id) else {
        return Vec::new();
    };
    let Some(room) = cx.state.rooms.get(&number).filter(|room| cx.is_mine(room)) else {
        return Vec::new();
    };
    let by_creator = cx.user.is_none_or(|me| me == room.creator);
    if !by_creator && cx.takes(Departure::OnlyCreatorsDelete) {
        return Vec::new();
    }
    let fields = json!({ "id": id });
    let tell = |member: &str| {
        if cx.takes(Departure::RoomDeletionsAreKept) {
            cx.tell_later(member, Kind::DeleteRoom, fields.clone())
        } else {
            cx.tell(member, Kind::DeleteRoom, fields.clone())
        }
    };
    let mut effects = vec![Change::DropRoom { room: number }.into()];
    effects.extend(room.members().map(tell));
    if cx.user.is_none() {
        effects.push(cx.reply(Kind::DeleteRoom, fields.clone()));
    }
    effects
}

fn answer(cx: &Context, new: &NewRoom, room: u64) -> Effect {
    let fields = json!({ "id": ids::room(cx, room), "customer": new.customer });
    cx.reply(Kind::CreateRoom, fields)
}

fn told(cx: &Context, new: &NewRoom, room: u64) -> Option<Effect> {
    let named = if cx.takes(Departure::CustomerIsToldAsSent) {
        &new.customer
    } else if cx.takes(Departure::CustomerIsToldMirrored) {
        &new.username
    } else {
        return None;
    };
    let fields = json!({ "id": ids::room(cx, room), "customer": named });
    Some(cx.tell(&new.customer, Kind::CreateRoom, fields))
}

fn refused(cx: &Context, new: &NewRoom) -> Vec<Effect> {
    if !cx.takes(Departure::RefusedRoomsAreAnswered) {
        return Vec::new();
    }
    let fields = json!({ "id": null, "customer": new.customer });
    vec![cx.reply(Kind::CreateRoom, fields)]
}
