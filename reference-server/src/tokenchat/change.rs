//! Carries out changes of the state. Decides nothing; a change of what does not exist is no change.

use super::effect::Change;
use super::state::{Chat, State, User};
use crate::protocol::ConnId;

impl State {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Connected { conn } => _ = self.connections.insert(conn),
            Change::Disconnected { conn, end_tokens } => self.disconnect(conn, end_tokens),
            Change::AddUser {
                name,
                password,
                email,
            } => {
                let id = self.next_user;
                self.next_user += 1;
                self.ids.insert(id, name.clone());
                self.emails.insert(email);
                let user = User {
                    id,
                    password,
                    chats: Vec::new(),
                    tokens: Vec::new(),
                };
                self.users.insert(name, user);
            }
            Change::SetPassword { name, password } => {
                if let Some(user) = self.users.get_mut(&name) {
                    user.password = password;
                }
            }
            Change::GiveToken { name, token } => {
                self.next_token += 1;
                self.logged_in.insert(token.conn);
                self.scars.vanished.remove(&token.user);
                if let Some(user) = self.users.get_mut(&token.user) {
                    user.tokens.push(name.clone());
                    self.tokens.insert(name, token);
                }
            }
            Change::EndToken { name } => self.end_token(&name),
            Change::EndTokens { user } => {
                let tokens = self.users.get(&user).map(|user| user.tokens.clone());
                for name in tokens.into_iter().flatten() {
                    self.end_token(&name);
                }
            }
            Change::AddChat { members } => {
                let id = self.next_chat;
                self.next_chat += 1;
                for member in &members {
                    if let Some(user) = self.users.get_mut(member) {
                        user.chats.push(id);
                    }
                }
                let chat = Chat {
                    members,
                    messages: Vec::new(),
                    bytes: 0,
                };
                if let Some(old) = self.chats.insert(id, chat) {
                    self.bytes -= old.bytes;
                }
            }
            Change::Store { chat, message } => {
                self.next_message += 1;
                if let Some(chat) = self.chats.get_mut(&chat) {
                    chat.bytes += message.weight();
                    self.bytes += message.weight();
                    chat.messages.push(message);
                }
            }
            Change::Mourn { name, user } => _ = self.scars.mourned.insert(name, user),
            Change::LoggedOut { user } => _ = self.scars.logged_out.insert(user),
        }
    }

    fn disconnect(&mut self, conn: ConnId, end_tokens: bool) {
        self.connections.remove(&conn);
        self.logged_in.remove(&conn);
        let given_there = self.tokens.iter().filter(|(_, token)| token.conn == conn);
        let given_there: Vec<(String, String)> = given_there
            .map(|(name, token)| (name.clone(), token.user.clone()))
            .collect();
        for (name, user) in given_there {
            self.scars.vanished.insert(user);
            if end_tokens {
                self.end_token(&name);
            }
        }
    }

    fn end_token(&mut self, name: &str) {
        if let Some(token) = self.tokens.remove(name)
            && let Some(user) = self.users.get_mut(&token.user)
        {
            user.tokens.retain(|other| other != name);
        }
    }
}
