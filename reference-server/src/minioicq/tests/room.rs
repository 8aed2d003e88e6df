//! A server with clients that remember what they were sent.

use rmpv::Value;

use super::super::Minioicq;
use super::super::message::{field, map};
use crate::pack::Pack;
use crate::protocol::{ConnId, Frame};
use crate::tests::clients::{Clients, Tried};

pub(super) type Room = Clients<Minioicq>;

impl Tried for Minioicq {
    type Heard = Value;

    const PACK: Pack = Pack::Minioicq;
    const START_MS: u64 = 1_700_000_000_000;

    fn decode(frame: Frame) -> Option<Value> {
        match frame {
            Frame::Binary(bytes) => {
                Some(rmpv::decode::read_value(&mut bytes.as_slice()).expect("MessagePack"))
            }
            // Only a broken rule does so.
            Frame::Text(_) => None,
        }
    }
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) conn: ConnId,
    pub(super) id: Value,
}

impl Room {
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

    /// The next message, which must be of this action.
    pub(super) fn hear(&mut self, conn: ConnId, action: &str) -> Value {
        let message = self.next(conn);
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
