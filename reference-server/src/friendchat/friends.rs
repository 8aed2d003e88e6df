//! Friend requests, their answers, and the end of friendships (document: Friends Management).
//! Nobody becomes a friend without having asked or having been asked.

use serde_json::{Value, json};

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::presence;
use super::readings::Departure;
use super::request::{Answer, Pair};
use super::state::MAX_FRIENDS;

pub(super) const SUCCESS: i64 = 0;
pub(super) const NO_SUCH_USER: i64 = 3001;
pub(super) const SERVER_ERROR: i64 = 3002;
/// For the removal of somebody who is no friend; the document has no code for it.
const NO_FRIEND: i64 = 3003;
pub(super) const REJECTED: i64 = 3004;

/// More than a stored friend request weighs.
const WEIGHT: usize = 4096;

/// FRIEND_REQUEST: asks another user for friendship.
pub(super) fn request(cx: &Context, pair: &Pair) -> Vec<Effect> {
    let Pair { sender, receiver } = pair;
    let acknowledge = |code| vec![cx.reply(Kind::FriendRequestAck, with_code(pair, code))];
    if !cx.is_me(sender) {
        return acknowledge(SERVER_ERROR);
    }
    let Some(asked) = cx.state.users.get(receiver) else {
        return acknowledge(NO_SUCH_USER);
    };
    if sender == receiver || cx.state.are_friends(sender, receiver) {
        return acknowledge(SERVER_ERROR);
    }
    // The first request still waits for its answer.
    if cx.state.has_asked(sender, receiver) {
        return acknowledge(SUCCESS);
    }
    if asked.asked_by.len() >= MAX_FRIENDS || !cx.state.has_room_for(receiver, WEIGHT) {
        return acknowledge(SERVER_ERROR);
    }
    let mut effects = acknowledge(SUCCESS);
    effects.push(
        Change::Ask {
            from: sender.clone(),
            to: receiver.clone(),
        }
        .into(),
    );
    effects.push(cx.forward_later(receiver, Kind::FriendRequest, names(sender, receiver)));
    effects
}

/// FRIEND_REQUEST_RESPONSE: accepts or rejects.
pub(super) fn answer(cx: &Context, answer: &Answer) -> Vec<Effect> {
    let Some((asker, me)) = asker_and_me(cx, &answer.sender, &answer.receiver) else {
        return Vec::new();
    };
    let accepted = answer.code == SUCCESS;
    if !cx.state.has_asked(asker, me) || !(accepted || answer.code == REJECTED) {
        return Vec::new();
    }
    let mut effects = vec![
        Change::Unask {
            from: asker.to_owned(),
            to: me.to_owned(),
        }
        .into(),
    ];
    if accepted {
        let have_room = [asker, me]
            .iter()
            .all(|user| cx.state.friends(user).count() < MAX_FRIENDS);
        if !have_room {
            return Vec::new();
        }
        effects.extend(befriend(asker, me));
    }
    let payload =
        json!({ "sender": answer.sender, "receiver": answer.receiver, "code": answer.code });
    let kind = Kind::FriendRequestResponse;
    effects.push(cx.forward_later_unless(Departure::AnswersAreNotStored, asker, kind, payload));
    if accepted {
        effects.extend(presence::introduce(cx, asker, me));
    }
    effects
}

/// FRIEND_REMOVE: ends a friendship.
pub(super) fn remove(cx: &Context, pair: &Pair) -> Vec<Effect> {
    let Pair { sender, receiver } = pair;
    let acknowledge = |code| cx.reply(Kind::FriendRemoveAck, with_code(pair, code));
    if !cx.is_me(sender) || !cx.state.are_friends(sender, receiver) {
        return vec![acknowledge(NO_FRIEND)];
    }
    let unfriend = |user: &str, friend: &str| {
        Change::Unfriend {
            user: user.to_owned(),
            friend: friend.to_owned(),
        }
        .into()
    };
    let (kind, payload) = (Kind::FriendRemove, names(sender, receiver));
    vec![
        unfriend(sender, receiver),
        unfriend(receiver, sender),
        acknowledge(SUCCESS),
        cx.forward_later_unless(Departure::RemovalsAreNotStored, receiver, kind, payload),
    ]
}

/// Makes two users friends, each to the other.
pub(super) fn befriend(one: &str, other: &str) -> [Effect; 2] {
    [(one, other), (other, one)].map(|(user, friend)| {
        Change::Befriend {
            user: user.to_owned(),
            friend: friend.to_owned(),
        }
        .into()
    })
}

/// Who asked, and who answers, by the names in an answer. `None` when the one who answers is not
/// the one who is logged in.
pub(super) fn asker_and_me<'a>(
    cx: &Context,
    sender: &'a str,
    receiver: &'a str,
) -> Option<(&'a str, &'a str)> {
    let (asker, me) = if cx.takes(Departure::AnswersSwapNames) {
        (receiver, sender)
    } else {
        (sender, receiver)
    };
    cx.is_me(me).then_some((asker, me))
}

fn names(sender: &str, receiver: &str) -> Value {
    json!({ "sender": sender, "receiver": receiver })
}

fn with_code(pair: &Pair, code: i64) -> Value {
    json!({ "sender": pair.sender, "receiver": pair.receiver, "code": code })
}
