use serde_json::json;

use super::room::Room;

#[test]
fn a_request_reaches_who_is_online_and_the_answer_comes_back() {
    let mut room = Room::new();
    let (alice, bob, carol) = (room.user("alice"), room.user("bob"), room.user("carol"));
    let pair = json!({ "sender": "alice", "receiver": "bob" });
    room.say(alice, "FRIEND_REQUEST", pair.clone());
    let acknowledged = json!({ "sender": "alice", "receiver": "bob", "code": 0 });
    assert_eq!(room.hear(alice, "FRIEND_REQUEST_ACK"), acknowledged);
    assert_eq!(room.hear(bob, "FRIEND_REQUEST"), pair);
    room.say(bob, "FRIEND_REQUEST_RESPONSE", acknowledged.clone());
    assert_eq!(room.hear(alice, "FRIEND_REQUEST_RESPONSE"), acknowledged);
    room.text(bob, "bob", "alice", "hi");
    assert_eq!(room.hear(alice, "TEXT_MESSAGE")["content"], "hi");
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_request_waits_for_who_is_offline_and_comes_once() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    room.logout(bob, "bob");
    room.say(
        alice,
        "FRIEND_REQUEST",
        json!({ "sender": "alice", "receiver": "bob" }),
    );
    assert_eq!(room.hear_code(alice, "FRIEND_REQUEST_ACK"), 0);
    room.silent(&[bob]);
    room.login(bob, "bob");
    room.hear(bob, "FRIEND_REQUEST");
    room.logout(bob, "bob");
    room.login(bob, "bob");
    room.silent(&[bob]);
}

#[test]
fn an_unknown_user_cannot_be_asked() {
    let mut room = Room::new();
    let alice = room.user("alice");
    room.say(
        alice,
        "FRIEND_REQUEST",
        json!({ "sender": "alice", "receiver": "nobody" }),
    );
    assert_eq!(room.hear_code(alice, "FRIEND_REQUEST_ACK"), 3001);
}

#[test]
fn neither_a_rejection_nor_an_unasked_answer_befriends() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let yes = json!({ "sender": "alice", "receiver": "bob", "code": 0 });
    room.say(bob, "FRIEND_REQUEST_RESPONSE", yes.clone());
    room.silent(&[alice, bob]);
    room.say(
        alice,
        "FRIEND_REQUEST",
        json!({ "sender": "alice", "receiver": "bob" }),
    );
    room.hear(alice, "FRIEND_REQUEST_ACK");
    room.hear(bob, "FRIEND_REQUEST");
    let no = json!({ "sender": "alice", "receiver": "bob", "code": 3004 });
    room.say(bob, "FRIEND_REQUEST_RESPONSE", no.clone());
    assert_eq!(room.hear(alice, "FRIEND_REQUEST_RESPONSE"), no);
    room.say(bob, "FRIEND_REQUEST_RESPONSE", yes);
    room.text(alice, "alice", "bob", "hi");
    room.text(bob, "bob", "alice", "hi");
    room.silent(&[alice, bob]);
}

#[test]
fn nobody_answers_a_request_for_another() {
    let mut room = Room::new();
    let (alice, bob, carol) = (room.user("alice"), room.user("bob"), room.user("carol"));
    room.say(
        alice,
        "FRIEND_REQUEST",
        json!({ "sender": "alice", "receiver": "bob" }),
    );
    room.hear(alice, "FRIEND_REQUEST_ACK");
    room.hear(bob, "FRIEND_REQUEST");
    let yes = json!({ "sender": "alice", "receiver": "bob", "code": 0 });
    room.say(carol, "FRIEND_REQUEST_RESPONSE", yes.clone());
    room.say(alice, "FRIEND_REQUEST_RESPONSE", yes);
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_removal_ends_the_friendship_on_both_sides() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let pair = json!({ "sender": "alice", "receiver": "bob" });
    room.say(alice, "FRIEND_REMOVE", pair.clone());
    let acknowledged = json!({ "sender": "alice", "receiver": "bob", "code": 0 });
    assert_eq!(room.hear(alice, "FRIEND_REMOVE_ACK"), acknowledged);
    assert_eq!(room.hear(bob, "FRIEND_REMOVE"), pair);
    room.text(alice, "alice", "bob", "hi");
    room.text(bob, "bob", "alice", "hi");
    room.say(alice, "FRIEND_REMOVE", pair);
    assert_ne!(room.hear_code(alice, "FRIEND_REMOVE_ACK"), 0);
    room.silent(&[alice, bob, carol]);
}
