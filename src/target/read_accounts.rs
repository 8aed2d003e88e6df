//! `accounts` of a profile: users that exist, and what stands in the place of flows that would make them.

use super::accounts::{Accounts, Instead};
use super::read::known_message;
use crate::protocol::{Catalogue, scalar};
use crate::source::{Diagnostic, Diagnostics, Fields, Node, entries, items, text_of};

pub(super) fn read_accounts(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Option<Accounts> {
    let node = node?;
    let mut fields = Fields::of(node, "`accounts`", problems)?;
    let mut accounts = Accounts {
        of: Vec::new(),
        instead: Vec::new(),
        made_by: Vec::new(),
        reuse: fields.flag("reuse", false, problems),
        place: node.place.clone(),
    };
    let (of, made_by) = (
        fields.required("of", problems),
        fields.required("made_by", problems),
    );
    for node in items(of, "of", problems) {
        let mut user = Vec::new();
        for (key, value) in entries(Some(node), "an account", problems) {
            match scalar(value) {
                Some(value) => user.push((text_of(key), value)),
                None => problems.push(value.expected("a plain value")),
            }
        }
        for (name, _) in &catalogue.identity {
            let first = catalogue.identity.first().map(|(first, _)| first);
            if Some(name) == first && !user.iter().any(|(known, _)| known == name) {
                let message = format!("an account has a `{name}`");
                problems.push(Diagnostic::new(&node.place, message));
            }
        }
        accounts.of.push(user);
    }
    if let (true, Some(of)) = (accounts.of.is_empty(), of) {
        problems.push(of.expected("the accounts that there are"));
    }
    for node in items(made_by, "made_by", problems) {
        let message = known_message(node, catalogue, problems);
        accounts
            .made_by
            .extend(message.map(|message| message.name.clone()));
    }
    for (key, value) in entries(fields.optional("instead"), "instead", problems) {
        let others = items(Some(value), "what is done instead", problems);
        accounts.instead.push(Instead {
            place: key.place.clone(),
            flow: text_of(key),
            others: others.iter().map(text_of).collect(),
        });
    }
    fields.finish(&[], problems);
    Some(accounts)
}
