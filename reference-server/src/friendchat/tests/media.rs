use serde_json::{Value, json};

use super::room::Room;
use crate::protocol::ConnId;

const CHUNKS: [&str; 3] = ["AAEC", "AwQF", "Bgc="];

/// Sends a header and three chunks of eight bytes, and hears what belongs to it.
fn upload(room: &mut Room, conn: ConnId, sender: &str, receiver: &str) {
    announce(room, conn, sender, receiver, 8);
    assert_eq!(room.hear_code(conn, "MEDIA_MESSAGE_ACK"), 0);
    for index in 1..=3 {
        room.silent(&[conn]);
        chunk(room, conn, sender, receiver, index, CHUNKS[index - 1]);
        let ack = room.hear(conn, "MEDIA_MESSAGE_DATA_ACK");
        let names = json!({ "sender": receiver, "receiver": sender, "mediaId": "m" });
        assert_eq!(ack, with(names, json!({ "chunkIndex": index, "code": 0 })));
    }
    let complete = json!({ "sender": receiver, "receiver": sender, "mediaId": "m", "code": 0 });
    assert_eq!(room.hear(conn, "MEDIA_MESSAGE_COMPLETE"), complete);
    let ack = json!({ "sender": sender, "receiver": receiver, "mediaId": "m", "code": 0 });
    room.say(conn, "MEDIA_MESSAGE_COMPLETE_ACK", ack);
    room.silent(&[conn]);
}

fn announce(room: &mut Room, conn: ConnId, sender: &str, receiver: &str, size: u64) {
    let names = json!({ "sender": sender, "receiver": receiver, "mediaId": "m" });
    let header = with(
        names,
        json!({ "mediaType": "image/jpeg", "mediaSize": size }),
    );
    room.say(conn, "MEDIA_MESSAGE", header);
}

fn chunk(room: &mut Room, conn: ConnId, sender: &str, receiver: &str, index: usize, data: &str) {
    let names = json!({ "sender": sender, "receiver": receiver, "mediaId": "m" });
    let numbers = json!({ "data": data, "chunkIndex": index, "totalChunks": 3 });
    room.say(conn, "MEDIA_MESSAGE_DATA", with(names, numbers));
}

/// Takes the header and the chunks, acknowledging each.
fn download(room: &mut Room, conn: ConnId, me: &str, sender: &str, receiver: &str) {
    let names = json!({ "sender": sender, "receiver": receiver, "mediaId": "m" });
    let header = with(
        names.clone(),
        json!({ "mediaType": "image/jpeg", "mediaSize": 8 }),
    );
    assert_eq!(room.hear(conn, "MEDIA_MESSAGE"), header);
    room.silent(&[conn]);
    let ack = json!({ "sender": me, "receiver": sender, "mediaId": "m", "code": 0 });
    room.say(conn, "MEDIA_MESSAGE_ACK", ack.clone());
    for index in 1..=3 {
        let numbers = json!({ "data": CHUNKS[index - 1], "chunkIndex": index, "totalChunks": 3 });
        assert_eq!(
            room.hear(conn, "MEDIA_MESSAGE_DATA"),
            with(names.clone(), numbers)
        );
        room.silent(&[conn]);
        room.say(
            conn,
            "MEDIA_MESSAGE_DATA_ACK",
            with(ack.clone(), json!({ "chunkIndex": index })),
        );
    }
    room.silent(&[conn]);
    room.say(conn, "MEDIA_MESSAGE_COMPLETE", ack);
    let acknowledged = json!({ "sender": sender, "receiver": me, "mediaId": "m", "code": 0 });
    assert_eq!(room.hear(conn, "MEDIA_MESSAGE_COMPLETE_ACK"), acknowledged);
    room.silent(&[conn]);
}

fn with(mut one: Value, other: Value) -> Value {
    for (field, value) in other.as_object().expect("an object") {
        one[field] = value.clone();
    }
    one
}

#[test]
fn media_goes_over_both_legs_with_every_acknowledgement() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    upload(&mut room, alice, "alice", "bob");
    download(&mut room, bob, "bob", "alice", "bob");
    room.silent(&[alice, bob, carol]);
}

#[test]
fn media_waits_for_a_friend_and_starts_over_after_a_break() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    room.logout(bob, "bob");
    room.hear(alice, "USER_LOGOUT");
    upload(&mut room, alice, "alice", "bob");
    room.login(bob, "bob");
    room.hear(bob, "MEDIA_MESSAGE");
    room.say(
        bob,
        "MEDIA_MESSAGE_ACK",
        json!({ "sender": "bob", "receiver": "alice", "mediaId": "m", "code": 0 }),
    );
    room.hear(bob, "MEDIA_MESSAGE_DATA");
    room.drop(bob);
    let bob = room.connect();
    room.login(bob, "bob");
    download(&mut room, bob, "bob", "alice", "bob");
    room.logout(bob, "bob");
    room.login(bob, "bob");
    room.silent(&[bob]);
}

#[test]
fn media_for_a_group_reaches_members_now_or_later() {
    let mut room = Room::new();
    let [alice, bob, carol] = room.friends(["alice", "bob", "carol"]);
    let dave = room.user("dave");
    room.group("g", &[(alice, "alice"), (bob, "bob"), (carol, "carol")]);
    room.logout(carol, "carol");
    room.hear(alice, "USER_LOGOUT");
    room.hear(bob, "USER_LOGOUT");
    upload(&mut room, alice, "alice", "g");
    download(&mut room, bob, "bob", "alice", "g");
    room.login(carol, "carol");
    download(&mut room, carol, "carol", "alice", "g");
    room.silent(&[alice, bob, carol, dave]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    let carol = room.user("carol");
    announce(&mut room, carol, "carol", "bob", 8);
    assert_ne!(room.hear_code(carol, "MEDIA_MESSAGE_ACK"), 0);
    chunk(&mut room, carol, "carol", "bob", 1, CHUNKS[0]);
    assert_ne!(room.hear_code(carol, "MEDIA_MESSAGE_DATA_ACK"), 0);
    announce(&mut room, alice, "alice", "bob", 1 << 40);
    assert_ne!(room.hear_code(alice, "MEDIA_MESSAGE_ACK"), 0);
    announce(&mut room, alice, "alice", "bob", 4);
    assert_eq!(room.hear_code(alice, "MEDIA_MESSAGE_ACK"), 0);
    for (index, data) in [(1, "no base64"), (4, CHUNKS[0]), (1, "AAECAwQ=")] {
        chunk(&mut room, alice, "alice", "bob", index, data);
        assert_ne!(room.hear_code(alice, "MEDIA_MESSAGE_DATA_ACK"), 0);
    }
    room.silent(&[alice, bob, carol]);
}

#[test]
fn chunks_may_come_twice_and_in_any_order() {
    let mut room = Room::new();
    let [alice, bob] = room.friends(["alice", "bob"]);
    announce(&mut room, alice, "alice", "bob", 8);
    room.hear(alice, "MEDIA_MESSAGE_ACK");
    for index in [2, 1, 2, 3] {
        chunk(&mut room, alice, "alice", "bob", index, CHUNKS[index - 1]);
        assert_eq!(room.hear_code(alice, "MEDIA_MESSAGE_DATA_ACK"), 0);
    }
    assert_eq!(room.hear_code(alice, "MEDIA_MESSAGE_COMPLETE"), 0);
    download(&mut room, bob, "bob", "alice", "bob");
}

#[test]
fn a_streamed_delivery_begins_with_the_header_and_stalls_with_the_sender() {
    let mut room = Room::reading("media-streams", "at-once");
    let [alice, bob] = room.friends(["alice", "bob"]);
    announce(&mut room, alice, "alice", "bob", 8);
    room.hear(bob, "MEDIA_MESSAGE");
    let ack = json!({ "sender": "bob", "receiver": "alice", "mediaId": "m", "code": 0 });
    room.say(bob, "MEDIA_MESSAGE_ACK", ack.clone());
    for index in 1..=3 {
        room.silent(&[bob]);
        chunk(&mut room, alice, "alice", "bob", index, CHUNKS[index - 1]);
        assert_eq!(room.hear(bob, "MEDIA_MESSAGE_DATA")["chunkIndex"], index);
        room.say(
            bob,
            "MEDIA_MESSAGE_DATA_ACK",
            with(ack.clone(), json!({ "chunkIndex": index })),
        );
    }
    room.say(bob, "MEDIA_MESSAGE_COMPLETE", ack);
    assert_eq!(room.hear_code(bob, "MEDIA_MESSAGE_COMPLETE_ACK"), 0);
}
