//! The tokenchat server: accounts, tokens, chats of two and their messages.
//!
//! A frame becomes a [`Request`]; a handler turns the state and the request
//! into [`Effect`]s without touching the state; broken rules rewrite those
//! effects; [`State::apply`] carries them out and gives what goes onto the
//! wire. A frame without a mode has no effects: there is nothing to answer with.

mod accounts;
mod change;
mod chats;
mod context;
mod effect;
mod message;
mod messages;
mod readings;
mod request;
mod rules;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use readings::READINGS;
pub(crate) use rules::rules;

use crate::behaviour::{Behaviour, UnknownSetting};
use crate::protocol::{ConnId, Effect as WireEffect, Frame, Protocol};
use context::Context;
use effect::{Change, Effect};
use message::Answer;
use readings::{Departure, Readings};
use request::{Mode, Request};
use rules::Broken;
use state::State;

/// A tokenchat server without its sockets.
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
    /// A frame that is no request of any mode.
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
        let mut cx = Context {
            state: &self.state,
            conn,
            user: None,
            input: &input,
            readings: &self.readings,
            now_ms,
        };
        cx.user = cx.owner();
        let effects = self.broken.rewrite(&cx, handle(&cx));
        if let Input::Request(request) = &input {
            self.state.scars.came(conn, request.mode);
        }
        let mut sent = Vec::new();
        self.state.apply(effects, &mut sent);
        sent.into_iter()
            .map(|sent| {
                let encode = |answer: Answer| answer.encode(&self.readings, now_ms);
                self.broken.encode(sent, encode)
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
        let input = match Request::parse(frame, &self.readings) {
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
        Input::Disconnected => {
            let conn = cx.conn;
            let end_tokens = cx.takes(Departure::TokensEndWithConnection);
            return vec![Change::Disconnected { conn, end_tokens }.into()];
        }
    };
    match request.mode {
        Mode::CheckConnection => vec![cx.answer(message::OK)],
        Mode::Auth | Mode::Register if cx.had_its_login() => vec![cx.answer(message::BAD_REQUEST)],
        Mode::Auth => accounts::auth(cx, request),
        Mode::Register => accounts::register(cx, request),
        Mode::Unknown => vec![cx.answer(message::NOT_IMPLEMENTED)],
        Mode::CheckToken if cx.takes(Departure::TokensAreNotChecked) => {
            vec![cx.answer(message::NOT_IMPLEMENTED)]
        }
        mode => match cx.user {
            None => vec![cx.answer(cx.status_without_token(request))],
            Some(user) => match mode {
                Mode::Logout => accounts::logout(cx, user, request),
                Mode::CreateChat => chats::create(cx, user, request),
                Mode::GetChats => chats::list(cx, user),
                Mode::GetMessages => messages::read(cx, user, request),
                Mode::SendMessage => messages::write(cx, user, request),
                _ => vec![cx.answer(message::OK)],
            },
        },
    }
}
