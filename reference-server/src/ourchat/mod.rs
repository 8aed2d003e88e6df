//! The ourchat server: accounts, sessions, and the messages in them.
//!
//! A frame becomes a [`Request`]; a handler turns the state and the request into [`Effect`]s
//! without touching the state; broken rules rewrite those effects; [`State::apply`] carries them
//! out and gives what goes onto the wire. What is no request is answered with an error.

mod accounts;
mod change;
mod context;
mod effect;
mod info;
mod message;
mod messages;
mod readings;
mod request;
mod rules;
mod sessions;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod verification;

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

/// An ourchat server without its sockets.
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
    /// A frame that is no message of the document, and why.
    Malformed(String),
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
        let (input, verified) = self.after_verification(conn, input);
        let cx = Context {
            state: &self.state,
            conn,
            user: self.state.user_of(conn),
            input: &input,
            readings: &self.readings,
            now_ms,
        };
        let effects = if verified {
            verification::passed(&cx)
        } else {
            verification::wanted(&cx).unwrap_or_else(|| handle(&cx))
        };
        let effects = self.broken.rewrite(&cx, effects);
        if let Input::Request(request) = &input {
            let what = std::mem::discriminant(request);
            self.state.scars.recent = Some(Recent { conn, what });
        }
        let mut sent = Vec::new();
        self.state.apply(effects, &mut sent);
        sent.into_iter()
            .map(|sent| self.broken.encode(sent, Message::encode))
            .collect()
    }

    /// Asking for the code passes a verification that was begun: what it held back is next.
    fn after_verification(&mut self, conn: ConnId, input: Input) -> (Input, bool) {
        let asks = matches!(input, Input::Request(Request::GenerateVerificationCode));
        match self.state.waiting.get(&conn) {
            Some(held) if asks => (held.clone().map_or(input, Input::Request), true),
            _ => (input, false),
        }
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
        let input = match Request::parse(&frame) {
            Ok(request) => Input::Request(request),
            Err(details) => Input::Malformed(details),
        };
        self.handle(conn, input, now_ms)
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<WireEffect> {
        self.handle(conn, Input::Disconnected, now_ms)
    }
}

/// What the server does as its document says.
fn handle(cx: &Context) -> Vec<Effect> {
    let conn = cx.conn;
    match cx.input {
        Input::Connected => vec![Change::Connected { conn }.into()],
        Input::Malformed(details) => cx.malformed(details),
        Input::Disconnected => vec![Change::Disconnected { conn }.into()],
        Input::Request(request) => serve(cx, request),
    }
}

fn serve(cx: &Context, request: &Request) -> Vec<Effect> {
    match request {
        Request::UserMessage(message) => messages::message(cx, message),
        Request::Register(account) => accounts::register(cx, account),
        Request::Login(login) => accounts::login(cx, login),
        Request::NewSession(session) => sessions::create(cx, session),
        Request::GetAccountInfo(question) => info::account(cx, question),
        Request::GetServerStatus => info::server(cx),
        Request::GenerateVerificationCode => verification::unasked(cx),
        Request::Logout => accounts::logout(cx),
    }
}
