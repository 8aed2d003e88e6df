//! A server with clients that remember what they were sent.

use serde_json::{Value, json};

use super::super::Tokenchat;
use crate::pack::Pack;
use crate::protocol::{ConnId, Frame};
use crate::tests::clients::{self, Clients, Tried};

pub(super) type Room = Clients<Tokenchat>;

impl Tried for Tokenchat {
    type Heard = Value;

    const PACK: Pack = Pack::Tokenchat;

    fn decode(frame: Frame) -> Option<Value> {
        clients::json(frame)
    }
}

/// A registered user, on a connection of the user's own.
pub(super) struct User {
    pub(super) conn: ConnId,
    pub(super) token: Value,
}

impl Room {
    /// Sends a request; `fields` is an object.
    pub(super) fn say(&mut self, conn: ConnId, mode: &str, fields: Value) {
        let mut request = json!({ "mode": mode, "timestamp": 1_630_000_000 });
        for (field, value) in fields.as_object().expect("an object") {
            request[field] = value.clone();
        }
        self.send(conn, Frame::Text(request.to_string()));
    }

    /// The next answer.
    pub(super) fn hear(&mut self, conn: ConnId) -> Value {
        self.next(conn)
    }

    /// Sends a request and hears its answer, which has the same mode.
    pub(super) fn ask(&mut self, conn: ConnId, mode: &str, fields: Value) -> Value {
        self.say(conn, mode, fields);
        let answer = self.hear(conn);
        assert_eq!(answer["mode"], mode, "in {answer}");
        assert_eq!(answer["timestamp"], 1000, "in {answer}");
        answer
    }

    /// The status of the answer to a request.
    pub(super) fn status(&mut self, conn: ConnId, mode: &str, fields: Value) -> String {
        let answer = self.ask(conn, mode, fields);
        answer["status"].as_str().expect("text").to_owned()
    }

    /// A new user.
    pub(super) fn user(&mut self, name: &str) -> User {
        let conn = self.connect();
        let email = format!("{name}@example.com");
        let new = json!({ "username": name, "password": name, "email": email });
        let answer = self.ask(conn, "register", new);
        assert_eq!(answer["status"], "200");
        let token = answer["token"].clone();
        User { conn, token }
    }

    /// Makes a chat and says its id.
    pub(super) fn chat(&mut self, user: &User, contact: &str) -> Value {
        let contact = json!({
            "token": user.token, "contact_value": contact, "contact_mode": "username",
        });
        let answer = self.ask(user.conn, "createChat", contact);
        assert_eq!(answer["status"], "200");
        answer["chat_id"].clone()
    }

    pub(super) fn write(&mut self, user: &User, chat: &Value, content: &str) -> String {
        let message = json!({
            "token": user.token, "chat_id": chat, "content": content, "content_type": "text",
        });
        self.status(user.conn, "sendMessage", message)
    }

    /// What each message of a chat holds.
    pub(super) fn read(&mut self, user: &User, chat: &Value) -> Vec<String> {
        let asked = json!({ "token": user.token, "chat_id": chat });
        let answer = self.ask(user.conn, "getMessages", asked);
        let messages = answer["messages"].as_array().expect("a list");
        let contents = messages.iter().map(|message| message["content"].as_str());
        contents.flatten().map(str::to_owned).collect()
    }

    /// The ids of a user's chats.
    pub(super) fn chats(&mut self, user: &User) -> Vec<Value> {
        let answer = self.ask(user.conn, "getChats", json!({ "token": user.token }));
        let chats = answer["chats"].as_array().expect("a list");
        chats.iter().map(|chat| chat["chat_id"].clone()).collect()
    }
}
