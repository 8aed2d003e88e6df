use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::{ConnId, Frame};
use crate::tests::trial::Dice;

#[test]
fn malformed_input_gets_an_error_and_the_connection_goes_on() {
    let mut room = Room::new();
    let conn = room.connect();
    let texts = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"code":"12"}"#,
        r#"{"code":12.5}"#,
        r#"{"code":-12}"#,
        r#"{"code":99}"#,
        r#"{"code":7,"status":0}"#,
        r#"{"code":6,"login_type":0,"account":"x"}"#,
        r#"{"code":8,"members":[{}]}"#,
        r#"{"code":0,"time":1,"sender":{"ocid":"1","session_id":1},"msg":[7]}"#,
    ];
    let deep = "[".repeat(100_000);
    for text in texts.into_iter().chain([deep.as_str()]) {
        room.send(conn, Frame::Text(text.to_owned()));
        assert!(room.hear(conn, 18)["details"].is_string(), "after {text}");
    }
    room.send(conn, Frame::Binary(vec![0xff, 0, 0xc1]));
    room.hear(conn, 18);
    room.say(conn, json!({ "code": 12 }));
    room.hears(conn, json!({ "code": 12, "status": 0 }));
    room.silent(&[conn]);
    assert!(room.closed.is_empty());
}

/// A few accounts and sessions, so that requests meet.
pub(super) fn ask(room: &mut Room, conn: ConnId, dice: &mut Dice) {
    let request = request(dice);
    room.say(conn, request);
}

/// An id that the server gave out early on, or none.
fn id(dice: &mut Dice) -> u64 {
    (1 << 53) + dice.roll(8)
}

fn request(dice: &mut Dice) -> Value {
    let codes = [0, 0, 0, 4, 6, 6, 6, 8, 8, 10, 12, 14, 14, 16, 99];
    let code = codes[dice.roll(codes.len() as u64) as usize];
    let login_type = dice.roll(3);
    let account = match login_type {
        0 => format!("{}@example.com", dice.roll(4)),
        _ => id(dice).to_string(),
    };
    // One message with every field there is; each request takes those that it knows.
    json!({
        "code": code,
        "email": format!("{}@example.com", dice.roll(4)),
        "password": "x",
        "name": "n",
        "login_type": login_type,
        "account": account,
        "members": [id(dice), id(dice).to_string()],
        "ocid": id(dice),
        "request_values": ["ocid", "nickname", "avatar"],
        "time": 7,
        "sender": { "ocid": id(dice), "session_id": id(dice) },
        "msg": [{ "type": 0, "text": "hello" }],
    })
}
