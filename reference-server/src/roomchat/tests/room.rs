//! A server with clients that remember what they were sent.

use serde_json::{Value, json};

use super::super::Roomchat;
use crate::pack::Pack;
use crate::protocol::{ConnId, Frame};
use crate::tests::clients::{self, Clients, Tried};

pub(super) type Room = Clients<Roomchat>;

impl Tried for Roomchat {
    type Heard = Value;

    const PACK: Pack = Pack::Roomchat;

    fn decode(frame: Frame) -> Option<Value> {
        clients::json(frame)
    }
}

impl Room {
    pub(super) fn say(&mut self, conn: ConnId, message: Value) {
        self.send(conn, Frame::Text(message.to_string()));
    }

    /// The next message, which must be of this type.
    pub(super) fn hear(&mut self, conn: ConnId, kind: &str) -> Value {
        let message = self.next(conn);
        assert_eq!(message["type"], kind, "in {message}");
        message
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
        let texts = self.rest(conn).into_iter().map(|message| {
            assert_eq!(message["type"], "READ_MSG");
            message["message"].as_str().unwrap_or_default().to_owned()
        });
        texts.collect()
    }
}
