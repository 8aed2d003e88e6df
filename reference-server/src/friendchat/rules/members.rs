//! How leaving a group, its removal and the change of its leader can be broken; and who is
//! outside a group, for what leaks out of it.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::groups::{SUCCESS, dissolve, hand_over};
use super::super::message::Kind;
use super::super::message::Kind::{
    GroupLeaderChange, GroupLeaderChangeAck, GroupLeave, GroupLeaveAck, GroupRemove, GroupRemoveAck,
};
use super::super::request::Request;
use super::edit::{
    copied, friends, misnamed, only_first, outsiders, recoded, request, sends, unchanged, unsent,
    unsent_code,
};
use super::groups::FAILED;
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "group-leave.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, GroupLeaveAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, GroupLeaveAck, SUCCESS, FAILED)
            }),
            way("another group is acknowledged", |_, effects| {
                misnamed(effects, GroupLeaveAck, "group")
            }),
        ],
    ),
    rule(
        "group-leave.told-members",
        &[
            way("nobody is told", |_, effects| unsent(effects, GroupLeave)),
            way("only one is told", |cx, effects| {
                only_first(cx, effects, GroupLeave)
            }),
            way("another leaver is named", |_, effects| {
                misnamed(effects, GroupLeave, "sender")
            }),
        ],
    ),
    rule(
        "group-leave.private",
        &[
            way("everybody online hears it", |cx, effects| {
                leaked(cx, effects, GroupLeave)
            }),
            way("the leaver's friends hear it", |cx, effects| {
                leaked_to_friends(cx, effects, GroupLeave)
            }),
        ],
    ),
    rule(
        "group-leave.ends-membership",
        &[way(
            "who leaves stays a member",
            |cx, effects| match request(cx) {
                Some(Request::GroupLeave(_)) => {
                    unchanged(effects, |change| matches!(change, Change::Leave { .. }))
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "group-remove.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, GroupRemoveAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, GroupRemoveAck, SUCCESS, FAILED)
            }),
            way("another group is acknowledged", |_, effects| {
                misnamed(effects, GroupRemoveAck, "group")
            }),
        ],
    ),
    rule(
        "group-remove.told-members",
        &[
            way("nobody is told", |_, effects| unsent(effects, GroupRemove)),
            way("only one is told", |cx, effects| {
                only_first(cx, effects, GroupRemove)
            }),
            way("another group is named", |_, effects| {
                misnamed(effects, GroupRemove, "group")
            }),
        ],
    ),
    rule(
        "group-remove.private",
        &[
            way("everybody online hears it", |cx, effects| {
                leaked(cx, effects, GroupRemove)
            }),
            way("the leader's friends hear it", |cx, effects| {
                leaked_to_friends(cx, effects, GroupRemove)
            }),
        ],
    ),
    rule(
        "group-remove.ends-group",
        &[way("the group stays", |cx, effects| match request(cx) {
            Some(Request::GroupRemove(_)) => {
                unchanged(effects, |change| matches!(change, Change::Dissolve { .. }))
            }
            _ => effects,
        })],
    ),
    rule(
        "group-remove.by-leader-only",
        &[way(
            "any member can remove it",
            |cx, effects| match request(cx) {
                Some(Request::GroupRemove(order)) if cx.is_me(&order.sender) => {
                    match cx.state.group_with(&order.group, &order.sender) {
                        Some(group) => dissolve(cx, order, group),
                        None => effects,
                    }
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "leader-change.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, GroupLeaderChangeAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, GroupLeaderChangeAck, SUCCESS, FAILED)
            }),
            way("another leader is acknowledged", |_, effects| {
                misnamed(effects, GroupLeaderChangeAck, "newLeader")
            }),
        ],
    ),
    rule(
        "leader-change.told-members",
        &[
            way("nobody is told", |_, effects| {
                unsent(effects, GroupLeaderChange)
            }),
            way("only one is told", |cx, effects| {
                only_first(cx, effects, GroupLeaderChange)
            }),
            way("another leader is named", |_, effects| {
                misnamed(effects, GroupLeaderChange, "newLeader")
            }),
        ],
    ),
    rule(
        "leader-change.private",
        &[
            way("everybody online hears it", |cx, effects| {
                leaked(cx, effects, GroupLeaderChange)
            }),
            way("the old leader's friends hear it", |cx, effects| {
                leaked_to_friends(cx, effects, GroupLeaderChange)
            }),
        ],
    ),
    rule(
        "leader-change.new-leader-leads",
        &[way(
            "the old leader goes on leading",
            |cx, effects| match request(cx) {
                Some(Request::GroupLeaderChange(_)) => {
                    unchanged(effects, |change| matches!(change, Change::Lead { .. }))
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "leader-change.by-leader-only",
        &[way(
            "any member can hand it over",
            |cx, effects| match request(cx) {
                Some(Request::GroupLeaderChange(handover)) if cx.is_me(&handover.sender) => {
                    match cx.state.group_with(&handover.group, &handover.sender) {
                        Some(group) => hand_over(cx, handover, group),
                        None => effects,
                    }
                }
                _ => effects,
            },
        )],
    ),
];

/// With what a group hears told to everybody outside who is online.
pub(super) fn leaked(cx: &Context, effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    match insiders(cx, &effects, kind) {
        Some(insiders) => copied(effects, kind, outsiders(cx, &insiders)),
        None => effects,
    }
}

/// With what a group hears told to those friends of the one who acts who are outside.
pub(super) fn leaked_to_friends(cx: &Context, effects: Vec<Effect>, kind: Kind) -> Vec<Effect> {
    match (insiders(cx, &effects, kind), cx.user) {
        (Some(insiders), Some(me)) => copied(effects, kind, friends(cx, me, &insiders)),
        _ => effects,
    }
}

/// The members of the group that the input is about, and those who are invited: whether they
/// count is a reading. `None` where nothing of this kind is sent.
fn insiders<'a>(cx: &Context<'a>, effects: &[Effect], kind: Kind) -> Option<Vec<&'a str>> {
    if !effects.iter().any(|effect| sends(effect, kind)) {
        return None;
    }
    let group = match request(cx)? {
        Request::GroupLeave(order) | Request::GroupRemove(order) => &order.group,
        Request::GroupLeaderChange(handover) => &handover.group,
        Request::GroupInviteResponse(answer) => &answer.group,
        _ => return None,
    };
    let group = cx.state.groups.get(group)?;
    let members = group.members.iter().chain(group.invited.keys());
    Some(members.map(String::as_str).collect())
}
