//! The roomchat server: rooms of two, their messages, and who is who.
//! Malformed input has no effects: the document gives it no answer.

mod auth;
mod change;
mod context;
mod date;
mod dialogs;
mod effect;
mod ids;
mod message;
mod messages;
mod readings;
mod request;
mod rooms;
mod rules;
mod search;
mod state;
#[cfg(test)]
pub(crate) mod tests;

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
use request::Request;
use state::State;

/// Rooms of two, their messages, and who is who.
struct Roomchat;

impl Service for Roomchat {
    type State = State;
    type User = str;
    type Request = Request;
    type Flaw = ();
    type What = Discriminant<Request>;
    type Message = Message;
    type Change = Change;
    type To = String;
    type How = Offline;
    type Departure = Departure;
    type Damage = shapes::Damage<Kind>;

    fn rules() -> &'static Table<HowOf<Roomchat>> {
        &rules::TABLE
    }

    fn parse(frame: Frame, _: &Readings) -> Result<Request, ()> {
        Request::parse(frame).ok_or(())
    }

    fn what(request: &Request) -> Discriminant<Request> {
        std::mem::discriminant(request)
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
        state.conns_of(to)
    }

    fn missed(state: &mut State, to: String, message: Message, how: Offline) {
        state.keep(&to, message, how);
    }

    fn connections(state: &State) -> &BTreeSet<ConnId> {
        &state.connections
    }

    fn encode(message: Message, _: &Readings, _: u64) -> Frame {
        message.encode()
    }
}

/// A server of this behaviour, or the setting that there is not.
pub(crate) fn server(behaviour: &Behaviour) -> Result<Box<dyn Protocol>, UnknownSetting> {
    Ok(Box::new(Server::<Roomchat>::new(behaviour)?))
}

/// Every rule with its ways.
pub(crate) fn rules() -> &'static [Rule] {
    rules::TABLE.rules()
}

/// What the server does as its document says.
fn handle(cx: &Context) -> Vec<Effect> {
    let request = match cx.input {
        Input::Connected => return vec![Change::Connected { conn: cx.conn }.into()],
        Input::Request(request) => request,
        Input::Malformed(()) => return Vec::new(),
        Input::Disconnected => return vec![Change::Disconnected { conn: cx.conn }.into()],
    };
    match request {
        Request::RequestLogin(credentials) => auth::login(cx, credentials),
        Request::RequestSignup(credentials) => auth::sign_up(cx, credentials),
        Request::CreateRoom(room) => rooms::create(cx, room),
        Request::DeleteRoom(room) => rooms::delete(cx, &room.id),
        Request::SndMsg(message) => messages::send(cx, message),
        Request::ReadMsg(reading) => messages::read(cx, reading),
        Request::DeleteMsg(message) => messages::delete(cx, &message.id),
        Request::EditMsg(edit) => messages::edit(cx, edit),
        Request::SearchUser(search) => search::search(cx, &search.user),
        Request::OldDialogs(user) => dialogs::list(cx, &user.username),
    }
}
