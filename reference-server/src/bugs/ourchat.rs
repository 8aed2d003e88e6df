//! What an ourchat server may get wrong on input that nobody thought of.

use super::{Bug, Fault};

pub(super) const BUGS: &[Bug] = &[
    Bug {
        id: "ourchat.crash-without-sender",
        text: "dies of a user message without a sender",
        seen: true,
        when: |said, _| said.is("0") && said.lacks("sender"),
        what: Fault::Crash,
    },
    Bug {
        id: "ourchat.crash-on-negative-code",
        text: "dies of a code below zero",
        seen: false,
        when: |said, _| said.kind.starts_with('-'),
        what: Fault::Crash,
    },
    Bug {
        id: "ourchat.drop-on-long-list",
        text: "closes the connection on account information asked for three times over",
        seen: true,
        when: |said, _| {
            said.is("10")
                && said
                    .field("request_values")
                    .as_array()
                    .is_some_and(|values| {
                        values.len() > 2 && values.iter().all(|value| *value == values[0])
                    })
        },
        what: Fault::Drop,
    },
    Bug {
        id: "ourchat.hang-on-second-session",
        text: "answers a connection no more that asks for its second session",
        seen: false,
        when: |said, memory| said.is("8") && memory.count(said.conn, "8") == 1,
        what: Fault::Hang,
    },
    Bug {
        id: "ourchat.session-without-id",
        text: "gives a session of nobody but its creator no id",
        seen: true,
        when: |said, _| {
            said.is("8")
                && said
                    .field("members")
                    .as_array()
                    .is_some_and(|list| list.len() == 1)
        },
        what: Fault::Null("session_id"),
    },
    Bug {
        id: "ourchat.broken-json-on-control",
        text: "relays text with a control character as broken JSON",
        seen: false,
        when: |said, _| said.is("0") && said.body.to_string().contains("\\u00"),
        what: Fault::Garbage,
    },
    Bug {
        id: "ourchat.password-in-account-info",
        text: "tells with account information the password that somebody else logged in with last",
        seen: true,
        when: |said, _| said.is("10"),
        what: Fault::Tell("password"),
    },
];
