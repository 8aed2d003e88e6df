use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::{ConnId, Frame};
use crate::tests::trial::Dice;

#[test]
fn malformed_input_is_ignored_and_the_connection_goes_on() {
    let mut room = Room::new();
    let conn = room.user("alice");
    let texts = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"type":"REQUEST_LOGIN"}"#,
        r#"{"type":"REQUEST_LOGIN","login":1,"pass":"x"}"#,
        r#"{"type":"NO_SUCH_TYPE"}"#,
        r#"{"type":7}"#,
        r#"{"type":"DELETE_ROOM","id":{"a":[]}}"#,
        r#"{"type":"DELETE_MSG","id":1e300}"#,
    ];
    let deep = "[".repeat(100_000);
    for text in texts.into_iter().chain([deep.as_str()]) {
        room.send(conn, Frame::Text(text.to_owned()));
    }
    room.send(conn, Frame::Binary(vec![0xff, 0, 0xc1]));
    room.silent(&[conn]);
    assert!(room.closed.is_empty());
    room.say(conn, json!({ "type": "SEARCH_USER", "user": "alice" }));
    room.hear(conn, "SEARCH_USER");
}

/// A few users and ids, so that requests meet.
pub(super) fn ask(room: &mut Room, conn: ConnId, dice: &mut Dice) {
    let request = request(dice);
    room.say(conn, request);
}

/// Most ids are small, and in any form.
fn id(dice: &mut Dice) -> Value {
    let number = dice.roll(12);
    match dice.roll(8) {
        0 => json!(format!("room-{number}")),
        1 => json!(format!("message-{number}")),
        2 => json!((1_u64 << 53) + 1 + number),
        3 => json!(u64::MAX),
        _ => json!(number),
    }
}

fn request(dice: &mut Dice) -> Value {
    let kinds = [
        "REQUEST_LOGIN",
        "REQUEST_LOGIN",
        "REQUEST_SIGNUP",
        "CREATE_ROOM",
        "SND_MSG",
        "SND_MSG",
        "SND_MSG",
        "READ_MSG",
        "SEARCH_USER",
        "DELETE_ROOM",
        "DELETE_MSG",
        "EDIT_MSG",
        "OLD_DIALOGS",
    ];
    let users = ["a", "b", "c", "nobody"];
    // One message with every field there is; each request takes those that it knows.
    json!({
        "type": dice.pick(&kinds),
        "login": dice.pick(&users),
        "pass": "x",
        "username": dice.pick(&users),
        "customer": dice.pick(&users),
        "user": dice.pick(&users),
        "room_id": id(dice),
        "id": id(dice),
        "message": "hello",
        "new_msg": "h\u{e9}llo",
        "msg_type": dice.pick(&["TEXT", "FILE", "IMAGE", "VIDEO"]),
        "read": dice.pick(&["ALL", "RESENT", "RECENT"]),
    })
}
