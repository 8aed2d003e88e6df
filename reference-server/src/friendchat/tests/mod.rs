//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document.

mod auth;
mod friends;
mod groups;
mod history;
mod media;
mod presence;
mod robust;
mod room;
mod texts;
mod tour;

use super::Friendchat;
use crate::protocol::ConnId;
use crate::tests::clients::Clients;
use crate::tests::trial::{Dice, Toured, Trial};

pub(crate) const TRIAL: Trial = Trial::of::<Friendchat>();

impl Toured for Friendchat {
    fn tour(clients: &mut Clients<Friendchat>) {
        tour::tour(clients);
    }

    fn ask(clients: &mut Clients<Friendchat>, conn: ConnId, dice: &mut Dice) {
        robust::ask(clients, conn, dice);
    }
}
