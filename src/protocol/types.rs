//! The types in angle brackets, `<string>` and the like: one list for the catalogue and the matchers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Any,
    Null,
    Bool,
    Int,
    Number,
    String,
    /// Bin, in codecs that have it.
    Bytes,
    /// Text that is base64, with padding.
    Base64,
    /// A number that is not negative; the unit is the server's own.
    Timestamp,
    /// Text: an ISO 8601 date and time.
    IsoTime,
    /// A number or a text that is not empty.
    Id,
    /// A status code of RFC 9110 (section 15), as a number or as its three digits in a text.
    Status,
    List,
    Map,
}

impl Type {
    pub const ALL: [Type; 14] = [
        Type::Any,
        Type::Null,
        Type::Bool,
        Type::Int,
        Type::Number,
        Type::String,
        Type::Bytes,
        Type::Base64,
        Type::Timestamp,
        Type::IsoTime,
        Type::Id,
        Type::Status,
        Type::List,
        Type::Map,
    ];

    /// As it stands between the angle brackets.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "any",
            Type::Null => "null",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Number => "number",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Base64 => "base64",
            Type::Timestamp => "timestamp",
            Type::IsoTime => "iso time",
            Type::Id => "id",
            Type::Status => "status",
            Type::List => "list",
            Type::Map => "map",
        }
    }

    pub fn from_name(name: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Type::Any => true,
            Type::Null => matches!(value, Value::Null),
            Type::Bool => matches!(value, Value::Bool(_)),
            Type::Int => is_whole(value),
            Type::Number => value.as_number().is_some(),
            Type::String => matches!(value, Value::Str(_)),
            Type::Bytes => matches!(value, Value::Bin(_)),
            Type::Base64 => value
                .as_str()
                .is_some_and(|text| STANDARD.decode(text).is_ok()),
            Type::Timestamp => value.as_number().is_some_and(|number| number >= 0.0),
            Type::IsoTime => value.as_str().is_some_and(is_iso_time),
            Type::Id => match value {
                Value::Str(text) => !text.is_empty(),
                other => other.as_number().is_some(),
            },
            Type::Status => status_code(value).is_some(),
            Type::List => matches!(value, Value::List(_)),
            Type::Map => matches!(value, Value::Map(_)),
        }
    }

    /// Whether some value is of both types: what a matcher asks of a field must be possible.
    pub fn overlaps(self, other: Type) -> bool {
        let texts = [
            Type::String,
            Type::Base64,
            Type::IsoTime,
            Type::Id,
            Type::Status,
        ];
        let numbers = [
            Type::Int,
            Type::Number,
            Type::Timestamp,
            Type::Id,
            Type::Status,
        ];
        self == other
            || self == Type::Any
            || other == Type::Any
            || (texts.contains(&self) && texts.contains(&other))
            || (numbers.contains(&self) && numbers.contains(&other))
    }
}

/// The code that a status stands for, in either form.
pub fn status_code(value: &Value) -> Option<i128> {
    let code = match value {
        Value::Int(code) => *code,
        Value::Str(text) if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (100..=599).contains(&code).then_some(code)
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        other => other
            .as_number()
            .is_some_and(|number| number.fract() == 0.0),
    }
}

/// `YYYY-MM-DDThh:mm`, with seconds, a fraction and a zone if they are there; a space may stand for the T.
fn is_iso_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd";
    bytes.len() >= shape.len()
        && shape.iter().zip(bytes).all(|(want, got)| match want {
            b'd' => got.is_ascii_digit(),
            b'T' => matches!(got, b'T' | b't' | b' '),
            other => other == got,
        })
        && bytes[shape.len()..]
            .iter()
            .all(|b| b.is_ascii_digit() || b":.,+-Zz ".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_finds_its_type() {
        for kind in Type::ALL {
            assert_eq!(Type::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Type::from_name("strnig"), None);
    }

    #[test]
    fn types_accept_and_reject() {
        let text = |text: &str| Value::str(text);
        assert!(Type::Int.accepts(&Value::Int(3)) && Type::Int.accepts(&Value::Float(3.0)));
        assert!(!Type::Int.accepts(&Value::Float(3.5)) && !Type::Int.accepts(&text("3")));
        assert!(Type::Base64.accepts(&text("AAE=")) && !Type::Base64.accepts(&text("AAE")));
        assert!(Type::IsoTime.accepts(&text("2026-11-20T12:00:00.5+01:00")));
        assert!(
            !Type::IsoTime.accepts(&text("yesterday"))
                && !Type::IsoTime.accepts(&text("2026-11-20"))
        );
        assert!(
            Type::Id.accepts(&Value::Int(0))
                && Type::Id.accepts(&text("a"))
                && !Type::Id.accepts(&text(""))
        );
        assert!(
            Type::Timestamp.accepts(&Value::Int(0)) && !Type::Timestamp.accepts(&Value::Int(-1))
        );
        assert!(Type::Bytes.accepts(&Value::Bin(vec![])) && !Type::Bytes.accepts(&text("")));
    }

    #[test]
    fn a_status_is_a_code_as_a_number_or_in_digits() {
        for status in [Value::Int(200), Value::str("200"), Value::Int(599)] {
            assert!(Type::Status.accepts(&status), "{status}");
        }
        for other in ["OK", "0200", "2xx", "+20", "99", ""] {
            assert!(!Type::Status.accepts(&Value::str(other)), "{other}");
        }
        assert!(!Type::Status.accepts(&Value::Int(99)) && !Type::Status.accepts(&Value::Null));
    }

    #[test]
    fn contradicting_types_do_not_overlap() {
        assert!(Type::Id.overlaps(Type::Int) && Type::Id.overlaps(Type::String));
        assert!(!Type::Int.overlaps(Type::String) && !Type::Bool.overlaps(Type::Int));
    }
}
