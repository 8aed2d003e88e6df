use rmpv::Value;

use super::super::message::map;
use super::room::Room;
use crate::behaviour::Behaviour;
use crate::minioicq::{READINGS, rules};
use crate::protocol::Frame;

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

/// A few users and chats, so that requests meet; every request in every state.
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
        play(&mut room, 3_000);
        assert!(room.transcript().len() > 100_000);
    }
}

#[test]
fn no_broken_rule_makes_it_panic() {
    for rule in rules() {
        for way in 0..rule.ways.len() {
            play(&mut Room::breaking(&format!("{}#{way}", rule.id)), 300);
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
        let (action, fields) = dice.request();
        room.say(conns[place], action, fields);
        if dice.roll(20) == 0 {
            let bytes = (0..dice.roll(12)).map(|_| dice.roll(256) as u8).collect();
            room.send(conns[place], Frame::Binary(bytes));
        }
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

    fn id(&mut self, first: u64) -> Value {
        match self.roll(12) {
            0 => Value::Nil,
            1 => Value::from("7"),
            _ => Value::from(first + self.roll(5)),
        }
    }

    fn request(&mut self) -> (&'static str, Vec<(&'static str, Value)>) {
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
        let action = actions[self.roll(actions.len() as u64) as usize];
        let times = ["1970-01-01T00:00Z", "2999-01-01T00:00Z", "soon"];
        let mut time = || Value::from(times[self.roll(3) as usize]);
        let (start, end, sent) = (time(), time(), time());
        let kinds = ["text", "image", "video", "smell"];
        let message = map([
            ("chat_id", self.id(1)),
            ("type", kinds[self.roll(4) as usize].into()),
            ("content", "héllo".into()),
            ("time", sent),
        ]);
        // One map with every field there is; each request takes those that it knows.
        let fields = vec![
            ("user_name", "näme".into()),
            ("password", "x".into()),
            ("user_id", self.id(10_001)),
            ("message", message),
            (
                "members",
                Value::Array(vec![self.id(10_001), self.id(10_001), self.id(10_001)]),
            ),
            ("avatar", "AAEC".into()),
            ("start", start),
            ("end", end),
        ];
        (action, fields)
    }
}
