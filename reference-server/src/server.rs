//! A server without its sockets, whatever its protocol: the way from a frame to frames.
//!
//! A frame becomes a request; a handler turns the state and the request into effects without touching the
//! state; broken rules rewrite those effects; then they are carried out, which changes the state and gives
//! what goes onto the wire. What is a protocol's own in this is its [`Service`].

use std::collections::BTreeSet;

use crate::behaviour::{Behaviour, UnknownSetting};
use crate::context::{Context, Input, Past, Recent};
use crate::effect::Effect;
use crate::protocol::{ConnId, Effect as WireEffect, Frame, Protocol, Sent};
use crate::readings::{Departs, Readings};
use crate::rules::{Broken, Damage, HowOf, Table};

/// What one protocol's server is made of: its state, its handlers, its rules.
pub(crate) trait Service: Sized + 'static {
    /// Everything that the server remembers.
    type State: Clone + Default + Send;
    /// By what a handler knows who acts.
    type User: ?Sized;
    type Request;
    /// What is known of a frame that is no request.
    type Flaw;
    /// By what one type of request is told from another.
    type What: Copy + Send;
    type Message: Clone;
    /// A change of the state.
    type Change;
    /// By what a message to a user names the user, and how it is delivered.
    type To;
    type How;
    type Departure: Departs + Send;
    /// How the shape of a message is broken.
    type Damage: Damage<Self::Message> + Sync;

    /// The rules that the server can be told to break.
    fn rules() -> &'static Table<HowOf<Self>>;

    /// Reads a frame.
    fn parse(
        frame: Frame,
        readings: &Readings<Self::Departure>,
    ) -> Result<Self::Request, Self::Flaw>;

    /// The request that is to be handled where this one came in.
    fn admit(_state: &Self::State, _conn: ConnId, request: Self::Request) -> Self::Request {
        request
    }

    fn what(request: &Self::Request) -> Self::What;

    /// Who acts in this, as far as the server knows.
    fn user<'a>(cx: &Context<'a, Self>) -> Option<&'a Self::User>;

    /// What the server does as its document says.
    fn handle(cx: &Context<Self>) -> Vec<EffectOf<Self>>;

    /// Changes the state. Decides nothing; a change of what does not exist is no change.
    fn change(state: &mut Self::State, change: Self::Change);

    /// The connections to which a message to this user goes: none while the user is offline.
    fn reached(_state: &Self::State, _to: &Self::To, _how: &Self::How) -> Vec<ConnId> {
        Vec::new()
    }

    /// A message to this user reached nobody; it may be kept for later.
    fn missed(_state: &mut Self::State, _to: Self::To, _message: Self::Message, _how: Self::How) {}

    /// The connections that are open.
    fn connections(state: &Self::State) -> &BTreeSet<ConnId>;

    /// The frame that carries a message when it is sent at this time.
    fn encode(message: Self::Message, readings: &Readings<Self::Departure>, now_ms: u64) -> Frame;
}

/// One thing that a handler of this protocol wants done.
pub(crate) type EffectOf<S> = Effect<
    <S as Service>::Message,
    <S as Service>::Change,
    <S as Service>::To,
    <S as Service>::How,
>;

/// A server without its sockets.
pub(crate) struct Server<S: Service> {
    state: S::State,
    readings: Readings<S::Departure>,
    broken: Broken<HowOf<S>>,
    past: Past<S::What>,
}

impl<S: Service> Clone for Server<S> {
    fn clone(&self) -> Server<S> {
        Server {
            state: self.state.clone(),
            readings: self.readings.clone(),
            broken: self.broken.clone(),
            past: self.past.clone(),
        }
    }
}

impl<S: Service> Server<S> {
    pub(crate) fn new(behaviour: &Behaviour) -> Result<Server<S>, UnknownSetting> {
        Ok(Server {
            state: S::State::default(),
            readings: Readings::taken(&behaviour.readings)?,
            broken: S::rules().broken(&behaviour.broken)?,
            past: Past::default(),
        })
    }

    fn handle(
        &mut self,
        conn: ConnId,
        input: Input<S::Request, S::Flaw>,
        now_ms: u64,
    ) -> Vec<WireEffect> {
        let mut cx = Context {
            state: &self.state,
            conn,
            user: None,
            input: &input,
            readings: &self.readings,
            past: &self.past,
            now_ms,
        };
        cx.user = S::user(&cx);
        let effects = self.broken.rewrite(&cx, S::handle(&cx));
        if let Input::Request(request) = &input {
            let what = S::what(request);
            self.past.recent = [Some(Recent { conn, what }), self.past.recent[0]];
        }
        let sent = self.carry_out(effects);
        let encode = |sent| {
            self.broken
                .encode(sent, |message| S::encode(message, &self.readings, now_ms))
        };
        sent.into_iter().map(encode).collect()
    }

    /// Carries effects out in their order; gives what goes onto the wire.
    fn carry_out(&mut self, effects: Vec<EffectOf<S>>) -> Vec<Sent<S::Message>> {
        let mut sent = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { to, message } => sent.push(Sent::Message { to, message }),
                Effect::Deliver { to, message, how } => {
                    let conns = S::reached(&self.state, &to, &how);
                    sent.extend(conns.iter().map(|&to| {
                        let message = message.clone();
                        Sent::Message { to, message }
                    }));
                    if conns.is_empty() {
                        S::missed(&mut self.state, to, message, how);
                    }
                }
                Effect::Close { conn, code } => sent.push(Sent::Close { conn, code }),
                Effect::Change(change) => S::change(&mut self.state, change),
                Effect::Die => self.past.dead = true,
            }
        }
        sent
    }
}

impl<S: Service> Protocol for Server<S> {
    fn fork(&self) -> Box<dyn Protocol> {
        Box::new(self.clone())
    }

    fn connected(&mut self, conn: ConnId, now_ms: u64) -> Vec<WireEffect> {
        self.handle(conn, Input::Connected, now_ms)
    }

    fn received(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<WireEffect> {
        let input = match S::parse(frame, &self.readings) {
            Ok(request) => Input::Request(S::admit(&self.state, conn, request)),
            Err(flaw) => Input::Malformed(flaw),
        };
        self.handle(conn, input, now_ms)
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<WireEffect> {
        self.handle(conn, Input::Disconnected, now_ms)
    }
}
