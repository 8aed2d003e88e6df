//! What a minioicq server may get wrong on input that nobody thought of.

use super::{Bug, Fault};

pub(super) const BUGS: &[Bug] = &[
    Bug {
        id: "minioicq.crash-on-map-with-numbers",
        text: "dies of a map without an action",
        seen: true,
        when: |said, _| said.sound && said.body.is_object() && said.kind.is_empty(),
        what: Fault::Crash,
    },
    Bug {
        id: "minioicq.crash-on-long-array",
        text: "dies of an array that says it is longer than the frame",
        seen: false,
        when: |said, _| !said.sound && said.text.is_empty() && (3..=5).contains(&said.length),
        what: Fault::Crash,
    },
    Bug {
        id: "minioicq.id-overflow",
        text: "closes the connection on a user id of more than 32 bits",
        seen: true,
        when: |said, _| {
            said.is("user.get")
                && said
                    .number_in("user_id")
                    .is_some_and(|id| id > 4_294_967_295.0)
        },
        what: Fault::Drop,
    },
    Bug {
        id: "minioicq.hang-on-empty-members",
        text: "answers a connection no more that creates a chat of nobody",
        seen: false,
        when: |said, _| {
            said.is("chat.create") && said.field("members").as_array().is_some_and(Vec::is_empty)
        },
        what: Fault::Hang,
    },
    Bug {
        id: "minioicq.push-to-everybody",
        text: "pushes a message of another type than text to everybody",
        seen: true,
        when: |said, _| said.is("message.send") && !["text", ""].contains(&said.text_in("type")),
        what: Fault::ToEverybody,
    },
    Bug {
        id: "minioicq.no-name-for-nick",
        text: "says no nick of a user who is asked for right after a chat was created",
        seen: false,
        when: |said, memory| said.is("user.get") && memory.last(said.conn) == Some("chat.create"),
        what: Fault::Null("nick"),
    },
    Bug {
        id: "minioicq.lost-second-in-a-row",
        text: "loses a message that follows another one of its length with nothing in between",
        seen: true,
        when: |said, memory| said.is("message.send") && memory.follows_its_like(said),
        what: Fault::Lose,
    },
];
