use serde_json::json;

use super::room::Room;

#[test]
fn both_members_and_nobody_else_are_told_of_a_deletion() {
    let mut room = Room::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| room.user(name));
    let id = room.room(alice, "alice", "bob");
    let other = room.room(alice, "alice", "carol");
    room.say(carol, json!({ "type": "DELETE_ROOM", "id": id }));
    room.silent(&[alice, bob, carol]);
    room.say(bob, json!({ "type": "DELETE_ROOM", "id": id }));
    for conn in [alice, bob] {
        assert_eq!(room.hear(conn, "DELETE_ROOM")["id"], id);
    }
    room.silent(&[alice, bob, carol]);
    room.say(alice, json!({ "type": "OLD_DIALOGS", "username": "alice" }));
    let dialogs = room.hear(alice, "OLD_DIALOGS");
    assert_eq!(dialogs["id"], json!([other]));
    assert_eq!(dialogs["dialogs"], json!(["carol"]));
    assert_eq!(dialogs["first_massage_id"], json!([null]));
}

#[test]
fn ids_are_taken_in_the_form_in_which_they_are_given() {
    for (option, wrong) in [
        ("number", json!("1")),
        ("text", json!(1)),
        ("large", json!(1)),
    ] {
        let mut room = Room::reading("room-id", option);
        let alice = room.user("alice");
        room.user("bob");
        let id = room.room(alice, "alice", "bob");
        room.post(alice, "alice", &wrong, "lost");
        assert_eq!(room.hear(alice, "SND_MSG")["status"], "FAIL");
        room.write(alice, "alice", &id, "found");
        assert_eq!(room.read(alice, &id, "ALL"), ["found"]);
    }
}

#[test]
fn a_search_finds_the_very_name_and_parts_where_that_is_the_reading() {
    for (option, found) in [("whole", 1), ("beginning", 2), ("anywhere", 3)] {
        let mut room = Room::reading("search-part", option);
        let conn = room.user("bo");
        room.user("bob");
        room.user("abo");
        room.say(conn, json!({ "type": "SEARCH_USER", "user": "bo" }));
        let names = room.hear(conn, "SEARCH_USER")["user"].clone();
        assert_eq!(names[0], "bo");
        assert_eq!(names.as_array().map(Vec::len), Some(found));
    }
}
