use serde_json::{Value, json};

use super::room::Room;
use crate::behaviour::Behaviour;
use crate::ourchat::{READINGS, rules};
use crate::protocol::Frame;

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

/// A few accounts and sessions, so that requests meet; every request in every state.
#[test]
fn no_sequence_of_requests_makes_it_panic() {
    let chosen = |place: usize| {
        let option = |r: &crate::behaviour::Reading| {
            let option = r.options[place.min(r.options.len() - 1)];
            (r.id.to_owned(), option.to_owned())
        };
        READINGS.iter().map(option).collect::<Vec<_>>()
    };
    for place in 0..6 {
        let mut room = Room::with(&Behaviour {
            readings: chosen(place),
            ..Behaviour::default()
        });
        play(&mut room, 3_000);
        assert!(room.transcript().len() > 100_000);
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

    /// An id that the server gave out early on, or none.
    fn id(&mut self) -> u64 {
        (1 << 53) + self.roll(8)
    }

    fn request(&mut self) -> Value {
        let codes = [0, 0, 0, 4, 6, 6, 6, 8, 8, 10, 12, 14, 14, 16, 99];
        let code = codes[self.roll(codes.len() as u64) as usize];
        let login_type = self.roll(3);
        let account = match login_type {
            0 => format!("{}@example.com", self.roll(4)),
            _ => self.id().to_string(),
        };
        // One message with every field there is; each request takes those that it knows.
        json!({
            "code": code,
            "email": format!("{}@example.com", self.roll(4)),
            "password": "x",
            "name": "n",
            "login_type": login_type,
            "account": account,
            "members": [self.id(), self.id().to_string()],
            "ocid": self.id(),
            "request_values": ["ocid", "nickname", "avatar"],
            "time": 7,
            "sender": { "ocid": self.id(), "session_id": self.id() },
            "msg": [{ "type": 0, "text": "hello" }],
        })
    }
}
