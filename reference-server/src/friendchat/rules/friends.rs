//! How friend requests and the end of friendships can be broken.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::friends::{
    NO_SUCH_USER, REJECTED, SERVER_ERROR, SUCCESS, asker_and_me, befriend,
};
use super::super::message::Kind::{
    FriendRemove, FriendRemoveAck, FriendRequest, FriendRequestAck, FriendRequestResponse,
};
use super::super::request::{Answer, Pair, Request};
use super::edit::{
    and, copied, friends, outsiders, recoded, request, sends, swapped, unchanged, unsent,
    unsent_code,
};
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "friend-request.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, FriendRequestAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, FriendRequestAck, SUCCESS, SERVER_ERROR)
            }),
            way("sender and receiver are changed over", |_, effects| {
                if effects.iter().any(|effect| sends(effect, FriendRequest)) {
                    swapped(effects, FriendRequestAck)
                } else {
                    effects
                }
            }),
        ],
    ),
    rule(
        "friend-request.unknown-user",
        &[
            way("acknowledged as a success", |_, effects| {
                recoded(effects, FriendRequestAck, NO_SUCH_USER, SUCCESS)
            }),
            way("another code", |_, effects| {
                recoded(effects, FriendRequestAck, NO_SUCH_USER, SERVER_ERROR)
            }),
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, FriendRequestAck, NO_SUCH_USER)
            }),
        ],
    ),
    rule(
        "friend-request.delivered-online",
        &[
            way("not delivered", |cx, effects| match asked_online(cx) {
                true => unsent(effects, FriendRequest),
                false => effects,
            }),
            way(
                "sender and receiver are changed over",
                |cx, effects| match asked_online(cx) {
                    true => swapped(effects, FriendRequest),
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-request.delivered-later",
        &[
            way("lost", |cx, effects| match pair(cx) {
                Some(pair) if !cx.state.is_online(&pair.receiver) => unsent(effects, FriendRequest),
                _ => effects,
            }),
            way(
                "handed over with sender and receiver changed over",
                |cx, effects| match request(cx) {
                    Some(Request::LoginRequest(_)) => swapped(effects, FriendRequest),
                    _ => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-request.delivered-once",
        &[
            way("delivered twice", |cx, effects| {
                let mut stored = stored(cx, &effects);
                let mut effects = effects;
                effects.append(&mut stored);
                effects
            }),
            way("delivered at each login", |cx, mut effects| {
                for effect in stored(cx, &effects) {
                    if let Effect::Deliver {
                        to: user, message, ..
                    } = effect
                    {
                        effects.push(Change::Store { user, message }.into());
                    }
                }
                effects
            }),
        ],
    ),
    rule(
        "friend-request.private",
        &[
            way(
                "everybody online gets the request",
                |cx, effects| match pair(cx) {
                    Some(Pair { sender, receiver }) => {
                        copied(effects, FriendRequest, outsiders(cx, &[sender, receiver]))
                    }
                    None => effects,
                },
            ),
            way(
                "everybody online gets the answer",
                |cx, effects| match answer(cx) {
                    Some(Answer {
                        sender, receiver, ..
                    }) => copied(
                        effects,
                        FriendRequestResponse,
                        outsiders(cx, &[sender, receiver]),
                    ),
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-request.acceptance-forwarded",
        &[
            way("not forwarded", |_, effects| {
                unsent_code(effects, FriendRequestResponse, SUCCESS)
            }),
            way("forwarded as a rejection", |_, effects| {
                recoded(effects, FriendRequestResponse, SUCCESS, REJECTED)
            }),
        ],
    ),
    rule(
        "friend-request.rejection-forwarded",
        &[
            way("not forwarded", |_, effects| {
                unsent_code(effects, FriendRequestResponse, REJECTED)
            }),
            way("forwarded as an acceptance", |_, effects| {
                recoded(effects, FriendRequestResponse, REJECTED, SUCCESS)
            }),
        ],
    ),
    rule(
        "friend-request.acceptance-befriends",
        &[
            way("nobody becomes a friend", |_, effects| {
                unchanged(effects, |change| matches!(change, Change::Befriend { .. }))
            }),
            way(
                "only the one who asked has a friend",
                |cx, effects| match asker(cx) {
                    Some((asker, _)) => unchanged(
                        effects,
                        |change| matches!(change, Change::Befriend { user, .. } if user != asker),
                    ),
                    None => effects,
                },
            ),
            way(
                "only the one who answered has a friend",
                |cx, effects| match asker(cx) {
                    Some((asker, _)) => unchanged(
                        effects,
                        |change| matches!(change, Change::Befriend { user, .. } if user == asker),
                    ),
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-request.rejection-befriends-nobody",
        &[way("the two become friends", |cx, effects| {
            match (asker(cx), answer(cx)) {
                (Some((asker, me)), Some(answer))
                    if answer.code == REJECTED && !effects.is_empty() =>
                {
                    with_friends(effects, befriend(asker, me))
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "friend-request.unasked-answer-befriends-nobody",
        &[way("the two become friends", |cx, effects| {
            match (asker(cx), answer(cx)) {
                (Some((asker, me)), Some(answer))
                    if answer.code == SUCCESS
                        && effects.is_empty()
                        && cx.state.user_exists(asker) =>
                {
                    with_friends(effects, befriend(asker, me))
                }
                _ => effects,
            }
        })],
    ),
    rule(
        "friend-remove.acknowledged",
        &[
            way("no acknowledgement", |_, effects| {
                unsent_code(effects, FriendRemoveAck, SUCCESS)
            }),
            way("acknowledged as failed", |_, effects| {
                recoded(effects, FriendRemoveAck, SUCCESS, SERVER_ERROR)
            }),
            way("sender and receiver are changed over", |_, effects| {
                if effects.iter().any(|effect| sends(effect, FriendRemove)) {
                    swapped(effects, FriendRemoveAck)
                } else {
                    effects
                }
            }),
        ],
    ),
    rule(
        "friend-remove.delivered",
        &[
            way("not delivered", |cx, effects| match removed_online(cx) {
                true => unsent(effects, FriendRemove),
                false => effects,
            }),
            way(
                "sender and receiver are changed over",
                |cx, effects| match removed_online(cx) {
                    true => swapped(effects, FriendRemove),
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-remove.private",
        &[
            way(
                "everybody online hears of it",
                |cx, effects| match removal(cx) {
                    Some(Pair { sender, receiver }) => {
                        copied(effects, FriendRemove, outsiders(cx, &[sender, receiver]))
                    }
                    None => effects,
                },
            ),
            way(
                "the other friends hear of it",
                |cx, effects| match removal(cx) {
                    Some(Pair { sender, receiver }) => copied(
                        effects,
                        FriendRemove,
                        friends(cx, sender, &[sender, receiver]),
                    ),
                    None => effects,
                },
            ),
        ],
    ),
    rule(
        "friend-remove.ends-friendship",
        &[
            way("the two stay friends", |_, effects| {
                unchanged(effects, |change| matches!(change, Change::Unfriend { .. }))
            }),
            way(
                "the one who was removed keeps the friend",
                |cx, effects| match removal(cx) {
                    Some(Pair { receiver, .. }) => unchanged(
                        effects,
                        |change| matches!(change, Change::Unfriend { user, .. } if user == receiver),
                    ),
                    None => effects,
                },
            ),
        ],
    ),
];

fn pair<'a>(cx: &Context<'a>) -> Option<&'a Pair> {
    match request(cx)? {
        Request::FriendRequest(pair) => Some(pair),
        _ => None,
    }
}

fn removal<'a>(cx: &Context<'a>) -> Option<&'a Pair> {
    match request(cx)? {
        Request::FriendRemove(pair) => Some(pair),
        _ => None,
    }
}

fn answer<'a>(cx: &Context<'a>) -> Option<&'a Answer> {
    match request(cx)? {
        Request::FriendRequestResponse(answer) => Some(answer),
        _ => None,
    }
}

/// Who asked and who answers, where the input is an answer to a friend request.
fn asker<'a>(cx: &Context<'a>) -> Option<(&'a str, &'a str)> {
    let answer = answer(cx)?;
    asker_and_me(cx, &answer.sender, &answer.receiver)
}

fn asked_online(cx: &Context) -> bool {
    pair(cx).is_some_and(|pair| cx.state.is_online(&pair.receiver))
}

fn removed_online(cx: &Context) -> bool {
    removal(cx).is_some_and(|pair| cx.state.is_online(&pair.receiver))
}

/// The friend requests that a login hands over.
fn stored(cx: &Context, effects: &[Effect]) -> Vec<Effect> {
    let login = matches!(request(cx), Some(Request::LoginRequest(_)));
    effects
        .iter()
        .filter(|effect| login && sends(effect, FriendRequest))
        .cloned()
        .collect()
}

fn with_friends(effects: Vec<Effect>, friendship: [Effect; 2]) -> Vec<Effect> {
    friendship.into_iter().fold(effects, and)
}
