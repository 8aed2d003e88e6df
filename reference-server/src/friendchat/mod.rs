//! The friendchat server: friends, groups, texts, media, presence and history.
//! Malformed input has no effects: the document gives it no answer.

mod auth;
mod change;
mod context;
mod effect;
mod friends;
mod groups;
mod history;
mod media;
mod message;
mod presence;
mod readings;
mod request;
mod rules;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod texts;

pub(crate) use readings::READINGS;

use std::collections::BTreeSet;
use std::mem::Discriminant;

use crate::behaviour::{Behaviour, Rule, UnknownSetting};
use crate::context::Input;
use crate::protocol::{ConnId, Frame, Protocol};
use crate::rules::{HowOf, Table, shapes};
use crate::server::{Server, Service};
use context::Context;
use effect::{Change, Effect, Offline};
use message::{Kind, Message};
use readings::{Departure, Readings};
use request::{Incoming, Request};
use state::State;

/// Friends, groups, texts, media, presence and history.
struct Friendchat;

impl Service for Friendchat {
    type State = State;
    type User = str;
    type Request = Incoming;
    type Flaw = ();
    type What = Discriminant<Request>;
    type Message = Message;
    type Change = Change;
    type To = String;
    type How = Offline;
    type Departure = Departure;
    type Damage = shapes::Damage<Kind>;

    fn rules() -> &'static Table<HowOf<Friendchat>> {
        &rules::TABLE
    }

    fn parse(frame: Frame, _: &Readings) -> Result<Incoming, ()> {
        Incoming::parse(frame).ok_or(())
    }

    fn what(request: &Incoming) -> Discriminant<Request> {
        std::mem::discriminant(&request.request)
    }

    fn user<'a>(cx: &Context<'a>) -> Option<&'a str> {
        cx.state.user_of(cx.conn)
    }

    fn handle(cx: &Context) -> Vec<Effect> {
        handle(cx)
    }

    fn change(state: &mut State, change: Change) {
        state.change(change);
    }

    fn reached(state: &State, to: &String, _: &Offline) -> Vec<ConnId> {
        state.conn_of(to).into_iter().collect()
    }

    fn missed(state: &mut State, to: String, message: Message, how: Offline) {
        if how == Offline::Keep {
            state.store(&to, message);
        }
    }

    fn connections(state: &State) -> &BTreeSet<ConnId> {
        &state.connections
    }

    fn encode(message: Message, readings: &Readings, now_ms: u64) -> Frame {
        message.encode(readings.stamp(now_ms))
    }
}

/// A server of this behaviour, or the setting that there is not.
pub(crate) fn server(behaviour: &Behaviour) -> Result<Box<dyn Protocol>, UnknownSetting> {
    Ok(Box::new(Server::<Friendchat>::new(behaviour)?))
}

/// Every rule with its ways.
pub(crate) fn rules() -> &'static [Rule] {
    rules::TABLE.rules()
}

/// What the server does as its document says.
fn handle(cx: &Context) -> Vec<Effect> {
    let incoming = match cx.input {
        Input::Connected => return vec![Change::Connected { conn: cx.conn }.into()],
        Input::Request(incoming) => incoming,
        Input::Malformed(()) => return Vec::new(),
        Input::Disconnected => return presence::disconnected(cx),
    };
    match &incoming.request {
        Request::RegisterRequest(credentials) => auth::register(cx, credentials),
        Request::LoginRequest(credentials) => auth::login(cx, credentials),
        Request::FriendRequest(pair) => friends::request(cx, pair),
        Request::FriendRequestResponse(answer) => friends::answer(cx, answer),
        Request::FriendRemove(pair) => friends::remove(cx, pair),
        Request::GroupCreate(group) => groups::create(cx, group),
        Request::GroupInviteResponse(answer) => groups::answer(cx, answer),
        Request::GroupLeave(order) => groups::leave(cx, order),
        Request::GroupRemove(order) => groups::remove(cx, order),
        Request::GroupLeaderChange(handover) => groups::change_leader(cx, handover),
        Request::TextMessage(text) => texts::text(cx, text),
        Request::MediaMessage(header) => media::header(cx, header),
        Request::MediaMessageData(chunk) => media::chunk(cx, chunk),
        // The sender's acknowledgement of our COMPLETE ends the first leg; nothing waits for it.
        Request::MediaMessageCompleteAck(_) => Vec::new(),
        Request::MediaMessageAck(ack) => media::header_acknowledged(cx, ack),
        Request::MediaMessageDataAck(ack) => media::chunk_acknowledged(cx, ack),
        Request::MediaMessageComplete(complete) => media::completed(cx, complete),
        Request::UserStatusUpdate(update) => presence::status(cx, update),
        Request::UserLogout(user) => presence::logout(cx, user),
        Request::MessageHistoryRequest(user) => history::request(cx, user),
        Request::MessageHistoryBeginAck(ack) => history::begin_acknowledged(cx, ack),
        Request::MessageHistoryDataAck(ack) => history::data_acknowledged(cx, ack),
        // The transfer was over with our COMPLETE.
        Request::MessageHistoryCompleteAck(_) => Vec::new(),
    }
}
