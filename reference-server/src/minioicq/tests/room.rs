//! A server with clients that remember what they were sent.

use std::collections::{BTreeMap, VecDeque};

use rmpv::Value;

use super::super::message::{field, map};
use crate::behaviour::Behaviour;
use crate::pack::{Pack, protocol};
use crate::protocol::{ConnId, Effect, Frame, Protocol};

pub(super) struct Room {
    server: Box<dyn Protocol>,
    inboxes: BTreeMap<ConnId, VecDeque<Value>>,
    pub(super) closed: Vec<ConnId>,
    pub(super) now_ms: u64,
    next: ConnId,
    /// What each input led to.
    transcript: String,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) conn: ConnId,
    pub(super) id: Value,
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
            server: protocol(Pack::Minioicq, behaviour).expect("a known behaviour"),
            inboxes: BTreeMap::new(),
            closed: Vec::new(),
            now_ms: 1_700_000_000_000,
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

    pub(super) fn say(
        &mut self,
        conn: ConnId,
        action: &'static str,
        fields: Vec<(&'static str, Value)>,
    ) {
        let pairs = [("action", Value::from(action))].into_iter().chain(fields);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &map(pairs)).expect("memory");
        self.send(conn, Frame::Binary(bytes));
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
                    frame: Frame::Binary(bytes),
                } => {
                    let message =
                        rmpv::decode::read_value(&mut bytes.as_slice()).expect("MessagePack");
                    self.inboxes.entry(to).or_default().push_back(message);
                }
                // Only a broken rule does so.
                Effect::Send { .. } => {}
                Effect::Close { conn, .. } => self.closed.push(conn),
            }
        }
    }

    /// The next message, which must be of this action.
    pub(super) fn hear(&mut self, conn: ConnId, action: &str) -> Value {
        let inbox = self.inboxes.get_mut(&conn).expect("a connection");
        let message = inbox
            .pop_front()
            .unwrap_or_else(|| panic!("{action} arrives"));
        assert_eq!(
            field(&message, "action"),
            Some(&Value::from(action)),
            "in {message}"
        );
        message
    }

    /// The contents of the next push.
    pub(super) fn hear_push(&mut self, conn: ConnId) -> Vec<String> {
        contents(&self.hear(conn, "message.push"))
    }

    /// Nothing more has arrived for any of these.
    pub(super) fn silent(&self, conns: &[ConnId]) {
        for conn in conns {
            assert_eq!(
                self.inboxes[conn],
                VecDeque::<Value>::new(),
                "at connection {conn}"
            );
        }
    }

    /// A new user who is logged in; the password is the name.
    pub(super) fn user(&mut self, name: &str) -> Person {
        let conn = self.connect();
        self.say(
            conn,
            "auth.register",
            vec![("user_name", name.into()), ("password", name.into())],
        );
        let id = get(&self.hear(conn, "auth.register.success"), "user_id");
        self.login(conn, &id, name);
        self.hear(conn, "auth.login.success");
        Person { conn, id }
    }

    pub(super) fn login(&mut self, conn: ConnId, id: &Value, password: &str) {
        self.say(
            conn,
            "auth.login",
            vec![("user_id", id.clone()), ("password", password.into())],
        );
    }

    /// A chat of these, made by the first.
    pub(super) fn chat(&mut self, people: &[&Person]) -> Value {
        let members = people.iter().map(|person| person.id.clone()).collect();
        self.say(
            people[0].conn,
            "chat.create",
            vec![("members", Value::Array(members))],
        );
        let spawns = people
            .iter()
            .map(|person| self.hear(person.conn, "chat.spawn"));
        let ids: Vec<Value> = spawns.map(|spawn| get(&spawn, "chat_id")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        ids[0].clone()
    }

    pub(super) fn text(&mut self, conn: ConnId, chat: &Value, content: &str) {
        self.post(conn, chat, "text", content);
    }

    pub(super) fn post(&mut self, conn: ConnId, chat: &Value, kind: &str, content: &str) {
        let message = map([
            ("chat_id", chat.clone()),
            ("type", kind.into()),
            ("content", content.into()),
            ("time", "2026-01-02T03:04:05Z".into()),
        ]);
        self.say(conn, "message.send", vec![("message", message)]);
    }

    /// Everything that was sent so far, one line for each input.
    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }
}

/// A field that is there.
pub(super) fn get(message: &Value, name: &str) -> Value {
    field(message, name)
        .unwrap_or_else(|| panic!("{name} in {message}"))
        .clone()
}

/// The contents of the messages in a push or a history.
pub(super) fn contents(message: &Value) -> Vec<String> {
    let messages = get(message, "messages");
    let content = |message| get(message, "content").as_str().expect("text").to_owned();
    messages
        .as_array()
        .expect("a list")
        .iter()
        .map(content)
        .collect()
}
