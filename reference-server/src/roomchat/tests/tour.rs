//! A tour through the whole document: the same inputs each time, whatever the server answers.
//! Two servers that behave differently anywhere on it have different transcripts.

use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::Frame;

/// Takes the tour; the room's transcript then holds everything that was sent.
pub(super) fn tour(room: &mut Room) {
    // Dave knows nobody.
    let [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(|name| {
        let conn = room.connect();
        let sign_up = json!({ "type": "REQUEST_SIGNUP", "login": name, "pass": name });
        room.say(conn, sign_up);
        room.say(conn, json!({ "type": "SEARCH_USER", "user": "nobody" }));
        room.login(conn, name, name);
        conn
    });
    let guest = room.connect();
    room.say(guest, json!({ "type": "SEARCH_USER", "user": "alice" }));
    for (login, pass) in [("bob", "stolen"), ("", "x"), ("x", "")] {
        let sign_up = json!({ "type": "REQUEST_SIGNUP", "login": login, "pass": pass });
        room.say(guest, sign_up);
    }
    for (login, pass) in [
        ("alice", "wrong"),
        ("nobody", "x"),
        ("bob", "bob"),
        ("bob", "bob"),
    ] {
        room.login(guest, login, pass);
    }
    room.drop(guest);
    for (conn, user) in [
        (alice, "bob"),
        (bob, "carol"),
        (carol, "carol"),
        (alice, "CAROL"),
        (alice, "car"),
        (alice, "aro"),
    ] {
        room.say(conn, json!({ "type": "SEARCH_USER", "user": user }));
    }

    dialogs(room, &[(alice, "alice")]);
    // Rooms 1 to 5, where the server makes them all; ids in each form there is.
    for (conn, creator, customer) in [
        (alice, "alice", "alice"),
        (alice, "alice", "nobody"),
        (alice, "alice", "bob"),
        (alice, "alice", "bob"),
        (alice, "alice", "carol"),
        (bob, "bob", "carol"),
    ] {
        let create = json!({ "type": "CREATE_ROOM", "username": creator, "customer": customer });
        room.say(conn, create);
    }
    dialogs(room, &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);
    for id in (1..6).flat_map(|number| forms("room-", number)) {
        read(room, &[alice, bob], &id);
        for text in [" h\u{e9}llo ", "two", "three"] {
            room.post(alice, "alice", &id, text);
        }
        room.post(bob, "bob", &id, &"long ".repeat(1000));
        room.post(carol, "carol", &id, "of carol");
        read(room, &[alice, bob, carol], &id);
    }
    room.post(bob, "bob", &json!(1), &"x".repeat(1 << 20));
    dialogs(room, &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);

    for id in (1..4).flat_map(|number| forms("message-", number)) {
        let edit = json!({ "type": "EDIT_MSG", "id": id, "new_msg": " n\u{e9}w " });
        room.say(alice, edit);
    }
    for id in forms("message-", 2) {
        room.say(alice, json!({ "type": "DELETE_MSG", "id": id }));
    }
    for id in (1..6).flat_map(|number| forms("room-", number)) {
        read(room, &[alice, bob, carol], &id);
    }
    away(room, alice, carol);
    for id in (1..3).flat_map(|number| forms("room-", number)) {
        room.say(bob, json!({ "type": "DELETE_ROOM", "id": id }));
        room.say(alice, json!({ "type": "DELETE_ROOM", "id": id }));
    }
    dialogs(room, &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);
    for id in (1..6).flat_map(|number| forms("room-", number)) {
        read(room, &[alice, bob], &id);
    }
    others(room, [alice, bob, dave]);
    room.send(bob, Frame::Text("{".to_owned()));
    let late = room.connect();
    room.login(late, "nobody", "nobody");
}

/// What is done while a member is away, and what that member finds.
fn away(room: &mut Room, alice: u64, carol: u64) {
    room.drop(carol);
    for id in (1..6).flat_map(|number| forms("room-", number)) {
        room.post(alice, "alice", &id, "while you are away");
    }
    for id in forms("room-", 3) {
        room.say(alice, json!({ "type": "DELETE_ROOM", "id": id }));
    }
    let back = room.connect();
    room.login(back, "carol", "carol");
    for id in (1..6).flat_map(|number| forms("room-", number)) {
        read(room, &[back], &id);
    }
}

/// What dave does, who is in no room, and what bob does in alice's name; then all that is bob's is deleted, and
/// something new is written.
fn others(room: &mut Room, [alice, bob, dave]: [u64; 3]) {
    for (conn, creator) in [(alice, "alice"), (dave, "alice")] {
        let create = json!({ "type": "CREATE_ROOM", "username": creator, "customer": "bob" });
        room.say(conn, create);
    }
    dialogs(room, &[(dave, "alice")]);
    let rooms: Vec<Value> = (1..9).flat_map(|number| forms("room-", number)).collect();
    let messages: Vec<Value> = (1..60)
        .flat_map(|number| forms("message-", number))
        .collect();
    for id in &rooms {
        let file = json!({ "type": "SND_MSG", "username": "alice", "room_id": id, "message": "f", "msg_type": "FILE" });
        room.say(alice, file);
        room.post(bob, "bob", id, "of bob");
        room.post(dave, "dave", id, "of dave");
        room.post(bob, "alice", id, "in alice's name");
        read(room, &[dave, alice], id);
    }
    for asker in [dave, bob] {
        for id in &messages {
            room.say(
                asker,
                json!({ "type": "EDIT_MSG", "id": id, "new_msg": "other" }),
            );
            room.say(asker, json!({ "type": "DELETE_MSG", "id": id }));
        }
        for id in &rooms {
            read(room, &[alice], id);
        }
    }
    for id in &rooms {
        room.post(bob, "bob", id, "anew");
        read(room, &[alice], id);
        room.say(dave, json!({ "type": "DELETE_ROOM", "id": id }));
    }
    dialogs(room, &[(alice, "alice"), (bob, "bob")]);
}

fn forms(before: &str, number: u64) -> [Value; 3] {
    let large = (1_u64 << 53) + 1 + number;
    [
        json!(number),
        json!(format!("{before}{number}")),
        json!(large),
    ]
}

fn read(room: &mut Room, conns: &[u64], id: &Value) {
    for &conn in conns {
        for extent in ["RESENT", "RECENT", "ALL", "RESENT"] {
            let read = json!({ "type": "READ_MSG", "read": extent, "room_id": id });
            room.say(conn, read);
        }
    }
}

fn dialogs(room: &mut Room, users: &[(u64, &str)]) {
    for (conn, user) in users {
        room.say(*conn, json!({ "type": "OLD_DIALOGS", "username": user }));
    }
}
