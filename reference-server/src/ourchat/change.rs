//! Carries out changes of the state. Decides nothing; a change of what does not exist is no change.

use super::effect::Change;
use super::message::Message;
use super::state::{Account, MAX_ACCOUNTS, Session, State, weight};
use crate::protocol::ConnId;

impl State {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Connected { conn } => _ = self.connections.insert(conn),
            Change::Disconnected { conn } => {
                self.connections.remove(&conn);
                self.had_login.remove(&conn);
                self.waiting.remove(&conn);
                self.log_out(conn);
            }
            Change::Open {
                ocid,
                account,
                now_ms,
            } => {
                self.opened += 1;
                self.emails.insert(account.email.clone(), ocid);
                let account = Account {
                    email: account.email,
                    password: account.password,
                    name: account.name,
                    since_ms: now_ms,
                    sessions: 0,
                    stored: Vec::new(),
                    stored_bytes: 0,
                };
                self.accounts.insert(ocid, account);
            }
            Change::SetPassword { ocid, password } => {
                if let Some(account) = self.accounts.get_mut(&ocid) {
                    account.password = password;
                }
            }
            Change::SetName { ocid, name } => {
                if let Some(account) = self.accounts.get_mut(&ocid) {
                    account.name = name;
                }
            }
            Change::Delete { ocid } => self.delete(ocid),
            Change::ForgetEmail { ocid } => self.emails.retain(|_, owner| *owner != ocid),
            Change::LogIn { conn, ocid } => {
                self.log_out(conn);
                self.users.insert(conn, ocid);
                self.had_login.insert(conn);
                self.online.entry(ocid).or_default().push(conn);
            }
            Change::LogOut { conn } => self.log_out(conn),
            Change::Found {
                session,
                creator,
                members,
            } => {
                self.founded += 1;
                if let Some(account) = self.accounts.get_mut(&creator) {
                    account.sessions += 1;
                }
                let members = members.into_iter().collect();
                let messages = 0;
                self.sessions.insert(session, Session { members, messages });
            }
            Change::Count { session, messages } => {
                self.messages += messages;
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.messages += messages;
                }
            }
            Change::Store { ocid, message } => self.store(ocid, message),
            Change::TakeStored { ocid } => {
                if let Some(account) = self.accounts.get_mut(&ocid) {
                    account.stored = Vec::new();
                    self.stored_bytes -= std::mem::take(&mut account.stored_bytes);
                }
            }
            Change::Wait { conn, held } => _ = self.waiting.insert(conn, held),
            Change::GoOn { conn } => _ = self.waiting.remove(&conn),
        }
    }

    fn log_out(&mut self, conn: ConnId) {
        let Some(ocid) = self.users.remove(&conn) else {
            return;
        };
        if let Some(connections) = self.online.get_mut(&ocid) {
            connections.retain(|other| *other != conn);
            if connections.is_empty() {
                self.online.remove(&ocid);
            }
        }
    }

    fn delete(&mut self, ocid: u64) {
        let Some(account) = self.accounts.remove(&ocid) else {
            return;
        };
        self.stored_bytes -= account.stored_bytes;
        self.emails.remove(&account.email);
        if self.scars.deleted.len() < MAX_ACCOUNTS {
            self.scars.deleted.insert(account.email);
        }
        for conn in self.online.remove(&ocid).unwrap_or_default() {
            self.users.remove(&conn);
        }
        self.sessions.retain(|_, session| {
            session.members.remove(&ocid);
            !session.members.is_empty()
        });
    }

    /// Keeps a message for an account, unless there is no room for it.
    fn store(&mut self, ocid: u64, message: Message) {
        let bytes = weight(&message);
        let fits = self
            .accounts
            .get(&ocid)
            .is_some_and(|account| self.has_room_for(account, bytes));
        if let Some(account) = self.accounts.get_mut(&ocid).filter(|_| fits) {
            account.stored.push(message);
            account.stored_bytes += bytes;
            self.stored_bytes += bytes;
        }
    }
}
