//! What a handler wants done here: messages to send, and changes of the state.

use std::sync::Arc;

use super::history::{Entry, Sync};
use super::media::{Delivery, Media, Stage};
use super::message::Message;
use crate::effect;
pub(super) use crate::effect::Offline;
use crate::protocol::ConnId;

/// One thing to do.
pub(super) type Effect = effect::Effect<Message, Change, String, Offline>;

/// A change of the state.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Connected {
        conn: ConnId,
    },
    /// Ends the session as well, if there is one.
    Disconnected {
        conn: ConnId,
    },
    /// Makes an account, or gives an account a new password.
    SetAccount {
        user: String,
        hash: String,
    },
    RemoveAccount {
        user: String,
    },
    LogIn {
        conn: ConnId,
        user: String,
    },
    LogOut {
        conn: ConnId,
    },
    /// The user counts as logged in until then, on no connection.
    Linger {
        user: String,
        until_ms: u64,
    },
    Store {
        user: String,
        message: Message,
    },
    TakeStored {
        user: String,
    },
    Ask {
        from: String,
        to: String,
    },
    Unask {
        from: String,
        to: String,
    },
    /// `friend` becomes a friend of `user`, which is one half of a friendship.
    Befriend {
        user: String,
        friend: String,
    },
    Unfriend {
        user: String,
        friend: String,
    },
    Found {
        group: String,
        leader: String,
    },
    Invite {
        group: String,
        user: String,
        by: String,
    },
    Uninvite {
        group: String,
        user: String,
    },
    Join {
        group: String,
        user: String,
    },
    Leave {
        group: String,
        user: String,
    },
    Lead {
        group: String,
        user: String,
    },
    Dissolve {
        group: String,
    },
    Remember {
        user: String,
        entry: Arc<Entry>,
    },
    SetSync {
        conn: ConnId,
        sync: Option<Sync>,
    },
    Upload {
        user: String,
        media: Media,
    },
    AddChunk {
        media: u64,
        chunk: Arc<str>,
        place: u64,
        base: u64,
        total: u64,
        size: u64,
    },
    /// The upload has ended; whether its media is kept depends on who still waits for it.
    EndUpload {
        user: String,
        id: String,
    },
    Await {
        user: String,
        delivery: Delivery,
    },
    SetStage {
        user: String,
        media: u64,
        stage: Stage,
    },
    EndDelivery {
        user: String,
        media: u64,
    },
    /// Remembers effects that a broken rule holds back.
    Hold {
        effects: Vec<Effect>,
    },
    ForgetHeld,
}
