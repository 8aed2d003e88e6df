//! What the messages of several protocols have in common: each is of a kind, by which it goes on the wire.

use serde_json::Value;

/// A message that is of one of a protocol's kinds.
pub(crate) trait Kinded {
    type Kind: Copy + PartialEq;

    fn kind(&self) -> Self::Kind;
}

/// Lists the kinds of messages that a server sends, each by its name on the wire.
macro_rules! kinds {
    ($($kind:ident = $name:literal,)*) => {
        /// The kind of a message that the server sends.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Kind { $($kind,)* }

        impl Kind {
            pub(super) fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }
        }
    };
}

pub(crate) use kinds;

/// The bytes that a value takes up while it is kept, roughly.
pub(crate) fn weight(value: &Value) -> usize {
    32 + match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(weight).sum(),
        Value::Object(fields) => fields.iter().map(|(key, v)| key.len() + weight(v)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
