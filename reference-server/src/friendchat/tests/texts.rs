use serde_json::json;

use super::room::Room;

#[test]
fn a_text_reaches_a_friend_letter_for_letter_and_in_order() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let long = "щ".repeat(100_000);
    for content in ["", " hello ", "\u{1F980}\n\"\\", &long] {
        room.text(alice, "alice", "bob", content);
    }
    for content in ["", " hello ", "\u{1F980}\n\"\\", &long] {
        let text = json!({ "sender": "alice", "receiver": "bob", "content": content });
        assert_eq!(room.hear(bob, "TEXT_MESSAGE"), text);
    }
    room.silent(&[alice, bob, carol]);
}

#[test]
fn texts_to_strangers_and_in_the_name_of_others_are_not_delivered() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    let carol = room.user("carol");
    room.text(carol, "carol", "bob", "hi");
    room.text(carol, "alice", "bob", "hi");
    room.text(alice, "alice", "nobody", "hi");
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_text_waits_for_a_friend_who_is_offline() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.logout(bob, "bob");
    room.text(alice, "alice", "bob", "one");
    room.text(alice, "alice", "bob", "two");
    room.login(bob, "bob");
    assert_eq!(room.hear(bob, "TEXT_MESSAGE")["content"], "one");
    assert_eq!(room.hear(bob, "TEXT_MESSAGE")["content"], "two");
    room.silent(&[bob]);
}

#[test]
fn a_text_to_a_group_reaches_the_other_members() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let dave = room.user("dave");
    room.group("g", &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);
    room.text(bob, "bob", "g", "hi all");
    for conn in [alice, carol] {
        let text = json!({ "sender": "bob", "receiver": "g", "content": "hi all" });
        assert_eq!(room.hear(conn, "TEXT_MESSAGE"), text);
    }
    room.text(dave, "dave", "g", "let me in");
    room.silent(&[alice, bob, carol, dave]);
}

#[test]
fn what_waits_for_one_user_is_bounded() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.logout(bob, "bob");
    for _ in 0..1200 {
        room.text(alice, "alice", "bob", "hi");
    }
    room.login(bob, "bob");
    for _ in 0..1000 {
        room.hear(bob, "TEXT_MESSAGE");
    }
    room.silent(&[bob]);
}
