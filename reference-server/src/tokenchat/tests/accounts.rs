use serde_json::{Value, json};

use super::room::Room;

#[test]
fn the_connection_answers_as_in_the_document() {
    let mut room = Room::new();
    let conn = room.connect();
    let answer = room.ask(conn, "checkConnection", json!({}));
    let whole = json!({ "mode": "checkConnection", "timestamp": 1000, "status": "200" });
    assert_eq!(answer, whole);
}

#[test]
fn a_token_lasts_until_its_logout() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let mine = json!({ "token": alice.token });
    assert_eq!(room.status(alice.conn, "checkToken", mine.clone()), "200");
    assert_eq!(room.status(alice.conn, "logout", mine.clone()), "200");
    for mode in ["checkToken", "logout", "getChats"] {
        assert_eq!(room.status(alice.conn, mode, mine.clone()), "401");
    }
    let theirs = json!({ "token": bob.token });
    assert_eq!(room.status(alice.conn, "getChats", theirs), "200");
    let again = json!({ "username": "alice", "password": "alice" });
    let answer = room.ask(alice.conn, "auth", again);
    assert_eq!(answer["status"], "200");
    assert_ne!(answer["token"], alice.token);
    room.silent(&[alice.conn, bob.conn]);
}

#[test]
fn neither_a_wrong_password_nor_an_unknown_name_logs_in() {
    let mut room = Room::new();
    let alice = room.user("alice");
    for (name, password) in [("alice", "wrong"), ("alic", "alice"), ("alice", "")] {
        let answer = room.ask(
            alice.conn,
            "auth",
            json!({ "username": name, "password": password }),
        );
        assert_eq!(answer["status"], "401");
        assert_eq!(answer["token"], Value::Null);
    }
}

#[test]
fn a_taken_name_or_email_is_refused_and_changes_nothing() {
    let mut room = Room::new();
    let alice = room.user("alice");
    for (name, email) in [("alice", "new@example.com"), ("new", "alice@example.com")] {
        let taken = json!({ "username": name, "password": "x", "email": email });
        assert_eq!(room.status(alice.conn, "register", taken), "409");
        let login = json!({ "username": name, "password": "x" });
        assert_eq!(room.status(alice.conn, "auth", login), "401");
    }
    let new = json!({ "username": "new", "password": "x", "email": "new@example.com" });
    assert_eq!(room.status(alice.conn, "register", new), "200");
}

#[test]
fn the_eleventh_token_is_refused_until_one_is_given_back() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let login = json!({ "username": "alice", "password": "alice" });
    for _ in 0..9 {
        assert_eq!(room.status(alice.conn, "auth", login.clone()), "200");
    }
    assert_eq!(room.status(alice.conn, "auth", login.clone()), "403");
    room.status(alice.conn, "logout", json!({ "token": alice.token }));
    assert_eq!(room.status(alice.conn, "auth", login), "200");
}

#[test]
fn without_a_limit_the_oldest_token_makes_room() {
    let mut room = Room::reading("token-limit", "unlimited");
    let alice = room.user("alice");
    let login = json!({ "username": "alice", "password": "alice" });
    for _ in 0..150 {
        assert_eq!(room.status(alice.conn, "auth", login.clone()), "200");
    }
    let first = json!({ "token": alice.token });
    assert_eq!(room.status(alice.conn, "checkToken", first), "401");
}

#[test]
fn a_missing_token_comes_before_a_missing_field() {
    let mut room = Room::new();
    let alice = room.user("alice");
    for mode in [
        "createChat",
        "getChats",
        "getMessages",
        "sendMessage",
        "logout",
    ] {
        assert_eq!(room.status(alice.conn, mode, json!({})), "401");
        assert_eq!(
            room.status(alice.conn, mode, json!({ "token": null })),
            "401"
        );
    }
    for mode in ["createChat", "getMessages", "sendMessage"] {
        let only_token = json!({ "token": alice.token });
        assert_eq!(room.status(alice.conn, mode, only_token), "422");
    }
    for mode in ["auth", "register"] {
        assert_eq!(
            room.status(alice.conn, mode, json!({ "username": "alice" })),
            "422"
        );
    }
}

#[test]
fn an_unknown_mode_is_refused_under_its_own_name() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let mine = json!({ "token": alice.token });
    assert_eq!(room.status(alice.conn, "makeCoffee", mine.clone()), "501");
    assert_eq!(room.status(alice.conn, "createPersonalChat", mine), "501");
}
