//! Texts to friends and to groups (document: Text Message).
//! A text that cannot be delivered is lost without a word: the document gives it no answer.

use serde_json::json;

use super::context::Context;
use super::effect::Effect;
use super::history;
use super::message::Kind;
use super::readings::Departure;
use super::request::Text;

/// Bytes of a text where big ones are refused.
const BIG: usize = 512 << 10;

/// TEXT_MESSAGE.
pub(super) fn text(cx: &Context, text: &Text) -> Vec<Effect> {
    let too_big = cx.takes(Departure::BigTextsAreRefused) && text.content.len() > BIG;
    if cx.is_me(&text.sender) && !too_big {
        deliver(cx, text)
    } else {
        Vec::new()
    }
}

/// Delivers a text in the name of its sender, whoever is logged in.
pub(super) fn deliver(cx: &Context, text: &Text) -> Vec<Effect> {
    let receivers = receivers(cx, text);
    let payload =
        json!({ "sender": text.sender, "receiver": text.receiver, "content": text.content });
    let reached = receivers
        .into_iter()
        .filter(|receiver| cx.state.is_online(receiver) || !cx.takes(Departure::TextsAreNotStored));
    let mut owners: Vec<&str> = reached.collect();
    let (not_stored, kind) = (Departure::TextsAreNotStored, Kind::TextMessage);
    let deliver = |to: &&str| cx.forward_later_unless(not_stored, to, kind, payload.clone());
    let mut effects: Vec<Effect> = owners.iter().map(deliver).collect();
    if !owners.is_empty() {
        owners.push(&text.sender);
        owners.sort_unstable();
        owners.dedup();
        effects.extend(history::write_down(cx, text, &owners));
    }
    effects
}

/// A friend of this name, else the members of a group of this name.
fn receivers<'a>(cx: &Context<'a>, text: &'a Text) -> Vec<&'a str> {
    let Text {
        sender, receiver, ..
    } = text;
    let stranger_may = cx.takes(Departure::StrangersMayText) && cx.state.user_exists(receiver);
    if cx.state.are_friends(sender, receiver) || stranger_may {
        return vec![receiver];
    }
    match cx.state.group_with(receiver, sender) {
        Some(group) if !cx.takes(Departure::GroupTextsAreIgnored) => group.others(sender).collect(),
        _ => Vec::new(),
    }
}
