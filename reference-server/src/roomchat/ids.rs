//! Ids as they stand on the wire, and back. A value of another form is no id.

use serde_json::Value;

use super::context::Context;
use super::readings::Departure;

/// Past what a double can tell apart.
const LARGE: u64 = (1 << 53) + 1;

/// The form that an id takes on the wire.
#[derive(Clone, Copy)]
enum Form {
    Number,
    /// The number after this text.
    Text(&'static str),
    Large,
}

pub(super) fn room(cx: &Context, number: u64) -> Value {
    write(room_form(cx), number)
}

pub(super) fn room_number(cx: &Context, id: &Value) -> Option<u64> {
    read(room_form(cx), id)
}

pub(super) fn message(cx: &Context, number: u64) -> Value {
    write(message_form(cx), number)
}

pub(super) fn message_number(cx: &Context, id: &Value) -> Option<u64> {
    read(message_form(cx), id)
}

fn room_form(cx: &Context) -> Form {
    if cx.takes(Departure::RoomIdsAreText) {
        Form::Text("room-")
    } else if cx.takes(Departure::RoomIdsAreLarge) {
        Form::Large
    } else {
        Form::Number
    }
}

fn message_form(cx: &Context) -> Form {
    if cx.takes(Departure::MessageIdsAreText) {
        Form::Text("message-")
    } else if cx.takes(Departure::MessageIdsAreLarge) {
        Form::Large
    } else {
        Form::Number
    }
}

fn write(form: Form, number: u64) -> Value {
    match form {
        Form::Number => number.into(),
        Form::Text(before) => format!("{before}{number}").into(),
        Form::Large => (LARGE + number).into(),
    }
}

fn read(form: Form, id: &Value) -> Option<u64> {
    match form {
        Form::Number => id.as_u64(),
        Form::Text(before) => id.as_str()?.strip_prefix(before)?.parse().ok(),
        Form::Large => id.as_u64()?.checked_sub(LARGE),
    }
}
