//! The codec-neutral value: what JSON and MessagePack both decode into, without loss.
//!
//! Knows nobody. Refuses nothing: maps keep their order, their duplicate keys and keys of any type,
//! so that a judge can see what a codec library would have hidden.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A decoded value.
///
/// Integers are `i128`, so that every id of 64 bits, signed or not, is exact.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i128),
    F32(f32),
    Float(f64),
    Str(String),
    Bin(Vec<u8>),
    /// A MessagePack extension: its type and its bytes.
    Ext(i8, Vec<u8>),
    List(Vec<Value>),
    /// Pairs in the order of the wire; keys may repeat and need not be text.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// A text value.
    pub fn str(text: impl Into<String>) -> Value {
        Value::Str(text.into())
    }

    /// A map with text keys.
    pub fn map<K: Into<String>>(fields: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Map(
            fields
                .into_iter()
                .map(|(key, value)| (Value::Str(key.into()), value))
                .collect(),
        )
    }

    /// The first value under a text key; `None` for other values than maps.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(pairs) => pairs
                .iter()
                .find(|(k, _)| k.as_str() == Some(key))
                .map(|(_, v)| v),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&[(Value, Value)]> {
        match self {
            Value::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The number as a float, for comparison of magnitudes; `None` for other values.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(int) => Some(*int as f64),
            Value::F32(float) => Some(f64::from(*float)),
            Value::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// The word for this value's type in messages: `string`, `int`, `list`, …
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::F32(_) | Value::Float(_) => "float",
            Value::Str(_) => "string",
            Value::Bin(_) => "bytes",
            Value::Ext(..) => "ext",
            Value::List(_) => "list",
            Value::Map(_) => "map",
        }
    }
}

/// Equal as a reader would say it: numbers by value, whatever their width; maps without regard to the
/// order of their keys, but with regard to duplicates; all else by type and content.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bin(a), Value::Bin(b)) => a == b,
            (Value::Ext(t, a), Value::Ext(u, b)) => t == u && a == b,
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => same_pairs(a, b),
            (Value::Int(int), float @ (Value::F32(_) | Value::Float(_)))
            | (float @ (Value::F32(_) | Value::Float(_)), Value::Int(int)) => float
                .as_number()
                .is_some_and(|f| f.fract() == 0.0 && f.abs() < 1e38 && f as i128 == *int),
            (a @ (Value::F32(_) | Value::Float(_)), b @ (Value::F32(_) | Value::Float(_))) => {
                a.as_number() == b.as_number()
            }
            _ => false,
        }
    }
}

fn same_pairs(a: &[(Value, Value)], b: &[(Value, Value)]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut taken = vec![false; b.len()];
    a.iter().all(|pair| {
        let found = b
            .iter()
            .enumerate()
            .position(|(i, other)| !taken[i] && pair == other);
        found.inspect(|&i| taken[i] = true).is_some()
    })
}

/// Plain serialisation, for the codecs: bytes as bytes, extensions as rmp-serde's extension struct.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Int(int) => match (i64::try_from(*int), u64::try_from(*int)) {
                (Ok(int), _) => serializer.serialize_i64(int),
                (_, Ok(int)) => serializer.serialize_u64(int),
                _ => serializer.serialize_i128(*int),
            },
            Value::F32(float) => serializer.serialize_f32(*float),
            Value::Float(float) => serializer.serialize_f64(*float),
            Value::Str(text) => serializer.serialize_str(text),
            Value::Bin(bytes) => serializer.serialize_bytes(bytes),
            Value::Ext(kind, bytes) => {
                serializer.serialize_newtype_struct("_ExtStruct", &(*kind, Bytes(bytes)))
            }
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items
                    .iter()
                    .try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                pairs
                    .iter()
                    .try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// One line, JSON where JSON can say it, and the scenario language's `{ $bytes: … }` where it cannot.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(bool) => write!(f, "{bool}"),
            Value::Int(int) => write!(f, "{int}"),
            Value::F32(float) => write!(f, "{float:?}"),
            Value::Float(float) => write!(f, "{float:?}"),
            Value::Str(text) => write_quoted(f, text),
            Value::Bin(bytes) => write!(f, "{{\"$bytes\": \"{}\"}}", hex(bytes)),
            Value::Ext(kind, bytes) => write!(f, "{{\"$ext\": [{kind}, \"{}\"]}}", hex(bytes)),
            Value::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Map(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

/// Lower-case hex, two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_above_2_to_the_53_are_told_apart() {
        assert_ne!(
            Value::Int(9_007_199_254_740_993),
            Value::Int(9_007_199_254_740_992)
        );
        assert_ne!(
            Value::Int(9_007_199_254_740_993),
            Value::Float(9_007_199_254_740_992.0)
        );
        assert_eq!(Value::Int(3), Value::Float(3.0));
    }

    #[test]
    fn maps_ignore_the_order_of_keys_but_not_duplicates() {
        let map =
            |pairs: &[(&str, i128)]| Value::map(pairs.iter().map(|(k, v)| (*k, Value::Int(*v))));
        assert_eq!(map(&[("a", 1), ("b", 2)]), map(&[("b", 2), ("a", 1)]));
        assert_ne!(map(&[("a", 1), ("a", 1)]), map(&[("a", 1)]));
        assert_ne!(map(&[("a", 1), ("a", 1)]), map(&[("a", 1), ("b", 1)]));
    }

    #[test]
    fn display_is_json_and_names_what_json_cannot_say() {
        let value = Value::map([("t", Value::str("a\"b")), ("b", Value::Bin(vec![0, 255]))]);
        assert_eq!(
            value.to_string(),
            r#"{"t": "a\"b", "b": {"$bytes": "00ff"}}"#
        );
    }
}
