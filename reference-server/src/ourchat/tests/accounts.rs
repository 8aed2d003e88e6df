use serde_json::json;

use super::room::Room;

#[test]
fn an_account_logs_in_by_email_and_by_ocid_and_only_with_its_password() {
    let mut room = Room::new();
    let (_, ocid) = room.user("alice");
    let conn = room.connect();
    for (login_type, account) in [(0, "alice@example.com".to_owned()), (1, ocid.to_string())] {
        for (password, status) in [("wrong", 1), ("alice", 0)] {
            room.say(
                conn,
                json!({ "code": 6, "login_type": login_type, "account": account, "password": password }),
            );
            assert_eq!(room.hear(conn, 7)["status"], status);
        }
    }
    room.login(conn, "nobody", "alice");
    room.hears(conn, json!({ "code": 7, "status": 1 }));
}

#[test]
fn an_email_in_use_is_refused_and_its_account_stays() {
    let mut room = Room::new();
    let (alice, ocid) = room.user("alice");
    let conn = room.connect();
    room.say(
        conn,
        json!({ "code": 4, "email": "alice@example.com", "password": "x", "name": "x" }),
    );
    room.hears(conn, json!({ "code": 5, "status": 2 }));
    room.say(
        alice,
        json!({ "code": 10, "ocid": ocid, "request_values": ["nickname", "avatar", "shoe size"] }),
    );
    let data = json!({ "nickname": "alice", "avatar": null });
    room.hears(alice, json!({ "code": 11, "data": data }));
}

#[test]
fn a_logout_deletes_the_account_and_needs_a_login() {
    let mut room = Room::new();
    let (alice, _) = room.user("alice");
    let guest = room.connect();
    room.say(guest, json!({ "code": 16 }));
    room.hears(guest, json!({ "code": 17, "status": 1 }));
    room.say(alice, json!({ "code": 16 }));
    room.hears(alice, json!({ "code": 17, "status": 0 }));
    room.login(guest, "alice", "alice");
    room.hears(guest, json!({ "code": 7, "status": 1 }));
    room.register(guest, "alice");
    assert_eq!(room.hear(guest, 5)["status"], 0);
}

#[test]
fn a_verification_holds_a_request_back_until_the_code_is_asked_for() {
    let mut room = Room::reading("verification", "registration");
    let conn = room.connect();
    room.register(conn, "alice");
    room.hears(conn, json!({ "code": 13 }));
    room.silent(&[conn]);
    room.say(conn, json!({ "code": 14 }));
    room.hears(conn, json!({ "code": 15, "status": 0 }));
    assert_eq!(room.hear(conn, 5)["status"], 0);
    room.say(conn, json!({ "code": 14 }));
    room.hears(conn, json!({ "code": 15, "status": 1 }));
    room.silent(&[conn]);
}
