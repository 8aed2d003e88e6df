//! A tour through the whole document: the same inputs each time, whatever the server answers.
//! Two servers that behave differently anywhere on it have different transcripts.

use rmpv::Value;

use super::super::id::{Form, Id};
use super::room::Room;
use crate::protocol::{ConnId, Frame};

/// The ids that the first users and chats have, in each form; who does not know one ignores it.
fn ids(number: u64) -> Vec<Value> {
    let forms = [Form::Number, Form::BeyondDoubles, Form::Text];
    forms.map(|form| Id::new(form, number).value()).to_vec()
}

fn users(number: u64) -> Vec<Value> {
    ids(10_001 + number)
}

/// The chat of three: each chat is asked for with ids of three forms, and made by one who is alone
/// where the others are unknown.
const TRIO: u64 = 7;

/// Takes the tour; the room's transcript then holds everything that was sent.
pub(super) fn tour(room: &mut Room) {
    let names = ["alice", "bob", "carol", "dave"];
    let conns = names.map(|name| {
        let conn = room.connect();
        register(room, conn, name);
        conn
    });
    for (number, name) in (0..).zip(names) {
        login(room, conns[number as usize], number, name);
    }
    let [alice, bob, carol, dave] = conns;

    // Registrations and logins, also those that are refused.
    let guest = room.connect();
    for name in ["Zoë", "alice", "", "twice"] {
        register(room, guest, name);
    }
    for (number, password) in [(0, "wrong"), (99, "x"), (4, "Zoë"), (5, "alice")] {
        login(room, guest, number, password);
    }
    room.say(guest, "auth.logout", Vec::new());
    let stranger = room.connect();
    room.say(stranger, "user.sync", Vec::new());
    login(room, stranger, 1, "wrong");

    // Chats: of two, of three, again, of others, with the creator left out.
    create(room, alice, &[0, 1]);
    create(room, alice, &[0, 1]);
    create(room, alice, &[0, 1, 2]);
    create(room, dave, &[3, 0]);
    create(room, dave, &[0]);
    for conn in [alice, bob, carol, dave] {
        for chat in 1..16 {
            post(room, conn, chat, "text", " hello, wörld ");
        }
        post(room, conn, 99, "text", "nowhere");
    }
    for (kind, content) in [
        ("image", "AA=="),
        ("file", "AAE="),
        ("video", "AAEC"),
        ("text", &"long ".repeat(500)),
    ] {
        post(room, alice, TRIO, kind, content);
    }
    room.now_ms += 1_000;

    // Users.
    for conn in [alice, dave] {
        room.say(conn, "user.sync", Vec::new());
        for number in [0, 1, 99] {
            for id in users(number) {
                room.say(conn, "user.get", vec![("user_id", id)]);
            }
        }
        room.say(conn, "avatar.set", vec![("avatar", "AAEC".into())]);
        room.say(conn, "heartbeat", Vec::new());
        room.say(conn, "message.push.ack", Vec::new());
    }
    for conn in [bob, carol, dave] {
        room.say(conn, "user.sync", Vec::new());
    }
    for (start, end) in [
        (
            Value::from("1970-01-01T00:00:00Z"),
            Value::from("2999-01-01T00:00:00Z"),
        ),
        (
            Value::from("2026-01-02T03:04:05Z"),
            Value::from("2026-01-02T03:04:05Z"),
        ),
        (Value::from(0), Value::from(4_000_000_000_u32)),
    ] {
        for number in [0, 1] {
            for id in users(number) {
                let fields = vec![
                    ("user_id", id),
                    ("start", start.clone()),
                    ("end", end.clone()),
                ];
                room.say(alice, "message.get", fields);
            }
        }
    }

    // Two devices, one who is away, one who vanished.
    let phone = room.connect();
    login(room, phone, 0, "alice");
    post(room, bob, 1, "text", "to both");
    post(room, phone, 1, "text", "from the phone");
    room.drop(carol);
    post(room, alice, TRIO, "text", "missed");
    post(room, bob, TRIO, "text", "missed too");
    create(room, bob, &[1, 2]);
    let back = room.connect();
    login(room, back, 2, "carol");
    room.say(phone, "auth.logout", Vec::new());
    let again = room.connect();
    login(room, again, 0, "alice");
    room.send(dave, Frame::Text("{}".to_owned()));
    let last = room.connect();
    register(room, last, "late");
    room.say(last, "user.sync", Vec::new());
}

fn register(room: &mut Room, conn: ConnId, name: &str) {
    room.say(
        conn,
        "auth.register",
        vec![("user_name", name.into()), ("password", name.into())],
    );
}

fn login(room: &mut Room, conn: ConnId, number: u64, password: &str) {
    for id in users(number) {
        room.login(conn, &id, password);
    }
}

fn create(room: &mut Room, conn: ConnId, members: &[u64]) {
    for place in 0..3 {
        let members = members
            .iter()
            .map(|number| users(*number)[place].clone())
            .collect();
        room.say(
            conn,
            "chat.create",
            vec![("members", Value::Array(members))],
        );
    }
}

fn post(room: &mut Room, conn: ConnId, chat: u64, kind: &str, content: &str) {
    for id in ids(chat) {
        room.post(conn, &id, kind, content);
    }
}
