use serde_json::json;

use super::room::Room;

#[test]
fn a_message_reaches_the_other_members_and_nobody_else() {
    let mut room = Room::new();
    let [(alice, a), (bob, b), (carol, c)] = ["alice", "bob", "carol"].map(|name| room.user(name));
    let session = room.session(alice, &[a, b]);
    room.session(carol, &[a, c]);
    room.text(alice, a, session, "héllo");
    let heard = room.hear(bob, 0);
    let sender = json!({ "ocid": a.to_string(), "session_id": session });
    assert_eq!(heard["sender"], sender);
    assert_eq!(heard["msg"], json!([{ "type": 0, "text": "héllo" }]));
    room.text(alice, a, session, "again");
    assert_ne!(room.hear(bob, 0)["msg_id"], heard["msg_id"]);
    room.text(carol, c, session, "let me in");
    room.silent(&[alice, bob, carol]);
    room.text(carol, a, session, "it is me, alice");
    room.hear(carol, 18);
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_message_waits_for_a_member_who_is_offline_within_bounds() {
    let mut room = Room::new();
    let [(alice, a), (bob, b)] = ["alice", "bob"].map(|name| room.user(name));
    let session = room.session(alice, &[a, b]);
    room.drop(bob);
    for number in 0..1100 {
        room.text(alice, a, session, &number.to_string());
    }
    let bob = room.connect();
    room.login(bob, "bob", "bob");
    assert_eq!(room.hear(bob, 7)["status"], 0);
    for number in 0..1000 {
        assert_eq!(room.hear(bob, 0)["msg"][0]["text"], number.to_string());
    }
    room.silent(&[alice, bob]);
}

#[test]
fn sessions_are_limited_and_a_refusal_has_no_id() {
    let mut room = Room::new();
    let [(alice, a), (bob, b)] = ["alice", "bob"].map(|name| room.user(name));
    for _ in 0..32 {
        room.session(alice, &[a, b]);
    }
    room.say(alice, json!({ "code": 8, "members": [a, b] }));
    room.hears(alice, json!({ "code": 9, "status": 2 }));
    room.say(bob, json!({ "code": 8, "members": [a, b, 7] }));
    room.hears(bob, json!({ "code": 9, "status": 1 }));
    room.session(bob, &[a, b]);
}

#[test]
fn both_connections_of_a_member_get_the_message() {
    let mut room = Room::new();
    let [(alice, a), (bob, b)] = ["alice", "bob"].map(|name| room.user(name));
    let phone = room.connect();
    room.login(phone, "bob", "bob");
    room.hear(phone, 7);
    let session = room.session(alice, &[a, b]);
    room.text(alice, a, session, "hello");
    assert_eq!(room.hear(bob, 0), room.hear(phone, 0));
    room.text(phone, b, session, "hello yourself");
    assert_eq!(room.hear(alice, 0), room.hear(bob, 0));
    room.silent(&[alice, bob, phone]);
}
