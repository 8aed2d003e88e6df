use rmpv::Value;

use super::room::{Person, Room, contents};

fn history(room: &mut Room, asker: &Person, user: &Value, start: &str, end: &str) -> Vec<String> {
    let fields = vec![
        ("user_id", user.clone()),
        ("start", start.into()),
        ("end", end.into()),
    ];
    room.say(asker.conn, "message.get", fields);
    contents(&room.hear(asker.conn, "message.retrieve"))
}

#[test]
fn a_history_is_with_one_user_and_within_its_bounds() {
    let mut room = Room::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| room.user(name));
    let (first, second) = (room.chat(&[&alice, &bob]), room.chat(&[&alice, &carol]));
    room.text(alice.conn, &first, "to bob");
    room.text(alice.conn, &second, "to carol");
    assert_eq!(room.hear_push(carol.conn), ["to carol"]);
    let (before, at, after) = (
        "1970-01-01T00:00Z",
        "2026-01-02T04:04:05+01:00",
        "2999-01-01T00:00Z",
    );
    assert_eq!(
        history(&mut room, &alice, &bob.id, before, after),
        ["to bob"]
    );
    assert_eq!(history(&mut room, &alice, &bob.id, at, at), ["to bob"]);
    assert_eq!(history(&mut room, &alice, &bob.id, before, before), [""; 0]);
    assert_eq!(history(&mut room, &carol, &bob.id, before, after), [""; 0]);
}

#[test]
fn a_history_from_no_time_gets_no_answer() {
    let mut room = Room::new();
    let alice = room.user("alice");
    for start in [Value::from("yesterday"), Value::from(7), Value::Nil] {
        let fields = vec![
            ("user_id", alice.id.clone()),
            ("start", start),
            ("end", "2999-01-01T00:00Z".into()),
        ];
        room.say(alice.conn, "message.get", fields);
    }
    room.silent(&[alice.conn]);
}
