//! What can be done to a frame: to the whole, and to each of its fields.
//!
//! The message's own type is left alone: whoever changes that is noticed by anybody.

use std::fmt;

use super::marks::Marks;
use crate::protocol::FieldKind;
use crate::value::Value;

/// What is done to a frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tampering {
    Drop,
    Duplicate,
    /// It arrives with the first input after ten more seconds.
    Delay,
    /// To another connection.
    Misdirect,
    /// It comes after the next frame to the same connection.
    Swap,
    /// A frame of an undocumented type comes before it.
    Add,
    Field(Path, Change),
}

/// What is done to a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Remove,
    Null,
    Retype,
    Rename,
    /// One more.
    Increment,
    /// One less.
    Decrement,
    /// Another character, or another byte.
    Character,
    Flip,
    Shorten,
    Lengthen,
    Reverse,
    /// Another of the documented values, by its place.
    Documented(usize),
}

/// Where a field is in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Key(String),
    Element(usize),
}

impl Path {
    pub(super) fn key(&self, name: &str) -> Path {
        self.with(Segment::Key(name.to_owned()))
    }

    fn element(&self, index: usize) -> Path {
        self.with(Segment::Element(index))
    }

    fn with(&self, segment: Segment) -> Path {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    fn is_element(&self) -> bool {
        matches!(self.0.last(), Some(Segment::Element(_)))
    }

    /// Where the path leads in a value.
    fn find_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        self.0
            .iter()
            .try_fold(value, |value, segment| match (segment, value) {
                (Segment::Key(name), Value::Map(pairs)) => pairs
                    .iter_mut()
                    .find(|(key, _)| key.as_str() == Some(name))
                    .map(|(_, value)| value),
                (Segment::Element(index), Value::List(items)) => items.get_mut(*index),
                _ => None,
            })
    }
}

/// `$.chats[].name`: elements are not told apart.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Key(name) => write!(f, ".{name}"),
            Segment::Element(_) => f.write_str("[]"),
        })
    }
}

impl Tampering {
    /// The path of the field that is changed; `None` where it is the frame.
    pub fn path(&self) -> Option<String> {
        match self {
            Tampering::Field(path, _) => Some(path.to_string()),
            _ => None,
        }
    }

    /// What is done, in words that follow the message or the field.
    pub fn what(&self) -> &'static str {
        match self {
            Tampering::Drop => "dropped",
            Tampering::Duplicate => "sent twice",
            Tampering::Delay => "delayed past the deadline",
            Tampering::Misdirect => "sent to another connection",
            Tampering::Swap => "swapped with the next",
            Tampering::Add => "preceded by an undocumented frame",
            Tampering::Field(_, change) => match change {
                Change::Remove => "removed",
                Change::Null => "null",
                Change::Retype => "of another type",
                Change::Rename => "renamed",
                Change::Increment => "one more",
                Change::Decrement => "one less",
                Change::Character => "with another character",
                Change::Flip => "flipped",
                Change::Shorten => "shortened",
                Change::Lengthen => "lengthened",
                Change::Reverse => "reordered",
                Change::Documented(_) => "another documented value",
            },
        }
    }
}

/// All that can be done to the fields of a frame.
pub(super) fn field_tamperings(marks: &Marks<'_>, frame: &Value) -> Vec<Tampering> {
    let mut all = Vec::new();
    let root = Path::default();
    collect(marks, frame, &root, &mut all);
    all
}

fn collect(marks: &Marks<'_>, value: &Value, at: &Path, all: &mut Vec<Tampering>) {
    match value {
        Value::Map(pairs) => {
            for (key, value) in pairs {
                let name = key.as_str().unwrap_or_default();
                let path = at.key(name);
                if at.0.is_empty() && marks.is_type_key(name) {
                    continue;
                }
                changes(marks, value, &path, all);
                collect(marks, value, &path, all);
            }
        }
        Value::List(items) => {
            // The first and the last stand for all.
            let last = items.len().saturating_sub(1);
            for index in [0, last].into_iter().take(items.len().min(2)) {
                let path = at.element(index);
                changes(marks, &items[index], &path, all);
                collect(marks, &items[index], &path, all);
            }
        }
        _ => {}
    }
}

fn changes(marks: &Marks<'_>, value: &Value, path: &Path, all: &mut Vec<Tampering>) {
    let mut add = |change| all.push(Tampering::Field(path.clone(), change));
    if !path.is_element() {
        add(Change::Remove);
        add(Change::Rename);
    }
    add(Change::Retype);
    if !matches!(value, Value::Null) {
        add(Change::Null);
    }
    match value {
        Value::Int(_) | Value::F32(_) | Value::Float(_) => {
            add(Change::Increment);
            add(Change::Decrement);
        }
        Value::Str(_) | Value::Bin(_) | Value::Ext(..) => add(Change::Character),
        Value::Bool(_) => add(Change::Flip),
        Value::List(items) => {
            add(Change::Lengthen);
            if !items.is_empty() {
                add(Change::Shorten);
            }
            if items.iter().rev().ne(items) {
                add(Change::Reverse);
            }
        }
        Value::Null | Value::Map(_) => {}
    }
    if let Some(FieldKind::OneOf(values)) = marks.shapes(path).first().map(|shape| &shape.kind) {
        // Another way to write the same is the same.
        let meaning = |value: &Value| values.iter().find(|(known, _)| known == value);
        let meant = meaning(value).map(|(_, meaning)| meaning);
        for (i, (other, meaning)) in values.iter().enumerate() {
            if meant != Some(meaning) && other.type_name() == value.type_name() {
                add(Change::Documented(i));
            }
        }
    }
}

/// The frame with one field changed.
pub(super) fn changed(marks: &Marks<'_>, frame: &Value, path: &Path, change: &Change) -> Value {
    let mut frame = frame.clone();
    if let (Change::Remove | Change::Rename, Some((Segment::Key(name), parents))) =
        (change, path.0.split_last())
    {
        let parent = Path(parents.to_vec());
        if let Some(Value::Map(pairs)) = parent.find_mut(&mut frame)
            && let Some(at) = pairs.iter().position(|(key, _)| key.as_str() == Some(name))
        {
            if *change == Change::Remove {
                pairs.remove(at);
            } else {
                pairs[at].0 = Value::Str(format!("{name}_"));
            }
        }
        return frame;
    }
    if let Some(value) = path.find_mut(&mut frame) {
        *value = match change {
            Change::Documented(i) => marks.documented(path, *i).unwrap_or(Value::Null),
            other => altered(value, other),
        };
    }
    frame
}

fn altered(value: &Value, change: &Change) -> Value {
    match (change, value) {
        (Change::Retype, value) => retyped(value),
        (Change::Increment, Value::Int(int)) => Value::Int(int + 1),
        (Change::Decrement, Value::Int(int)) => Value::Int(int - 1),
        (Change::Increment, Value::F32(float)) => Value::F32(float + 1.0),
        (Change::Decrement, Value::F32(float)) => Value::F32(float - 1.0),
        (Change::Increment, Value::Float(float)) => Value::Float(float + 1.0),
        (Change::Decrement, Value::Float(float)) => Value::Float(float - 1.0),
        (Change::Character, Value::Str(text)) => Value::Str(another_character(text)),
        (Change::Character, Value::Bin(bytes)) => Value::Bin(another_byte(bytes)),
        (Change::Character, Value::Ext(kind, bytes)) => Value::Ext(*kind, another_byte(bytes)),
        (Change::Flip, Value::Bool(bool)) => Value::Bool(!bool),
        (Change::Shorten, Value::List(items)) => {
            Value::List(items[..items.len().saturating_sub(1)].to_vec())
        }
        (Change::Lengthen, Value::List(items)) => {
            let mut items = items.clone();
            items.push(items.last().cloned().unwrap_or_else(|| Value::str("7")));
            Value::List(items)
        }
        (Change::Reverse, Value::List(items)) => Value::List(items.iter().rev().cloned().collect()),
        _ => Value::Null,
    }
}

fn retyped(value: &Value) -> Value {
    match value {
        Value::Str(_) | Value::Bin(_) => Value::Int(7),
        Value::Int(number) => Value::Str(number.to_string()),
        Value::F32(_) | Value::Float(_) | Value::Bool(_) | Value::Null | Value::Ext(..) => {
            Value::str("7")
        }
        Value::List(_) => Value::Map(Vec::new()),
        Value::Map(_) => Value::List(Vec::new()),
    }
}

/// The first letter or digit is the next one of its kind: base64 stays base64, and a time a time.
fn another_character(text: &str) -> String {
    let next = |c: char, first: char, last: char| {
        if c == last {
            first
        } else {
            char::from(c as u8 + 1)
        }
    };
    let mut chars: Vec<char> = text.chars().collect();
    match chars.iter_mut().find(|c| c.is_ascii_alphanumeric()) {
        Some(c) => {
            *c = match *c {
                '0'..='9' => next(*c, '0', '9'),
                'a'..='z' => next(*c, 'a', 'z'),
                other => next(other, 'A', 'Z'),
            }
        }
        None => chars.push('B'),
    }
    chars.into_iter().collect()
}

fn another_byte(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match bytes.first_mut() {
        Some(first) => *first = first.wrapping_add(1),
        None => bytes.push(0),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_character_is_of_the_same_kind() {
        assert_eq!(another_character("alice9"), "blice9");
        assert_eq!(
            another_character("2026-01-01T00:00:00Z"),
            "3026-01-01T00:00:00Z"
        );
        assert_eq!(another_character("Zoe"), "Aoe");
        assert_eq!(another_character("+9"), "+0");
        assert_eq!(another_character(""), "B");
    }
}
