use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::{ConnId, Frame};
use crate::tests::trial::Dice;

#[test]
fn malformed_input_is_ignored_and_the_connection_goes_on() {
    let mut room = Room::new();
    let conn = room.connect();
    let texts = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"type":"LOGIN_REQUEST"}"#,
        r#"{"type":"LOGIN_REQUEST","payload":null}"#,
        r#"{"type":"LOGIN_REQUEST","payload":{"username":1,"passwordHash":"x"}}"#,
        r#"{"type":"NO_SUCH_TYPE","payload":{}}"#,
        r#"{"type":7,"payload":{}}"#,
    ];
    let deep = "[".repeat(100_000);
    for text in texts.into_iter().chain([deep.as_str()]) {
        room.send(conn, Frame::Text(text.to_owned()));
    }
    room.send(conn, Frame::Binary(vec![0xff, 0, 0xc1]));
    room.silent(&[conn]);
    assert!(room.closed.is_empty());
    room.try_login(conn, "nobody", "x");
    assert_eq!(room.hear_code(conn, "LOGIN_RESPONSE"), 2003);
}

/// A few users, ids and groups, so that requests meet.
pub(super) fn ask(room: &mut Room, conn: ConnId, dice: &mut Dice) {
    let (kind, payload) = request(dice);
    room.say(conn, kind, payload);
}

fn request(dice: &mut Dice) -> (&'static str, Value) {
    let kinds = [
        "REGISTER_REQUEST",
        "LOGIN_REQUEST",
        "LOGIN_REQUEST",
        "LOGIN_REQUEST",
        "FRIEND_REQUEST",
        "FRIEND_REQUEST_RESPONSE",
        "FRIEND_REQUEST_RESPONSE",
        "FRIEND_REMOVE",
        "GROUP_CREATE",
        "GROUP_INVITE_RESPONSE",
        "GROUP_LEAVE",
        "GROUP_REMOVE",
        "GROUP_LEADER_CHANGE",
        "TEXT_MESSAGE",
        "MEDIA_MESSAGE",
        "MEDIA_MESSAGE_ACK",
        "MEDIA_MESSAGE_DATA",
        "MEDIA_MESSAGE_DATA",
        "MEDIA_MESSAGE_DATA_ACK",
        "MEDIA_MESSAGE_COMPLETE",
        "MEDIA_MESSAGE_COMPLETE_ACK",
        "USER_STATUS_UPDATE",
        "USER_LOGOUT",
        "MESSAGE_HISTORY_REQUEST",
        "MESSAGE_HISTORY_BEGIN",
        "MESSAGE_HISTORY_DATA_ACK",
        "MESSAGE_HISTORY_COMPLETE",
    ];
    let users = ["a", "b", "c", "g", "nobody"];
    let kind = dice.pick(&kinds);
    // One payload with every field there is; each request takes those that it knows.
    let payload = json!({
        "username": dice.pick(&users),
        "passwordHash": "x",
        "sender": dice.pick(&users),
        "receiver": dice.pick(&users),
        "code": ([0, 0, 0, 3004, 5001][dice.roll(5) as usize]),
        "members": [dice.pick(&users), dice.pick(&users)],
        "name": dice.pick(&["g", "h"]),
        "group": dice.pick(&["g", "h"]),
        "newLeader": dice.pick(&users),
        "content": "hello",
        "status": "online",
        "mediaId": dice.pick(&["m", "n"]),
        "mediaType": "image/jpeg",
        "mediaSize": 3 * dice.roll(3),
        "data": "AAEC",
        "chunkIndex": dice.roll(3),
        "totalChunks": dice.roll(3),
    });
    (kind, payload)
}
