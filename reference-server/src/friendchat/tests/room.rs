//! A server with clients that remember what they were sent.

use serde_json::{Value, json};

use super::super::Friendchat;
use crate::pack::Pack;
use crate::protocol::{ConnId, Frame};
use crate::tests::clients::{self, Clients, Tried};

pub(super) type Room = Clients<Friendchat>;

impl Tried for Friendchat {
    type Heard = Value;

    const PACK: Pack = Pack::Friendchat;

    fn decode(frame: Frame) -> Option<Value> {
        clients::json(frame)
    }
}

impl Room {
    pub(super) fn say(&mut self, conn: ConnId, kind: &str, payload: Value) {
        let message = json!({ "type": kind, "timestamp": 1_630_000_000, "payload": payload });
        self.send(conn, Frame::Text(message.to_string()));
    }

    /// The whole of the next message.
    pub(super) fn hear_whole(&mut self, conn: ConnId) -> Value {
        self.next(conn)
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
}
