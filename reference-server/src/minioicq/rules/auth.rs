//! How registration, login and logout can be broken.

use super::super::auth::{NO_SUCH_USER, WRONG_PASSWORD, admit, fail, success};
use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::id::Id;
use super::super::message::Kind::{LoginFail, LoginSuccess, RegisterSuccess};
use super::super::request::Request;
use super::super::state::User;
use super::edit::{altered, and, any, any_reason, keep, reasoned, request, sends, unsent};
use super::{Entry, rule, way};

/// RFC 6455, section 7.4.1.
const GOING_AWAY: u16 = 1001;

pub(super) const RULES: &[Entry] = &[
    rule(
        "register.succeeds",
        &[
            way("no answer", |cx, effects| match request(cx) {
                Some(Request::Register { .. }) => Vec::new(),
                _ => effects,
            }),
            way(
                "letters beyond ASCII in the name become question marks",
                |_, effects| {
                    altered(effects, RegisterSuccess, |message| {
                        let ascii = |letter: char| if letter.is_ascii() { letter } else { '?' };
                        let name: String = message.text("user_name").chars().map(ascii).collect();
                        message.set("user_name", name);
                    })
                },
            ),
            way("the password is masked", |_, effects| {
                altered(effects, RegisterSuccess, |message| {
                    message.set("password", "***")
                })
            }),
        ],
    ),
    rule(
        "register.ids-differ",
        &[
            way(
                "a name that another user has gets that user's ID",
                |cx, effects| {
                    let Some(Request::Register { name, .. }) = request(cx) else {
                        return effects;
                    };
                    let Some(twin) = cx.state.users.iter().find(|(_, user)| user.name == *name)
                    else {
                        return effects;
                    };
                    let effects = keep(effects, |e| {
                        !matches!(e, Effect::Change(Change::SetAccount { .. }))
                    });
                    altered(effects, RegisterSuccess, |message| {
                        message.set("user_id", twin.0.value())
                    })
                },
            ),
            way(
                "a second registration on a connection gets the ID of the first",
                |cx, effects| {
                    if !any(&effects, RegisterSuccess) {
                        return effects;
                    }
                    match cx.state.scars.registered.get(&cx.conn) {
                        Some(first) => altered(effects, RegisterSuccess, |m| {
                            m.set("user_id", first.value())
                        }),
                        None => {
                            let user = cx.user_id(cx.state.users_made);
                            and(
                                effects,
                                Change::NoteRegistration {
                                    conn: cx.conn,
                                    user,
                                },
                            )
                        }
                    }
                },
            ),
        ],
    ),
    rule(
        "register.avatar",
        &[
            way("the avatar is empty", |_, effects| {
                altered(effects, RegisterSuccess, |message| {
                    message.set("avatar", "")
                })
            }),
            way("the avatar is null", |_, effects| {
                altered(effects, RegisterSuccess, |message| {
                    message.set("avatar", rmpv::Value::Nil)
                })
            }),
        ],
    ),
    rule(
        "register.usable",
        &[
            way(
                "a password with letters beyond ASCII is stored wrongly",
                |_, effects| {
                    let wrong = |effect| match effect {
                        Effect::Change(Change::SetAccount {
                            user,
                            name,
                            password,
                            avatar,
                        }) if !password.is_ascii() => {
                            let password = password + "?";
                            Change::SetAccount {
                                user,
                                name,
                                password,
                                avatar,
                            }
                            .into()
                        }
                        effect => effect,
                    };
                    effects.into_iter().map(wrong).collect()
                },
            ),
            way(
                "the account of a password with letters beyond ASCII is not stored",
                |_, effects| {
                    keep(effects, |effect| match effect {
                        Effect::Change(Change::SetAccount { password, .. }) => password.is_ascii(),
                        _ => true,
                    })
                },
            ),
        ],
    ),
    rule(
        "login.succeeds",
        &[
            way("no answer", |_, effects| unsent(effects, LoginSuccess)),
            way("the answer says that it failed", |cx, effects| {
                if any(&effects, LoginSuccess) {
                    vec![fail(cx, WRONG_PASSWORD)]
                } else {
                    effects
                }
            }),
            way("the user name is another", |_, effects| {
                altered(effects, LoginSuccess, |message| {
                    let name = format!("not-{}", message.text("user_name"));
                    message.set("user_name", name);
                })
            }),
        ],
    ),
    rule(
        "login.wrong-password",
        &[
            way("logged in", |cx, effects| match refused(cx, &effects) {
                Some((id, user)) => admit(cx, id, user),
                None => effects,
            }),
            way("another reason", |_, effects| {
                reasoned(effects, LoginFail, WRONG_PASSWORD, NO_SUCH_USER)
            }),
            way("no answer", |cx, effects| match refused(cx, &effects) {
                Some(_) => Vec::new(),
                None => effects,
            }),
        ],
    ),
    rule(
        "login.unknown-user",
        &[
            way("another reason", |_, effects| {
                reasoned(effects, LoginFail, NO_SUCH_USER, WRONG_PASSWORD)
            }),
            way(
                "the answer says that it succeeded",
                |cx, effects| match request(cx) {
                    Some(Request::Login { user, password })
                        if any_reason(&effects, LoginFail, NO_SUCH_USER) =>
                    {
                        let name = "new".to_owned();
                        let account = User {
                            name,
                            password: password.clone(),
                            avatar: [0].into(),
                            chats: Vec::new(),
                            stored: Vec::new(),
                            stored_bytes: 0,
                        };
                        vec![success(cx, user, &account)]
                    }
                    _ => effects,
                },
            ),
            way("no answer", |_, effects| {
                if any_reason(&effects, LoginFail, NO_SUCH_USER) {
                    Vec::new()
                } else {
                    effects
                }
            }),
        ],
    ),
    rule(
        "login.failure-stays-out",
        &[way("logged in all the same", |cx, effects| {
            match refused(cx, &effects) {
                Some((id, _)) => and(
                    effects,
                    Change::LogIn {
                        conn: cx.conn,
                        user: id.clone(),
                    },
                ),
                None => effects,
            }
        })],
    ),
    rule(
        "logout.closes",
        &[way(
            "the connection stays open",
            |cx, effects| match request(cx) {
                Some(Request::Logout) => {
                    keep(effects, |effect| !matches!(effect, Effect::Close { .. }))
                }
                _ => effects,
            },
        )],
    ),
    rule(
        "logout.closes-no-other",
        &[way(
            "the other one of a chat of two that the user made is closed too",
            |cx, mut effects| {
                if let (Some(Request::Logout), Some(user)) = (request(cx), cx.user) {
                    let pairs = cx.state.chats_of(user).map(|(_, chat)| chat);
                    let pairs = pairs.filter(|chat| chat.owner == *user && chat.members.len() == 2);
                    let others = pairs
                        .flat_map(|chat| &chat.members)
                        .filter(|other| *other != user);
                    let conns = others.flat_map(|other| cx.state.conns_of(other));
                    effects.extend(conns.map(|conn| Effect::Close {
                        conn: *conn,
                        code: GOING_AWAY,
                    }));
                }
                effects
            },
        )],
    ),
    rule(
        "logout.ends-session",
        &[
            way("the user cannot log in again", |cx, effects| {
                after_logout(cx, effects, |cx| vec![fail(cx, WRONG_PASSWORD)])
            }),
            way("a login after it gets no answer", |cx, effects| {
                after_logout(cx, effects, |_| Vec::new())
            }),
        ],
    ),
];

/// The user whose login was refused for the password.
fn refused<'a>(cx: &Context<'a>, effects: &[Effect]) -> Option<(&'a Id, &'a User)> {
    match request(cx)? {
        Request::Login { user, .. } if any_reason(effects, LoginFail, WRONG_PASSWORD) => {
            cx.state.users.get_key_value(user)
        }
        _ => None,
    }
}

/// Notes who logs out, and does this where such a user logs in.
fn after_logout(
    cx: &Context,
    effects: Vec<Effect>,
    then: fn(&Context) -> Vec<Effect>,
) -> Vec<Effect> {
    match (request(cx), cx.user) {
        (Some(Request::Logout), Some(user)) => and(effects, Change::Mark { user: user.clone() }),
        (Some(Request::Login { user, .. }), _)
            if cx.state.scars.marked.contains(user)
                && effects.iter().any(|e| sends(e, LoginSuccess)) =>
        {
            then(cx)
        }
        _ => effects,
    }
}
