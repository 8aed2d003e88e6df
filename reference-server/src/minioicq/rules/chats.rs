//! How chats can be broken.

use super::super::chats::fail;
use super::super::context::Context;
use super::super::effect::Effect;
use super::super::id::Id;
use super::super::message::Kind::Spawn;
use super::super::message::field;
use super::super::request::Request;
use super::edit::{altered, any, copied, keep, outsiders, partners, request, sending, sends};
use super::messages::{from_third_member, undone};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "chat.spawned",
        &[
            way("only the creator gets it", |cx, effects| {
                keep(effects, |effect| {
                    !sends(effect, Spawn) || goes_to_asker(cx, effect)
                })
            }),
            way("the creator does not get it", |cx, effects| {
                keep(effects, |effect| {
                    !sends(effect, Spawn) || !goes_to_asker(cx, effect)
                })
            }),
        ],
    ),
    rule(
        "chat.members",
        &[
            way("the creator is missing from the list", |cx, effects| {
                altered(effects, Spawn, |message| {
                    if let Some(members) = message.items("members") {
                        members.retain(|member| {
                            field(member, "user_id").and_then(Id::of).as_ref() != cx.user
                        });
                    }
                })
            }),
            way("the names are others", |_, effects| {
                altered(effects, Spawn, |message| {
                    message.each_item("members", "user_name", |name| *name = "somebody".into());
                })
            }),
        ],
    ),
    rule(
        "chat.same-for-all",
        &[way(
            "who did not create it is told another chat ID",
            |cx, mut effects| {
                let other = cx.chat_id(cx.state.chats_made + 1_000_000).value();
                for effect in &mut effects {
                    if !goes_to_asker(cx, effect)
                        && let Effect::Deliver { message, .. } = effect
                        && message.kind == Spawn
                    {
                        message.set("chat_id", other.clone());
                    }
                }
                effects
            },
        )],
    ),
    rule(
        "chat.ids-differ",
        &[way(
            "the second chat of a creator has the ID of the first",
            |cx, effects| {
                if !any(&effects, Spawn) || cx.user.is_none() {
                    return effects;
                }
                let chats = cx.user.into_iter().flat_map(|user| cx.state.chats_of(user));
                let mut own = chats.filter(|(_, chat)| Some(&chat.owner) == cx.user);
                match own.next() {
                    Some((first, _)) => altered(effects, Spawn, |message| {
                        message.set("chat_id", first.value())
                    }),
                    None => effects,
                }
            },
        )],
    ),
    rule(
        "chat.private",
        &[
            way("everybody online gets it", |cx, effects| {
                let to = outsiders(cx, &effects, Spawn);
                if creates(cx) {
                    copied(effects, Spawn, to)
                } else {
                    effects
                }
            }),
            way(
                "who shares another chat with the creator gets it too",
                |cx, effects| {
                    let to = partners(cx, &effects, Spawn);
                    if creates(cx) {
                        copied(effects, Spawn, to)
                    } else {
                        effects
                    }
                },
            ),
        ],
    ),
    rule(
        "chat.usable",
        &[
            way(
                "nothing is pushed that a third member sends",
                |cx, effects| match third_sends(cx) {
                    true => undone(effects),
                    false => effects,
                },
            ),
            way(
                "a third member is told that there is no chat",
                |cx, effects| match third_sends(cx) {
                    true => vec![fail(cx)],
                    false => effects,
                },
            ),
        ],
    ),
];

fn creates(cx: &Context) -> bool {
    matches!(request(cx), Some(Request::Create { .. }))
}

fn goes_to_asker(cx: &Context, effect: &Effect) -> bool {
    matches!(effect, Effect::Deliver { to, .. } if Some(to) == cx.user)
}

fn third_sends(cx: &Context) -> bool {
    let chat = sending(cx).and_then(|sending| cx.state.chats.get(&sending.chat));
    chat.zip(cx.user)
        .is_some_and(|(chat, sender)| from_third_member(&chat.members, sender))
}
