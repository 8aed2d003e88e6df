//! The roomchat server: rooms of two, their messages, and who is who.
//!
//! A frame becomes a [`Request`]; a handler turns the state and the request into [`Effect`]s
//! without touching the state; broken rules rewrite those effects; [`State::apply`] carries them
//! out and gives what goes onto the wire. Malformed input has no effects: the document gives it
//! no answer.

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
pub(crate) use rules::rules;

use crate::behaviour::{Behaviour, UnknownSetting};
use crate::protocol::{ConnId, Effect as WireEffect, Frame, Protocol};
use context::Context;
use effect::{Change, Effect};
use message::Message;
use readings::Readings;
use request::Request;
use rules::Broken;
use state::{Recent, State};

/// A roomchat server without its sockets.
#[derive(Clone)]
pub(crate) struct Server {
    state: State,
    readings: Readings,
    broken: Broken,
}

/// What a handler, and a broken rule, may see of what happened.
enum Input {
    Connected,
    Request(Request),
    /// A frame that is no message of the document.
    Malformed,
    Disconnected,
}

impl Server {
    pub(crate) fn new(behaviour: &Behaviour) -> Result<Server, UnknownSetting> {
        Ok(Server {
            state: State::default(),
            readings: Readings::taken(&behaviour.readings)?,
            broken: rules::TABLE.broken(&behaviour.broken)?,
        })
    }

    fn handle(&mut self, conn: ConnId, input: Input, now_ms: u64) -> Vec<WireEffect> {
        let cx = Context {
            state: &self.state,
            conn,
            user: self.state.user_of(conn),
            input: &input,
            readings: &self.readings,
            now_ms,
        };
        let effects = self.broken.rewrite(&cx, handle(&cx));
        if let Input::Request(request) = &input {
            let what = std::mem::discriminant(request);
            self.state.scars.recent = Some(Recent { conn, what });
        }
        let mut sent = Vec::new();
        self.state.apply(effects, &mut sent);
        let encode = |sent| self.broken.encode(sent, Message::encode);
        sent.into_iter().map(encode).collect()
    }
}

impl Protocol for Server {
    fn fork(&self) -> Box<dyn Protocol> {
        Box::new(self.clone())
    }

    fn connected(&mut self, conn: ConnId, now_ms: u64) -> Vec<WireEffect> {
        self.handle(conn, Input::Connected, now_ms)
    }

    fn received(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<WireEffect> {
        let input = match Request::parse(frame) {
            Some(request) => Input::Request(request),
            None => Input::Malformed,
        };
        self.handle(conn, input, now_ms)
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<WireEffect> {
        self.handle(conn, Input::Disconnected, now_ms)
    }
}

/// What the server does as its document says.
fn handle(cx: &Context) -> Vec<Effect> {
    let request = match cx.input {
        Input::Connected => return vec![Change::Connected { conn: cx.conn }.into()],
        Input::Request(request) => request,
        Input::Malformed => return Vec::new(),
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
