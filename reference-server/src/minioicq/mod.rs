//! The minioicq server: users, chats and pushed messages, in MessagePack.
//!
//! A frame becomes a [`Request`]; a handler turns the state and the request
//! into [`Effect`]s without touching the state; broken rules rewrite those
//! effects; [`State::apply`] carries them out and gives what goes onto the
//! wire. Malformed input has no effects: the document gives it no answer.

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
pub(crate) use rules::rules;

use crate::behaviour::{Behaviour, UnknownSetting};
use crate::protocol::{ConnId, Effect as WireEffect, Frame, Protocol};
use context::Context;
use effect::{Change, Effect};
use message::Kind;
use message::Message;
use readings::{Departure, Readings};
use request::Request;
use rules::Broken;
use state::{Recent, State};

/// A minioicq server without its sockets.
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
            user: self.state.sessions.get(&conn),
            input: &input,
            readings: &self.readings,
            now_ms,
        };
        let effects = self.broken.rewrite(&cx, handle(&cx));
        if let Input::Request(request) = &input {
            let what = std::mem::discriminant(request);
            let recent = &mut self.state.scars.recent;
            *recent = [Some(Recent { conn, what }), recent[0].take()];
        }
        let mut sent = Vec::new();
        self.state.apply(effects, &mut sent);
        sent.into_iter()
            .map(|sent| self.broken.encode(sent, Message::encode))
            .collect()
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
        let input = Request::parse(&frame).map_or(Input::Malformed, Input::Request);
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
