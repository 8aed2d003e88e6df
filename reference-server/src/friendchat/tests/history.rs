use serde_json::{Value, json};

use super::room::Room;

#[test]
fn without_a_history_the_code_says_so() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.say(
        alice,
        "MESSAGE_HISTORY_REQUEST",
        json!({ "username": "alice" }),
    );
    let none = json!({ "username": "alice", "code": 6001 });
    assert_eq!(room.hear(alice, "MESSAGE_HISTORY_RESPONSE"), none);
    room.silent(&[alice]);
}

#[test]
fn history_comes_page_by_page_each_after_an_acknowledgement() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    for number in 0..25 {
        room.text(alice, "alice", "bob", &number.to_string());
        room.hear(bob, "TEXT_MESSAGE");
    }
    room.text(carol, "carol", "alice", "last");
    room.hear(alice, "TEXT_MESSAGE");
    // Bob has acknowledged with the suffix, carol with an echo.
    for (conn, name, suffix, pages) in
        [(bob, "bob", "_ACK", [20, 5]), (alice, "alice", "", [20, 6])]
    {
        room.say(conn, "MESSAGE_HISTORY_REQUEST", json!({ "username": name }));
        let success = json!({ "username": name, "code": 0 });
        assert_eq!(room.hear(conn, "MESSAGE_HISTORY_RESPONSE"), success);
        assert_eq!(room.hear(conn, "MESSAGE_HISTORY_BEGIN"), success);
        room.silent(&[conn]);
        room.say(
            conn,
            &format!("MESSAGE_HISTORY_BEGIN{suffix}"),
            success.clone(),
        );
        for page in pages {
            let data = room.hear(conn, "MESSAGE_HISTORY_DATA");
            assert_eq!(data["username"], name);
            assert_eq!(data["messages"].as_array().map(Vec::len), Some(page));
            room.silent(&[conn]);
            room.say(
                conn,
                &format!("MESSAGE_HISTORY_DATA{suffix}"),
                success.clone(),
            );
        }
        assert_eq!(room.hear(conn, "MESSAGE_HISTORY_COMPLETE"), success);
        room.say(conn, &format!("MESSAGE_HISTORY_COMPLETE{suffix}"), success);
        room.silent(&[conn]);
    }
}

#[test]
fn an_entry_says_when_who_whom_and_what() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.text(alice, "alice", "bob", "hi");
    room.say(bob, "MESSAGE_HISTORY_REQUEST", json!({ "username": "bob" }));
    room.say(
        bob,
        "MESSAGE_HISTORY_BEGIN_ACK",
        json!({ "username": "bob", "code": 0 }),
    );
    for kind in [
        "TEXT_MESSAGE",
        "MESSAGE_HISTORY_RESPONSE",
        "MESSAGE_HISTORY_BEGIN",
    ] {
        room.hear(bob, kind);
    }
    let entry = json!({ "timestamp": 1000, "sender": "alice", "receiver": "bob", "content": "hi" });
    assert_eq!(
        room.hear(bob, "MESSAGE_HISTORY_DATA")["messages"],
        Value::from(vec![entry])
    );
}

#[test]
fn neither_a_stranger_nor_a_friend_reads_it() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    room.text(alice, "alice", "bob", "hi");
    room.hear(bob, "TEXT_MESSAGE");
    let stranger = room.connect();
    for conn in [stranger, carol] {
        room.say(
            conn,
            "MESSAGE_HISTORY_REQUEST",
            json!({ "username": "alice" }),
        );
        assert_ne!(room.hear_code(conn, "MESSAGE_HISTORY_RESPONSE"), 0);
        room.say(
            conn,
            "MESSAGE_HISTORY_BEGIN_ACK",
            json!({ "username": "alice", "code": 0 }),
        );
        room.silent(&[conn]);
    }
}
