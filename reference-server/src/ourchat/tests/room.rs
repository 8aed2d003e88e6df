//! A server with clients that remember what they were sent.

use serde_json::{Value, json};

use super::super::Ourchat;
use crate::pack::Pack;
use crate::protocol::{ConnId, Frame};
use crate::tests::clients::{self, Clients, Tried};

pub(super) type Room = Clients<Ourchat>;

impl Tried for Ourchat {
    type Heard = Value;

    const PACK: Pack = Pack::Ourchat;

    fn decode(frame: Frame) -> Option<Value> {
        clients::json(frame)
    }
}

impl Room {
    pub(super) fn say(&mut self, conn: ConnId, message: Value) {
        self.send(conn, Frame::Text(message.to_string()));
    }

    /// The next message, which must have this code.
    pub(super) fn hear(&mut self, conn: ConnId, code: u64) -> Value {
        let message = self.next(conn);
        assert_eq!(message["code"], code, "in {message}");
        message
    }

    /// The next message is all of this.
    pub(super) fn hears(&mut self, conn: ConnId, message: Value) {
        let code = message["code"].as_u64().expect("a code");
        assert_eq!(self.hear(conn, code), message);
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
}
