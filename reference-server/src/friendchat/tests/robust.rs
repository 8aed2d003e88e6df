use serde_json::{Value, json};

use super::room::Room;
use crate::behaviour::Behaviour;
use crate::friendchat::{READINGS, rules};
use crate::protocol::Frame;

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

/// A few users, ids and groups, so that requests meet; every request in every state.
#[test]
fn no_sequence_of_requests_makes_it_panic() {
    let every_second: Vec<(String, String)> = READINGS
        .iter()
        .map(|r| (r.id.to_owned(), r.options[1].to_owned()))
        .collect();
    for readings in [Vec::new(), every_second] {
        let mut room = Room::with(&Behaviour {
            readings,
            ..Behaviour::default()
        });
        play(&mut room, 30_000);
        assert!(room.transcript().len() > 1_000_000);
    }
}

#[test]
fn no_broken_rule_makes_it_panic() {
    for rule in rules() {
        for way in 0..rule.ways.len() {
            play(&mut Room::breaking(&format!("{}#{way}", rule.id)), 500);
        }
    }
}

/// Sends requests that look random, from connections that come and go.
fn play(room: &mut Room, requests: usize) {
    let mut dice = Dice(7);
    let mut conns: Vec<_> = (0..4).map(|_| room.connect()).collect();
    for _ in 0..requests {
        let place = dice.roll(conns.len() as u64) as usize;
        if dice.roll(50) == 0 {
            room.drop(conns[place]);
            conns[place] = room.connect();
        }
        let (kind, payload) = dice.request();
        room.say(conns[place], kind, payload);
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len() as u64) as usize]
    }

    fn request(&mut self) -> (&'static str, Value) {
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
        let kind = self.pick(&kinds);
        // One payload with every field there is; each request takes those that it knows.
        let payload = json!({
            "username": self.pick(&users),
            "passwordHash": "x",
            "sender": self.pick(&users),
            "receiver": self.pick(&users),
            "code": ([0, 0, 0, 3004, 5001][self.roll(5) as usize]),
            "members": [self.pick(&users), self.pick(&users)],
            "name": self.pick(&["g", "h"]),
            "group": self.pick(&["g", "h"]),
            "newLeader": self.pick(&users),
            "content": "hello",
            "status": "online",
            "mediaId": self.pick(&["m", "n"]),
            "mediaType": "image/jpeg",
            "mediaSize": 3 * self.roll(3),
            "data": "AAEC",
            "chunkIndex": self.roll(3),
            "totalChunks": self.roll(3),
        });
        (kind, payload)
    }
}
