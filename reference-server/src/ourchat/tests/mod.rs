//! The server as a whole, driven without sockets in virtual time.

mod accounts;
mod messages;
mod robust;
mod room;
mod tour;

use super::Ourchat;
use crate::protocol::ConnId;
use crate::tests::clients::Clients;
use crate::tests::trial::{Dice, Toured, Trial};

pub(crate) const TRIAL: Trial = Trial::of::<Ourchat>();

impl Toured for Ourchat {
    fn tour(clients: &mut Clients<Ourchat>) {
        tour::tour(clients);
    }

    fn ask(clients: &mut Clients<Ourchat>, conn: ConnId, dice: &mut Dice) {
        robust::ask(clients, conn, dice);
    }
}
