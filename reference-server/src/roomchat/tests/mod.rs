//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document.

mod auth;
mod messages;
mod robust;
mod room;
mod rooms;
mod tour;

use super::Roomchat;
use crate::protocol::ConnId;
use crate::tests::clients::Clients;
use crate::tests::trial::{Dice, Toured, Trial};

pub(crate) const TRIAL: Trial = Trial::of::<Roomchat>();

impl Toured for Roomchat {
    fn tour(clients: &mut Clients<Roomchat>) {
        tour::tour(clients);
    }

    fn ask(clients: &mut Clients<Roomchat>, conn: ConnId, dice: &mut Dice) {
        robust::ask(clients, conn, dice);
    }
}
