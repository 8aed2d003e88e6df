//! How the creation of groups and invitations to them can be broken.

use serde_json::json;

use super::super::context::Context;
use super::super::effect::{Change, Effect, Offline};
use super::super::groups::{NOT_FRIENDS, REJECTED, SUCCESS, found};
use super::super::message::Kind::{GroupCreateAck, GroupInvite, GroupInviteResponse};
use super::super::message::Message;
use super::super::request::{NewGroup, Request};
use super::edit::{
    altered, and, any_code, changed, misnamed, only_first, outsiders, recoded, request, unchanged,
    unsent, unsent_code,
};
use super::members::{leaked, leaked_to_friends};
use super::{Entry, rule, way};

/// A code that the document gives no meaning in an acknowledgement.
pub(super) const FAILED: i64 = 4099;

pub(super) const RULES: &[Entry] = &[
    rule(
        "group-create.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, GroupCreateAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, GroupCreateAck, SUCCESS, FAILED)
            }),
            way("the acknowledgement lists no members", |_, effects| {
                altered(effects, GroupCreateAck, |message| {
                    if message.code() == Some(SUCCESS) {
                        message.set("members", json!([]));
                    }
                })
            }),
        ],
    ),
    rule(
        "group-create.not-friends",
        &[
            way("created all the same", |cx, effects| match new_group(cx) {
                Some(new) if any_code(&effects, GroupCreateAck, NOT_FRIENDS) => found(cx, new),
                _ => effects,
            }),
            way("another code", |_, effects| {
                recoded(effects, GroupCreateAck, NOT_FRIENDS, FAILED)
            }),
            way(
                "not-friends lists friends as well",
                |cx, effects| match new_group(cx) {
                    Some(new) => altered(effects, GroupCreateAck, |message| {
                        if message.code() == Some(NOT_FRIENDS) {
                            message.set("not-friends", json!(new.members));
                        }
                    }),
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "group-create.refusal-invites-nobody",
        &[
            way("the friends are invited", |cx, effects| {
                match new_group(cx) {
                    Some(new) if any_code(&effects, GroupCreateAck, NOT_FRIENDS) => {
                        let mut invited = new.invited();
                        invited.retain(|member| cx.state.are_friends(&new.sender, member));
                        invited
                            .into_iter()
                            .fold(effects, |all, user| and(all, invitation(new, user)))
                    }
                    _ => effects,
                }
            }),
            way("the others are invited", |cx, effects| {
                match new_group(cx) {
                    Some(new) if any_code(&effects, GroupCreateAck, NOT_FRIENDS) => {
                        let mut invited = new.invited();
                        invited.retain(|member| !cx.state.are_friends(&new.sender, member));
                        invited
                            .into_iter()
                            .fold(effects, |all, user| and(all, invitation(new, user)))
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "group-invite.unasked-answer-joins-nobody",
        &[way("whoever accepts is a member", |cx, effects| {
            match (request(cx), cx.user) {
                (Some(Request::GroupInviteResponse(answer)), Some(me))
                    if answer.code == SUCCESS && effects.is_empty() =>
                {
                    let (group, user) = (answer.group.clone(), me.to_owned());
                    vec![Change::Join { group, user }.into()]
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "group-create.invites-members",
        &[
            way("nobody is invited", |_, effects| {
                unsent(effects, GroupInvite)
            }),
            way("only the first member is invited", |cx, effects| {
                only_first(cx, effects, GroupInvite)
            }),
            way("the invitation names another group", |_, effects| {
                misnamed(effects, GroupInvite, "group")
            }),
        ],
    ),
    rule(
        "group-create.invites-only-members",
        &[
            way(
                "everybody online is invited",
                |cx, effects| match new_group(cx) {
                    Some(new) if any_code(&effects, GroupCreateAck, SUCCESS) => {
                        let mut insiders: Vec<&str> = new.invited().into_iter().collect();
                        insiders.push(&new.sender);
                        let others = outsiders(cx, &insiders);
                        others
                            .iter()
                            .fold(effects, |all, user| and(all, invitation(new, user)))
                    }
                    _ => effects,
                },
            ),
            way("the creator is invited", |cx, effects| {
                match new_group(cx) {
                    Some(new) if any_code(&effects, GroupCreateAck, SUCCESS) => {
                        and(effects, invitation(new, &new.sender))
                    }
                    _ => effects,
                }
            }),
        ],
    ),
    rule(
        "group-create.owned",
        &[
            way("the creator is no member", |cx, effects| {
                match new_group(cx) {
                    Some(new) => unchanged(
                        effects,
                        |change| matches!(change, Change::Join { user, .. } if *user == new.sender),
                    ),
                    None => effects,
                }
            }),
            way(
                "the first one who joins takes it from the creator",
                |cx, effects| {
                    let Some(Request::GroupInviteResponse(answer)) = request(cx) else {
                        return effects;
                    };
                    let Some(group) = cx.state.groups.get(&answer.group) else {
                        return effects;
                    };
                    let joins =
                        |effect: &Effect| matches!(effect, Effect::Change(Change::Join { .. }));
                    if group.members.len() != 1 || !effects.iter().any(joins) {
                        return effects;
                    }
                    let (group, user) = (answer.group.clone(), group.leader.clone());
                    and(effects, Change::Leave { group, user })
                },
            ),
        ],
    ),
    rule(
        "group-invite.acceptance-forwarded",
        &[
            way("not forwarded", |_, effects| {
                unsent_code(effects, GroupInviteResponse, SUCCESS)
            }),
            way("forwarded as a rejection", |_, effects| {
                recoded(effects, GroupInviteResponse, SUCCESS, REJECTED)
            }),
        ],
    ),
    rule(
        "group-invite.rejection-forwarded",
        &[
            way("not forwarded", |_, effects| {
                unsent_code(effects, GroupInviteResponse, REJECTED)
            }),
            way("forwarded as an acceptance", |_, effects| {
                recoded(effects, GroupInviteResponse, REJECTED, SUCCESS)
            }),
        ],
    ),
    rule(
        "group-invite.answer-private",
        &[
            way("everybody online sees it", |cx, effects| {
                leaked(cx, effects, GroupInviteResponse)
            }),
            way("the answerer's friends see it", |cx, effects| {
                leaked_to_friends(cx, effects, GroupInviteResponse)
            }),
        ],
    ),
    rule(
        "group-invite.rejection-keeps-out",
        &[way(
            "who rejects is in the group",
            |cx, effects| match request(cx) {
                Some(Request::GroupInviteResponse(_)) => changed(effects, |change| match change {
                    Change::Leave { group, user } => Change::Join { group, user },
                    change => change,
                }),
                _ => effects,
            },
        )],
    ),
];

fn new_group<'a>(cx: &Context<'a>) -> Option<&'a NewGroup> {
    match request(cx)? {
        Request::GroupCreate(new) => Some(new),
        _ => None,
    }
}

fn invitation(new: &NewGroup, user: &str) -> Effect {
    let payload = json!({ "sender": new.sender, "receiver": user, "group": new.name });
    let message = Message::new(GroupInvite, payload);
    Effect::Deliver {
        to: user.to_owned(),
        message,
        how: Offline::Drop,
    }
}
