//! The program as its users meet it: what it says, what it writes, and how it ends.
//!
//! What is said once and for all stands in `tests/cli/*.txt`: a command, its exit code, its output. What
//! needs a server or a second look is here, by subject. `tests/targets.rs` has the targets that cannot be
//! tested.
//!
//! Exit code 70, a defect of ours, is the one that no test here reaches: there is no input that is known
//! to bring it about, and a switch that does would be one more thing that can go wrong. That a panic
//! becomes that code is tested beside the code, in `src/cli/mod.rs`.

mod commands;
mod document;
mod interrupts;
mod program;
mod reports;
mod servers;
