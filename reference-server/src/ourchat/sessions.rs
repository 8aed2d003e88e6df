//! New sessions. The creator is a member, listed or not; a member listed twice is one member.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::{Kind, Message};
use super::readings::Departure;
use super::request::NewSession;
use super::state::{MAX_MEMBERS, MAX_SESSIONS, MAX_SESSIONS_EACH};

pub(super) const SUCCESS: u64 = 0;
pub(super) const ERROR: u64 = 1;
pub(super) const LIMIT: u64 = 2;

/// NEW_SESSION.
pub(super) fn create(cx: &Context, session: &NewSession) -> Vec<Effect> {
    let refusal = |status| vec![cx.reply(Kind::NewSessionResponse, json!({ "status": status }))];
    let creator = match cx.me() {
        Some(user) => user,
        None if cx.takes(Departure::SessionsNeedNoLogin) => 0,
        None => return vec![cx.error("log in first")],
    };
    if session.members.len() > MAX_MEMBERS || cx.state.sessions.len() >= MAX_SESSIONS {
        return refusal(ERROR);
    }
    let known = session.members.iter().map(|member| cx.state.known(*member));
    let unknown_pass = cx.takes(Departure::UnknownMembersArePassedOver);
    let mut members: Vec<u64> = match known.clone().collect::<Option<Vec<u64>>>() {
        Some(members) => members,
        None if unknown_pass => known.flatten().collect(),
        None => return refusal(ERROR),
    };
    let for_others = cx.me().is_some_and(|creator| !members.contains(&creator));
    if for_others && cx.takes(Departure::SessionsAreForTheirMembers) {
        return refusal(ERROR);
    }
    if !cx.takes(Departure::CreatorsMustBeListed) {
        members.extend(cx.me());
    }
    members.sort_unstable();
    members.dedup();
    if members.is_empty() {
        return refusal(ERROR);
    }
    let refuses = cx.takes(Departure::SameMembersAreRefused);
    if refuses || cx.takes(Departure::SameMembersShareASession) {
        let same = |(_, session): &(&u64, &super::state::Session)| {
            session.members.iter().eq(members.iter())
        };
        if let Some((id, _)) = cx.state.sessions.iter().find(same) {
            return match refuses {
                true => refusal(ERROR),
                false => vec![created(cx, *id)],
            };
        }
    }
    let created_before = cx.state.accounts.get(&creator).map_or(0, |a| a.sessions);
    if created_before >= MAX_SESSIONS_EACH {
        return refusal(LIMIT);
    }
    let session = cx.state.next_session();
    let mut effects = vec![created(cx, session)];
    if cx.takes(Departure::MembersAreTold) {
        let others = members.iter().filter(|member| Some(**member) != cx.me());
        let told = others.flat_map(|member| cx.state.connections_of(*member));
        effects.extend(told.map(|&to| Effect::Send {
            to,
            message: success(session),
        }));
    }
    effects.push(
        Change::Found {
            session,
            creator,
            members,
        }
        .into(),
    );
    effects
}

fn created(cx: &Context, session: u64) -> Effect {
    Effect::Send {
        to: cx.conn,
        message: success(session),
    }
}

fn success(session: u64) -> Message {
    let fields = json!({ "status": SUCCESS, "session_id": session });
    Message::new(Kind::NewSessionResponse, fields)
}
