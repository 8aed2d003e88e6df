//! Status updates, logouts and dropped connections (document: Presence Management).
//! Nobody but friends who are online hears of them.

use serde_json::json;

use super::context::Context;
use super::effect::{Change, Effect};
use super::message::Kind;
use super::readings::Departure;
use super::request::{Named, Status};

/// The one status that the document shows.
const ONLINE: &str = "online";
/// How long a session without a connection lingers, if the server lets it.
const LINGER_MS: u64 = 30_000;
/// RFC 6455, section 7.4.1.
pub(super) const NORMAL_CLOSE: u16 = 1000;

/// USER_STATUS_UPDATE: tells the friends.
pub(super) fn status(cx: &Context, update: &Status) -> Vec<Effect> {
    let Status { username, status } = update;
    if !cx.is_me(username) {
        return Vec::new();
    }
    let payload = json!({ "username": username, "status": status });
    let echo = cx
        .takes(Departure::StatusEchoes)
        .then_some(username.as_str());
    let told = cx.state.friends(username).chain(echo);
    told.map(|user| cx.forward(user, Kind::UserStatusUpdate, payload.clone()))
        .collect()
}

/// USER_LOGOUT: ends the session and tells the friends. The connection can log in again.
pub(super) fn logout(cx: &Context, user: &Named) -> Vec<Effect> {
    let Named { username } = user;
    if !cx.is_me(username) {
        return Vec::new();
    }
    let payload = json!({ "username": username });
    let tell = |friend| cx.forward(friend, Kind::UserLogout, payload.clone());
    let mut effects: Vec<Effect> = vec![Change::LogOut { conn: cx.conn }.into()];
    effects.extend(cx.state.friends(username).map(tell));
    if cx.takes(Departure::LogoutCloses) {
        effects.push(Effect::Close {
            conn: cx.conn,
            code: NORMAL_CLOSE,
        });
    }
    effects
}

/// What friends hear of a login, which is nothing unless the server departs so.
pub(super) fn announce_login(cx: &Context, user: &str) -> Vec<Effect> {
    if !cx.takes(Departure::LoginAnnounces) {
        return Vec::new();
    }
    let payload = json!({ "username": user, "status": ONLINE });
    let tell = |friend| cx.tell(friend, Kind::UserStatusUpdate, payload.clone());
    cx.state.friends(user).map(tell).collect()
}

/// What two new friends hear of each other, which is nothing unless the server departs so.
pub(super) fn introduce(cx: &Context, one: &str, other: &str) -> Vec<Effect> {
    let both = cx.state.is_online(one) && cx.state.is_online(other);
    if !both || !cx.takes(Departure::BefriendingAnnounces) {
        return Vec::new();
    }
    let tell = |(user, of): (&str, &str)| {
        cx.tell(
            user,
            Kind::UserStatusUpdate,
            json!({ "username": of, "status": ONLINE }),
        )
    };
    [(one, other), (other, one)].map(tell).into()
}

/// A connection is gone. To the friends that is a logout.
pub(super) fn disconnected(cx: &Context) -> Vec<Effect> {
    let mut effects: Vec<Effect> = vec![Change::Disconnected { conn: cx.conn }.into()];
    let Some(user) = cx.user else { return effects };
    if cx.takes(Departure::DropLingers) {
        let until_ms = cx.now_ms + LINGER_MS;
        effects.push(
            Change::Linger {
                user: user.to_owned(),
                until_ms,
            }
            .into(),
        );
    }
    if !cx.takes(Departure::DropIsNotTold) {
        let payload = json!({ "username": user });
        let tell = |friend| cx.tell(friend, Kind::UserLogout, payload.clone());
        effects.extend(cx.state.friends(user).map(tell));
    }
    effects
}
