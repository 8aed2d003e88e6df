//! A tour through the whole document: the same inputs each time, whatever the server answers.
//! Two servers that behave differently anywhere on it have different transcripts.

use serde_json::{Value, json};

use super::super::state::State;
use super::room::Room;
use crate::protocol::{ConnId, Frame};

/// The token that a server gives as its `number`th, whether this one did or not.
fn token(number: u64) -> String {
    let state = State {
        next_token: number,
        ..State::default()
    };
    state.new_token()
}

/// Takes the tour; the room's transcript then holds everything that was sent.
pub(super) fn tour(room: &mut Room) {
    let [alice, bob, carol, guest] = [(); 4].map(|()| room.connect());
    room.say(guest, "checkConnection", json!({}));
    // The first three tokens are theirs.
    for (conn, name) in [(alice, "alice"), (bob, "bob"), (carol, "carol")] {
        register(room, conn, name, &format!("{name}@x"));
    }
    room.say(alice, "checkConnection", json!({}));
    for (name, email) in [("bob", "new@x"), ("bob", "bob@x"), ("dave", "bob@x")] {
        let taken = json!({ "username": name, "password": "stolen", "email": email });
        room.say(guest, "register", taken);
        room.say(
            guest,
            "auth",
            json!({ "username": name, "password": "stolen" }),
        );
    }
    room.say(
        guest,
        "register",
        json!({ "username": "erin", "password": "erin" }),
    );
    for (name, password) in [
        ("alice", "wrong"),
        ("nobody", "nobody"),
        ("dave", "dave"),
        ("erin", "erin"),
    ] {
        room.say(
            guest,
            "auth",
            json!({ "username": name, "password": password }),
        );
    }
    room.say(guest, "auth", json!({ "username": "erin" }));
    room.say(guest, "makeCoffee", json!({ "token": token(1) }));
    for asked in [
        json!({ "token": token(1) }),
        json!({ "token": "?" }),
        json!({}),
    ] {
        for mode in ["checkToken", "getChats"] {
            room.say(alice, mode, asked.clone());
        }
    }
    chats(room, [alice, bob, carol]);
    messages(room, [alice, bob, carol]);
    tokens(room, [alice, bob, carol]);
    room.send(guest, Frame::Text("{".to_owned()));
    let late = room.connect();
    room.say(late, "checkConnection", json!({}));
    register(room, late, "Мария", "m@x");
}

fn register(room: &mut Room, conn: ConnId, name: &str, email: &str) {
    let new = json!({ "username": name, "password": name, "email": email });
    room.say(conn, "register", new);
}

fn chats(room: &mut Room, [alice, bob, carol]: [ConnId; 3]) {
    let asks = [
        (alice, 1, json!("bob"), "username"),
        (alice, 1, json!("bob"), "username"),
        (bob, 2, json!("alice"), "username"),
        (alice, 1, json!("alice"), "username"),
        (alice, 1, json!("nobody"), "username"),
        (carol, 3, json!(1), "id"),
        (carol, 3, json!("u1"), "id"),
        (carol, 3, json!(77), "id"),
        (bob, 2, json!("carol"), "username"),
    ];
    for (conn, number, contact, by) in asks {
        for mode in ["createChat", "createPersonalChat"] {
            let asked = json!({
                "token": token(number), "contact_value": contact, "contact_mode": by,
            });
            room.say(conn, mode, asked);
        }
    }
    let half = json!({ "token": token(2), "contact_value": "carol" });
    room.say(bob, "createChat", half);
    for (conn, number) in [(alice, 1), (bob, 2), (carol, 3)] {
        room.say(conn, "getChats", json!({ "token": token(number) }));
    }
}

/// The `number`th chat, in either form.
fn chat(number: u64) -> [Value; 2] {
    let id = (1_u64 << 53) + number;
    [json!(id), json!(format!("c{id}"))]
}

fn messages(room: &mut Room, [alice, bob, carol]: [ConnId; 3]) {
    for id in chat(1) {
        let read = |room: &mut Room, conn, number, bound: Option<u64>| {
            let mut asked = json!({ "token": token(number), "chat_id": id });
            if let Some(bound) = bound {
                asked["min_message_id"] = json!(bound);
            }
            room.say(conn, "getMessages", asked);
        };
        let write = |room: &mut Room, conn, number: u64, chat: &Value, content: &str| {
            let message = json!({
                "token": token(number), "chat_id": chat, "content": content,
                "content_type": "text",
            });
            room.say(conn, "sendMessage", message);
        };
        read(room, alice, 1, None);
        write(room, alice, 1, &id, " h\u{e9}llo <b> ");
        write(room, bob, 2, &id, &"long".repeat(1000));
        write(room, alice, 1, &id, &"x".repeat(600 << 10));
        write(room, carol, 3, &id, "let me in");
        write(room, carol, 999, &id, "let me in");
        let half = json!({ "token": token(1), "chat_id": id, "content": "half" });
        room.say(alice, "sendMessage", half);
        let nobodys = json!({ "chat_id": id, "content": "?", "content_type": "text" });
        room.say(alice, "sendMessage", nobodys);
        for other in chat(2) {
            write(room, carol, 3, &other, "to alice");
            write(room, alice, 1, &other, "to carol");
            let asked = json!({ "token": token(1), "chat_id": other });
            room.say(alice, "getMessages", asked);
        }
        for bound in [None, Some(0), Some(1), Some(2), Some(3), Some(1000)] {
            read(room, alice, 1, bound);
            read(room, bob, 2, bound);
            read(room, carol, 3, bound);
        }
    }
    for (conn, number) in [(alice, 1), (bob, 2), (carol, 3)] {
        room.say(conn, "getChats", json!({ "token": token(number) }));
    }
}

fn tokens(room: &mut Room, [alice, bob, carol]: [ConnId; 3]) {
    let login = |name: &str| json!({ "username": name, "password": name });
    // Bob's second token is the fourth; broken servers may be a few further.
    room.say(bob, "auth", login("bob"));
    for number in 2..8 {
        room.say(carol, "getChats", json!({ "token": token(number) }));
        for id in chat(1) {
            let message = json!({
                "token": token(number), "chat_id": id, "content": "?", "content_type": "text",
            });
            room.say(bob, "sendMessage", message);
        }
    }
    room.drop(bob);
    let again = room.connect();
    for id in chat(1) {
        let message = json!({
            "token": token(1), "chat_id": id, "content": "gone?", "content_type": "text",
        });
        room.say(alice, "sendMessage", message);
    }
    room.say(again, "getChats", json!({ "token": token(2) }));
    room.say(again, "logout", json!({ "token": token(4) }));
    for number in [1, 2, 4] {
        room.say(again, "getChats", json!({ "token": token(number) }));
    }
    room.say(alice, "logout", json!({ "token": token(1) }));
    room.say(carol, "logout", json!({ "token": token(1) }));
    room.say(carol, "getChats", json!({ "token": token(3) }));
    for _ in 0..12 {
        room.say(alice, "auth", login("alice"));
    }
}
