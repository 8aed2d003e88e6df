//! What messages refer to: people, and what flows make.

use super::{Usual, Vocabulary, Word};

impl Vocabulary {
    /// How people are named in a message: the fields of theirs that usually stand in it.
    pub(in crate::fuzz) fn names(&self, word: &Word) -> Vec<&str> {
        let mut names = Vec::new();
        for field in &word.fields {
            for usual in self.uses(&word.name, &field.name) {
                usual.personal(&mut names);
            }
        }
        names
    }

    /// The names of what flows make that usually stands in a message's fields.
    pub(in crate::fuzz) fn needs(&self, word: &Word) -> Vec<&str> {
        let mut names = Vec::new();
        for field in &word.fields {
            for usual in self.uses(&word.name, &field.name) {
                usual.captured(&mut names);
            }
        }
        names.retain(|name| {
            let mut flows = self.flows.iter();
            flows.any(|flow| flow.captures.iter().any(|made| made == name))
        });
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Usual {
    pub(super) fn personal<'u>(&'u self, names: &mut Vec<&'u str>) {
        match self {
            Usual::Own(name) | Usual::Other(name) => names.push(name),
            Usual::List(items) => items.iter().for_each(|item| item.personal(names)),
            Usual::Map(pairs) => pairs.iter().for_each(|(_, value)| value.personal(names)),
            Usual::Value(_) | Usual::Captured(_) | Usual::Given(_) => {}
        }
    }

    pub(super) fn captured<'u>(&'u self, names: &mut Vec<&'u str>) {
        match self {
            Usual::Captured(name) => names.push(name),
            Usual::List(items) => items.iter().for_each(|item| item.captured(names)),
            Usual::Map(pairs) => pairs.iter().for_each(|(_, value)| value.captured(names)),
            Usual::Value(_) | Usual::Own(_) | Usual::Other(_) | Usual::Given(_) => {}
        }
    }
}
