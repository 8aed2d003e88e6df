//! Carries out changes of the state, and turns messages to users into messages to connections.
//! Decides nothing; a change of what does not exist is no change.

use super::effect::Change;
use super::id::Id;
use super::message::Message;
use super::state::{MAX_HISTORY, State, User};
use crate::protocol::ConnId;

impl State {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Connected { conn } => _ = self.connections.insert(conn),
            Change::Disconnected { conn } => {
                self.connections.remove(&conn);
                self.scars.registered.remove(&conn);
                if let Some(user) = self.log_out(conn) {
                    self.scars.vanished.insert(user);
                }
            }
            Change::SetAccount {
                user,
                name,
                password,
                avatar,
            } => {
                self.avatar_bytes += avatar.len();
                let new = User {
                    name,
                    password,
                    avatar,
                    chats: Vec::new(),
                    stored: Vec::new(),
                    stored_bytes: 0,
                };
                if let Some(old) = self.users.insert(user, new) {
                    self.avatar_bytes -= old.avatar.len();
                    self.bytes -= old.stored_bytes;
                }
            }
            Change::CountUser => self.users_made += 1,
            Change::LogIn { conn, user } => {
                self.log_out(conn);
                self.scars.vanished.remove(&user);
                self.online.entry(user.clone()).or_default().push(conn);
                self.sessions.insert(conn, user);
            }
            Change::LogOut { conn } => _ = self.log_out(conn),
            Change::TakeStored { user } => {
                if let Some(user) = self.users.get_mut(&user) {
                    user.stored = Vec::new();
                    self.bytes -= std::mem::take(&mut user.stored_bytes);
                }
            }
            Change::SetAvatar { user, avatar } => {
                if let Some(user) = self.users.get_mut(&user) {
                    self.avatar_bytes = self.avatar_bytes + avatar.len() - user.avatar.len();
                    user.avatar = avatar;
                }
            }
            Change::Found { chat, new } => {
                self.chats_made += 1;
                for member in &new.members {
                    if let Some(user) = self.users.get_mut(member) {
                        user.chats.push(chat.clone());
                    }
                }
                self.chats.insert(chat, new);
            }
            Change::Remember { chat, entry } => {
                if let Some(chat) = self.chats.get_mut(&chat) {
                    self.bytes += entry.weight();
                    chat.history.push_back(entry);
                    if chat.history.len() > MAX_HISTORY {
                        self.bytes -= chat.history.pop_front().map_or(0, |entry| entry.weight());
                    }
                }
            }
            Change::CountMessages { count } => self.messages_made += count,
            Change::Mark { user } => _ = self.scars.marked.insert(user),
            Change::NoteRegistration { conn, user } => {
                self.scars.registered.insert(conn, user);
            }
        }
    }

    /// Keeps a message for a user, unless there is no room for it.
    pub(super) fn store(&mut self, user: &Id, message: Message) {
        let weight = message.weight();
        if !self
            .users
            .get(user)
            .is_some_and(|user| self.has_room_for(user, weight))
        {
            return;
        }
        if let Some(user) = self.users.get_mut(user) {
            user.stored.push(message);
            user.stored_bytes += weight;
            self.bytes += weight;
        }
    }

    /// Ends the session of a connection and says whose last one it was.
    fn log_out(&mut self, conn: ConnId) -> Option<Id> {
        let user = self.sessions.remove(&conn)?;
        let conns = self.online.get_mut(&user)?;
        conns.retain(|other| *other != conn);
        if !conns.is_empty() {
            return None;
        }
        self.online.remove(&user);
        Some(user)
    }
}
