//! A value in the notation of the scenario language, references and all, so that what is generated can be
//! written down as it stands. Resolves nothing.

use std::fmt;

use crate::value::{Value, hex};

#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Value(Value),
    /// `$alice.name`, without the dollar sign.
    Reference(String),
    /// A text with `${references}` in it.
    Template(String),
    /// A text made of one that is repeated.
    Repeat(String, usize),
    /// A list in a list in a list.
    Nest(usize),
    List(Vec<Datum>),
    /// Keys in order, and they may repeat.
    Map(Vec<(String, Datum)>),
    /// Keys of any kind.
    Pairs(Vec<(Datum, Datum)>),
}

impl Datum {
    pub(super) fn text(text: impl Into<String>) -> Datum {
        Datum::Value(Value::Str(text.into()))
    }

    pub(super) fn int(int: i128) -> Datum {
        Datum::Value(Value::Int(int))
    }

    /// The word for what it is, for telling findings apart.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Datum::Value(Value::Str(text)) if text.is_empty() => "empty text",
            Datum::Value(value) => value.type_name(),
            Datum::Reference(_) | Datum::Template(_) => "reference",
            Datum::Repeat(..) => "long text",
            Datum::Nest(_) => "nested list",
            Datum::List(_) => "list",
            Datum::Map(_) | Datum::Pairs(_) => "map",
        }
    }

    /// How many bytes a text in it has, the longest one counted.
    pub(super) fn longest(&self) -> usize {
        match self {
            Datum::Value(value) => longest_text(value),
            Datum::Repeat(of, times) => of.len() * times,
            Datum::List(items) => items.iter().map(Datum::longest).max().unwrap_or(0),
            Datum::Map(pairs) => pairs.iter().map(|(_, v)| v.longest()).max().unwrap_or(0),
            Datum::Pairs(pairs) => pairs.iter().map(|(_, v)| v.longest()).max().unwrap_or(0),
            _ => 0,
        }
    }

    pub(super) fn mentions(&self, root: &str) -> bool {
        match self {
            Datum::Reference(path) => path.split('.').next() == Some(root),
            Datum::Template(text) => text.contains(&format!("${{{root}.")),
            Datum::List(items) => items.iter().any(|item| item.mentions(root)),
            Datum::Map(pairs) => pairs.iter().any(|(_, value)| value.mentions(root)),
            Datum::Pairs(pairs) => pairs.iter().any(|(_, value)| value.mentions(root)),
            _ => false,
        }
    }
}

fn longest_text(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bin(bytes) => bytes.len(),
        Value::List(items) => items
            .len()
            .max(items.iter().map(longest_text).max().unwrap_or(0)),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(_, v)| longest_text(v))
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

/// YAML in one line that means this value and nothing else.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Value(value) => write_value(f, value),
            Datum::Reference(path) => write!(f, "${path}"),
            Datum::Template(text) => write_quoted(f, text, false),
            Datum::Repeat(of, times) => {
                write!(f, "{{ $repeat: {{ of: ")?;
                write_quoted(f, of, false)?;
                write!(f, ", times: {times} }} }}")
            }
            Datum::Nest(depth) => write!(f, "{{ $nest: {{ depth: {depth} }} }}"),
            Datum::List(items) => write_list(f, items, |f, item| write!(f, "{item}")),
            Datum::Map(pairs) if is_plain(pairs.iter().map(|(key, _)| key.as_str())) => {
                write_map(f, pairs, |f, value| write!(f, "{value}"))
            }
            Datum::Map(pairs) => {
                f.write_str("{ $pairs: ")?;
                write_list(f, pairs, |f, (key, value)| {
                    f.write_str("[")?;
                    write_text(f, key)?;
                    write!(f, ", {value}]")
                })?;
                f.write_str(" }")
            }
            Datum::Pairs(pairs) => {
                f.write_str("{ $pairs: ")?;
                write_list(f, pairs, |f, (key, value)| write!(f, "[{key}, {value}]"))?;
                f.write_str(" }")
            }
        }
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Bool(bool) => write!(f, "{bool}"),
        Value::Int(int) if i64::try_from(*int).is_ok() => write!(f, "{int}"),
        Value::Int(int) => write!(f, "{{ $int: \"{int}\" }}"),
        Value::F32(float) => write!(f, "{{ $float: \"{float:?}\" }}"),
        Value::Float(float) => write!(f, "{{ $float: \"{float:?}\" }}"),
        Value::Str(text) => write_text(f, text),
        Value::Bin(bytes) | Value::Ext(_, bytes) => {
            write!(f, "{{ $bytes: \"{}\" }}", hex(bytes))
        }
        Value::List(items) => write_list(f, items, write_value),
        Value::Map(pairs) => {
            f.write_str("{ $pairs: ")?;
            write_list(f, pairs, |f, (key, value)| {
                f.write_str("[")?;
                write_value(f, key)?;
                f.write_str(", ")?;
                write_value(f, value)?;
                f.write_str("]")
            })?;
            f.write_str(" }")
        }
    }
}

fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str("[")?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    f.write_str("]")
}

fn write_map<T>(
    f: &mut fmt::Formatter<'_>,
    pairs: &[(String, T)],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    if pairs.is_empty() {
        return f.write_str("{}");
    }
    f.write_str("{ ")?;
    for (i, (key, value)) in pairs.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write_key(f, key)?;
        f.write_str(": ")?;
        write(f, value)?;
    }
    f.write_str(" }")
}

/// Whether a plain map can have these keys: each once, and none that means something.
fn is_plain<'k>(keys: impl Iterator<Item = &'k str>) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    for key in keys {
        if seen.contains(&key) || key.starts_with('$') || key == "variants" {
            return false;
        }
        seen.push(key);
    }
    true
}

fn write_key(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    let word = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
            .contains(&key.to_ascii_lowercase().as_str());
    if word {
        f.write_str(key)
    } else {
        write_quoted(f, key, false)
    }
}

/// A text that is neither reference nor matcher, whatever it looks like.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.starts_with('<') || text.starts_with("$") {
        f.write_str("{ $eq: ")?;
        write_quoted(f, text, false)?;
        f.write_str(" }")
    } else {
        write_quoted(f, text, true)
    }
}

/// In double quotes; whatever is not plain ASCII is escaped.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str, dollars: bool) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '$' if dollars => f.write_str("$$")?,
            ' '..='~' => write!(f, "{c}")?,
            c if u32::from(c) > 0xffff => write!(f, "\\U{:08x}", u32::from(c))?,
            c => write!(f, "\\u{:04x}", u32::from(c))?,
        }
    }
    f.write_str("\"")
}
