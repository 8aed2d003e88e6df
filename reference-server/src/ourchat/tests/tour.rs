//! A tour through the whole document: the same inputs each time, whatever the server answers.
//! Two servers that behave differently anywhere on it have different transcripts.

use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::{ConnId, Frame};

/// The ocid and the session id that the server gives out first.
const FIRST: u64 = (1 << 53) + 1;

/// Takes the tour; the room's transcript then holds everything that was sent.
pub(super) fn tour(room: &mut Room) {
    let guest = room.connect();
    ask_everything(room, guest, FIRST);
    room.login(guest, "alice", "alice");
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| {
        let conn = room.connect();
        room.register(conn, name);
        verify(room, conn);
        conn
    });
    ask_everything(room, alice, FIRST);
    let stolen =
        json!({ "code": 4, "email": "bob@example.com", "password": "stolen", "name": "ALICE" });
    room.say(guest, stolen);
    verify(room, guest);
    for (name, password) in [("alice", "wrong"), ("nobody", "x"), ("bob", "bob")] {
        room.login(guest, name, password);
        verify(room, guest);
    }
    for (conn, name) in [(alice, "alice"), (bob, "bob"), (carol, "carol")] {
        room.login(conn, name, name);
        verify(room, conn);
    }
    for (account, password) in [(FIRST, "alice"), (FIRST, "wrong"), (7, "alice")] {
        let account = account.to_string();
        let login = json!({ "code": 6, "login_type": 1, "account": account, "password": password });
        room.say(guest, login);
        verify(room, guest);
    }
    let namesake =
        json!({ "code": 4, "email": "d@example.com", "password": "bob", "name": "älice" });
    room.say(guest, namesake.clone());
    verify(room, guest);
    let mut twin = namesake;
    twin["email"] = "e@example.com".into();
    room.say(guest, twin);
    verify(room, guest);

    for conn in [alice, bob, guest] {
        ask_everything(room, conn, FIRST + 1);
        ask_everything(room, conn, FIRST + 3);
    }
    for (conn, members) in [
        (alice, vec![FIRST, FIRST + 1]),
        (alice, vec![FIRST, FIRST + 1]),
        (alice, vec![FIRST, FIRST + 2]),
        (bob, vec![FIRST + 1, FIRST + 2]),
        (bob, vec![FIRST, FIRST + 1, FIRST + 2]),
        (alice, vec![FIRST + 1, FIRST + 2]),
        (carol, vec![FIRST, 7]),
        (carol, vec![]),
    ] {
        room.say(conn, json!({ "code": 8, "members": members }));
        verify(room, conn);
    }
    let people = [(alice, FIRST), (bob, FIRST + 1), (carol, FIRST + 2)];
    // Overlapping requests of one type.
    for conn in [alice, bob] {
        room.say(
            conn,
            json!({ "code": 10, "ocid": FIRST, "request_values": ["nickname"] }),
        );
    }
    // Somebody who shares no session with anybody.
    let dave = room.connect();
    room.register(dave, "dave");
    verify(room, dave);
    room.login(dave, "dave", "dave");
    verify(room, dave);
    for session in FIRST..FIRST + 16 {
        for (conn, ocid) in people {
            room.text(conn, ocid, session, "héllo");
            room.text(conn, ocid, session, &"long".repeat(300));
            room.text(conn, ocid, session, &"longer".repeat(500));
            room.text(conn, ocid, session, "");
            entries(room, conn, ocid, session);
        }
    }
    let phone = room.connect();
    room.login(phone, "bob", "bob");
    verify(room, phone);
    room.text(alice, FIRST, FIRST, "to two devices");
    room.text(phone, FIRST + 1, FIRST, "from a device");
    room.text(alice, FIRST, 7, "to nobody");
    room.drop(phone);
    room.drop(carol);
    for session in FIRST..FIRST + 16 {
        room.text(bob, FIRST + 1, session, "carol has gone");
        room.text(alice, FIRST, session, "carol has gone");
    }
    let again = room.connect();
    room.login(again, "carol", "carol");
    verify(room, again);
    for _ in 0..40 {
        room.say(again, json!({ "code": 8, "members": [FIRST + 2] }));
        verify(room, again);
    }
    leave(room, alice, guest);
    room.send(guest, Frame::Text("{".to_owned()));
    let late = room.connect();
    room.login(late, "nobody", "nobody");
}

/// Alice deletes her account, and others look for it.
fn leave(room: &mut Room, alice: ConnId, guest: ConnId) {
    room.say(alice, json!({ "code": 16 }));
    verify(room, alice);
    room.login(guest, "alice", "alice");
    let by_ocid =
        json!({ "code": 6, "login_type": 1, "account": FIRST.to_string(), "password": "alice" });
    room.say(guest, by_ocid);
    room.login(guest, "bob", "bob");
    room.register(guest, "alice");
    let stranger = room.connect();
    room.say(stranger, json!({ "code": 16 }));
    room.login(stranger, "bob", "wrong");
    room.say(stranger, json!({ "code": 16 }));
    room.login(stranger, "bob", "bob");
    room.login(stranger, "carol", "carol");
}

/// Asks for a code, in case the server asked for a verification.
fn verify(room: &mut Room, conn: ConnId) {
    room.say(conn, json!({ "code": 14 }));
}

fn ask_everything(room: &mut Room, conn: ConnId, ocid: u64) {
    let values = ["ocid", "nickname", "status", "avatar", "time"];
    let questions: [Value; 5] = [
        json!({ "code": 12 }),
        json!({ "code": 10, "ocid": ocid, "request_values": values }),
        json!({ "code": 10, "ocid": ocid, "request_values": ["nickname"] }),
        json!({ "code": 10, "ocid": 7, "request_values": values }),
        json!({ "code": 99 }),
    ];
    for question in questions {
        room.say(conn, question);
    }
    room.say(conn, json!({ "code": 8, "members": [ocid] }));
    verify(room, conn);
}

fn entries(room: &mut Room, conn: ConnId, ocid: u64, session: u64) {
    let msg = json!([{ "type": 0, "text": "one" }, { "type": 1, "url": "two" }]);
    room.say(
        conn,
        json!({
            "code": 0,
            "time": 7,
            "sender": { "ocid": ocid, "session_id": session },
            "msg": msg,
        }),
    );
}
