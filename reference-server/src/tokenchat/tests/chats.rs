use serde_json::json;

use super::room::Room;

#[test]
fn a_chat_is_listed_for_its_two_members_and_nobody_else() {
    let mut room = Room::new();
    let (alice, bob, carol) = (room.user("alice"), room.user("bob"), room.user("carol"));
    let chat = room.chat(&alice, "bob");
    assert_eq!(room.chats(&alice), std::slice::from_ref(&chat));
    assert_eq!(room.chats(&bob), std::slice::from_ref(&chat));
    assert!(room.chats(&carol).is_empty());
    let answer = room.ask(alice.conn, "getChats", json!({ "token": alice.token }));
    let entry = json!({
        "chat_id": chat, "chat_members": [1, 2], "chat_name": "bob", "chat_type": "personal",
        "last_message_time": null,
    });
    assert_eq!(answer["chats"], json!([entry]));
}

#[test]
fn a_contact_is_found_by_name_or_by_id() {
    let mut room = Room::new();
    let (alice, _bob) = (room.user("alice"), room.user("bob"));
    let ask =
        |value, mode| json!({ "token": alice.token, "contact_value": value, "contact_mode": mode });
    let by_id = room.ask(alice.conn, "createChat", ask(json!(2), "id"));
    let by_name = room.ask(alice.conn, "createChat", ask(json!("bob"), "username"));
    assert_eq!(by_id["status"], "200");
    assert_eq!(by_id["chat_id"], by_name["chat_id"]);
    for (value, mode, status) in [
        (json!("bobby"), "username", "409"),
        (json!(2_147_483_646), "id", "409"),
        (json!("2"), "id", "409"),
        (json!("alice"), "username", "409"),
        (json!(2), "username", "422"),
        (json!("bob"), "nickname", "422"),
        (json!(["bob"]), "id", "422"),
    ] {
        assert_eq!(
            room.status(alice.conn, "createChat", ask(value, mode)),
            status
        );
    }
    assert_eq!(room.chats(&alice).len(), 1);
}

#[test]
fn ids_above_2_to_the_53_are_told_apart() {
    let mut room = Room::new();
    let (alice, _bob, _carol) = (room.user("alice"), room.user("bob"), room.user("carol"));
    let (first, second) = (room.chat(&alice, "bob"), room.chat(&alice, "carol"));
    assert!(first.as_u64().is_some_and(|id| id > 1 << 53));
    room.write(&alice, &second, "for carol");
    assert!(room.read(&alice, &first).is_empty());
    assert_eq!(room.read(&alice, &second), ["for carol"]);
}
