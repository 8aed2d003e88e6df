//! Lists and infos of users, and their avatars (document: Sync Users, Set Avatar, Get User Info).

use super::context::Context;
use super::effect::{Change, Effect};
use super::id::Id;
use super::message::Kind;
use super::readings::Departure;
use super::state::User;

/// Bytes of avatars that one list holds; who shares a chat with the asker comes first.
const LIST_BYTES: usize = 4 << 20;
/// Users in one list.
const LIST_LENGTH: usize = 5_000;

/// user.sync
pub(super) fn sync(cx: &Context) -> Vec<Effect> {
    let nobody = Id::Number(0);
    if cx.is_served() {
        vec![list(cx, cx.user.unwrap_or(&nobody))]
    } else {
        Vec::new()
    }
}

/// The list of users for one of them.
pub(super) fn list(cx: &Context, asker: &Id) -> Effect {
    let partners = cx.state.partners(asker);
    let listed = |user: &Id| {
        if cx.takes(Departure::SyncListsOnline) {
            cx.state.is_online(user)
        } else {
            !cx.takes(Departure::SyncListsPartners)
        }
    };
    let others = cx
        .state
        .users
        .keys()
        .filter(|user| !partners.contains(user) && *user != asker && listed(user));
    let known = partners
        .iter()
        .copied()
        .filter(|user| !cx.takes(Departure::SyncListsOnline) || listed(user));
    let asker = Some(asker).filter(|_| !cx.takes(Departure::SyncLeavesOutSelf));
    let mut bytes = 0;
    let users = asker
        .into_iter()
        .chain(known)
        .chain(others)
        .filter_map(|id| {
            let user = cx.state.users.get(id)?;
            bytes += user.avatar.len() + user.name.len();
            (bytes <= LIST_BYTES).then(|| cx.listed(id, user))
        });
    let users = rmpv::Value::Array(users.take(LIST_LENGTH).collect());
    cx.reply(Kind::UserSync, vec![("users", users)])
}

/// avatar.set; what is empty or too large gets no answer.
pub(super) fn set_avatar(cx: &Context, image: &[u8]) -> Vec<Effect> {
    let Some(user) = cx.user else {
        return Vec::new();
    };
    if image.is_empty() || !cx.state.has_room_for_avatar(image.len() + 1) {
        return Vec::new();
    }
    let mut image = image.to_vec();
    if cx.takes(Departure::AvatarsAreChanged) {
        // Readers of images ignore what follows the image.
        image.push(0);
    }
    let set = Change::SetAvatar {
        user: user.clone(),
        avatar: image.into(),
    };
    vec![set.into(), cx.reply(Kind::AvatarAck, Vec::new())]
}

/// user.get
pub(super) fn get(cx: &Context, id: &Id) -> Vec<Effect> {
    if !cx.is_served() {
        return Vec::new();
    }
    match cx.state.users.get(id) {
        Some(user) => vec![info(cx, id, user)],
        None if cx.takes(Departure::UnknownInfoIsAnswered) => {
            let unknown = vec![
                ("user_id", id.value()),
                ("nick", "".into()),
                ("avatar", "".into()),
            ];
            vec![cx.reply(Kind::UserPush, unknown)]
        }
        None => Vec::new(),
    }
}

pub(super) fn info(cx: &Context, id: &Id, user: &User) -> Effect {
    let fields = vec![
        ("user_id", id.value()),
        ("nick", user.name.as_str().into()),
        ("avatar", cx.avatar(&user.avatar)),
    ];
    cx.reply(Kind::UserPush, fields)
}
