//! Everything that the server remembers, and the questions that can be asked of it.
//! Bounded: see the limits here, which handlers ask for before they promise to remember.

use std::collections::{BTreeMap, BTreeSet};

use super::message::Message;
use super::request::{Ocid, Request};
use crate::message;
use crate::protocol::ConnId;

pub(super) const MAX_ACCOUNTS: usize = 1_000_000;
/// Bytes of an email, a password, a nickname.
pub(super) const MAX_NAME: usize = 1024;
pub(super) const MAX_SESSIONS: usize = 200_000;
/// Sessions that one account may create.
pub(super) const MAX_SESSIONS_EACH: u32 = 32;
pub(super) const MAX_MEMBERS: usize = 256;
/// Messages that are stored for one account, and their bytes over all of them.
pub(super) const MAX_STORED: usize = 1_000;
pub(super) const MAX_STORED_BYTES: usize = 256 << 20;
/// Ids start where a client that keeps them in floating-point numbers loses one.
const FIRST_ID: u64 = (1 << 53) + 1;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<u64, Account>,
    /// The account of an email.
    pub(super) emails: BTreeMap<String, u64>,
    pub(super) sessions: BTreeMap<u64, Session>,
    /// Who is logged in on a connection.
    pub(super) users: BTreeMap<ConnId, u64>,
    /// The connections on which an account is logged in, the oldest first.
    pub(super) online: BTreeMap<u64, Vec<ConnId>>,
    pub(super) connections: BTreeSet<ConnId>,
    /// Those of them on which an account logged in, be it logged out again.
    pub(super) had_login: BTreeSet<ConnId>,
    /// Connections whose verification was begun, and what it holds back.
    pub(super) waiting: BTreeMap<ConnId, Option<Request>>,
    /// How many accounts, sessions and messages there ever were.
    pub(super) opened: u64,
    pub(super) founded: u64,
    pub(super) messages: u64,
    pub(super) stored_bytes: usize,
    pub(super) scars: Scars,
}

#[derive(Clone)]
pub(super) struct Account {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) name: String,
    pub(super) since_ms: u64,
    /// How many sessions it created.
    pub(super) sessions: u32,
    pub(super) stored: Vec<Message>,
    pub(super) stored_bytes: usize,
}

#[derive(Clone)]
pub(super) struct Session {
    pub(super) members: BTreeSet<u64>,
    pub(super) messages: u64,
}

/// What broken rules remember. Untouched while no rule is broken, but for `deleted`.
#[derive(Clone, Default)]
pub(super) struct Scars {
    /// Emails of accounts that were deleted, as many as there may be accounts.
    pub(super) deleted: BTreeSet<String>,
}

impl State {
    pub(super) fn connections_of(&self, ocid: u64) -> &[ConnId] {
        self.online.get(&ocid).map_or(&[], Vec::as_slice)
    }

    /// The ocid if there is an account of it.
    pub(super) fn known(&self, ocid: Ocid) -> Option<u64> {
        ocid.0.filter(|ocid| self.accounts.contains_key(ocid))
    }

    pub(super) fn account_of_email(&self, email: &str) -> Option<u64> {
        self.emails.get(email).copied()
    }

    pub(super) fn next_account(&self) -> u64 {
        FIRST_ID + self.opened
    }

    pub(super) fn next_session(&self) -> u64 {
        FIRST_ID + self.founded
    }

    /// The id of the next message.
    pub(super) fn next_message(&self) -> u64 {
        FIRST_ID + self.messages
    }

    /// The id of the next message, counted in its session.
    pub(super) fn next_message_in(&self, session: &Session) -> u64 {
        FIRST_ID + session.messages
    }

    pub(super) fn has_room_for(&self, account: &Account, bytes: usize) -> bool {
        account.stored.len() < MAX_STORED && self.stored_bytes + bytes <= MAX_STORED_BYTES
    }
}

/// The bytes that a message takes up while it is stored, roughly.
pub(super) fn weight(message: &Message) -> usize {
    64 + message.fields.values().map(message::weight).sum::<usize>()
}
