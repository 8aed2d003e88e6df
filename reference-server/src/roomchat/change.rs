//! Carries out changes of the state, and turns messages to users into messages to connections.
//! Decides nothing; a change of what does not exist is no change.

use super::effect::{Change, Offline};
use super::message::Message;
use super::state::{Room, State};
use crate::protocol::ConnId;

impl State {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Connected { conn } => _ = self.connections.insert(conn),
            Change::Disconnected { conn } => {
                self.connections.remove(&conn);
                self.log_out(conn);
            }
            Change::SetAccount { user, pass } => self.users.entry(user).or_default().pass = pass,
            Change::RemoveAccount { user } => {
                if let Some(gone) = self.users.remove(&user) {
                    self.bytes -= gone.kept.iter().map(Message::weight).sum::<usize>();
                    for conn in gone.conns {
                        self.sessions.remove(&conn);
                    }
                }
            }
            Change::LogIn { conn, user } => {
                self.log_out(conn);
                if let Some(account) = self.users.get_mut(&user) {
                    account.conns.insert(conn);
                    self.scars.vanished.remove(&user);
                    self.sessions.insert(conn, user);
                }
            }
            Change::TakeKept { user } => {
                if let Some(user) = self.users.get_mut(&user) {
                    let kept = std::mem::take(&mut user.kept);
                    self.bytes -= kept.iter().map(Message::weight).sum::<usize>();
                }
            }
            Change::MakeRoom {
                room,
                creator,
                customer,
            } => {
                self.last_room = self.last_room.max(room);
                for user in [&creator, &customer] {
                    if let Some(user) = self.users.get_mut(user) {
                        user.rooms.insert(room);
                    }
                }
                let new = Room {
                    creator,
                    customer,
                    messages: Default::default(),
                };
                self.rooms.insert(room, new);
            }
            Change::DropRoom { room } => self.drop_room(room),
            Change::Unlist { room, user } => {
                if let Some(user) = self.users.get_mut(&user) {
                    user.rooms.remove(&room);
                }
            }
            Change::AddMessage {
                room,
                message,
                text,
            } => {
                self.last_message = self.last_message.max(message);
                if let Some(found) = self.rooms.get_mut(&room) {
                    self.bytes += text.weight();
                    self.room_of.insert(message, room);
                    found.messages.insert(message, text);
                }
            }
            Change::SetText { message, text } => {
                let room = self.room_of.get(&message);
                let room = room.and_then(|room| self.rooms.get_mut(room));
                if let Some(old) = room.and_then(|room| room.messages.get_mut(&message)) {
                    self.bytes -= old.weight();
                    old.text = text;
                    self.bytes += old.weight();
                }
            }
            Change::DropMessage { message } => {
                let room = self.room_of.remove(&message);
                let room = room.and_then(|room| self.rooms.get_mut(&room));
                if let Some(gone) = room.and_then(|room| room.messages.remove(&message)) {
                    self.bytes -= gone.weight();
                }
            }
            Change::MarkRead { room, reader } => {
                if let Some(room) = self.rooms.get_mut(&room) {
                    let theirs = room.messages.values_mut();
                    theirs
                        .filter(|text| text.author != reader)
                        .for_each(|text| text.read = true);
                }
            }
        }
    }

    pub(super) fn keep(&mut self, user: &str, message: Message, offline: Offline) {
        let fits = (self.users.get(user)).is_some_and(|user| self.can_keep(user, &message));
        if offline == Offline::Keep
            && fits
            && let Some(user) = self.users.get_mut(user)
        {
            self.bytes += message.weight();
            user.kept.push(message);
        }
    }

    fn log_out(&mut self, conn: ConnId) {
        let Some(name) = self.sessions.remove(&conn) else {
            return;
        };
        if let Some(user) = self.users.get_mut(&name) {
            user.conns.remove(&conn);
            if user.conns.is_empty() {
                self.scars.vanished.insert(name);
            }
        }
    }

    fn drop_room(&mut self, number: u64) {
        let Some(room) = self.rooms.remove(&number) else {
            return;
        };
        for (message, text) in &room.messages {
            self.room_of.remove(message);
            self.bytes -= text.weight();
        }
        for member in room.members() {
            if let Some(user) = self.users.get_mut(member) {
                user.rooms.remove(&number);
            }
        }
    }
}
