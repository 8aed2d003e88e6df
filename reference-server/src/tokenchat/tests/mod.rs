//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document.

mod accounts;
mod chats;
mod messages;
mod robust;
mod room;
mod tour;

use super::Tokenchat;
use crate::protocol::ConnId;
use crate::tests::clients::Clients;
use crate::tests::trial::{Dice, Toured, Trial};

pub(crate) const TRIAL: Trial = Trial::of::<Tokenchat>();

impl Toured for Tokenchat {
    fn tour(clients: &mut Clients<Tokenchat>) {
        tour::tour(clients);
    }

    fn ask(clients: &mut Clients<Tokenchat>, conn: ConnId, dice: &mut Dice) {
        robust::ask(clients, conn, dice);
    }
}
