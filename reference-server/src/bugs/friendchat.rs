//! What a friendchat server may get wrong on input that nobody thought of.

use super::{Bug, Fault};

pub(super) const BUGS: &[Bug] = &[
    Bug {
        id: "friendchat.crash-without-receiver",
        text: "dies of a FRIEND_REQUEST without a receiver",
        seen: true,
        when: |said, _| said.is("FRIEND_REQUEST") && said.lacks("receiver"),
        what: Fault::Crash,
    },
    Bug {
        id: "friendchat.crash-on-null-members",
        text: "dies of a GROUP_CREATE whose members are no list",
        seen: false,
        when: |said, _| said.is("GROUP_CREATE") && !said.field("members").is_array(),
        what: Fault::Crash,
    },
    Bug {
        id: "friendchat.hang-on-cut-frame",
        text: "answers nobody any more once a frame was cut off in the middle",
        seen: true,
        when: |said, _| !said.sound && said.text.starts_with('{') && said.length > 2,
        what: Fault::HangForAll,
    },
    Bug {
        id: "friendchat.drop-on-emoji",
        text: "closes the connection on a TEXT_MESSAGE with a character beyond the basic plane",
        seen: true,
        when: |said, _| {
            said.is("TEXT_MESSAGE") && said.text_in("content").chars().any(|c| c > '\u{ffff}')
        },
        what: Fault::Drop,
    },
    Bug {
        id: "friendchat.broken-json-on-quote",
        text: "delivers a TEXT_MESSAGE with a quotation mark as broken JSON",
        seen: false,
        when: |said, _| said.is("TEXT_MESSAGE") && said.text_in("content").contains('"'),
        what: Fault::Garbage,
    },
    Bug {
        id: "friendchat.lost-tenth-chunk",
        text: "loses what the tenth chunk of a transfer causes",
        seen: true,
        when: |said, _| said.is("MEDIA_MESSAGE_DATA") && said.number_in("chunkIndex") == Some(10.0),
        what: Fault::Lose,
    },
    Bug {
        id: "friendchat.long-text-twice",
        text: "delivers a TEXT_MESSAGE of more than 200 bytes twice",
        seen: false,
        when: |said, _| said.is("TEXT_MESSAGE") && said.text_in("content").len() > 200,
        what: Fault::Twice,
    },
    Bug {
        id: "friendchat.hang-on-second-history",
        text: "answers a connection no more that asks for history a second time",
        seen: false,
        when: |said, memory| {
            said.is("MESSAGE_HISTORY_REQUEST")
                && memory.count(said.conn, "MESSAGE_HISTORY_REQUEST") == 1
        },
        what: Fault::Hang,
    },
    Bug {
        id: "friendchat.texts-overtake",
        text: "delivers a TEXT_MESSAGE that follows another one of its length only after the next request",
        seen: true,
        when: |said, memory| said.is("TEXT_MESSAGE") && memory.follows_its_like(said),
        what: Fault::Late,
    },
    Bug {
        id: "friendchat.error-on-refused-removal",
        text: "answers a FRIEND_REMOVE that it refuses with a message that no document knows",
        seen: true,
        when: |said, _| said.is("FRIEND_REMOVE"),
        what: Fault::Instead(
            "\"code\":3003",
            r#"{"type":"ERROR","timestamp":1,"payload":{"code":3003}}"#,
        ),
    },
    Bug {
        id: "friendchat.request-without-login",
        text: "passes a FRIEND_REQUEST on for who has not logged in, in whoever's name",
        seen: true,
        when: |said, memory| {
            said.is("FRIEND_REQUEST") && memory.count(said.conn, "USER_STATUS_UPDATE") == 0
        },
        what: Fault::AsAnotherOn("\"code\":3002"),
    },
];
