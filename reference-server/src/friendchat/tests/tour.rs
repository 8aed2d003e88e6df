//! A tour through the whole document: the same inputs each time, whatever the server answers.
//! Two servers that behave differently anywhere on it have different transcripts.

use serde_json::json;

use super::room::Room;
use crate::protocol::Frame;

/// Takes the tour; the room's transcript then holds everything that was sent.
pub(super) fn tour(room: &mut Room) {
    let [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(|name| {
        let conn = room.connect();
        room.say(
            conn,
            "REGISTER_REQUEST",
            json!({ "username": name, "passwordHash": name }),
        );
        room.try_login(conn, name, name);
        conn
    });
    let guest = room.connect();
    room.say(
        guest,
        "REGISTER_REQUEST",
        json!({ "username": "bob", "passwordHash": "stolen" }),
    );
    room.try_login(guest, "alice", "wrong");
    room.try_login(guest, "alice", "alice");
    room.try_login(guest, "nobody", "nobody");
    room.try_login(guest, "bob", "bob");
    room.logout(guest, "nobody");

    let people = [
        (alice, "alice"),
        (bob, "bob"),
        (carol, "carol"),
        (dave, "dave"),
    ];
    let asks = [(0, 1, 0), (0, 2, 0), (1, 2, 0), (0, 3, 3004)];
    for (asker, asked, code) in asks {
        let ((from, sender), (to, receiver)) = (people[asker], people[asked]);
        for (sender, receiver) in [(sender, receiver), (receiver, sender)] {
            let yes = json!({ "sender": sender, "receiver": receiver, "code": code });
            room.say(
                from,
                "FRIEND_REQUEST",
                json!({ "sender": sender, "receiver": receiver }),
            );
            room.say(to, "FRIEND_REQUEST_RESPONSE", yes);
        }
    }
    room.say(
        dave,
        "FRIEND_REQUEST",
        json!({ "sender": "dave", "receiver": "nobody" }),
    );
    let unasked = json!({ "sender": "bob", "receiver": "dave", "code": 0 });
    room.say(dave, "FRIEND_REQUEST_RESPONSE", unasked);
    for (from, sender) in people {
        for (_, receiver) in people {
            room.text(from, sender, receiver, " h\u{e9}llo ");
        }
    }
    room.text(dave, "alice", "bob", "in another's name");
    let stranger = room.connect();
    room.text(stranger, "alice", "bob", "without a login");
    room.text(alice, "alice", "bob", &"long".repeat(1000));
    room.text(alice, "alice", "bob", &"x".repeat(1 << 20));
    for content in ["one", "two", "three", "four"] {
        room.text(alice, "alice", "bob", content);
    }
    history(room, people);
    groups(room, people);
    media(room, people, "bob");
    media(room, people, "g3");
    small_media(room, people);
    presence(room, people);

    room.say(
        alice,
        "FRIEND_REMOVE",
        json!({ "sender": "alice", "receiver": "bob" }),
    );
    room.text(alice, "alice", "bob", "are you there?");
    room.text(bob, "bob", "alice", "are you there?");
    vanish(room, people);
    room.send(guest, Frame::Text("{".to_owned()));
    let late = room.connect();
    room.try_login(late, "nobody", "nobody");
}

fn history(room: &mut Room, people: [(u64, &str); 4]) {
    let (alice, _) = people[0];
    let guest = room.connect();
    room.say(
        guest,
        "MESSAGE_HISTORY_REQUEST",
        json!({ "username": "alice" }),
    );
    let mut asked = Vec::from(people.map(|(conn, name)| (conn, name)));
    asked.push((people[3].0, "alice"));
    for (conn, name) in asked {
        room.say(conn, "MESSAGE_HISTORY_REQUEST", json!({ "username": name }));
        let ack = json!({ "username": name, "code": 0 });
        room.say(conn, "MESSAGE_HISTORY_BEGIN_ACK", ack.clone());
        room.say(conn, "MESSAGE_HISTORY_DATA_ACK", ack.clone());
        room.say(conn, "MESSAGE_HISTORY_COMPLETE_ACK", ack);
    }
    // Overlapping requests of one type.
    for (conn, name) in [(alice, "alice"), people[1]] {
        room.say(conn, "MESSAGE_HISTORY_REQUEST", json!({ "username": name }));
    }
}

fn groups(room: &mut Room, people: [(u64, &str); 4]) {
    let [(alice, _), (bob, _), (carol, _), (dave, _)] = people;
    let new = json!({ "sender": "alice", "members": ["bob", "dave"], "name": "g0" });
    room.say(alice, "GROUP_CREATE", new);
    let order = |sender, group| json!({ "sender": sender, "group": group });
    // Carol is a friend of bob's and stays outside; then nobody has answered.
    for name in ["g6", "g7"] {
        let new = json!({ "sender": "alice", "members": ["bob"], "name": name });
        room.say(alice, "GROUP_CREATE", new);
        if name == "g6" {
            for (sender, receiver) in [("alice", "bob"), ("bob", "alice")] {
                let yes =
                    json!({ "sender": sender, "receiver": receiver, "group": name, "code": 0 });
                room.say(bob, "GROUP_INVITE_RESPONSE", yes);
            }
        }
        room.say(alice, "GROUP_REMOVE", order("alice", name));
    }
    for name in ["g1", "g2", "g3", "g5"] {
        let new = json!({ "sender": "alice", "members": ["bob", "carol"], "name": name });
        room.say(alice, "GROUP_CREATE", new);
        for (conn, member) in [(bob, "bob"), (carol, "carol")] {
            let code = if (name, member) == ("g1", "carol") {
                5001
            } else {
                0
            };
            for (sender, receiver) in [("alice", member), (member, "alice")] {
                let answer =
                    json!({ "sender": sender, "receiver": receiver, "group": name, "code": code });
                room.say(conn, "GROUP_INVITE_RESPONSE", answer);
            }
        }
    }
    room.text(bob, "bob", "g1", "to the group");
    let unasked = json!({ "sender": "alice", "receiver": "dave", "group": "g5", "code": 0 });
    room.say(dave, "GROUP_INVITE_RESPONSE", unasked);
    room.say(alice, "GROUP_REMOVE", order("alice", "g5"));
    room.say(alice, "GROUP_LEAVE", order("alice", "g1"));
    room.say(carol, "GROUP_LEAVE", order("carol", "g2"));
    let handover = |sender| json!({ "sender": sender, "group": "g2", "newLeader": "bob" });
    room.say(bob, "GROUP_LEADER_CHANGE", handover("bob"));
    room.say(alice, "GROUP_LEADER_CHANGE", handover("alice"));
    room.say(alice, "GROUP_REMOVE", order("alice", "g2"));
    room.say(bob, "GROUP_REMOVE", order("bob", "g2"));
    room.say(bob, "GROUP_REMOVE", order("bob", "g2"));
    let handover = json!({ "sender": "alice", "group": "g3", "newLeader": "carol" });
    room.say(alice, "GROUP_LEADER_CHANGE", handover);
    room.text(dave, "dave", "g3", "let me in");
}

/// Sends media from alice, once with everybody online and once with bob offline.
fn media(room: &mut Room, people: [(u64, &str); 4], receiver: &str) {
    let [(alice, _), (bob, _), (carol, _), _] = people;
    for bob_is_offline in [false, true] {
        if bob_is_offline {
            room.logout(bob, "bob");
        }
        let with = |more: serde_json::Value| {
            let mut payload = json!({ "sender": "alice", "receiver": receiver, "mediaId": "m" });
            for (field, value) in more.as_object().expect("an object") {
                payload[field] = value.clone();
            }
            payload
        };
        let header = json!({ "mediaType": "image/jpeg", "mediaSize": 9 });
        room.say(alice, "MEDIA_MESSAGE", with(header));
        for (place, data) in ["AAEC", "AwQF", "BgcI"].into_iter().enumerate() {
            let chunk = json!({ "data": data, "chunkIndex": place + 1, "totalChunks": 3 });
            room.say(alice, "MEDIA_MESSAGE_DATA", with(chunk));
        }
        if bob_is_offline {
            room.try_login(bob, "bob", "bob");
        }
        for id in ["m", "m0-m", "m1-m", "m2-m", "m3-m"] {
            for (conn, name) in [(bob, "bob"), (carol, "carol")] {
                let ack = json!({ "sender": name, "receiver": "alice", "mediaId": id, "code": 0 });
                room.say(conn, "MEDIA_MESSAGE_ACK", ack.clone());
                for index in 0..=4 {
                    let mut ack = ack.clone();
                    ack["chunkIndex"] = json!(index);
                    room.say(conn, "MEDIA_MESSAGE_DATA_ACK", ack);
                }
                room.say(conn, "MEDIA_MESSAGE_COMPLETE", ack);
            }
        }
        room.say(
            alice,
            "MEDIA_MESSAGE_COMPLETE_ACK",
            with(json!({ "code": 0 })),
        );
    }
}

/// Media of one chunk, from alice to bob.
fn small_media(room: &mut Room, people: [(u64, &str); 4]) {
    let [(alice, _), (bob, _), ..] = people;
    let payload = json!({
        "sender": "alice", "receiver": "bob", "mediaId": "s", "mediaType": "text/plain",
        "mediaSize": 3, "data": "AAEC", "chunkIndex": 1, "totalChunks": 1, "code": 0,
    });
    for (conn, kind) in [
        (alice, "MEDIA_MESSAGE"),
        (alice, "MEDIA_MESSAGE_DATA"),
        (bob, "MEDIA_MESSAGE_ACK"),
        (bob, "MEDIA_MESSAGE_DATA_ACK"),
        (bob, "MEDIA_MESSAGE_COMPLETE"),
    ] {
        room.say(conn, kind, payload.clone());
    }
}

fn presence(room: &mut Room, people: [(u64, &str); 4]) {
    let [(alice, _), (bob, _), (carol, _), (dave, _)] = people;
    room.say(
        alice,
        "USER_STATUS_UPDATE",
        json!({ "username": "alice", "status": "online" }),
    );
    room.logout(carol, "carol");
    room.say(
        dave,
        "FRIEND_REQUEST",
        json!({ "sender": "dave", "receiver": "carol" }),
    );
    room.text(bob, "bob", "carol", "one");
    room.text(bob, "bob", "carol", "two");
    room.say(
        alice,
        "FRIEND_REMOVE",
        json!({ "sender": "alice", "receiver": "carol" }),
    );
    let new = json!({ "sender": "bob", "members": ["carol"], "name": "g4" });
    room.say(bob, "GROUP_CREATE", new);
    room.try_login(carol, "carol", "carol");
    room.logout(dave, "dave");
    for (sender, receiver) in [("dave", "carol"), ("carol", "dave")] {
        let yes = json!({ "sender": sender, "receiver": receiver, "code": 0 });
        room.say(carol, "FRIEND_REQUEST_RESPONSE", yes);
    }
    room.logout(carol, "carol");
    for (conn, name) in [(carol, "carol"), (dave, "dave")] {
        room.try_login(conn, name, name);
    }
}

/// Bob vanishes from a group of three, and comes again.
fn vanish(room: &mut Room, people: [(u64, &str); 4]) {
    let [(alice, _), (bob, _), (carol, _), _] = people;
    room.drop(bob);
    let again = room.connect();
    room.text(alice, "alice", "g3", "who is there?");
    room.say(
        carol,
        "GROUP_REMOVE",
        json!({ "sender": "carol", "group": "g3" }),
    );
    room.try_login(again, "bob", "bob");
}
