use rmpv::Value;

use super::room::{Room, contents, get};

#[test]
fn a_message_reaches_the_other_members_alone() {
    let mut room = Room::new();
    let [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(|name| room.user(name));
    let chat = room.chat(&[&alice, &bob, &carol]);
    room.chat(&[&dave, &alice]);
    room.text(alice.conn, &chat, "hello");
    assert_eq!(room.hear_push(bob.conn), ["hello"]);
    assert_eq!(room.hear_push(carol.conn), ["hello"]);
    room.silent(&[alice.conn, bob.conn, carol.conn, dave.conn]);
}

#[test]
fn a_chat_that_is_not_there_is_not_found() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    room.chat(&[&alice, &bob]);
    room.text(alice.conn, &Value::from(99), "hello");
    assert_eq!(
        get(&room.hear(alice.conn, "message.send.fail"), "reason"),
        Value::from("Chat not found")
    );
    room.silent(&[alice.conn, bob.conn]);
}

#[test]
fn what_is_missed_comes_at_the_login_in_one_push_and_once() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let chat = room.chat(&[&alice, &bob]);
    room.drop(bob.conn);
    for content in ["one", "two"] {
        room.text(alice.conn, &chat, content);
    }
    for expected in [true, false] {
        let conn = room.connect();
        room.login(conn, &bob.id, "bob");
        room.hear(conn, "auth.login.success");
        if expected {
            assert_eq!(room.hear_push(conn), ["one", "two"]);
        }
        room.silent(&[conn]);
        room.drop(conn);
    }
}

#[test]
fn members_who_are_unknown_or_repeated_are_left_out() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let members = [&bob.id, &Value::from(1), &bob.id]
        .map(Value::clone)
        .to_vec();
    room.say(
        alice.conn,
        "chat.create",
        vec![("members", Value::Array(members))],
    );
    let spawn = room.hear(bob.conn, "chat.spawn");
    let listed = get(&spawn, "members");
    let ids: Vec<Value> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|m| get(m, "user_id"))
        .collect();
    assert_eq!(ids, [alice.id.clone(), bob.id.clone()]);
    assert_eq!(get(&spawn, "owner_id"), alice.id);
}

#[test]
fn each_connection_of_a_member_is_told() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let phone = room.connect();
    room.login(phone, &bob.id, "bob");
    room.hear(phone, "auth.login.success");
    let chat = room.chat(&[&alice, &bob]);
    room.hear(phone, "chat.spawn");
    room.text(bob.conn, &chat, "from the desk");
    assert_eq!(room.hear_push(alice.conn), ["from the desk"]);
    let push = room.hear(phone, "message.push");
    assert_eq!(contents(&push), ["from the desk"]);
    room.silent(&[bob.conn]);
}
