use serde_json::json;

use super::room::Room;

#[test]
fn a_new_user_registers_and_logs_in() {
    let mut room = Room::new();
    let conn = room.connect();
    room.say(
        conn,
        "REGISTER_REQUEST",
        json!({ "username": "alice", "passwordHash": "a" }),
    );
    let answer = room.hear_whole(conn);
    let payload = json!({ "success": true, "code": 0 });
    let whole = json!({ "type": "REGISTER_RESPONSE", "timestamp": 1000, "payload": payload });
    assert_eq!(answer, whole);
    room.try_login(conn, "alice", "a");
    assert_eq!(
        room.hear(conn, "LOGIN_RESPONSE"),
        json!({ "success": true, "code": 0 })
    );
    room.silent(&[conn]);
}

#[test]
fn a_duplicate_is_refused_and_leaves_the_password_alone() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.logout(alice, "alice");
    room.say(
        alice,
        "REGISTER_REQUEST",
        json!({ "username": "alice", "passwordHash": "other" }),
    );
    assert_eq!(
        room.hear(alice, "REGISTER_RESPONSE"),
        json!({ "success": false, "code": 1002 })
    );
    room.try_login(alice, "alice", "other");
    assert_eq!(
        room.hear(alice, "LOGIN_RESPONSE"),
        json!({ "success": false, "code": 2001 })
    );
    room.login(alice, "alice");
}

#[test]
fn an_empty_or_endless_name_is_refused() {
    let mut room = Room::new();
    let conn = room.connect();
    for name in ["".to_owned(), "x".repeat(5000)] {
        room.say(
            conn,
            "REGISTER_REQUEST",
            json!({ "username": name, "passwordHash": "a" }),
        );
        assert_eq!(room.hear_code(conn, "REGISTER_RESPONSE"), 1001);
    }
}

#[test]
fn an_unknown_user_cannot_log_in() {
    let mut room = Room::new();
    let conn = room.connect();
    room.try_login(conn, "nobody", "x");
    assert_eq!(
        room.hear(conn, "LOGIN_RESPONSE"),
        json!({ "success": false, "code": 2003 })
    );
}

#[test]
fn a_second_login_is_refused_until_the_first_one_ends() {
    let mut room = Room::new();
    let first = room.user("alice");
    let second = room.connect();
    room.try_login(second, "alice", "alice");
    assert_eq!(
        room.hear(second, "LOGIN_RESPONSE"),
        json!({ "success": false, "code": 2002 })
    );
    room.logout(first, "alice");
    room.login(second, "alice");
    room.drop(second);
    room.login(first, "alice");
}

#[test]
fn a_lingering_session_ends_after_a_while() {
    let mut room = Room::reading("drop-ends-session", "lingers");
    let first = room.user("alice");
    room.drop(first);
    let second = room.connect();
    room.try_login(second, "alice", "alice");
    assert_eq!(room.hear_code(second, "LOGIN_RESPONSE"), 2002);
    room.now_ms += 30_000;
    room.login(second, "alice");
}

#[test]
fn without_a_login_nothing_succeeds() {
    let mut room = Room::new();
    let [_, _] = room.friends(["alice", "bob"]);
    let stranger = room.connect();
    let pair = json!({ "sender": "alice", "receiver": "bob" });
    room.say(stranger, "FRIEND_REQUEST", pair.clone());
    assert_eq!(room.hear_code(stranger, "FRIEND_REQUEST_ACK"), 3002);
    room.say(stranger, "FRIEND_REMOVE", pair.clone());
    assert_ne!(room.hear_code(stranger, "FRIEND_REMOVE_ACK"), 0);
    let new = json!({ "sender": "alice", "members": ["bob"], "name": "g" });
    room.say(stranger, "GROUP_CREATE", new);
    assert_ne!(room.hear_code(stranger, "GROUP_CREATE_ACK"), 0);
    for order in ["GROUP_LEAVE", "GROUP_REMOVE"] {
        room.say(stranger, order, json!({ "sender": "alice", "group": "g" }));
        assert_ne!(room.hear_code(stranger, &format!("{order}_ACK")), 0);
    }
    room.say(
        stranger,
        "MESSAGE_HISTORY_REQUEST",
        json!({ "username": "alice" }),
    );
    assert_ne!(room.hear_code(stranger, "MESSAGE_HISTORY_RESPONSE"), 0);
    room.text(stranger, "alice", "bob", "hello");
    room.logout(stranger, "alice");
    room.silent(&[1, 2, stranger]);
}
