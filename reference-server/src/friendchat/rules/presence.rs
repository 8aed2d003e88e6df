//! How status updates and logouts can be broken.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::message::Kind;
use super::super::message::Kind::{UserLogout, UserStatusUpdate};
use super::super::request::Request;
use super::edit::{and, misnamed, only_first, outsiders, request, unchanged, unsent};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "status.told-friends",
        &[
            way("nobody is told", |cx, effects| match request(cx) {
                Some(Request::UserStatusUpdate(_)) => unsent(effects, UserStatusUpdate),
                _ => effects,
            }),
            way("only one friend is told", |cx, effects| match request(cx) {
                Some(Request::UserStatusUpdate(_)) => only_first(cx, effects, UserStatusUpdate),
                _ => effects,
            }),
            way("another user is named", |cx, effects| match request(cx) {
                Some(Request::UserStatusUpdate(_)) => {
                    misnamed(effects, UserStatusUpdate, "username")
                }
                _ => effects,
            }),
        ],
    ),
    rule(
        "status.told-friends-only",
        &[way(
            "everybody online is told",
            |cx, effects| match request(cx) {
                Some(Request::UserStatusUpdate(update)) if cx.is_me(&update.username) => {
                    let payload = serde_json::json!({
                        "username": update.username, "status": update.status
                    });
                    to_strangers(cx, effects, UserStatusUpdate, &payload)
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "logout.told-friends",
        &[
            way("nobody is told", |_, effects| unsent(effects, UserLogout)),
            way("only one friend is told", |cx, effects| {
                only_first(cx, effects, UserLogout)
            }),
            way("another user is named", |_, effects| {
                misnamed(effects, UserLogout, "username")
            }),
        ],
    ),
    rule(
        "logout.told-friends-only",
        &[way(
            "everybody online is told",
            |cx, effects| match request(cx) {
                Some(Request::UserLogout(user)) if cx.is_me(&user.username) => {
                    let payload = serde_json::json!({ "username": user.username });
                    to_strangers(cx, effects, UserLogout, &payload)
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "logout.ends-session",
        &[
            way("the session goes on", |_, effects| {
                unchanged(effects, |change| matches!(change, Change::LogOut { .. }))
            }),
            way(
                "the user counts as logged in for ever",
                |cx, effects| match request(cx) {
                    Some(Request::UserLogout(user)) if cx.is_me(&user.username) => {
                        let user = user.username.clone();
                        and(
                            effects,
                            Change::Linger {
                                user,
                                until_ms: u64::MAX,
                            },
                        )
                    }
                    _ => effects,
                },
            ),
        ],
    ),
];

fn to_strangers(
    cx: &Context,
    effects: Vec<Effect>,
    kind: Kind,
    payload: &serde_json::Value,
) -> Vec<Effect> {
    let Some(me) = cx.user else { return effects };
    let mut strangers = outsiders(cx, &[me]);
    strangers.retain(|user| !cx.state.are_friends(me, user));
    strangers.iter().fold(effects, |all, user| {
        and(all, cx.tell(user, kind, payload.clone()))
    })
}
