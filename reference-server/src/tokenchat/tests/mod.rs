//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document.

mod accounts;
mod chats;
mod messages;
mod robust;
mod room;
mod tour;

use crate::behaviour::Behaviour;

/// Everything that a server of this behaviour sends on the tour.
pub(crate) fn transcript(behaviour: &Behaviour) -> String {
    let mut room = room::Room::with(behaviour);
    tour::tour(&mut room);
    room.transcript().to_owned()
}
