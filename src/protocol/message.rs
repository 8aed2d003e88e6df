//! Messages and the shapes of their fields, one shape a direction.

use super::{Level, Reading, Type};
use crate::value::Value;

#[derive(Clone, Debug)]
pub struct Message {
    /// The readable name that scenarios use.
    pub name: String,
    /// The heading of the document.
    pub section: String,
    /// What stands on the wire for the name.
    pub discriminator: Value,
    /// The reading whose options are the names that it may have on the wire.
    pub named_by: Option<Reading>,
    /// The fields that a client sends; `None` where no client sends this message.
    pub client: Option<Shape>,
    /// The fields that the server sends; `None` where the server never sends this message.
    pub server: Option<Shape>,
}

impl Message {
    /// Whether this is what stands on the wire for it, by whichever reading.
    pub fn is_named(&self, kind: &Value) -> bool {
        self.discriminator == *kind
            || self.named_by.as_ref().is_some_and(|reading| {
                let mut names = reading.options.iter().map(|(option, _)| option);
                names.any(|name| kind.as_str() == Some(name))
            })
    }

    /// The id of the requirement that the server's message has its documented shape.
    pub fn shape_requirement(&self) -> String {
        let mut id = String::from("shape.");
        let mut lower_before = false;
        for c in self.name.chars() {
            match c {
                '_' | '.' | ' ' => id.push('-'),
                c if c.is_ascii_uppercase() && lower_before => {
                    id.push('-');
                    id.push(c.to_ascii_lowercase());
                }
                c => id.push(c.to_ascii_lowercase()),
            }
            lower_before = c.is_ascii_lowercase();
        }
        id
    }
}

/// The fields of one direction, in one or several variants (success and failure may differ).
#[derive(Clone, Debug)]
pub struct Shape {
    pub variants: Vec<Variant>,
}

impl Shape {
    /// The field of this name, in the first variant that has it.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.variants
            .iter()
            .find_map(|variant| variant.fields.iter().find(|field| field.name == name))
    }

    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        self.variants
            .iter()
            .flat_map(|variant| variant.fields.iter().map(|field| field.name.as_str()))
    }
}

#[derive(Clone, Debug)]
pub struct Variant {
    /// Empty where there is but one.
    pub name: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub shape: FieldShape,
}

#[derive(Clone, Debug)]
pub struct FieldShape {
    pub kind: FieldKind,
    /// May be absent.
    pub optional: bool,
    /// May be null.
    pub nullable: bool,
    /// Masked in reports on request.
    pub secret: bool,
    /// The value means nothing to us.
    pub opaque: bool,
    /// The order of the list is open.
    pub unordered: bool,
    /// Nothing is to stand twice in the list, and how gravely.
    pub distinct: Option<Level>,
    /// The reading that this field's form is bound to.
    pub reading: Option<String>,
}

#[derive(Clone, Debug)]
pub enum FieldKind {
    Of(Type),
    /// Documented values and their meanings.
    OneOf(Vec<(Value, String)>),
    ListOf(Box<FieldShape>),
    MapOf(Box<FieldShape>),
    Object(Vec<Field>),
}

impl FieldShape {
    /// In words, for messages: `string`, `one of 0|1001`, `list of string`.
    pub fn describe(&self) -> String {
        match &self.kind {
            FieldKind::Of(kind) => kind.name().to_owned(),
            FieldKind::OneOf(values) => {
                let values: Vec<String> =
                    values.iter().map(|(value, _)| value.to_string()).collect();
                format!("one of {}", values.join("|"))
            }
            FieldKind::ListOf(item) => format!("list of {}", item.describe()),
            FieldKind::MapOf(item) => format!("map of {}", item.describe()),
            FieldKind::Object(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                format!("object with {}", names.join(", "))
            }
        }
    }

    /// Whether the value's type is that of the shape, not looking inside.
    pub fn accepts_type(&self, value: &Value) -> bool {
        if matches!(value, Value::Null) && self.nullable {
            return true;
        }
        match &self.kind {
            FieldKind::Of(kind) => kind.accepts(value),
            FieldKind::OneOf(values) => values
                .iter()
                .any(|(known, _)| known == value || known.type_name() == value.type_name()),
            FieldKind::ListOf(_) => matches!(value, Value::List(_)),
            FieldKind::MapOf(_) | FieldKind::Object(_) => matches!(value, Value::Map(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_requirements_are_in_kebab_case() {
        let id = |name: &str| {
            let message = Message {
                name: name.into(),
                section: String::new(),
                discriminator: Value::str(name),
                named_by: None,
                client: None,
                server: None,
            };
            message.shape_requirement()
        };
        assert_eq!(id("MEDIA_MESSAGE_DATA_ACK"), "shape.media-message-data-ack");
        assert_eq!(id("auth.login.success"), "shape.auth-login-success");
        assert_eq!(id("checkConnection"), "shape.check-connection");
    }
}
