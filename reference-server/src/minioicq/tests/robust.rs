use rmpv::Value;

use super::super::message::map;
use super::room::Room;
use crate::protocol::{ConnId, Frame};
use crate::tests::trial::Dice;

#[test]
fn malformed_input_is_ignored_and_the_connection_goes_on() {
    let mut room = Room::new();
    let alice = room.user("alice");
    let frames: [&[u8]; 9] = [
        b"",
        b"\xc1",
        b"\x80",
        b"\x93\x01\x02",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x81\xa6action\x07",
        b"\x81\xa6action\xabauth.logout\xc0",
    ];
    let deep = vec![0x91; 1_000_000];
    for frame in frames.into_iter().chain([deep.as_slice()]) {
        room.send(alice.conn, Frame::Binary(frame.to_vec()));
    }
    room.send(
        alice.conn,
        Frame::Text(r#"{"action":"auth.logout"}"#.to_owned()),
    );
    room.silent(&[alice.conn]);
    assert!(room.closed.is_empty());
    room.login(alice.conn, &Value::from(7), "x");
    room.hear(alice.conn, "auth.login.fail");
}

/// A few users and chats, so that requests meet.
pub(super) fn ask(room: &mut Room, conn: ConnId, dice: &mut Dice) {
    let (action, fields) = request(dice);
    room.say(conn, action, fields);
    if dice.roll(20) == 0 {
        let bytes = (0..dice.roll(12)).map(|_| dice.roll(256) as u8).collect();
        room.send(conn, Frame::Binary(bytes));
    }
}

fn id(dice: &mut Dice, first: u64) -> Value {
    match dice.roll(12) {
        0 => Value::Nil,
        1 => Value::from("7"),
        _ => Value::from(first + dice.roll(5)),
    }
}

fn request(dice: &mut Dice) -> (&'static str, Vec<(&'static str, Value)>) {
    let actions = [
        "auth.register",
        "auth.login",
        "auth.login",
        "auth.login",
        "auth.logout",
        "user.sync",
        "heartbeat",
        "message.send",
        "message.send",
        "message.push.ack",
        "chat.create",
        "avatar.set",
        "user.get",
        "message.get",
    ];
    let action = actions[dice.roll(actions.len() as u64) as usize];
    let times = ["1970-01-01T00:00Z", "2999-01-01T00:00Z", "soon"];
    let mut time = || Value::from(times[dice.roll(3) as usize]);
    let (start, end, sent) = (time(), time(), time());
    let kinds = ["text", "image", "video", "smell"];
    let message = map([
        ("chat_id", id(dice, 1)),
        ("type", kinds[dice.roll(4) as usize].into()),
        ("content", "héllo".into()),
        ("time", sent),
    ]);
    // One map with every field there is; each request takes those that it knows.
    let fields = vec![
        ("user_name", "näme".into()),
        ("password", "x".into()),
        ("user_id", id(dice, 10_001)),
        ("message", message),
        (
            "members",
            Value::Array(vec![id(dice, 10_001), id(dice, 10_001), id(dice, 10_001)]),
        ),
        ("avatar", "AAEC".into()),
        ("start", start),
        ("end", end),
    ];
    (action, fields)
}
