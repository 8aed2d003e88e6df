//! Everything that the server remembers, and the questions that can be asked of it.
//! Bounded: see the limits here, which handlers ask for before they promise to remember.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::ConnId;

/// Accounts.
pub(super) const MAX_USERS: usize = 1_000_000;
/// Bytes of a name, a password, an e-mail or a content type.
pub(super) const MAX_NAME: usize = 1024;
/// Tokens of one user at a time.
pub(super) const MAX_TOKENS: usize = 10;
/// The same, for a server that knows no limit: older ones are forgotten.
pub(super) const MANY_TOKENS: usize = 100;
pub(super) const MAX_CHATS: usize = 200_000;
/// Chats of one user.
pub(super) const MAX_CHATS_OF_ONE: usize = 1_000;
/// Bytes of one message.
pub(super) const MAX_MESSAGE: usize = 4 << 20;
/// The same, for a server that takes no huge ones.
pub(super) const LESSER_MESSAGE: usize = 512 << 10;
/// Bytes of one on a server that takes only short ones.
pub(super) const SHORT_MESSAGE: usize = 2_000;
/// Messages of one chat, and their bytes: all of them go into one answer.
const MAX_MESSAGES: usize = 10_000;
const MAX_CHAT_BYTES: usize = 16 << 20;
/// Bytes of all messages.
const MAX_BYTES: usize = 256 << 20;
/// What a message costs besides its bytes.
const OVERHEAD: usize = 128;
/// The first chat_id: ids above 2^53 must come back as exactly as others.
const FIRST_CHAT: u64 = (1 << 53) + 1;

#[derive(Clone)]
pub(super) struct State {
    pub(super) users: BTreeMap<String, User>,
    /// Usernames by id.
    pub(super) ids: BTreeMap<u64, String>,
    /// E-mails that are taken.
    pub(super) emails: BTreeSet<String>,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) chats: BTreeMap<u64, Chat>,
    pub(super) next_user: u64,
    pub(super) next_token: u64,
    pub(super) next_chat: u64,
    pub(super) next_message: u64,
    /// The connections that are open.
    pub(super) connections: BTreeSet<ConnId>,
    /// Those of them on which a token was given.
    pub(super) logged_in: BTreeSet<ConnId>,
    /// Bytes of all messages.
    pub(super) bytes: usize,
    pub(super) scars: Scars,
}

#[derive(Clone)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) password: String,
    /// The chats that the user is in, the oldest first.
    pub(super) chats: Vec<u64>,
    /// The tokens that are valid, the oldest first.
    pub(super) tokens: Vec<String>,
}

/// A valid token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) user: String,
    /// Where it was given.
    pub(super) conn: ConnId,
    /// Given by a registration, not by a login.
    pub(super) of_registration: bool,
}

#[derive(Clone)]
pub(super) struct Chat {
    pub(super) members: Vec<String>,
    pub(super) messages: Vec<Message>,
    pub(super) bytes: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) from: String,
    pub(super) content: String,
    pub(super) content_type: String,
    pub(super) at_ms: u64,
}

/// What broken rules remember. Untouched while no rule is broken.
#[derive(Clone, Default)]
pub(super) struct Scars {
    /// Tokens that ended, and whose they were.
    pub(super) mourned: BTreeMap<String, String>,
    pub(super) logged_out: BTreeSet<String>,
    /// Users whose connection went while their token was valid.
    pub(super) vanished: BTreeSet<String>,
}

impl Default for State {
    fn default() -> State {
        State {
            users: BTreeMap::new(),
            ids: BTreeMap::new(),
            emails: BTreeSet::new(),
            tokens: BTreeMap::new(),
            chats: BTreeMap::new(),
            next_user: 1,
            next_token: 1,
            next_chat: FIRST_CHAT,
            next_message: 1,
            connections: BTreeSet::new(),
            logged_in: BTreeSet::new(),
            bytes: 0,
            scars: Scars::default(),
        }
    }
}

impl State {
    /// The token that comes next: 32 hex digits that no other token has.
    pub(super) fn new_token(&self) -> String {
        format!(
            "{:016x}{:016x}",
            mixed(self.next_token),
            mixed(!self.next_token)
        )
    }

    /// The chat of these two, if there is one.
    pub(super) fn chat_of(&self, user: &str, other: &str) -> Option<u64> {
        let chats = &self.users.get(user)?.chats;
        let is_theirs = |id: &&u64| {
            let chat = self.chats.get(*id);
            chat.is_some_and(|chat| {
                chat.members.iter().any(|m| m == other)
                    && (user != other || chat.members.len() == 1)
            })
        };
        chats.iter().find(is_theirs).copied()
    }

    /// Whether a message of so many bytes can be kept in a chat.
    pub(super) fn has_room(&self, chat: &Chat, bytes: usize) -> bool {
        let bytes = bytes + OVERHEAD;
        chat.messages.len() < MAX_MESSAGES
            && chat.bytes + bytes <= MAX_CHAT_BYTES
            && self.bytes + bytes <= MAX_BYTES
    }
}

impl Chat {
    pub(super) fn has(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }
}

impl Message {
    /// The bytes that it takes up.
    pub(super) fn weight(&self) -> usize {
        self.content.len() + self.content_type.len() + OVERHEAD
    }
}

/// SplitMix64's finalizer: tells numbers apart and looks like none. These tokens can be guessed
/// by who knows that; a server for tests may have such.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
