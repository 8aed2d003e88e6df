use serde_json::json;

use super::room::Room;

#[test]
fn a_login_needs_an_account_and_its_password() {
    let mut room = Room::new();
    let conn = room.connect();
    room.login(conn, "alice", "alice");
    assert_eq!(
        room.hear(conn, "RESPONSE_LOGIN")["status"],
        "LOGIN_WRONG_USER"
    );
    let alice = room.user("alice");
    room.login(conn, "alice", "wrong");
    assert_eq!(
        room.hear(conn, "RESPONSE_LOGIN")["status"],
        "LOGIN_WRONG_PASS"
    );
    room.login(conn, "alice", "alice");
    assert_eq!(room.hear(conn, "RESPONSE_LOGIN")["status"], "LOGIN_OK");
    room.silent(&[alice, conn]);
}

#[test]
fn a_login_is_signed_up_once_and_never_empty() {
    let mut room = Room::new();
    room.user("alice");
    let conn = room.connect();
    for (login, pass, status) in [
        ("alice", "other", "SIGNUP_USER_EXIST"),
        ("", "x", "SINGUP_FAIL"),
        ("bob", "", "SINGUP_FAIL"),
        ("bob", "x", "SINGUP_OK"),
    ] {
        room.say(
            conn,
            json!({ "type": "REQUEST_SIGNUP", "login": login, "pass": pass }),
        );
        assert_eq!(room.hear(conn, "RESPONSE_SIGNUP")["status"], status);
    }
    room.login(conn, "alice", "other");
    assert_eq!(
        room.hear(conn, "RESPONSE_LOGIN")["status"],
        "LOGIN_WRONG_PASS"
    );
}

#[test]
fn nobody_is_served_before_a_login() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.user("bob");
    let id = room.room(alice, "alice", "bob");
    room.write(alice, "alice", &id, "hello");
    let conn = room.connect();
    for request in [
        json!({ "type": "SEARCH_USER", "user": "alice" }),
        json!({ "type": "OLD_DIALOGS", "username": "alice" }),
        json!({ "type": "READ_MSG", "read": "ALL", "room_id": id }),
        json!({ "type": "DELETE_ROOM", "id": id }),
    ] {
        room.say(conn, request);
    }
    room.post(conn, "alice", &id, "hello");
    room.silent(&[conn, alice]);
    assert_eq!(room.read(alice, &id, "ALL"), ["hello"]);
}

#[test]
fn a_second_login_replaces_the_first_where_that_is_the_reading() {
    let mut room = Room::reading("second-login", "replaces");
    let first = room.user("alice");
    let second = room.connect();
    room.login(second, "alice", "alice");
    assert_eq!(room.closed, [(first, 1000)]);
}
