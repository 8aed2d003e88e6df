//! What a node holds where a map, a list or a scalar is wanted: its parts, or a diagnostic at its place.

use super::{Diagnostic, Diagnostics, Node};

/// A scalar as text, without its quotes.
pub fn text_of(node: &Node) -> String {
    node.as_str().unwrap_or(node.place.text()).to_owned()
}

/// The entries of a map; none, and a diagnostic, where it is no map.
pub fn entries<'n>(
    node: Option<&'n Node>,
    what: &str,
    problems: &mut Diagnostics,
) -> Vec<(&'n Node, &'n Node)> {
    let Some(node) = node else {
        return Vec::new();
    };
    let Some(pairs) = node.as_map() else {
        let message = format!("`{what}` is a map, not {}", node.a_type());
        problems.push(Diagnostic::new(&node.place, message));
        return Vec::new();
    };
    pairs.iter().map(|(key, value)| (key, value)).collect()
}

/// The items of a list; none, and a diagnostic, where it is no list.
pub fn items<'n>(node: Option<&'n Node>, what: &str, problems: &mut Diagnostics) -> &'n [Node] {
    let Some(node) = node else { return &[] };
    node.as_list().unwrap_or_else(|| {
        let message = format!("`{what}` is a list, not {}", node.a_type());
        problems.push(Diagnostic::new(&node.place, message));
        &[]
    })
}
