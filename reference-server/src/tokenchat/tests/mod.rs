//! The server as a whole, driven without sockets in virtual time.
//! One file for each part of the document, one for the rules, one for the readings.

mod accounts;
mod chats;
mod messages;
mod readings;
mod robust;
mod room;
mod rules;
mod tour;
