//! How one field of a message travels on a target: its name, its values, its form, and what is inside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::dialect::departed;
use crate::value::Value;

#[derive(Clone, Debug, Default)]
pub(super) struct FieldRule {
    /// As the document has it.
    pub(super) name: String,
    /// The target's name, where that is another one.
    pub(super) wire: Option<String>,
    /// A documented value and what travels for it.
    pub(super) values: Vec<(Value, Value)>,
    pub(super) form: Option<Form>,
    /// The fields inside, through lists.
    pub(super) inner: Vec<FieldRule>,
    /// The value is a map with keys of any name, and `inner` is about each of its values.
    pub(super) each: bool,
}

/// A form in which a value travels, where the document has the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Bytes, where the document has base64.
    Bytes,
    /// Base64, where the document has bytes.
    Base64,
    /// Text, where the document has a number.
    Text,
    /// A number, where the document has text.
    Number,
}

impl Form {
    pub(super) const ALL: [Form; 4] = [Form::Bytes, Form::Base64, Form::Text, Form::Number];

    pub(super) fn name(self) -> &'static str {
        match self {
            Form::Bytes => "bytes",
            Form::Base64 => "base64",
            Form::Text => "text",
            Form::Number => "number",
        }
    }

    pub(super) fn opposite(self) -> Form {
        match self {
            Form::Bytes => Form::Base64,
            Form::Base64 => Form::Bytes,
            Form::Text => Form::Number,
            Form::Number => Form::Text,
        }
    }

    /// The value in this form; `None` where it is not in the opposite one.
    fn of(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Form::Bytes, Value::Str(text)) => STANDARD.decode(text).ok().map(Value::Bin),
            (Form::Base64, Value::Bin(bytes)) => Some(Value::Str(STANDARD.encode(bytes))),
            (Form::Text, Value::Int(_) | Value::Float(_) | Value::F32(_)) => {
                Some(Value::Str(value.to_string()))
            }
            (Form::Number, Value::Str(text)) => text
                .parse()
                .map(Value::Int)
                .or_else(|_| text.parse().map(Value::Float))
                .ok(),
            _ => None,
        }
    }

    /// Whether the value could be in this form.
    fn holds(self, value: &Value) -> bool {
        match self {
            Form::Bytes => matches!(value, Value::Bin(_)),
            Form::Base64 | Form::Text => matches!(value, Value::Str(_)),
            Form::Number => value.as_number().is_some(),
        }
    }
}

impl FieldRule {
    pub(super) fn is_plain(&self) -> bool {
        self.wire.is_none()
            && self.values.is_empty()
            && self.form.is_none()
            && self.inner.is_empty()
    }

    fn value_to_wire(&self, value: Value) -> Value {
        if let Some((_, wire)) = self.values.iter().find(|(known, _)| *known == value) {
            return wire.clone();
        }
        if let Some(formed) = self.form.and_then(|form| form.of(&value)) {
            return formed;
        }
        match value {
            Value::List(items) => {
                Value::List(items.into_iter().map(|v| self.value_to_wire(v)).collect())
            }
            Value::Map(pairs) if self.each => {
                let inner = |v| match v {
                    Value::Map(fields) => Value::Map(to_wire(&self.inner, fields)),
                    other => other,
                };
                Value::Map(pairs.into_iter().map(|(k, v)| (k, inner(v))).collect())
            }
            Value::Map(fields) => Value::Map(to_wire(&self.inner, fields)),
            other => other,
        }
    }

    fn value_from_wire(&self, value: Value) -> Value {
        if let Some((known, _)) = self.values.iter().find(|(_, wire)| *wire == value) {
            return known.clone();
        }
        if let Some((_, wire)) = self.values.iter().find(|(known, _)| *known == value) {
            return departed(&value, wire);
        }
        if let Some(form) = self.form {
            if let Some(plain) = form.opposite().of(&value) {
                return plain;
            }
            if form.opposite().holds(&value) {
                return departed(&value, &Value::str(form.name()));
            }
        }
        match value {
            Value::List(items) => {
                Value::List(items.into_iter().map(|v| self.value_from_wire(v)).collect())
            }
            Value::Map(pairs) if self.each => {
                let inner = |v| match v {
                    Value::Map(fields) => Value::Map(from_wire(&self.inner, fields)),
                    other => other,
                };
                Value::Map(pairs.into_iter().map(|(k, v)| (k, inner(v))).collect())
            }
            Value::Map(fields) => Value::Map(from_wire(&self.inner, fields)),
            other => other,
        }
    }
}

/// The fields of a message or object as they travel.
pub(super) fn to_wire(rules: &[FieldRule], fields: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    if rules.is_empty() {
        return fields;
    }
    let translate = |(key, value): (Value, Value)| match rules
        .iter()
        .find(|rule| key.as_str() == Some(&rule.name))
    {
        None => (key, value),
        Some(rule) => (
            rule.wire.as_ref().map_or(key, Value::str),
            rule.value_to_wire(value),
        ),
    };
    fields.into_iter().map(translate).collect()
}

/// What the fields that came stand for.
pub(super) fn from_wire(rules: &[FieldRule], fields: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    if rules.is_empty() {
        return fields;
    }
    let translate = |(key, value): (Value, Value)| {
        let name = key.as_str().unwrap_or_default();
        let wire_name = |rule: &FieldRule| rule.wire.as_ref().unwrap_or(&rule.name) == name;
        if let Some(rule) = rules.iter().find(|rule| wire_name(rule)) {
            return (Value::str(&rule.name), rule.value_from_wire(value));
        }
        match rules.iter().find(|rule| rule.name == name) {
            Some(FieldRule {
                wire: Some(wire), ..
            }) => (departed(&key, &Value::str(wire)), value),
            _ => (key, value),
        }
    };
    fields.into_iter().map(translate).collect()
}
