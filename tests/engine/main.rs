//! The judge, fed by hand in virtual time: each place where a server can be wrong or right, and what is said.
//!
//! Frames, closes and times are inputs; nothing sleeps. `play` is the desk from which a test does that.

mod blocks;
mod connections;
mod fences;
mod flows;
mod levels;
mod order;
mod permissions;
mod play;
mod receiving;
mod shapes;
mod silence;
