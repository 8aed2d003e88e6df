//! The tokenchat server: accounts, tokens, chats of two and their messages.
//! A frame without a mode has no effects: there is nothing to answer with.

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

use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::behaviour::{Behaviour, Rule, UnknownSetting};
use crate::context::Input;
use crate::protocol::{ConnId, Frame, Protocol};
use crate::rules::{HowOf, Table};
use crate::server::{Server, Service};
use context::Context;
use effect::{Change, Effect};
use message::Answer;
use readings::{Departure, Readings};
use request::{Mode, Request};
use state::State;

/// Accounts, tokens, chats of two and their messages.
struct Tokenchat;

impl Service for Tokenchat {
    type State = State;
    type User = str;
    type Request = Request;
    type Flaw = ();
    type What = Mode;
    type Message = Answer;
    type Change = Change;
    type To = Infallible;
    type How = Infallible;
    type Departure = Departure;
    type Damage = rules::Damage;

    fn rules() -> &'static Table<HowOf<Tokenchat>> {
        &rules::TABLE
    }

    fn parse(frame: Frame, readings: &Readings) -> Result<Request, ()> {
        Request::parse(frame, readings).ok_or(())
    }

    fn what(request: &Request) -> Mode {
        request.mode
    }

    fn user<'a>(cx: &Context<'a>) -> Option<&'a str> {
        cx.owner()
    }

    fn handle(cx: &Context) -> Vec<Effect> {
        handle(cx)
    }

    fn change(state: &mut State, change: Change) {
        state.change(change);
    }

    fn connections(state: &State) -> &BTreeSet<ConnId> {
        &state.connections
    }

    fn encode(answer: Answer, readings: &Readings, now_ms: u64) -> Frame {
        answer.encode(readings, now_ms)
    }
}

/// A server of this behaviour, or the setting that there is not.
pub(crate) fn server(behaviour: &Behaviour) -> Result<Box<dyn Protocol>, UnknownSetting> {
    Ok(Box::new(Server::<Tokenchat>::new(behaviour)?))
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
