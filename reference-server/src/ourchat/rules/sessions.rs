//! How new sessions can be broken.

use std::collections::BTreeSet;

use super::super::context::Context;
use super::super::message::Kind::NewSessionResponse;
use super::super::sessions::{ERROR, LIMIT, SUCCESS};
use super::edit::{altered, new_session, restated, unsaid};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "session.created",
        &[
            way("no answer", |_, effects| {
                unsaid(effects, NewSessionResponse, SUCCESS)
            }),
            way("the answer says that the server failed", |_, effects| {
                restated(effects, NewSessionResponse, SUCCESS, ERROR)
            }),
        ],
    ),
    rule(
        "session.id-unique",
        &[way(
            "who closes a triangle of sessions is told the id of another side",
            |cx, effects| match other_side(cx) {
                Some(side) => altered(effects, NewSessionResponse, |message| {
                    if message.status() == Some(SUCCESS) {
                        message.set("session_id", side);
                    }
                }),
                None => effects,
            },
        )],
    ),
    rule(
        "session.id-only-on-success",
        &[
            way("a refusal has the id 0", |_, effects| {
                altered(effects, NewSessionResponse, |message| {
                    if message.status() != Some(SUCCESS) {
                        message.set("session_id", 0);
                    }
                })
            }),
            way("a refusal has the next id", |cx, effects| {
                let next = cx.state.next_session();
                altered(effects, NewSessionResponse, |message| {
                    if message.status() != Some(SUCCESS) {
                        message.set("session_id", next);
                    }
                })
            }),
        ],
    ),
    rule(
        "session.limit",
        &[way(
            "the answer at the limit says that the server failed",
            |_, effects| restated(effects, NewSessionResponse, LIMIT, ERROR),
        )],
    ),
];

/// The id of the session that the creator has with somebody with whom the other member has one too.
fn other_side(cx: &Context) -> Option<u64> {
    let members = new_session(cx)?.members.iter();
    let new: BTreeSet<u64> = members
        .filter_map(|member| cx.state.known(*member))
        .collect();
    if new.len() != 2 {
        return None;
    }
    let (me, other) = (cx.me()?, new.iter().copied().find(|m| Some(*m) != cx.me())?);
    let sides = || {
        let sessions = cx.state.sessions.iter();
        sessions.filter(|(_, session)| session.members.len() == 2)
    };
    let mut mine = sides().filter(|(_, session)| session.members.contains(&me));
    let closes = |third: u64| {
        let with_both = BTreeSet::from([third, other]);
        third != other && sides().any(|(_, session)| session.members == with_both)
    };
    mine.find_map(|(id, session)| {
        let third = session.members.iter().find(|member| **member != me)?;
        closes(*third).then_some(*id)
    })
}
