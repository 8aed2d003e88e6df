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
            server: protocol(Pack::Friendchat, behaviour).expect("a known behaviour"),
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

    pub(super) fn say(&mut self, conn: ConnId, kind: &str, payload: Value) {
        let message = json!({ "type": kind, "timestamp": 1_630_000_000, "payload": payload });
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

    /// The whole of the next message.
    pub(super) fn hear_whole(&mut self, conn: ConnId) -> Value {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        inbox.pop_front().expect("a message arrives")
    }

    /// The payload of the next message, which must be of this type.
    pub(super) fn hear(&mut self, conn: ConnId, kind: &str) -> Value {
        let message = self.hear_whole(conn);
        assert_eq!(message["type"], kind, "in {message}");
        message["payload"].clone()
    }

    /// The code of the next message, which must be of this type.
    pub(super) fn hear_code(&mut self, conn: ConnId, kind: &str) -> i64 {
        self.hear(conn, kind)["code"].as_i64().expect("a code")
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
            "REGISTER_REQUEST",
            json!({ "username": name, "passwordHash": name }),
        );
        assert_eq!(self.hear_code(conn, "REGISTER_RESPONSE"), 0);
        self.login(conn, name);
        conn
    }

    /// New users who are logged in and all friends of each other.
    pub(super) fn friends<const N: usize>(&mut self, names: [&str; N]) -> [ConnId; N] {
        let conns = names.map(|name| self.user(name));
        for (place, one) in names.iter().enumerate() {
            for (other_place, other) in names.iter().enumerate().skip(place + 1) {
                self.befriend((conns[place], one), (conns[other_place], other));
            }
        }
        conns
    }

    pub(super) fn befriend(&mut self, (a, alice): (ConnId, &str), (b, bob): (ConnId, &str)) {
        self.say(
            a,
            "FRIEND_REQUEST",
            json!({ "sender": alice, "receiver": bob }),
        );
        assert_eq!(self.hear_code(a, "FRIEND_REQUEST_ACK"), 0);
        self.hear(b, "FRIEND_REQUEST");
        let yes = json!({ "sender": alice, "receiver": bob, "code": 0 });
        self.say(b, "FRIEND_REQUEST_RESPONSE", yes);
        self.hear(a, "FRIEND_REQUEST_RESPONSE");
    }

    pub(super) fn login(&mut self, conn: ConnId, name: &str) {
        self.try_login(conn, name, name);
        assert_eq!(self.hear_code(conn, "LOGIN_RESPONSE"), 0);
    }

    pub(super) fn try_login(&mut self, conn: ConnId, name: &str, hash: &str) {
        self.say(
            conn,
            "LOGIN_REQUEST",
            json!({ "username": name, "passwordHash": hash }),
        );
    }

    pub(super) fn logout(&mut self, conn: ConnId, name: &str) {
        self.say(conn, "USER_LOGOUT", json!({ "username": name }));
    }

    /// A group of the first one's, which the others have joined.
    pub(super) fn group(&mut self, name: &str, users: &[(ConnId, &str)]) {
        let (leader, sender) = users[0];
        let members: Vec<&str> = users[1..].iter().map(|(_, name)| *name).collect();
        let new = json!({ "sender": sender, "members": members, "name": name });
        self.say(leader, "GROUP_CREATE", new);
        assert_eq!(self.hear_code(leader, "GROUP_CREATE_ACK"), 0);
        for (conn, member) in &users[1..] {
            self.hear(*conn, "GROUP_INVITE");
            let yes = json!({ "sender": sender, "receiver": member, "group": name, "code": 0 });
            self.say(*conn, "GROUP_INVITE_RESPONSE", yes);
            self.hear(leader, "GROUP_INVITE_RESPONSE");
        }
    }

    pub(super) fn text(&mut self, conn: ConnId, sender: &str, receiver: &str, content: &str) {
        let text = json!({ "sender": sender, "receiver": receiver, "content": content });
        self.say(conn, "TEXT_MESSAGE", text);
    }

    /// Everything that was sent so far, one line for each input.
    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }
}
