use serde_json::json;

use super::room::Room;

#[test]
fn both_members_read_what_either_wrote() {
    let mut room = Room::new();
    let (alice, bob) = (room.user("alice"), room.user("bob"));
    let chat = room.chat(&alice, "bob");
    assert_eq!(room.write(&alice, &chat, "hi"), "200");
    assert_eq!(room.write(&bob, &chat, "привет"), "200");
    for user in [&alice, &bob] {
        assert_eq!(room.read(user, &chat), ["hi", "привет"]);
    }
    let asked = json!({ "token": bob.token, "chat_id": chat, "min_message_id": 2 });
    let answer = room.ask(bob.conn, "getMessages", asked);
    let entry = json!({
        "from_id": 2, "from_name": "bob", "content": "привет", "content_type": "text",
        "content_time": 1000,
    });
    assert_eq!(answer["messages"], json!([entry]));
    room.silent(&[alice.conn, bob.conn]);
}

#[test]
fn who_is_no_member_neither_reads_nor_writes() {
    let mut room = Room::new();
    let (alice, _bob, carol) = (room.user("alice"), room.user("bob"), room.user("carol"));
    let chat = room.chat(&alice, "bob");
    room.write(&alice, &chat, "between us");
    let asked = json!({ "token": carol.token, "chat_id": chat });
    let answer = room.ask(carol.conn, "getMessages", asked);
    assert_eq!(
        answer,
        json!({ "mode": "getMessages", "timestamp": 1000, "status": "423" })
    );
    assert_eq!(room.write(&carol, &chat, "let me in"), "423");
    assert_eq!(room.write(&carol, &json!(1), "anybody?"), "404");
    assert_eq!(room.read(&alice, &chat), ["between us"]);
}

#[test]
fn a_bound_leaves_out_what_came_before() {
    let mut room = Room::new();
    let (alice, _bob) = (room.user("alice"), room.user("bob"));
    let chat = room.chat(&alice, "bob");
    for content in ["one", "two", "three"] {
        room.write(&alice, &chat, content);
    }
    for (bound, count) in [
        (json!(-7), 3),
        (json!(0), 3),
        (json!(null), 3),
        (json!(2), 2),
        (json!(4), 0),
        (json!(2_147_483_647), 0),
    ] {
        let asked = json!({ "token": alice.token, "chat_id": chat, "min_message_id": bound });
        let answer = room.ask(alice.conn, "getMessages", asked);
        assert_eq!(
            answer["messages"].as_array().map(Vec::len),
            Some(count),
            "{bound}"
        );
    }
    let asked = json!({ "token": alice.token, "chat_id": chat, "min_message_id": "two" });
    assert_eq!(room.status(alice.conn, "getMessages", asked), "422");
}

#[test]
fn a_chat_takes_only_so_much() {
    let mut room = Room::new();
    let (alice, _bob) = (room.user("alice"), room.user("bob"));
    let chat = room.chat(&alice, "bob");
    assert_eq!(room.write(&alice, &chat, &"x".repeat(5 << 20)), "413");
    let large = "x".repeat(3 << 20);
    let statuses: Vec<String> = (0..6).map(|_| room.write(&alice, &chat, &large)).collect();
    assert_eq!(statuses, ["200", "200", "200", "200", "200", "503"]);
}
