//! What a tokenchat server may get wrong on input that nobody thought of.

use super::{Bug, Fault};

pub(super) const BUGS: &[Bug] = &[
    Bug {
        id: "tokenchat.crash-on-token-type",
        text: "dies of a token that is no text",
        seen: true,
        when: |said, _| {
            !said.lacks("token") && said.body.is_object() && !said.field("token").is_string()
        },
        what: Fault::Crash,
    },
    Bug {
        id: "tokenchat.crash-on-scalar",
        text: "dies of a frame that is a bare value",
        seen: false,
        when: |said, _| said.sound && !said.body.is_object() && !said.body.is_array(),
        what: Fault::Crash,
    },
    Bug {
        id: "tokenchat.drop-on-big-bound",
        text: "closes the connection on a min_message_id of more than 31 bits",
        seen: true,
        when: |said, _| {
            said.number_in("min_message_id")
                .is_some_and(|id| id > 2_147_483_647.0)
        },
        what: Fault::Drop,
    },
    Bug {
        id: "tokenchat.hang-on-nul",
        text: "answers a connection no more that writes a NUL",
        seen: false,
        when: |said, _| said.is("sendMessage") && said.text_in("content").contains('\0'),
        what: Fault::Hang,
    },
    Bug {
        id: "tokenchat.broken-json-on-backslash",
        text: "answers an unknown contact with a backslash as broken JSON",
        seen: true,
        when: |said, _| said.text_in("contact_value").contains('\\'),
        what: Fault::Garbage,
    },
    Bug {
        id: "tokenchat.status-null-after-logout",
        text: "says a null status to the first request after a logout on the same connection",
        seen: false,
        when: |said, memory| memory.last(said.conn) == Some("logout"),
        what: Fault::Null("status"),
    },
];
