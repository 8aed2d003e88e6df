use serde_json::{Value, json};

use super::room::Room;
use crate::behaviour::Behaviour;
use crate::protocol::Frame;
use crate::roomchat::{READINGS, rules};

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

/// A few users and ids, so that requests meet; every request in every state.
#[test]
fn no_sequence_of_requests_makes_it_panic() {
    for option in 0..3 {
        let nth = |reading: &crate::behaviour::Reading| {
            let option = reading.options.get(option).or(reading.options.last());
            (
                reading.id.to_owned(),
                option.copied().unwrap_or_default().to_owned(),
            )
        };
        let readings = READINGS.iter().map(nth).collect();
        let mut room = Room::with(&Behaviour {
            readings,
            ..Behaviour::default()
        });
        play(&mut room, 30_000);
        assert!(room.transcript().len() > 500_000);
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
        let request = dice.request();
        room.say(conns[place], request);
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

    /// Most ids are small, and in any form.
    fn id(&mut self) -> Value {
        let number = self.roll(12);
        match self.roll(8) {
            0 => json!(format!("room-{number}")),
            1 => json!(format!("message-{number}")),
            2 => json!((1_u64 << 53) + 1 + number),
            3 => json!(u64::MAX),
            _ => json!(number),
        }
    }

    fn request(&mut self) -> Value {
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
            "type": self.pick(&kinds),
            "login": self.pick(&users),
            "pass": "x",
            "username": self.pick(&users),
            "customer": self.pick(&users),
            "user": self.pick(&users),
            "room_id": self.id(),
            "id": self.id(),
            "message": "hello",
            "new_msg": "h\u{e9}llo",
            "msg_type": self.pick(&["TEXT", "FILE", "IMAGE", "VIDEO"]),
            "read": self.pick(&["ALL", "RESENT", "RECENT"]),
        })
    }
}
