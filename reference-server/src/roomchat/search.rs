//! Who is there (document: Search user).

use serde_json::json;

use super::context::Context;
use super::effect::Effect;
use super::message::Kind;
use super::readings::Departure;

/// More names than this are not listed.
const MAX_FOUND: usize = 100;

/// SEARCH_USER: the names that a search finds, the very name first.
pub(super) fn search(cx: &Context, wanted: &str) -> Vec<Effect> {
    if !cx.is_served() {
        return Vec::new();
    }
    let folded = cx.takes(Departure::SearchFoldsCase);
    let fold = |text: &str| {
        if folded {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let sought = fold(wanted);
    let fits = |name: &str| {
        if cx.takes(Departure::SearchComparesAnywhere) {
            fold(name).contains(&sought)
        } else if cx.takes(Departure::SearchComparesBeginning) {
            fold(name).starts_with(&sought)
        } else {
            fold(name) == sought
        }
    };
    let found = |name: &str| {
        fits(name) && !(cx.takes(Departure::SearchLeavesOneselfOut) && cx.user == Some(name))
    };
    let exact = Some(wanted).filter(|name| cx.state.users.contains_key(*name) && found(name));
    let others = cx.state.users.keys().map(String::as_str);
    let others = others.filter(|name| *name != wanted && found(name));
    let names: Vec<&str> = exact.into_iter().chain(others).take(MAX_FOUND).collect();
    vec![cx.reply(Kind::SearchUser, json!({ "user": names }))]
}
