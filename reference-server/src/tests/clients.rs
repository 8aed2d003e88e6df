//! A server with clients that remember what they were sent, whichever protocol they speak.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

use crate::behaviour::Behaviour;
use crate::pack::{Pack, protocol};
use crate::protocol::{ConnId, Effect, Frame, Protocol};

/// A protocol whose server is tried here.
pub(crate) trait Tried: Sized {
    /// What a frame holds.
    type Heard: PartialEq + Debug;

    const PACK: Pack;
    /// The time at which the clients come, in milliseconds.
    const START_MS: u64 = 1_000_000;

    /// Reads a frame; `None` for one that no client listens to.
    fn decode(frame: Frame) -> Option<Self::Heard>;
}

pub(crate) struct Clients<T: Tried> {
    server: Box<dyn Protocol>,
    inboxes: BTreeMap<ConnId, VecDeque<T::Heard>>,
    pub(crate) closed: Vec<(ConnId, u16)>,
    pub(crate) now_ms: u64,
    next: ConnId,
    /// What each input led to.
    transcript: String,
}

impl<T: Tried> Clients<T> {
    pub(crate) fn new() -> Self {
        Clients::with(&Behaviour::default())
    }

    /// Those of a server that takes one option of a reading.
    pub(crate) fn reading(id: &str, option: &str) -> Self {
        Clients::with(&reading(id, option))
    }

    pub(crate) fn with(behaviour: &Behaviour) -> Self {
        Clients {
            server: protocol(T::PACK, behaviour).expect("a known behaviour"),
            inboxes: BTreeMap::new(),
            closed: Vec::new(),
            now_ms: T::START_MS,
            next: 1,
            transcript: String::new(),
        }
    }

    pub(crate) fn connect(&mut self) -> ConnId {
        let conn = self.next;
        self.next += 1;
        self.inboxes.insert(conn, VecDeque::new());
        let effects = self.server.connected(conn, self.now_ms);
        self.take(effects);
        conn
    }

    pub(crate) fn drop(&mut self, conn: ConnId) {
        let effects = self.server.disconnected(conn, self.now_ms);
        self.take(effects);
    }

    pub(crate) fn send(&mut self, conn: ConnId, frame: Frame) {
        let effects = self.server.received(conn, frame, self.now_ms);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        self.transcript += &format!("{effects:?}\n");
        for effect in effects {
            match effect {
                Effect::Send { to, frame } => {
                    let heard = T::decode(frame);
                    self.inboxes.entry(to).or_default().extend(heard);
                }
                Effect::Close { conn, code } => self.closed.push((conn, code)),
            }
        }
    }

    /// The next message.
    pub(crate) fn next(&mut self, conn: ConnId) -> T::Heard {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        inbox.pop_front().expect("a message arrives")
    }

    /// All messages that are there.
    pub(crate) fn rest(&mut self, conn: ConnId) -> VecDeque<T::Heard> {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        std::mem::take(inbox)
    }

    /// Nothing more has arrived for any of these.
    pub(crate) fn silent(&self, conns: &[ConnId]) {
        for conn in conns {
            assert_eq!(self.inboxes[conn], VecDeque::new(), "at connection {conn}");
        }
    }

    /// Everything that was sent so far, one line for each input.
    pub(crate) fn transcript(&self) -> &str {
        &self.transcript
    }
}

/// Reads JSON in a text frame.
pub(crate) fn json(frame: Frame) -> Option<serde_json::Value> {
    match frame {
        Frame::Text(text) => Some(serde_json::from_str(&text).expect("the server speaks JSON")),
        Frame::Binary(_) => panic!("the server speaks in text frames"),
    }
}

/// A server that breaks one rule.
pub(crate) fn breaking(rule: &str) -> Behaviour {
    Behaviour {
        broken: vec![rule.parse().expect("a break")],
        ..Behaviour::default()
    }
}

/// A server that takes one option of a reading.
pub(crate) fn reading(id: &str, option: &str) -> Behaviour {
    Behaviour {
        readings: vec![(id.to_owned(), option.to_owned())],
        ..Behaviour::default()
    }
}
