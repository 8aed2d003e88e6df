//! How messages and their pushes can be broken.

use rmpv::Value;

use super::super::chats::{NO_SUCH_CHAT, pushed};
use super::super::effect::{Change, Effect};
use super::super::id::Id;
use super::super::message::Kind::{Push, SendFail};
use super::super::message::{Message, field};
use super::edit::{
    altered, any_reason, copied, item_field, outsiders, partners, reasoned, sending, sends, unsent,
};
use super::{Entry, rule, way, written};

/// Where a broken server cuts a text, in characters.
const CUT: usize = 1000;

pub(super) const RULES: &[Entry] = &[
    rule(
        "send.unknown-chat",
        &[
            way("no answer", |_, effects| unsent(effects, SendFail)),
            way("another reason", |_, effects| {
                reasoned(effects, SendFail, NO_SUCH_CHAT, "No such chat")
            }),
        ],
    ),
    rule(
        "send.failure-delivers-nothing",
        &[
            way(
                "pushed to all who share a chat with the sender",
                |cx, mut effects| {
                    if let (Some(sending), Some(sender)) = (sending(cx), cx.user)
                        && any_reason(&effects, SendFail, NO_SUCH_CHAT)
                    {
                        let partners = cx.state.partners(sender);
                        effects.extend(pushed(cx, sender, sending, partners.into_iter().collect()));
                    }
                    effects
                },
            ),
            way("pushed back to the sender", |cx, mut effects| {
                if let (Some(sending), Some(sender)) = (sending(cx), cx.user)
                    && any_reason(&effects, SendFail, NO_SUCH_CHAT)
                {
                    effects.extend(pushed(cx, sender, sending, vec![sender]));
                }
                effects
            }),
        ],
    ),
    rule(
        "push.delivered",
        &[
            way("nothing is pushed", |_, effects| unsent(effects, Push)),
            way("the sender is the receiver", |_, mut effects| {
                for effect in &mut effects {
                    if let Effect::Deliver { to, message, .. } = effect
                        && message.kind == Push
                    {
                        let id = to.value();
                        message.each_item("messages", "sender", |sender| *sender = id.clone());
                    }
                }
                effects
            }),
            way("the chat is another", |cx, effects| {
                let other = cx.chat_id(cx.state.chats_made + 1_000_000);
                altered(effects, Push, |message| {
                    message.each_item("messages", "chat_id", |chat| *chat = other.value());
                })
            }),
        ],
    ),
    rule(
        "push.all-members",
        &[
            way("only one receiver is pushed it", |_, effects| {
                let mut before = false;
                let wanted = |effect: &Effect| match effect {
                    Effect::Deliver { .. } if sends(effect, Push) => {
                        !std::mem::replace(&mut before, true)
                    }
                    _ => true,
                };
                effects.into_iter().filter(wanted).collect()
            }),
            way(
                "the member listed last is left out of three and more",
                |cx, effects| {
                    let chat = sending(cx).and_then(|sending| cx.state.chats.get(&sending.chat));
                    let Some(last) = chat
                        .filter(|chat| chat.members.len() > 2)
                        .and_then(|chat| chat.members.last())
                    else {
                        return effects;
                    };
                    let to_last = |effect: &Effect| matches!(effect, Effect::Deliver { to, .. } if to == last);
                    effects
                        .into_iter()
                        .filter(|effect| !(to_last(effect) && sends(effect, Push)))
                        .collect()
                },
            ),
        ],
    ),
    rule(
        "push.private",
        &[
            way(
                "everybody online is pushed it",
                |cx, effects| match sending(cx) {
                    Some(_) => {
                        let to = outsiders(cx, &effects, Push);
                        copied(effects, Push, to)
                    }
                    None => effects,
                },
            ),
            way(
                "who shares another chat with the sender is pushed it too",
                |cx, effects| match sending(cx) {
                    Some(_) => {
                        let to = partners(cx, &effects, Push);
                        copied(effects, Push, to)
                    }
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "push.text-intact",
        &[
            written("letters beyond ASCII become question marks", |message| {
                let ascii = |letter: char| if letter.is_ascii() { letter } else { '?' };
                texts(message, |text| text.chars().map(ascii).collect());
            }),
            written("cut after 1000 characters", |message| {
                texts(message, |text| text.chars().take(CUT).collect());
            }),
            written("spaces at both ends are trimmed", |message| {
                texts(message, |text| text.trim().to_owned());
            }),
        ],
    ),
    rule(
        "push.data-intact",
        &[
            written("the base64 has lost its padding", |message| {
                data(message, |item| {
                    if let Some(content) = item_field(item, "content") {
                        let bare = content
                            .as_str()
                            .unwrap_or_default()
                            .trim_end_matches('=')
                            .to_owned();
                        *content = bare.into();
                    }
                });
            }),
            written("the type is text", |message| {
                data(message, |item| {
                    if let Some(kind) = item_field(item, "type") {
                        *kind = "text".into();
                    }
                });
            }),
        ],
    ),
];

/// Rewrites the texts of a push.
fn texts(message: &mut Message, rewrite: impl Fn(&str) -> String) {
    items(
        message,
        |kind| kind == "text",
        |item| {
            if let Some(content) = item_field(item, "content") {
                let text = rewrite(content.as_str().unwrap_or_default());
                *content = text.into();
            }
        },
    );
}

/// Rewrites the images and files of a push.
fn data(message: &mut Message, rewrite: impl Fn(&mut Value)) {
    items(message, |kind| kind == "image" || kind == "file", rewrite);
}

fn items(message: &mut Message, wanted: impl Fn(&str) -> bool, rewrite: impl Fn(&mut Value)) {
    if message.kind != Push {
        return;
    }
    for item in message.items("messages").into_iter().flatten() {
        if field(item, "type")
            .and_then(Value::as_str)
            .is_some_and(&wanted)
        {
            rewrite(item);
        }
    }
}

/// Whether the one who sends is the third member of the chat, or a later one.
pub(super) fn from_third_member(chat_members: &[Id], sender: &Id) -> bool {
    chat_members.iter().skip(2).any(|member| member == sender)
}

/// Without what a message of a chat would bring about.
pub(super) fn undone(effects: Vec<Effect>) -> Vec<Effect> {
    let done = |effect: &Effect| {
        sends(effect, Push) || matches!(effect, Effect::Change(Change::Remember { .. }))
    };
    effects.into_iter().filter(|effect| !done(effect)).collect()
}
