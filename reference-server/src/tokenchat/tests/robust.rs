use serde_json::{Value, json};

use super::room::Room;
use crate::behaviour::Behaviour;
use crate::protocol::Frame;
use crate::tokenchat::{READINGS, rules};

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

/// A few users, tokens and chats, so that requests meet; every request in every state.
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
        play(&mut room, 20_000);
        assert!(room.transcript().len() > 1_000_000);
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
        let (mode, fields) = dice.request();
        room.say(conns[place], mode, fields);
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

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize].clone()
    }

    /// One set of every field there is; each request takes those that it knows.
    fn request(&mut self) -> (&'static str, Value) {
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
        let chat = (1_u64 << 53) + 1 + self.roll(4);
        let chats = [
            json!(chat),
            json!(format!("c{chat}")),
            json!(1),
            json!("c"),
            json!("ы"),
        ];
        let token = super::super::state::State {
            next_token: 1 + self.roll(30),
            ..Default::default()
        };
        let mut fields = json!({
            "token": token.new_token(),
            "username": self.pick(&users),
            "password": "x",
            "email": self.pick(&["a@x", "b@x", "c@x", ""]),
            "contact_value": self.pick(&users),
            "contact_mode": self.pick(&["username", "id", "?"]),
            "chat_id": self.pick(&chats),
            "content": "hello",
            "content_type": "text",
            "min_message_id": self.pick(&[json!(null), json!(0), json!(3), json!(-1), json!("x")]),
        });
        if self.roll(10) == 0
            && let Some(fields) = fields.as_object_mut()
        {
            let names: Vec<String> = fields.keys().cloned().collect();
            fields.remove(&self.pick(&names));
        }
        (self.pick(&modes), fields)
    }
}
