use rmpv::Value;

use super::room::{Room, get};

#[test]
fn an_avatar_that_was_set_is_shown() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    room.say(alice.conn, "avatar.set", vec![("avatar", "AAEC".into())]);
    room.hear(alice.conn, "avatar.set.ack");
    room.say(bob.conn, "user.get", vec![("user_id", alice.id.clone())]);
    let info = room.hear(bob.conn, "user.push");
    assert_eq!(get(&info, "avatar"), Value::from("AAEC"));
    assert_eq!(get(&info, "nick"), Value::from("alice"));
}

#[test]
fn what_is_no_image_or_too_large_is_not_acknowledged() {
    let mut room = Room::new();
    let alice = room.user("alice");
    for avatar in ["".to_owned(), "!!!".to_owned(), "AAAA".repeat(50_000)] {
        room.say(alice.conn, "avatar.set", vec![("avatar", avatar.into())]);
    }
    room.silent(&[alice.conn]);
}

#[test]
fn a_list_holds_users_by_the_reading() {
    let listed = |option: &str| {
        let mut room = Room::reading("sync-users", option);
        let [alice, bob, _carol, dave] =
            ["alice", "bob", "carol", "dave"].map(|name| room.user(name));
        room.chat(&[&alice, &bob]);
        room.drop(dave.conn);
        room.say(alice.conn, "user.sync", Vec::new());
        get(&room.hear(alice.conn, "user.sync"), "users")
            .as_array()
            .expect("a list")
            .len()
    };
    assert_eq!(
        [listed("all"), listed("online"), listed("partners")],
        [4, 3, 2]
    );
}

#[test]
fn nobody_is_served_without_a_login() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let stranger = room.connect();
    room.say(stranger, "user.get", vec![("user_id", alice.id.clone())]);
    room.say(stranger, "user.sync", Vec::new());
    room.say(stranger, "avatar.set", vec![("avatar", "AAEC".into())]);
    room.say(
        stranger,
        "chat.create",
        vec![("members", Value::Array(vec![alice.id.clone()]))],
    );
    room.text(stranger, &Value::from(1), "hello");
    room.silent(&[alice.conn, stranger]);
}
