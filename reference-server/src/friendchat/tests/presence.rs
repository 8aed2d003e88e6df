use serde_json::json;

use super::room::Room;

#[test]
fn friends_online_hear_a_status_and_a_logout() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let dave = room.user("dave");
    let update = json!({ "username": "alice", "status": "online" });
    room.say(alice, "USER_STATUS_UPDATE", update.clone());
    assert_eq!(room.hear(bob, "USER_STATUS_UPDATE"), update);
    assert_eq!(room.hear(carol, "USER_STATUS_UPDATE"), update);
    room.logout(carol, "carol");
    assert_eq!(
        room.hear(alice, "USER_LOGOUT"),
        json!({ "username": "carol" })
    );
    assert_eq!(
        room.hear(bob, "USER_LOGOUT"),
        json!({ "username": "carol" })
    );
    room.say(dave, "USER_STATUS_UPDATE", update);
    room.silent(&[alice, bob, carol, dave]);
    assert!(room.closed.is_empty());
}

#[test]
fn to_friends_a_connection_that_drops_is_a_logout() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.drop(alice);
    assert_eq!(
        room.hear(bob, "USER_LOGOUT"),
        json!({ "username": "alice" })
    );
    room.silent(&[bob]);
}
