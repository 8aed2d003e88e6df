//! The ids of users, chats and messages, in the form that a reading gives them.
//! An id is compared as it came: the number 7 is not the text "7".

use rmpv::Value;

/// The first number that a double cannot hold.
const BEYOND: u64 = (1 << 53) + 1;

/// An id as it stands on the wire.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Id {
    Number(u64),
    Text(String),
}

/// The form that ids of one kind have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Number,
    BeyondDoubles,
    Text,
}

impl Id {
    /// The id of a running number.
    pub(super) fn new(form: Form, number: u64) -> Id {
        match form {
            Form::Number => Id::Number(number),
            Form::BeyondDoubles => Id::Number(BEYOND + number),
            Form::Text => Id::Text(format!("{number:08x}-0000-4000-8000-{number:012x}")),
        }
    }

    /// Reads an id; negative numbers, fractions and long texts are none.
    pub(super) fn of(value: &Value) -> Option<Id> {
        const LONGEST: usize = 256;
        match value {
            Value::Integer(number) => number.as_u64().map(Id::Number),
            Value::String(text) => {
                let text = text.as_str().filter(|text| text.len() <= LONGEST)?;
                Some(Id::Text(text.to_owned()))
            }
            _ => None,
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Id::Number(number) => Value::from(*number),
            Id::Text(text) => Value::from(text.as_str()),
        }
    }
}
