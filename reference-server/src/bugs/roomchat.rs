//! What a roomchat server may get wrong on input that nobody thought of.

use super::{Bug, Fault};

pub(super) const BUGS: &[Bug] = &[
    Bug {
        id: "roomchat.crash-on-list-for-room",
        text: "dies of a room id that is a list or a map",
        seen: true,
        when: |said, _| {
            let room = said.field("room_id");
            room.is_array() || room.is_object()
        },
        what: Fault::Crash,
    },
    Bug {
        id: "roomchat.crash-without-message",
        text: "dies of a SND_MSG without its message",
        seen: false,
        when: |said, _| said.is("SND_MSG") && said.lacks("message"),
        what: Fault::Crash,
    },
    Bug {
        id: "roomchat.drop-on-format",
        text: "closes the connection on a search for a text with a percent sign",
        seen: true,
        when: |said, _| said.is("SEARCH_USER") && said.text_in("user").contains('%'),
        what: Fault::Drop,
    },
    Bug {
        id: "roomchat.hang-on-quote",
        text: "answers a connection no more that searches for a text with an apostrophe",
        seen: false,
        when: |said, _| said.is("SEARCH_USER") && said.text_in("user").contains('\''),
        what: Fault::Hang,
    },
    Bug {
        id: "roomchat.lost-long-message",
        text: "loses a message of more than 200 characters, and says nothing",
        seen: true,
        when: |said, _| said.is("SND_MSG") && said.text_in("message").chars().count() > 200,
        what: Fault::Lose,
    },
    Bug {
        id: "roomchat.edit-without-text",
        text: "says no new text of a message that was edited to nothing",
        seen: false,
        when: |said, _| said.is("EDIT_MSG") && said.text_in("new_msg").trim().is_empty(),
        what: Fault::Null("new_msg"),
    },
];
