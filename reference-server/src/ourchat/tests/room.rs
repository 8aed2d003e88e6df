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
    now_ms: u64,
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
            server: protocol(Pack::Ourchat, behaviour).expect("a known behaviour"),
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

    /// The next message, which must have this code.
    pub(super) fn hear(&mut self, conn: ConnId, code: u64) -> Value {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        let message = inbox.pop_front().expect("a message arrives");
        assert_eq!(message["code"], code, "in {message}");
        message
    }

    /// The next message is all of this.
    pub(super) fn hears(&mut self, conn: ConnId, message: Value) {
        let code = message["code"].as_u64().expect("a code");
        assert_eq!(self.hear(conn, code), message);
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

    pub(super) fn register(&mut self, conn: ConnId, name: &str) {
        let email = format!("{name}@example.com");
        let account = json!({ "code": 4, "email": email, "password": name, "name": name });
        self.say(conn, account);
    }

    pub(super) fn login(&mut self, conn: ConnId, name: &str, password: &str) {
        let email = format!("{name}@example.com");
        self.say(
            conn,
            json!({ "code": 6, "login_type": 0, "account": email, "password": password }),
        );
    }

    /// A new account that is logged in, and its ocid.
    pub(super) fn user(&mut self, name: &str) -> (ConnId, u64) {
        let conn = self.connect();
        self.register(conn, name);
        let ocid = self.hear(conn, 5)["ocid"].as_u64().expect("an ocid");
        self.login(conn, name, name);
        self.hears(conn, json!({ "code": 7, "status": 0, "ocid": ocid }));
        (conn, ocid)
    }

    /// A session of these, created on the connection.
    pub(super) fn session(&mut self, conn: ConnId, members: &[u64]) -> u64 {
        self.say(conn, json!({ "code": 8, "members": members }));
        let created = self.hear(conn, 9);
        assert_eq!(created["status"], 0, "in {created}");
        created["session_id"].as_u64().expect("an id")
    }

    pub(super) fn text(&mut self, conn: ConnId, ocid: u64, session: u64, text: &str) {
        self.say(
            conn,
            json!({
                "code": 0,
                "time": 1_630_000_000,
                "sender": { "ocid": ocid.to_string(), "session_id": session },
                "msg": [{ "type": 0, "text": text }],
            }),
        );
    }

    /// Everything that was sent so far, one line for each input.
    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }
}
