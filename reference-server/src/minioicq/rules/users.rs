//! How lists and infos of users, and avatars, can be broken.

use super::super::context::Context;
use super::super::effect::Effect;
use super::super::id::Id;
use super::super::message::Kind::{AvatarAck, UserPush, UserSync};
use super::super::message::field;
use super::super::request::Request;
use super::super::users::info;
use super::edit::{altered, any, request, unsent};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "sync.answered",
        &[way("no answer", |_, effects| unsent(effects, UserSync))],
    ),
    rule(
        "sync.lists-partner",
        &[
            way(
                "who shares a chat with the asker is left out",
                |cx, effects| {
                    let partners = cx
                        .user
                        .map(|user| cx.state.partners(user))
                        .unwrap_or_default();
                    altered(effects, UserSync, |message| {
                        if let Some(users) = message.items("users") {
                            let id = |user: &_| field(user, "user_id").and_then(Id::of);
                            users.retain(|user| !id(user).is_some_and(|id| partners.contains(&id)));
                        }
                    })
                },
            ),
            way("the names are others", |_, effects| {
                altered(effects, UserSync, |message| {
                    message.each_item("users", "user_name", |name| *name = "somebody".into());
                })
            }),
        ],
    ),
    rule(
        "avatar.acknowledged",
        &[
            way("no answer", |_, effects| unsent(effects, AvatarAck)),
            way("acknowledged twice", |cx, mut effects| {
                if any(&effects, AvatarAck) {
                    effects.push(cx.reply(AvatarAck, Vec::new()));
                }
                effects
            }),
        ],
    ),
    rule(
        "user.info",
        &[
            way(
                "no answer about somebody else",
                |cx, effects| match of_another(cx) {
                    Some(_) => unsent(effects, UserPush),
                    None => effects,
                },
            ),
            way("the nick is the ID", |cx, effects| match of_another(cx) {
                Some(id) => altered(effects, UserPush, |message| {
                    let nick = id.value().to_string();
                    message.set("nick", nick);
                }),
                None => effects,
            }),
            way("the info is the asker's own", |cx, effects| {
                let own = cx.user.and_then(|user| cx.state.users.get_key_value(user));
                match (of_another(cx), own) {
                    (Some(_), Some((id, user))) if any(&effects, UserPush) => {
                        vec![info(cx, id, user)]
                    }
                    _ => effects,
                }
            }),
        ],
    ),
];

/// Whose info is asked for, if it is somebody else's.
fn of_another<'a>(cx: &Context<'a>) -> Option<&'a Id> {
    match request(cx)? {
        Request::Get { user } => Some(user).filter(|user| cx.user != Some(*user)),
        _ => None,
    }
}

/// Whether a request is for one's own info.
pub(super) fn asks_for_oneself(cx: &Context, effects: &[Effect]) -> bool {
    matches!(request(cx), Some(Request::Get { .. }))
        && of_another(cx).is_none()
        && any(effects, UserPush)
}
