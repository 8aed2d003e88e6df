use serde_json::json;

use super::room::Room;
use crate::behaviour::Behaviour;

#[test]
fn a_message_is_read_by_both_members_as_it_was_sent() {
    let mut room = Room::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| room.user(name));
    let id = room.room(alice, "alice", "bob");
    let text = " \u{1F980}\n\"\\ ".repeat(10_000);
    room.write(alice, "alice", &id, &text);
    room.write(bob, "bob", &id, "two");
    for conn in [alice, bob] {
        assert_eq!(room.read(conn, &id, "ALL"), [text.as_str(), "two"]);
    }
    room.post(carol, "carol", &id, "three");
    room.post(carol, "alice", &id, "three");
    for _ in 0..2 {
        assert_eq!(room.hear(carol, "SND_MSG")["status"], "FAIL");
    }
    assert_eq!(room.read(carol, &id, "ALL"), [""; 0]);
    room.silent(&[alice, bob, carol]);
}

#[test]
fn only_its_author_edits_and_deletes_a_message() {
    let mut room = Room::new();
    let [alice, bob] = ["alice", "bob"].map(|name| room.user(name));
    let id = room.room(alice, "alice", "bob");
    let message = room.write(alice, "alice", &id, "one");
    let edit = json!({ "type": "EDIT_MSG", "id": message, "new_msg": "two" });
    room.say(bob, edit.clone());
    room.say(bob, json!({ "type": "DELETE_MSG", "id": message }));
    assert_eq!(room.read(bob, &id, "ALL"), ["one"]);
    room.say(alice, edit.clone());
    assert_eq!(room.hear(alice, "EDIT_MSG"), edit);
    assert_eq!(room.read(bob, &id, "ALL"), ["two"]);
    room.say(alice, json!({ "type": "DELETE_MSG", "id": message }));
    assert_eq!(room.hear(alice, "DELETE_MSG")["id"], message);
    assert_eq!(room.read(bob, &id, "ALL"), [""; 0]);
    room.silent(&[alice, bob]);
}

#[test]
fn the_unread_messages_are_read_once_where_that_is_the_reading() {
    let mut room = Room::reading("recent-means", "unread");
    let [alice, bob] = ["alice", "bob"].map(|name| room.user(name));
    let id = room.room(alice, "alice", "bob");
    room.write(alice, "alice", &id, "one");
    assert_eq!(room.read(alice, &id, "RESENT"), [""; 0]);
    assert_eq!(room.read(bob, &id, "RESENT"), ["one"]);
    assert_eq!(room.read(bob, &id, "RESENT"), [""; 0]);
    assert_eq!(room.read(bob, &id, "RECENT"), [""; 0]);
}

#[test]
fn a_room_takes_no_more_messages_than_it_may() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.user("bob");
    let id = room.room(alice, "alice", "bob");
    for _ in 0..10_000 {
        room.write(alice, "alice", &id, "x");
    }
    room.post(alice, "alice", &id, "x");
    assert_eq!(room.hear(alice, "SND_MSG")["status"], "FAIL");
}

#[test]
fn what_waits_for_one_who_is_away_is_bounded() {
    let mut room = Room::reading("missed-message", "told");
    let [alice, bob] = ["alice", "bob"].map(|name| room.user(name));
    let id = room.room(alice, "alice", "bob");
    room.drop(bob);
    for _ in 0..1200 {
        room.write(alice, "alice", &id, "x");
    }
    let bob = room.connect();
    room.login(bob, "bob", "bob");
    room.hear(bob, "RESPONSE_LOGIN");
    for _ in 0..1000 {
        room.hear(bob, "READ_MSG");
    }
    room.silent(&[bob]);
}

#[test]
fn a_message_of_which_one_was_told_is_still_recent_or_not() {
    for (option, recent) in [("there", &["while you were away"][..]), ("left-out", &[])] {
        let readings = [("missed-message", "told"), ("told-is-recent", option)];
        let readings = readings.map(|(id, option)| (id.to_owned(), option.to_owned()));
        let mut room = Room::with(&Behaviour {
            readings: readings.to_vec(),
            ..Behaviour::default()
        });
        let [alice, bob] = ["alice", "bob"].map(|name| room.user(name));
        let id = room.room(alice, "alice", "bob");
        room.drop(bob);
        room.write(alice, "alice", &id, "while you were away");
        let bob = room.connect();
        room.login(bob, "bob", "bob");
        room.hear(bob, "RESPONSE_LOGIN");
        room.hear(bob, "READ_MSG");
        assert_eq!(room.read(bob, &id, "RESENT"), recent, "{option}");
        assert_eq!(room.read(alice, &id, "RESENT"), ["while you were away"]);
    }
}
