//! A YAML value with the place where it stands. Only what [`super::parse()`] lets pass: no tags, no
//! aliases, no duplicate keys; keys are text or integers.

use super::{Diagnostic, Place};

#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// `quoted` is true of block scalars (`|`, `>`) as well.
    Str {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    /// In the order of the file.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text, quoted or not.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Text without quotes: the only kind in which references and matchers are looked for as a whole.
    pub fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Str { quoted: false, .. })
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(bool) => Some(bool),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i128> {
        match self.kind {
            Kind::Int(int) => Some(int),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&[(Node, Node)]> {
        match &self.kind {
            Kind::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The value under a text key; `None` for other nodes than maps.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?
            .iter()
            .find(|(k, _)| k.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// The word for this node's type in messages: `string`, `int`, `list`, …
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Float(_) => "float",
            Kind::Str { .. } => "string",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
        }
    }

    /// The same with its article: `a string`, `an int`.
    pub fn a_type(&self) -> String {
        match self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Int(_) => "an int".to_owned(),
            _ => format!("a {}", self.type_name()),
        }
    }

    /// `expected a map, found string "x"`: for whoever wanted something else here.
    pub fn expected(&self, what: &str) -> Diagnostic {
        let found = match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::List(_) | Kind::Map(_) => format!("a {}", self.type_name()),
            Kind::Str { text, .. } if text.chars().count() <= 40 => format!("string {text:?}"),
            Kind::Str { .. } => "string".to_owned(),
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
                format!("{} {}", self.type_name(), self.place.text())
            }
        };
        Diagnostic::new(&self.place, format!("expected {what}, found {found}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::source::{SourceFile, parse};

    #[test]
    fn a_node_says_what_it_is_where_something_else_was_wanted() {
        let file = SourceFile::new("a.yaml", "a: [1]\nb: x\nc:\nd: -0.5\n");
        let root = &parse(&file).expect("a valid file")[0];
        let said = |key| {
            root.get(key)
                .expect("a known key")
                .expected("a map")
                .to_string()
        };
        assert_eq!(said("a"), "a.yaml:1:4: expected a map, found a list");
        assert_eq!(said("b"), "a.yaml:2:4: expected a map, found string \"x\"");
        assert_eq!(said("c"), "a.yaml:3:3: expected a map, found nothing");
        assert_eq!(said("d"), "a.yaml:4:4: expected a map, found float -0.5");
    }
}
