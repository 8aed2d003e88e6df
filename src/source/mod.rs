//! YAML text with a place for every node, and the diagnostics that point into it.
//!
//! - [`SourceFile`] and [`Place`]: a text, and a stretch of it that can say its file, line and column.
//! - [`parse()`] reads the documents of a file into [`Node`]s, strictly: what a person could take for
//!   something else than the harness does is a mistake, and every mistake is reported at once.
//! - [`Diagnostic`] is one mistake at its place, [`Diagnostics`] all of them; rendered with excerpts.
//! - [`Fields`] reads a map key by key; [`entries`] and [`items`] give what a map or a list holds.
//! - [`nearest`] finds the word that was probably meant.
//!
//! Knows nothing of scenarios, catalogues or profiles, and reads nothing from disk.

mod diagnostic;
mod entry;
mod fields;
mod file;
mod node;
mod parse;
mod parts;
mod reader;
mod refuse;
mod scalar;
mod suggest;
mod syntax;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use fields::Fields;
pub use file::{Place, SourceFile};
pub use node::{Kind, Node};
pub use parse::parse;
pub use parts::{entries, items, text_of};
pub use suggest::nearest;
