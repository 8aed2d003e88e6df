//! How sending, deleting and editing messages can be broken.

use super::super::context::Context;
use super::super::effect::{Change, Effect};
use super::super::ids;
use super::super::message::Kind::{self, DeleteMsg, EditMsg, SndMsg};
use super::super::request::{Kind as Sort, Request};
use super::super::state::{Room, Text};
use super::edit::{
    altered, and, any_change, changed, copied, keep, misnumbered, outsiders, partners, request,
    unchanged, unsent,
};
use super::reading::without_foreign_letters;
use super::{Entry, rule, way};

pub(super) const RULES: &[Entry] = &[
    rule(
        "send.answered",
        &[
            way("no answer to a text that was taken", |cx, effects| {
                keep(effects, |effect| !(is_text(cx) && takes(effect)))
            }),
            way(
                "another room is named for a text",
                |cx, effects| match is_text(cx) {
                    true => misnumbered(effects, SndMsg, "room_id"),
                    false => effects,
                },
            ),
        ],
    ),
    rule(
        "send.id-own",
        &[
            way(
                "the answer holds the id of the message before",
                |cx, effects| {
                    let Some((_, room)) = room(cx) else {
                        return effects;
                    };
                    let Some((before, _)) = room.messages.last_key_value() else {
                        return effects;
                    };
                    altered(effects, SndMsg, |message| {
                        message.set("message_id", ids::message(cx, *before));
                    })
                },
            ),
            way("every message gets the same id", |cx, effects| {
                altered(effects, SndMsg, |message| {
                    message.set("message_id", ids::message(cx, 1));
                })
            }),
        ],
    ),
    rule(
        "send.private",
        &[
            way("everybody is told", |cx, effects| {
                leaked(cx, effects, SndMsg, outsiders)
            }),
            way("the sender's other partners are told", |cx, effects| {
                leaked(cx, effects, SndMsg, partners)
            }),
        ],
    ),
    rule(
        "delete-message.told",
        &[
            way("nobody is told", |_, effects| unsent(effects, DeleteMsg)),
            way("another id is told", |_, effects| {
                misnumbered(effects, DeleteMsg, "id")
            }),
        ],
    ),
    rule(
        "delete-message.private",
        &[
            way("everybody is told", |cx, effects| {
                leaked(cx, effects, DeleteMsg, outsiders)
            }),
            way("the partners in other rooms are told", |cx, effects| {
                leaked(cx, effects, DeleteMsg, partners)
            }),
        ],
    ),
    rule(
        "delete-message.effective",
        &[
            way("the message stays", |_, effects| {
                unchanged(effects, is_dropped)
            }),
            way("the message stays without its text", |_, effects| {
                changed(effects, |change| match change {
                    Change::DropMessage { message } => Change::SetText {
                        message,
                        text: String::new(),
                    },
                    change => change,
                })
            }),
        ],
    ),
    rule(
        "delete-message.others-kept",
        &[
            way("all messages of the room go", |cx, effects| {
                others(cx, effects, is_dropped, |message| Change::DropMessage {
                    message,
                })
            }),
            way("the texts of the other messages go", |cx, effects| {
                others(cx, effects, is_dropped, |message| Change::SetText {
                    message,
                    text: String::new(),
                })
            }),
        ],
    ),
    rule(
        "edit.told",
        &[
            way("nobody is told", |_, effects| unsent(effects, EditMsg)),
            way("the old text is told", |cx, effects| {
                let old = changed_message(cx).and_then(|message| cx.state.message(message));
                let Some((_, old)) = old else {
                    return effects;
                };
                altered(effects, EditMsg, |message| {
                    message.set("new_msg", old.text.as_str());
                })
            }),
            way("another id is told", |_, effects| {
                misnumbered(effects, EditMsg, "id")
            }),
        ],
    ),
    rule(
        "edit.private",
        &[
            way("everybody is told", |cx, effects| {
                leaked(cx, effects, EditMsg, outsiders)
            }),
            way("the partners in other rooms are told", |cx, effects| {
                leaked(cx, effects, EditMsg, partners)
            }),
        ],
    ),
    rule(
        "edit.effective",
        &[
            way("the old text stays", |_, effects| {
                unchanged(effects, is_set)
            }),
            way("the message is dropped", |_, effects| {
                changed(effects, |change| match change {
                    Change::SetText { message, .. } => Change::DropMessage { message },
                    change => change,
                })
            }),
        ],
    ),
    rule(
        "edit.intact",
        &[
            way(
                "letters beyond ASCII become question marks",
                |_, effects| edited(effects, |text| without_foreign_letters(&text)),
            ),
            way("white space at the ends is cut off", |_, effects| {
                edited(effects, |text| text.trim().to_owned())
            }),
        ],
    ),
    rule(
        "edit.keeps-place",
        &[
            way("an edited text becomes a file", |cx, effects| {
                rewritten(cx, effects, |text, _| text.kind = Sort::File)
            }),
            way("an edited message is the other member's", |cx, effects| {
                rewritten(cx, effects, |text, room| {
                    text.author = room.other(&text.author).to_owned();
                })
            }),
        ],
    ),
    rule(
        "edit.others-kept",
        &[
            way("all messages of the room are changed", |cx, effects| {
                let text = match request(cx) {
                    Some(Request::EditMsg(edit)) => edit.new_msg.as_str(),
                    _ => "",
                };
                others(cx, effects, is_set, |message| Change::SetText {
                    message,
                    text: text.to_owned(),
                })
            }),
            way("the other messages go", |cx, effects| {
                others(cx, effects, is_set, |message| Change::DropMessage {
                    message,
                })
            }),
        ],
    ),
];

/// Whether a text is sent; files and images need not be taken at all.
fn is_text(cx: &Context) -> bool {
    matches!(request(cx), Some(Request::SndMsg(message)) if message.msg_type == Sort::Text)
}

/// Whether an effect answers a message that was taken.
fn takes(effect: &Effect) -> bool {
    effect.message().is_some_and(|message| {
        message.kind == SndMsg && message.get("message_id").is_some_and(|id| !id.is_null())
    })
}

fn is_dropped(change: &Change) -> bool {
    matches!(change, Change::DropMessage { .. })
}

fn is_set(change: &Change) -> bool {
    matches!(change, Change::SetText { .. })
}

/// The message that is asked to be deleted or edited.
fn changed_message(cx: &Context) -> Option<u64> {
    match request(cx)? {
        Request::DeleteMsg(message) => ids::message_number(cx, &message.id),
        Request::EditMsg(edit) => ids::message_number(cx, &edit.id),
        _ => None,
    }
}

/// The room of the message that is sent, deleted or edited.
fn room<'a>(cx: &Context<'a>) -> Option<(u64, &'a Room)> {
    let number = match request(cx)? {
        Request::SndMsg(message) => ids::room_number(cx, &message.room_id)?,
        _ => *cx.state.room_of.get(&changed_message(cx)?)?,
    };
    Some((number, cx.state.rooms.get(&number)?))
}

/// With the first message of a kind for people outside the room as well, if a message was taken or changed.
fn leaked(
    cx: &Context,
    effects: Vec<Effect>,
    kind: Kind,
    whom: for<'a> fn(&Context<'a>, &[&str]) -> Vec<&'a str>,
) -> Vec<Effect> {
    match room(cx) {
        Some((_, room)) if any_change(&effects, |_| true) => {
            let whom = whom(cx, &[&room.creator, &room.customer]);
            copied(effects, kind, &whom)
        }
        _ => effects,
    }
}

/// With a change of the other messages of the room, where there is such a change of one.
fn others(
    cx: &Context,
    effects: Vec<Effect>,
    is: fn(&Change) -> bool,
    change: impl Fn(u64) -> Change,
) -> Vec<Effect> {
    let (Some((_, room)), true) = (room(cx), any_change(&effects, is)) else {
        return effects;
    };
    let this = changed_message(cx);
    let others = room
        .messages
        .keys()
        .filter(|message| Some(**message) != this);
    others.fold(effects, |all, &message| and(all, change(message)))
}

/// With another message in the place of the one that is edited.
fn rewritten(cx: &Context, effects: Vec<Effect>, alter: impl Fn(&mut Text, &Room)) -> Vec<Effect> {
    let edit = match request(cx) {
        Some(Request::EditMsg(edit)) if any_change(&effects, is_set) => edit,
        _ => return effects,
    };
    let (Some(message), Some((room, old))) = (
        changed_message(cx),
        changed_message(cx).and_then(|message| cx.state.message(message)),
    ) else {
        return effects;
    };
    let Some(&number) = cx.state.room_of.get(&message) else {
        return effects;
    };
    let mut text = old.clone();
    text.text = edit.new_msg.clone();
    alter(&mut text, room);
    let effects = and(effects, Change::DropMessage { message });
    let room = number;
    and(
        effects,
        Change::AddMessage {
            room,
            message,
            text,
        },
    )
}

/// With another text where one is set.
fn edited(effects: Vec<Effect>, alter: impl Fn(String) -> String) -> Vec<Effect> {
    changed(effects, |change| match change {
        Change::SetText { message, text } => Change::SetText {
            message,
            text: alter(text),
        },
        change => change,
    })
}
