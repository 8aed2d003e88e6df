use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::{ConnId, Frame};
use crate::tests::trial::Dice;

#[test]
fn malformed_input_is_ignored_and_the_connection_goes_on() {
    let mut room = Room::new();
    let conn = room.connect();
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"mode":7}"#,
        r#"{"mode":null}"#,
        &deep,
    ] {
        room.send(conn, Frame::Text(text.to_owned()));
    }
    room.send(conn, Frame::Binary(vec![0xff, 0, 0xc1]));
    room.silent(&[conn]);
    assert!(room.closed.is_empty());
    room.ask(conn, "checkConnection", json!({}));
}

#[test]
fn the_name_of_an_unknown_mode_is_not_said_back_at_length() {
    let mut room = Room::new();
    let conn = room.connect();
    room.say(conn, &"ы".repeat(100_000), json!({}));
    assert_eq!(room.hear(conn)["mode"], "ы".repeat(64));
}

/// A few users, tokens and chats, so that requests meet.
pub(super) fn ask(room: &mut Room, conn: ConnId, dice: &mut Dice) {
    let (mode, fields) = request(dice);
    room.say(conn, mode, fields);
}

/// One set of every field there is; each request takes those that it knows.
fn request(dice: &mut Dice) -> (&'static str, Value) {
    let modes = [
        "checkConnection",
        "checkToken",
        "auth",
        "register",
        "logout",
        "createChat",
        "createPersonalChat",
        "getChats",
        "getMessages",
        "sendMessage",
        "sendMessage",
        "makeCoffee",
    ];
    let users = [
        json!("a"),
        json!("b"),
        json!("c"),
        json!("u1"),
        json!(1),
        json!(2),
        json!([]),
    ];
    let chat = (1_u64 << 53) + 1 + dice.roll(4);
    let chats = [
        json!(chat),
        json!(format!("c{chat}")),
        json!(1),
        json!("c"),
        json!("ы"),
    ];
    let token = super::super::state::State {
        next_token: 1 + dice.roll(30),
        ..Default::default()
    };
    let mut fields = json!({
        "token": token.new_token(),
        "username": dice.pick(&users),
        "password": "x",
        "email": dice.pick(&["a@x", "b@x", "c@x", ""]),
        "contact_value": dice.pick(&users),
        "contact_mode": dice.pick(&["username", "id", "?"]),
        "chat_id": dice.pick(&chats),
        "content": "hello",
        "content_type": "text",
        "min_message_id": dice.pick(&[json!(null), json!(0), json!(3), json!(-1), json!("x")]),
    });
    if dice.roll(10) == 0
        && let Some(fields) = fields.as_object_mut()
    {
        let names: Vec<String> = fields.keys().cloned().collect();
        fields.remove(&dice.pick(&names));
    }
    (dice.pick(&modes), fields)
}
