use serde_json::json;

use super::room::Room;

#[test]
fn friends_are_invited_and_the_answers_go_to_the_creator() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let new = json!({ "sender": "alice", "members": ["bob", "carol"], "name": "g" });
    room.say(alice, "GROUP_CREATE", new);
    let made = json!({ "sender": "alice", "members": ["bob", "carol"], "name": "g", "code": 0 });
    assert_eq!(room.hear(alice, "GROUP_CREATE_ACK"), made);
    let invitation = json!({ "sender": "alice", "receiver": "bob", "group": "g" });
    assert_eq!(room.hear(bob, "GROUP_INVITE"), invitation);
    assert_eq!(room.hear(carol, "GROUP_INVITE")["receiver"], "carol");
    let yes = json!({ "sender": "alice", "receiver": "bob", "group": "g", "code": 0 });
    room.say(bob, "GROUP_INVITE_RESPONSE", yes.clone());
    assert_eq!(room.hear(alice, "GROUP_INVITE_RESPONSE"), yes);
    let no = json!({ "sender": "alice", "receiver": "carol", "group": "g", "code": 5001 });
    room.say(carol, "GROUP_INVITE_RESPONSE", no.clone());
    assert_eq!(room.hear(alice, "GROUP_INVITE_RESPONSE"), no);
    room.say(
        alice,
        "GROUP_REMOVE",
        json!({ "sender": "alice", "group": "g" }),
    );
    assert_eq!(room.hear_code(alice, "GROUP_REMOVE_ACK"), 0);
    room.hear(bob, "GROUP_REMOVE");
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_group_with_strangers_is_refused_and_lists_exactly_those() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    let carol = room.user("carol");
    let members = json!(["carol", "bob", "nobody"]);
    let new = json!({ "sender": "alice", "members": members, "name": "g" });
    room.say(alice, "GROUP_CREATE", new);
    let refused = json!({
        "sender": "alice", "not-friends": ["carol", "nobody"], "name": "g", "code": 4001
    });
    assert_eq!(room.hear(alice, "GROUP_CREATE_ACK"), refused);
    room.silent(&[alice, bob, carol]);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.group("g", &[(alice, "alice"), (bob, "bob")]);
    room.say(
        bob,
        "GROUP_CREATE",
        json!({ "sender": "bob", "members": ["alice"], "name": "g" }),
    );
    let refused = room.hear(bob, "GROUP_CREATE_ACK");
    assert_ne!(refused["code"], 0);
    assert_ne!(refused["code"], 4001);
    room.silent(&[alice, bob]);
}

#[test]
fn the_others_hear_who_leaves_and_the_leaver_nothing_more() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let dave = room.user("dave");
    room.group("g", &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);
    let order = json!({ "sender": "bob", "group": "g" });
    room.say(bob, "GROUP_LEAVE", order.clone());
    let left = json!({ "sender": "bob", "group": "g", "code": 0 });
    assert_eq!(room.hear(bob, "GROUP_LEAVE_ACK"), left);
    assert_eq!(room.hear(alice, "GROUP_LEAVE"), order);
    assert_eq!(room.hear(carol, "GROUP_LEAVE"), order);
    room.say(bob, "GROUP_LEAVE", order);
    assert_ne!(room.hear_code(bob, "GROUP_LEAVE_ACK"), 0);
    room.say(
        alice,
        "GROUP_REMOVE",
        json!({ "sender": "alice", "group": "g" }),
    );
    room.hear(alice, "GROUP_REMOVE_ACK");
    room.hear(carol, "GROUP_REMOVE");
    room.silent(&[alice, bob, carol, dave]);
}

#[test]
fn a_group_outlives_its_leader_but_not_its_last_member() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.group("g", &[(alice, "alice"), (bob, "bob")]);
    room.say(
        alice,
        "GROUP_LEAVE",
        json!({ "sender": "alice", "group": "g" }),
    );
    assert_eq!(room.hear_code(alice, "GROUP_LEAVE_ACK"), 0);
    room.hear(bob, "GROUP_LEAVE");
    room.say(bob, "GROUP_LEAVE", json!({ "sender": "bob", "group": "g" }));
    assert_eq!(room.hear_code(bob, "GROUP_LEAVE_ACK"), 0);
    room.group("g", &[(alice, "alice"), (bob, "bob")]);
}

#[test]
fn only_the_leader_hands_over_and_removes() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.group("g", &[(alice, "alice"), (bob, "bob")]);
    let by_bob = json!({ "sender": "bob", "group": "g" });
    room.say(bob, "GROUP_REMOVE", by_bob.clone());
    assert_ne!(room.hear_code(bob, "GROUP_REMOVE_ACK"), 0);
    let to_bob = json!({ "sender": "alice", "group": "g", "newLeader": "bob" });
    room.say(alice, "GROUP_LEADER_CHANGE", to_bob.clone());
    let changed = json!({ "sender": "alice", "group": "g", "newLeader": "bob", "code": 0 });
    assert_eq!(room.hear(alice, "GROUP_LEADER_CHANGE_ACK"), changed);
    assert_eq!(room.hear(bob, "GROUP_LEADER_CHANGE"), to_bob);
    room.say(alice, "GROUP_LEADER_CHANGE", to_bob);
    assert_ne!(room.hear_code(alice, "GROUP_LEADER_CHANGE_ACK"), 0);
    room.say(bob, "GROUP_REMOVE", by_bob.clone());
    assert_eq!(room.hear_code(bob, "GROUP_REMOVE_ACK"), 0);
    assert_eq!(room.hear(alice, "GROUP_REMOVE"), by_bob);
}

#[test]
fn an_invitation_waits_for_who_is_offline() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.logout(bob, "bob");
    room.hear(alice, "USER_LOGOUT");
    let new = json!({ "sender": "alice", "members": ["bob"], "name": "g" });
    room.say(alice, "GROUP_CREATE", new);
    room.login(bob, "bob");
    room.hear(bob, "GROUP_INVITE");
}
