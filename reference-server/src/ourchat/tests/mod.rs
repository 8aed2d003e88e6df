//! The server as a whole, driven without sockets in virtual time.

mod accounts;
mod messages;
mod readings;
mod robust;
mod room;
mod rules;
mod tour;
