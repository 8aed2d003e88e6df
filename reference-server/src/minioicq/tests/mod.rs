//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document.

mod auth;
mod chats;
mod history;
mod robust;
mod room;
mod tour;
mod users;

use super::Minioicq;
use crate::protocol::ConnId;
use crate::tests::clients::Clients;
use crate::tests::trial::{Dice, Toured, Trial};

pub(crate) const TRIAL: Trial = Trial::of::<Minioicq>();

impl Toured for Minioicq {
    fn tour(clients: &mut Clients<Minioicq>) {
        tour::tour(clients);
    }

    fn ask(clients: &mut Clients<Minioicq>, conn: ConnId, dice: &mut Dice) {
        robust::ask(clients, conn, dice);
    }
}
