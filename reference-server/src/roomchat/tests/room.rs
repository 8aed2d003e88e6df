//! A server with clients that remember what they were sent.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::pack::{Pack, protocol};
use crate::protocol::{ConnId, Effect, Frame, Protocol};

pub(super) struct Room {
    server: Box<dyn Protocol>,
    inboxes: BTreeMap<ConnId, VecDeque<Value>>,
    pub(super) closed: Vec<(ConnId, u16)>,
    pub(super) now_ms: u64,
    next: ConnId,
    /// What each input led to.
    transcript: String,
}

impl Room {
    pub(super) fn new() -> Room {
        Room::with(&Behaviour::default())
    }

    /// A server that takes one option of a reading.
    pub(super) fn reading(id: &str, option: &str) -> Room {
        let readings = vec![(id.to_owned(), option.to_owned())];
        Room::with(&Behaviour {
            readings,
            ..Behaviour::default()
        })
    }

    /// A server that breaks one rule.
    pub(super) fn breaking(rule: &str) -> Room {
        let broken = vec![rule.parse().expect("a break")];
        Room::with(&Behaviour {
            broken,
            ..Behaviour::default()
        })
    }

    pub(super) fn with(behaviour: &Behaviour) -> Room {
        Room {
            server: protocol(Pack::Roomchat, behaviour).expect("a known behaviour"),
            inboxes: BTreeMap::new(),
            closed: Vec::new(),
            now_ms: 1_000_000,
            next: 1,
            transcript: String::new(),
        }
    }

    pub(super) fn connect(&mut self) -> ConnId {
        let conn = self.next;
        self.next += 1;
        self.inboxes.insert(conn, VecDeque::new());
        let effects = self.server.connected(conn, self.now_ms);
        self.take(effects);
        conn
    }

    pub(super) fn drop(&mut self, conn: ConnId) {
        let effects = self.server.disconnected(conn, self.now_ms);
        self.take(effects);
    }

    pub(super) fn say(&mut self, conn: ConnId, message: Value) {
        self.send(conn, Frame::Text(message.to_string()));
    }

    pub(super) fn send(&mut self, conn: ConnId, frame: Frame) {
        let effects = self.server.received(conn, frame, self.now_ms);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        self.transcript += &format!("{effects:?}\n");
        for effect in effects {
            match effect {
                Effect::Send {
                    to,
                    frame: Frame::Text(text),
                } => {
                    let message = serde_json::from_str(&text).expect("the server speaks JSON");
                    self.inboxes.entry(to).or_default().push_back(message);
                }
                Effect::Send { .. } => panic!("the server speaks in text frames"),
                Effect::Close { conn, code } => self.closed.push((conn, code)),
            }
        }
    }

    /// The next message, which must be of this type.
    pub(super) fn hear(&mut self, conn: ConnId, kind: &str) -> Value {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        let message = inbox.pop_front().expect("a message arrives");
        assert_eq!(message["type"], kind, "in {message}");
        message
    }

    /// Nothing more has arrived for any of these.
    pub(super) fn silent(&mut self, conns: &[ConnId]) {
        for conn in conns {
            assert_eq!(
                self.inboxes[conn],
                VecDeque::<Value>::new(),
                "at connection {conn}"
            );
        }
    }

    /// A new user who is logged in.
    pub(super) fn user(&mut self, name: &str) -> ConnId {
        let conn = self.connect();
        self.say(
            conn,
            json!({ "type": "REQUEST_SIGNUP", "login": name, "pass": name }),
        );
        assert_eq!(self.hear(conn, "RESPONSE_SIGNUP")["status"], "SINGUP_OK");
        self.login(conn, name, name);
        assert_eq!(self.hear(conn, "RESPONSE_LOGIN")["status"], "LOGIN_OK");
        conn
    }

    pub(super) fn login(&mut self, conn: ConnId, name: &str, pass: &str) {
        self.say(
            conn,
            json!({ "type": "REQUEST_LOGIN", "login": name, "pass": pass }),
        );
    }

    /// A new room of two; its id.
    pub(super) fn room(&mut self, conn: ConnId, creator: &str, customer: &str) -> Value {
        self.say(
            conn,
            json!({ "type": "CREATE_ROOM", "username": creator, "customer": customer }),
        );
        self.hear(conn, "CREATE_ROOM")["id"].clone()
    }

    /// A new message that is taken; its id.
    pub(super) fn write(&mut self, conn: ConnId, from: &str, room: &Value, text: &str) -> Value {
        self.post(conn, from, room, text);
        let answer = self.hear(conn, "SND_MSG");
        assert_eq!(answer["status"], "OK");
        answer["message_id"].clone()
    }

    pub(super) fn post(&mut self, conn: ConnId, from: &str, room: &Value, text: &str) {
        self.say(
            conn,
            json!({ "type": "SND_MSG", "username": from, "room_id": room, "message": text, "msg_type": "TEXT" }),
        );
    }

    /// The texts of a room, as far as they come.
    pub(super) fn read(&mut self, conn: ConnId, room: &Value, extent: &str) -> Vec<String> {
        self.say(
            conn,
            json!({ "type": "READ_MSG", "read": extent, "room_id": room }),
        );
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        let texts = inbox.drain(..).map(|message| {
            assert_eq!(message["type"], "READ_MSG");
            message["message"].as_str().unwrap_or_default().to_owned()
        });
        texts.collect()
    }

    /// Everything that was sent so far, one line for each input.
    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }
}
