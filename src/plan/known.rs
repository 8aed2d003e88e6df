//! Whether what a profile says of cases and flows is about anything that the pack has.

use std::sync::Arc;

use super::{Selection, plan};
use crate::scenario::Pack;
use crate::source::{Diagnostic, Diagnostics};
use crate::target::{CONNECTS, KnownWhat, Profile};

/// A promise about a case that there is not is a mistake in the profile.
pub fn check_known(pack: &Arc<Pack>, profile: &Profile) -> Diagnostics {
    let cases = plan(
        std::slice::from_ref(pack),
        &Arc::default(),
        &Selection::default(),
    );
    let mut problems = Diagnostics::default();
    for known in &profile.known {
        let KnownWhat::Cases(pattern) = &known.what else {
            continue;
        };
        if !cases.iter().any(|case| known.is_about(&case.id)) {
            let ids = cases.iter().map(|case| case.id.as_str());
            let inside = ids
                .clone()
                .filter_map(|id| id.split_once('/'))
                .map(|(_, id)| id);
            problems.push(
                Diagnostic::new(&known.place, format!("no case is called \"{pattern}\""))
                    .suggest(pattern, ids.chain(inside)),
            );
        }
    }
    problems
}

/// Flows that the profile's accounts name, and fields that no flow and no user has.
pub fn check_accounts(pack: &Pack, profile: &Profile) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let Some(accounts) = &profile.accounts else {
        return problems;
    };
    let flows = || pack.flows.iter().map(|flow| flow.name.as_str());
    for instead in &accounts.instead {
        let name = &instead.flow;
        if pack.flow(name).is_none_or(|flow| flow.actors.len() != 1) {
            let message = format!("no flow of one actor is called \"{name}\"");
            problems.push(Diagnostic::new(&instead.place, message).suggest(name, flows()));
        }
        for other in instead.others.iter().filter(|other| *other != CONNECTS) {
            let fits = pack
                .flow(other)
                .is_some_and(|flow| flow.actors.len() == 1 && flow.parameters.is_empty());
            if !fits || accounts.instead_of(other).is_some() {
                let message = format!(
                    "\"{other}\" is no flow of one actor without parameters, or is replaced itself"
                );
                problems.push(
                    Diagnostic::new(&instead.place, message)
                        .help(format!("`{CONNECTS}` opens a connection"))
                        .suggest(other, flows()),
                );
            }
        }
    }
    let text = pack
        .flows
        .first()
        .map(|flow| flow.place.source().text.as_str());
    for (name, _) in accounts.of.iter().flatten() {
        let learnt = format!("me.{name}>");
        let known = pack.catalogue.identity_fields().any(|field| field == name)
            || text.is_some_and(|text| text.contains(&learnt));
        if !known {
            let message = format!("a user has no field `{name}`, and no flow learns one");
            let fields = pack.catalogue.identity_fields();
            problems.push(Diagnostic::new(&accounts.place, message).suggest(name, fields));
        }
    }
    problems
}
