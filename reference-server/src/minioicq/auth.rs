//! Registration, login and logout (document: Register, Login, Logout).
//! A registration that cannot be taken gets no answer: the document has none for it.

use super::chats;
use super::context::Context;
use super::effect::{Change, Effect};
use super::id::Id;
use super::message::{Kind, Message};
use super::picture;
use super::readings::Departure;
use super::state::{MAX_NAME, MAX_USERS, User};
use super::users;

pub(super) const NO_SUCH_USER: &str = "User not found";
pub(super) const WRONG_PASSWORD: &str = "Incorrect password";

/// RFC 6455, section 7.4.1.
const NORMAL: u16 = 1000;

/// auth.register
pub(super) fn register(cx: &Context, name: &str, password: &str) -> Vec<Effect> {
    let number = cx.state.users_made;
    let avatar = picture::make(number);
    let empty = name.is_empty() || password.is_empty();
    let odd = !is_plain(name) || !is_plain(password);
    if empty && cx.takes(Departure::EmptyIsRefused)
        || !empty && odd && cx.takes(Departure::OddNamesAreIgnored)
        || name.len() > MAX_NAME
        || password.len() > MAX_NAME
        || cx.state.users.len() >= MAX_USERS
        || !cx.state.has_room_for_avatar(avatar.len())
    {
        return Vec::new();
    }
    let user = cx.user_id(number);
    let success = vec![
        ("user_id", user.value()),
        ("user_name", name.into()),
        ("password", password.into()),
        ("avatar", cx.avatar(&avatar)),
    ];
    let account = Change::SetAccount {
        user: user.clone(),
        name: name.to_owned(),
        password: password.to_owned(),
        avatar: avatar.into(),
    };
    let mut effects = vec![Change::CountUser.into(), account.into()];
    if cx.takes(Departure::RegisterLogsIn) {
        effects.push(
            Change::LogIn {
                conn: cx.conn,
                user,
            }
            .into(),
        );
    }
    effects.push(cx.reply(Kind::RegisterSuccess, success));
    effects
}

/// Whether a name or a password is of a few ordinary letters at least.
fn is_plain(text: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "-_ ".contains(c);
    text.len() > 3 && text.chars().all(ordinary)
}

/// auth.login
pub(super) fn login(cx: &Context, id: &Id, password: &str) -> Vec<Effect> {
    match cx.state.users.get(id) {
        None => vec![fail(cx, NO_SUCH_USER)],
        Some(user) if user.password != password => vec![fail(cx, WRONG_PASSWORD)],
        Some(user) => admit(cx, id, user),
    }
}

/// Logs a user in, whatever the password, and hands over what was stored meanwhile.
pub(super) fn admit(cx: &Context, id: &Id, user: &User) -> Vec<Effect> {
    let mut effects = Vec::new();
    if cx.takes(Departure::FirstIsClosed) {
        let others = cx
            .state
            .conns_of(id)
            .iter()
            .filter(|conn| **conn != cx.conn);
        effects.extend(others.flat_map(|conn| leave(*conn)));
    }
    effects.push(
        Change::LogIn {
            conn: cx.conn,
            user: id.clone(),
        }
        .into(),
    );
    effects.push(success(cx, id, user));
    if cx.takes(Departure::LoginTellsInfo) {
        effects.push(users::info(cx, id, user));
    }
    if cx.takes(Departure::LoginSyncs) {
        effects.push(users::list(cx, id));
    }
    effects.push(Change::TakeStored { user: id.clone() }.into());
    effects.extend(missed(cx, id, user));
    effects
}

pub(super) fn success(cx: &Context, id: &Id, user: &User) -> Effect {
    let fields = vec![
        ("user_id", id.value()),
        ("user_name", user.name.as_str().into()),
        ("password", user.password.as_str().into()),
        ("avatar", cx.avatar(&user.avatar)),
    ];
    cx.reply(Kind::LoginSuccess, fields)
}

pub(super) fn fail(cx: &Context, reason: &str) -> Effect {
    cx.reply(Kind::LoginFail, vec![("reason", reason.into())])
}

/// What a user gets at a login, in the order in which it came about.
fn missed(cx: &Context, id: &Id, user: &User) -> Vec<Effect> {
    let mut messages: Vec<Message> = Vec::new();
    if cx.takes(Departure::LoginSpawnsAll) {
        let chats = cx.state.chats_of(id);
        messages.extend(chats.map(|(chat, what)| chats::spawn(cx, chat, what)));
    }
    if cx.takes(Departure::LoginPushesAll) {
        messages.extend(chats::all_pushes(cx, id));
    }
    let stored = user.stored.iter().filter(|message| match message.kind {
        Kind::Spawn => !cx.takes(Departure::LoginSpawnsAll),
        _ => !cx.takes(Departure::LoginPushesAll),
    });
    for message in stored {
        match messages.last_mut() {
            Some(last)
                if last.kind == Kind::Push
                    && message.kind == Kind::Push
                    && !cx.takes(Departure::StoredComeOneByOne) =>
            {
                chats::join(last, message)
            }
            _ => messages.push(message.clone()),
        }
    }
    messages
        .into_iter()
        .map(|message| Effect::Send {
            to: cx.conn,
            message,
        })
        .collect()
}

/// auth.logout; it closes a connection that is not logged in, too.
pub(super) fn logout(cx: &Context) -> Vec<Effect> {
    let mut effects = leave(cx.conn).to_vec();
    if cx.takes(Departure::LogoutClosesAll)
        && let Some(user) = cx.user
    {
        let others = cx
            .state
            .conns_of(user)
            .iter()
            .filter(|conn| **conn != cx.conn);
        effects.extend(others.flat_map(|conn| leave(*conn)));
    }
    effects
}

/// Ends a session and its connection.
fn leave(conn: u64) -> [Effect; 2] {
    [
        Change::LogOut { conn }.into(),
        Effect::Close { conn, code: NORMAL },
    ]
}
