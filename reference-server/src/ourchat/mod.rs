//! The ourchat server: accounts, sessions, and the messages in them.
//! What is no request is answered with an error.

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

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::mem::Discriminant;

use crate::behaviour::{Behaviour, Rule, UnknownSetting};
use crate::context::Input;
use crate::protocol::{ConnId, Frame, Protocol};
use crate::rules::{HowOf, Table, shapes};
use crate::server::{Server, Service};
use context::Context;
use effect::{Change, Effect};
use message::{Kind, Message};
use readings::{Departure, Readings};
use request::{Incoming, Request};
use state::State;

/// Accounts, sessions, and the messages in them.
struct Ourchat;

impl Service for Ourchat {
    type State = State;
    type User = u64;
    type Request = Incoming;
    type Flaw = String;
    type What = Discriminant<Request>;
    type Message = Message;
    type Change = Change;
    type To = Infallible;
    type How = Infallible;
    type Departure = Departure;
    type Damage = shapes::Damage<Kind>;

    fn rules() -> &'static Table<HowOf<Ourchat>> {
        &rules::TABLE
    }

    fn parse(frame: Frame, _: &Readings) -> Result<Incoming, String> {
        let request = Request::parse(&frame)?;
        let verified = false;
        Ok(Incoming { request, verified })
    }

    /// Asking for the code passes a verification that was begun: what it held back is next.
    fn admit(state: &State, conn: ConnId, incoming: Incoming) -> Incoming {
        let asks = matches!(incoming.request, Request::GenerateVerificationCode);
        match state.waiting.get(&conn) {
            Some(held) if asks => Incoming {
                request: held.clone().unwrap_or(incoming.request),
                verified: true,
            },
            _ => incoming,
        }
    }

    fn what(request: &Incoming) -> Discriminant<Request> {
        std::mem::discriminant(&request.request)
    }

    fn user<'a>(cx: &Context<'a>) -> Option<&'a u64> {
        cx.state.users.get(&cx.conn)
    }

    fn handle(cx: &Context) -> Vec<Effect> {
        match cx.input {
            Input::Request(incoming) if incoming.verified => verification::passed(cx),
            _ => verification::wanted(cx).unwrap_or_else(|| handle(cx)),
        }
    }

    fn change(state: &mut State, change: Change) {
        state.change(change);
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
    Ok(Box::new(Server::<Ourchat>::new(behaviour)?))
}

/// Every rule with its ways.
pub(crate) fn rules() -> &'static [Rule] {
    rules::TABLE.rules()
}

/// What the server does as its document says.
fn handle(cx: &Context) -> Vec<Effect> {
    let conn = cx.conn;
    match cx.input {
        Input::Connected => vec![Change::Connected { conn }.into()],
        Input::Malformed(details) => cx.malformed(details),
        Input::Disconnected => vec![Change::Disconnected { conn }.into()],
        Input::Request(incoming) => serve(cx, &incoming.request),
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
