//! Carries out changes of the state, and turns messages to users into messages to connections.
//! Decides nothing; a change of what does not exist is no change.

use super::effect::Change;
use super::history;
use super::media::Stage;
use super::message::Message;
use super::state::{Group, State, User};
use crate::protocol::ConnId;

impl State {
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Connected { conn } => _ = self.connections.insert(conn),
            Change::Disconnected { conn } => {
                self.connections.remove(&conn);
                if let Some(user) = self.log_out(conn) {
                    self.scars.vanished.insert(user);
                }
            }
            Change::SetAccount { user, hash } => self.users.entry(user).or_default().hash = hash,
            Change::RemoveAccount { user } => self.remove_account(&user),
            Change::LogIn { conn, user } => {
                self.scars.vanished.remove(&user);
                self.online.insert(user.clone(), conn);
                self.sessions.insert(conn, user);
            }
            Change::LogOut { conn } => _ = self.log_out(conn),
            Change::Linger { user, until_ms } => {
                self.with_user(&user, |user| user.lingers_until_ms = until_ms);
            }
            Change::Store { user, message } => self.store(&user, message),
            Change::TakeStored { user } => {
                if let Some(user) = self.users.get_mut(&user) {
                    user.stored = Vec::new();
                    self.bytes -= std::mem::take(&mut user.stored_bytes);
                }
            }
            Change::Ask { from, to } => {
                self.with_user(&to, |user| _ = user.asked_by.insert(from));
            }
            Change::Unask { from, to } => {
                self.with_user(&to, |user| _ = user.asked_by.remove(&from));
            }
            Change::Befriend { user, friend } => {
                self.with_user(&user, |user| _ = user.friends.insert(friend));
            }
            Change::Unfriend { user, friend } => {
                self.with_user(&user, |user| _ = user.friends.remove(&friend));
            }
            Change::Found { group, leader } => {
                let new = Group {
                    leader,
                    members: Default::default(),
                    invited: Default::default(),
                };
                self.groups.insert(group, new);
            }
            Change::Invite { group, user, by } => {
                self.with_group(&group, |group| _ = group.invited.insert(user, by));
            }
            Change::Uninvite { group, user } => {
                self.with_group(&group, |group| _ = group.invited.remove(&user));
            }
            Change::Join { group, user } => {
                self.with_group(&group, |group| _ = group.members.insert(user));
            }
            Change::Leave { group, user } => {
                self.with_group(&group, |group| _ = group.members.remove(&user));
            }
            Change::Lead { group, user } => self.with_group(&group, |group| group.leader = user),
            Change::Dissolve { group } => _ = self.groups.remove(&group),
            Change::Remember { user, entry } => {
                if let Some(user) = self.users.get_mut(&user) {
                    history::remember(user, entry, &mut self.bytes);
                }
            }
            Change::SetSync { conn, sync } => match sync {
                Some(sync) => _ = self.syncs.insert(conn, sync),
                None => _ = self.syncs.remove(&conn),
            },
            Change::Upload { user, media } => {
                self.end_upload(user.clone(), media.header.media_id.clone());
                self.next_media = media.number + 1;
                self.uploads
                    .insert((user, media.header.media_id.clone()), media.number);
                self.media.insert(media.number, media);
            }
            Change::AddChunk {
                media,
                chunk,
                place,
                base,
                total,
                size,
            } => {
                if let Some(media) = self.media.get_mut(&media) {
                    self.media_bytes += chunk.len();
                    media.base = Some(base);
                    media.total = Some(total);
                    media.size += size;
                    media.chunks.insert(place, chunk);
                }
            }
            Change::EndUpload { user, id } => self.end_upload(user, id),
            Change::Await { user, delivery } => {
                if let Some(user) = self.users.get_mut(&user)
                    && let Some(media) = self.media.get_mut(&delivery.media)
                {
                    media.awaited += 1;
                    user.deliveries.push(delivery);
                }
            }
            Change::SetStage { user, media, stage } => self.with_user(&user, |user| {
                if let Some(delivery) = user.deliveries.iter_mut().find(|d| d.media == media) {
                    delivery.stage = stage;
                }
            }),
            Change::EndDelivery { user, media } => self.end_delivery(&user, media),
            Change::Hold { effects } => self.scars.held.extend(effects),
            Change::ForgetHeld => self.scars.held.clear(),
        }
    }

    fn with_user(&mut self, user: &str, change: impl FnOnce(&mut User)) {
        self.users.get_mut(user).map(change).unwrap_or_default();
    }

    fn with_group(&mut self, group: &str, change: impl FnOnce(&mut Group)) {
        self.groups.get_mut(group).map(change).unwrap_or_default();
    }

    /// Keeps a message for a user, unless there is no room for it.
    pub(super) fn store(&mut self, user: &str, message: Message) {
        let weight = message.weight();
        if !self.has_room_for(user, weight) {
            return;
        }
        if let Some(user) = self.users.get_mut(user) {
            user.stored.push(message);
            user.stored_bytes += weight;
            self.bytes += weight;
        }
    }

    /// Ends the session of a connection and says whose it was. Transfers to the user start over
    /// at the next login; those from the user are lost.
    fn log_out(&mut self, conn: ConnId) -> Option<String> {
        self.syncs.remove(&conn);
        let user = self.sessions.remove(&conn)?;
        if self.online.get(&user) != Some(&conn) {
            return None;
        }
        self.online.remove(&user);
        self.with_user(&user, |user| {
            for delivery in &mut user.deliveries {
                delivery.stage = Stage::Offline;
            }
        });
        let from = (user.clone(), String::new());
        let of_user = self
            .uploads
            .range(from..)
            .take_while(|((owner, _), _)| *owner == user);
        let ids: Vec<String> = of_user.map(|((_, id), _)| id.clone()).collect();
        for id in ids {
            self.end_upload(user.clone(), id);
        }
        Some(user)
    }

    fn remove_account(&mut self, user: &str) {
        if let Some(gone) = self.users.remove(user) {
            self.bytes -= gone.stored_bytes + gone.history_bytes;
        }
    }

    /// Ends an upload. Media that is not whole is of no use to those who wait for it.
    fn end_upload(&mut self, user: String, id: String) {
        let Some(number) = self.uploads.remove(&(user, id)) else {
            return;
        };
        if let Some(media) = self.media.get_mut(&number) {
            media.uploading = false;
            if media.awaited > 0 && !media.is_whole() {
                for user in self.users.values_mut() {
                    user.deliveries.retain(|delivery| delivery.media != number);
                }
                media.awaited = 0;
            }
        }
        self.forget_media(number);
    }

    fn end_delivery(&mut self, user: &str, number: u64) {
        let Some(user) = self.users.get_mut(user) else {
            return;
        };
        let before = user.deliveries.len();
        user.deliveries.retain(|delivery| delivery.media != number);
        if let Some(media) = self.media.get_mut(&number) {
            media.awaited -= before - user.deliveries.len();
        }
        self.forget_media(number);
    }

    /// Forgets media that is neither uploaded nor waited for.
    fn forget_media(&mut self, number: u64) {
        let unused = self
            .media
            .get(&number)
            .is_some_and(|m| !m.uploading && m.awaited == 0);
        if unused && let Some(media) = self.media.remove(&number) {
            self.media_bytes -= media
                .chunks
                .values()
                .map(|chunk| chunk.len())
                .sum::<usize>();
        }
    }
}
