//! The friendchat server: friends, groups, texts, media, presence and history.
//!
//! A frame becomes a [`Request`]; a handler turns the state and the request
//! into [`Effect`]s without touching the state; broken rules rewrite those
//! effects; [`State::apply`] carries them out and gives what goes onto the
//! wire. Malformed input has no effects: the document gives it no answer.

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
pub(crate) use rules::rules;

use crate::behaviour::{Behaviour, UnknownSetting};
use crate::protocol::{ConnId, Effect as WireEffect, Frame, Protocol};
use context::Context;
use effect::{Change, Effect};
use readings::Readings;
use request::{Incoming, Request};
use rules::Broken;
use state::{Recent, State};

/// A friendchat server without its sockets.
#[derive(Clone)]
pub(crate) struct Server {
    state: State,
    readings: Readings,
    broken: Broken,
}

/// What a handler, and a broken rule, may see of what happened.
enum Input {
    Connected,
    Request(Incoming),
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
        if let Input::Request(incoming) = &input {
            let what = std::mem::discriminant(&incoming.request);
            self.state.scars.came(Recent { conn, what });
        }
        let mut sent = Vec::new();
        self.state.apply(effects, &mut sent);
        sent.into_iter()
            .map(|sent| {
                let stamp = self.readings.stamp(now_ms);
                self.broken.encode(sent, |message| message.encode(stamp))
            })
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
        let input = match Incoming::parse(frame) {
            Some(incoming) => Input::Request(incoming),
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
    let incoming = match cx.input {
        Input::Connected => return vec![Change::Connected { conn: cx.conn }.into()],
        Input::Request(incoming) => incoming,
        Input::Malformed => return Vec::new(),
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
