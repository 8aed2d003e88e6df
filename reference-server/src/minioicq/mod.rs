//! The minioicq server: users, chats and pushed messages, in MessagePack.
//! Malformed input has no effects: the document gives it no answer.

mod auth;
mod change;
mod chats;
mod context;
mod effect;
mod history;
mod id;
mod message;
mod picture;
mod readings;
mod request;
mod rules;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod time;
mod users;

pub(crate) use readings::READINGS;

use std::collections::BTreeSet;
use std::mem::Discriminant;

use crate::behaviour::{Behaviour, Rule, UnknownSetting};
use crate::context::Input;
use crate::protocol::{ConnId, Frame, Protocol};
use crate::rules::{HowOf, Table, shapes};
use crate::server::{Server, Service};
use context::Context;
use effect::{Change, Devices, Effect, Means, Offline};
use id::Id;
use message::{Kind, Message};
use readings::{Departure, Readings};
use request::Request;
use state::State;

/// Users, chats and pushed messages, in MessagePack.
struct Minioicq;

impl Service for Minioicq {
    type State = State;
    type User = Id;
    type Request = Request;
    type Flaw = ();
    type What = Discriminant<Request>;
    type Message = Message;
    type Change = Change;
    type To = Id;
    type How = Means;
    type Departure = Departure;
    type Damage = shapes::Damage<Kind>;

    fn rules() -> &'static Table<HowOf<Minioicq>> {
        &rules::TABLE
    }

    fn parse(frame: Frame, _: &Readings) -> Result<Request, ()> {
        Request::parse(&frame).ok_or(())
    }

    fn what(request: &Request) -> Discriminant<Request> {
        std::mem::discriminant(request)
    }

    fn user<'a>(cx: &Context<'a>) -> Option<&'a Id> {
        cx.state.sessions.get(&cx.conn)
    }

    fn handle(cx: &Context) -> Vec<Effect> {
        handle(cx)
    }

    fn change(state: &mut State, change: Change) {
        state.change(change);
    }

    fn reached(state: &State, to: &Id, how: &Means) -> Vec<ConnId> {
        let conns = state.conns_of(to);
        match how.devices {
            Devices::Every => conns.to_vec(),
            Devices::Latest => conns.last().copied().into_iter().collect(),
        }
    }

    fn missed(state: &mut State, to: Id, message: Message, how: Means) {
        if how.offline == Offline::Keep {
            state.store(&to, message);
        }
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
    Ok(Box::new(Server::<Minioicq>::new(behaviour)?))
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
        Request::Register { .. } | Request::Login { .. }
            if cx.user.is_some() && cx.takes(Departure::OneLoginAConnection) =>
        {
            Vec::new()
        }
        Request::Register { name, password } => auth::register(cx, name, password),
        Request::Login { user, password } => auth::login(cx, user, password),
        Request::Logout => auth::logout(cx),
        Request::Sync => users::sync(cx),
        Request::Heartbeat if !cx.takes(Departure::HeartbeatIsIgnored) => {
            vec![cx.reply(Kind::HeartbeatAck, Vec::new())]
        }
        // Both are commented out in the document; a client that sends one expects no harm.
        Request::Heartbeat | Request::PushAck => Vec::new(),
        Request::Send(sending) => chats::send(cx, sending),
        Request::Create { members } => chats::create(cx, members),
        Request::SetAvatar(image) => users::set_avatar(cx, image),
        Request::Get { user } => users::get(cx, user),
        Request::History { user, start, end } => history::get(cx, user, start, end),
    }
}
