use rmpv::Value;

use super::room::{Room, get};

#[test]
fn the_id_of_a_registration_logs_in() {
    let mut room = Room::new();
    let conn = room.connect();
    let fields = vec![("user_name", "Zoë".into()), ("password", "пароль".into())];
    room.say(conn, "auth.register", fields);
    let success = room.hear(conn, "auth.register.success");
    assert_eq!(get(&success, "user_name"), Value::from("Zoë"));
    assert_eq!(get(&success, "password"), Value::from("пароль"));
    room.login(conn, &get(&success, "user_id"), "пароль");
    let login = room.hear(conn, "auth.login.success");
    for name in ["user_id", "user_name", "password", "avatar"] {
        assert_eq!(get(&login, name), get(&success, name), "{name}");
    }
    room.silent(&[conn]);
}

#[test]
fn each_failure_has_its_reason() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let guest = room.connect();
    room.login(guest, &alice.id, "wrong");
    assert_eq!(
        get(&room.hear(guest, "auth.login.fail"), "reason"),
        Value::from("Incorrect password")
    );
    room.login(guest, &Value::from(7), "alice");
    assert_eq!(
        get(&room.hear(guest, "auth.login.fail"), "reason"),
        Value::from("User not found")
    );
}

#[test]
fn the_number_seven_is_not_the_text_seven() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.login(alice.conn, &Value::from(alice.id.to_string()), "alice");
    assert_eq!(
        get(&room.hear(alice.conn, "auth.login.fail"), "reason"),
        Value::from("User not found")
    );
}

#[test]
fn ids_above_what_a_double_holds_are_exact() {
    let mut room = Room::reading("user-id", "beyond-2-53");
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let number = |id: &Value| id.as_u64().expect("a number");
    assert!(number(&alice.id) > 1 << 53);
    assert_eq!(number(&bob.id), number(&alice.id) + 1);
}

#[test]
fn a_logout_closes_its_own_connection_alone() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let phone = room.connect();
    room.login(phone, &alice.id, "alice");
    room.hear(phone, "auth.login.success");
    room.say(alice.conn, "auth.logout", Vec::new());
    assert_eq!(room.closed, [(alice.conn, 1000)]);
    room.say(phone, "user.get", vec![("user_id", alice.id.clone())]);
    room.hear(phone, "user.push");
}
