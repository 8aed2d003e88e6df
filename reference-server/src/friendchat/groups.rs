//! Groups: creation, invitations, leaving, removal and the change of leader (document: Group
//! Chat Management). Members are the creator and those who accepted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::friends::asker_and_me;
use super::message::Kind;
use super::readings::Departure;
use super::request::{GroupOrder, Handover, InviteAnswer, NewGroup};
use super::state::{Group, MAX_GROUPS, MAX_MEMBERS, MAX_NAME};

pub(super) const SUCCESS: i64 = 0;
pub(super) const NOT_FRIENDS: i64 = 4001;
// The document has no codes for these.
const GROUP_EXISTS: i64 = 4002;
const NOT_ALLOWED: i64 = 4003;
const NO_SUCH_GROUP: i64 = 4004;
const TOO_MANY: i64 = 4005;
const NO_MEMBER: i64 = 4006;
/// The code of a rejected invitation.
pub(super) const REJECTED: i64 = 5001;

/// GROUP_CREATE: makes a group of friends and invites them.
pub(super) fn create(cx: &Context, new: &NewGroup) -> Vec<Effect> {
    let NewGroup { sender, name, .. } = new;
    let invited = new.invited();
    let refuse = |code| {
        vec![cx.reply(
            Kind::GroupCreateAck,
            json!({ "sender": sender, "name": name, "code": code }),
        )]
    };
    if !cx.is_me(sender) {
        return refuse(NOT_ALLOWED);
    }
    let strangers: Vec<&str> = invited
        .iter()
        .copied()
        .filter(|member| !cx.state.are_friends(sender, member))
        .collect();
    if !strangers.is_empty() {
        let payload = json!({
            "sender": sender, "not-friends": strangers, "name": name, "code": NOT_FRIENDS
        });
        return vec![cx.reply(Kind::GroupCreateAck, payload)];
    }
    if name.is_empty() || cx.state.groups.contains_key(name) {
        return refuse(GROUP_EXISTS);
    }
    let too_many = cx.state.groups.len() >= MAX_GROUPS || invited.len() >= MAX_MEMBERS;
    if too_many || name.len() > MAX_NAME {
        return refuse(TOO_MANY);
    }
    found(cx, new)
}

/// Makes a group and invites its members, whoever they are.
pub(super) fn found(cx: &Context, new: &NewGroup) -> Vec<Effect> {
    let NewGroup {
        sender,
        members,
        name,
    } = new;
    let acknowledgement =
        json!({ "sender": sender, "members": members, "name": name, "code": SUCCESS });
    let mut effects = vec![
        Change::Found {
            group: name.clone(),
            leader: sender.clone(),
        }
        .into(),
        Change::Join {
            group: name.clone(),
            user: sender.clone(),
        }
        .into(),
        cx.reply(Kind::GroupCreateAck, acknowledgement),
    ];
    for user in new.invited() {
        effects.extend(invite(cx, sender, user, name));
    }
    effects
}

impl NewGroup {
    /// The members once each, without the creator.
    pub(super) fn invited(&self) -> BTreeSet<&str> {
        self.members
            .iter()
            .map(String::as_str)
            .filter(|member| *member != self.sender)
            .collect()
    }
}

fn invite(cx: &Context, by: &str, user: &str, group: &str) -> Vec<Effect> {
    let change = Change::Invite {
        group: group.to_owned(),
        user: user.to_owned(),
        by: by.to_owned(),
    };
    let payload = json!({ "sender": by, "receiver": user, "group": group });
    let (not_stored, kind) = (Departure::InvitesAreNotStored, Kind::GroupInvite);
    let mut effects = vec![
        change.into(),
        cx.forward_later_unless(not_stored, user, kind, payload),
    ];
    if cx.takes(Departure::InvitedAreMembers) {
        effects.push(
            Change::Join {
                group: group.to_owned(),
                user: user.to_owned(),
            }
            .into(),
        );
    }
    effects
}

/// GROUP_INVITE_RESPONSE: accepts or rejects an invitation.
pub(super) fn answer(cx: &Context, answer: &InviteAnswer) -> Vec<Effect> {
    let InviteAnswer {
        sender,
        receiver,
        group: name,
        code,
    } = answer;
    let Some((inviter, me)) = asker_and_me(cx, sender, receiver) else {
        return Vec::new();
    };
    let Some(group) = cx.state.groups.get(name) else {
        return Vec::new();
    };
    let accepted = *code == SUCCESS;
    let invited = group.invited.get(me).is_some_and(|by| by == inviter);
    if !invited || !(accepted || *code == REJECTED) {
        return Vec::new();
    }
    let (group_name, user) = (name.clone(), me.to_owned());
    let membership = if accepted {
        Change::Join {
            group: group_name.clone(),
            user: user.clone(),
        }
    } else {
        Change::Leave {
            group: group_name.clone(),
            user: user.clone(),
        }
    };
    let payload = json!({ "sender": sender, "receiver": receiver, "group": name, "code": code });
    let (not_stored, kind) = (Departure::AnswersAreNotStored, Kind::GroupInviteResponse);
    let mut effects = vec![
        Change::Uninvite {
            group: group_name,
            user,
        }
        .into(),
        membership.into(),
        cx.forward_later_unless(not_stored, inviter, kind, payload.clone()),
    ];
    if cx.takes(Departure::InviteAnswersAreBroadcast) {
        let others = group.others(me).filter(|&member| member != inviter);
        effects.extend(others.map(|member| cx.forward(member, kind, payload.clone())));
    }
    effects
}

/// GROUP_LEAVE: a member leaves. If it was the leader, another one leads; if it was the last
/// one, the group is gone.
pub(super) fn leave(cx: &Context, order: &GroupOrder) -> Vec<Effect> {
    let GroupOrder {
        sender,
        group: name,
    } = order;
    let Some(group) = my_group(cx, sender, name) else {
        return vec![cx.reply(Kind::GroupLeaveAck, with_code(order, NO_SUCH_GROUP))];
    };
    let mut effects = vec![
        Change::Leave {
            group: name.clone(),
            user: sender.clone(),
        }
        .into(),
        cx.reply(Kind::GroupLeaveAck, with_code(order, SUCCESS)),
    ];
    match group.others(sender).next() {
        None => effects.push(
            Change::Dissolve {
                group: name.clone(),
            }
            .into(),
        ),
        Some(heir) if group.leader == *sender => {
            effects.push(
                Change::Lead {
                    group: name.clone(),
                    user: heir.to_owned(),
                }
                .into(),
            );
        }
        Some(_) => {}
    }
    let payload = json!({ "sender": sender, "group": name });
    let told = Told {
        group,
        by: sender,
        echo: cx.takes(Departure::LeaveEchoes),
    };
    effects.extend(broadcast(cx, told, Kind::GroupLeave, &payload));
    effects
}

/// GROUP_REMOVE: the leader dissolves the group.
pub(super) fn remove(cx: &Context, order: &GroupOrder) -> Vec<Effect> {
    let GroupOrder {
        sender,
        group: name,
    } = order;
    let refuse = |code| vec![cx.reply(Kind::GroupRemoveAck, with_code(order, code))];
    match my_group(cx, sender, name) {
        None => refuse(NO_SUCH_GROUP),
        Some(group) if group.leader != *sender => refuse(NOT_ALLOWED),
        Some(group) => dissolve(cx, order, group),
    }
}

/// Dissolves a group, whoever asks for it.
pub(super) fn dissolve(cx: &Context, order: &GroupOrder, group: &Group) -> Vec<Effect> {
    let GroupOrder {
        sender,
        group: name,
    } = order;
    let mut effects = vec![
        Change::Dissolve {
            group: name.clone(),
        }
        .into(),
        cx.reply(Kind::GroupRemoveAck, with_code(order, SUCCESS)),
    ];
    let payload = json!({ "sender": sender, "group": name });
    let told = Told {
        group,
        by: sender,
        echo: cx.takes(Departure::RemoveEchoes),
    };
    effects.extend(broadcast(cx, told, Kind::GroupRemove, &payload));
    effects
}

/// GROUP_LEADER_CHANGE: the leader hands the group over to another member.
pub(super) fn change_leader(cx: &Context, handover: &Handover) -> Vec<Effect> {
    let Handover {
        sender,
        group: name,
        new_leader,
    } = handover;
    let refuse = |code| vec![acknowledge_handover(cx, handover, code)];
    match my_group(cx, sender, name) {
        None => refuse(NO_SUCH_GROUP),
        Some(group) if group.leader != *sender => refuse(NOT_ALLOWED),
        Some(group) if !group.members.contains(new_leader) => refuse(NO_MEMBER),
        Some(group) => hand_over(cx, handover, group),
    }
}

/// Gives a group a new leader, whoever asks for it.
pub(super) fn hand_over(cx: &Context, handover: &Handover, group: &Group) -> Vec<Effect> {
    let Handover {
        sender,
        group: name,
        new_leader,
    } = handover;
    let mut effects = vec![
        Change::Lead {
            group: name.clone(),
            user: new_leader.clone(),
        }
        .into(),
        acknowledge_handover(cx, handover, SUCCESS),
    ];
    let payload = json!({ "sender": sender, "group": name, "newLeader": new_leader });
    let told = Told {
        group,
        by: sender,
        echo: cx.takes(Departure::LeaderChangeEchoes),
    };
    effects.extend(broadcast(cx, told, Kind::GroupLeaderChange, &payload));
    effects
}

/// Who hears of what somebody did in a group.
struct Told<'a> {
    group: &'a Group,
    by: &'a str,
    echo: bool,
}

/// Tells the members.
fn broadcast(cx: &Context, told: Told, kind: Kind, payload: &Value) -> Vec<Effect> {
    let members = told
        .group
        .others(told.by)
        .chain(told.echo.then_some(told.by));
    let not_stored = Departure::BroadcastsAreNotStored;
    let tell = |member| cx.forward_later_unless(not_stored, member, kind, payload.clone());
    members.map(tell).collect()
}

/// The group of this name, if the sender is the one who is logged in and a member.
fn my_group<'a>(cx: &Context<'a>, sender: &str, group: &str) -> Option<&'a Group> {
    cx.state
        .group_with(group, sender)
        .filter(|_| cx.is_me(sender))
}

fn with_code(order: &GroupOrder, code: i64) -> Value {
    json!({ "sender": order.sender, "group": order.group, "code": code })
}

fn acknowledge_handover(cx: &Context, handover: &Handover, code: i64) -> Effect {
    let Handover {
        sender,
        group,
        new_leader,
    } = handover;
    let payload =
        json!({ "sender": sender, "group": group, "newLeader": new_leader, "code": code });
    cx.reply(Kind::GroupLeaderChangeAck, payload)
}
