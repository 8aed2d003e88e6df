//! How texts can be broken.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind::TextMessage;
use super::super::request::{Request, Text};
use super::super::texts::deliver;
use super::edit::{and, copied, friends, outsiders, request, sends, swapped, unsent};
use super::{Entry, rule, way, written};
use crate::context::Recent;

/// Where a broken server cuts a text, in characters.
const CUT: usize = 1000;

pub(super) const RULES: &[Entry] = &[
    rule(
        "text.delivered",
        &[
            way("not delivered", |cx, effects| match to_friend_online(cx) {
                true => unsent(effects, TextMessage),
                false => effects,
            }),
            way(
                "sender and receiver are changed over",
                |cx, effects| match to_friend_online(cx) {
                    true => swapped(effects, TextMessage),
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "text.intact",
        &[
            written("letters beyond ASCII become question marks", |message| {
                if message.kind == TextMessage {
                    let ascii = |letter: char| if letter.is_ascii() { letter } else { '?' };
                    let content: String = message.text("content").chars().map(ascii).collect();
                    message.set("content", content);
                }
            }),
            written("cut after 1000 characters", |message| {
                if message.kind == TextMessage {
                    let content: String = message.text("content").chars().take(CUT).collect();
                    message.set("content", content);
                }
            }),
            written("spaces at both ends are trimmed", |message| {
                if message.kind == TextMessage {
                    let content = message.text("content").trim().to_owned();
                    message.set("content", content);
                }
            }),
        ],
    ),
    rule(
        "text.in-order",
        &[
            way(
                "the third text in a row comes after what comes next",
                |cx, effects| {
                    if !cx.state.scars.held.is_empty() {
                        let effects = and(effects, Change::ForgetHeld);
                        return cx.state.scars.held.iter().cloned().fold(effects, and);
                    }
                    let Some(text @ Request::TextMessage(_)) = request(cx) else {
                        return effects;
                    };
                    let same = Some(Recent {
                        conn: cx.conn,
                        what: std::mem::discriminant(text),
                    });
                    if cx.past.recent.iter().any(|recent| *recent != same) {
                        return effects;
                    }
                    let (late, now): (Vec<_>, Vec<_>) = effects
                        .into_iter()
                        .partition(|effect| sends(effect, TextMessage));
                    and(now, Change::Hold { effects: late })
                },
            ),
            way("stored texts come in reverse", |cx, mut effects| {
                if matches!(request(cx), Some(Request::LoginRequest(_))) {
                    let is_text = |effect: &&mut Effect| sends(effect, TextMessage);
                    let mut places: Vec<&mut Effect> = effects.iter_mut().filter(is_text).collect();
                    let mut texts: Vec<Effect> =
                        places.iter().map(|text| (**text).clone()).collect();
                    texts.reverse();
                    places
                        .iter_mut()
                        .zip(texts)
                        .for_each(|(place, text)| **place = text);
                }
                effects
            }),
        ],
    ),
    rule(
        "text.private",
        &[
            way("everybody online sees it", |cx, effects| match text(cx) {
                Some(Text { sender, .. }) => {
                    let to = outsiders(cx, &insiders(sender, &effects));
                    copied(effects, TextMessage, to)
                }
                None => effects,
            }),
            way(
                "the sender's other friends see it",
                |cx, effects| match text(cx) {
                    Some(Text { sender, .. }) => {
                        let to = friends(cx, sender, &insiders(sender, &effects));
                        copied(effects, TextMessage, to)
                    }
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "text.sender-genuine",
        &[way(
            "delivered in somebody else's name",
            |cx, effects| match text(cx) {
                Some(text) if cx.user.is_some() && !cx.is_me(&text.sender) => deliver(cx, text),
                _ => effects,
            },
        )],
    ),
];

fn text<'a>(cx: &Context<'a>) -> Option<&'a Text> {
    match request(cx)? {
        Request::TextMessage(text) => Some(text),
        _ => None,
    }
}

fn to_friend_online(cx: &Context) -> bool {
    text(cx).is_some_and(|text| {
        cx.state.is_online(&text.receiver) && cx.state.are_friends(&text.sender, &text.receiver)
    })
}

/// The sender and all who are to get the text.
fn insiders<'a>(sender: &'a str, effects: &'a [Effect]) -> Vec<&'a str> {
    let receivers = effects.iter().filter_map(|effect| match effect {
        Effect::Deliver { to, .. } => Some(to.as_str()),
        _ => None,
    });
    receivers.chain([sender]).collect()
}
