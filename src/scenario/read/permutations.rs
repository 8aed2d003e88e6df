//! The permutations of a scenario: a product of lists, or rows that each have a name.

use super::value::{literal, read_value};
use crate::scenario::Permutation;
use crate::scenario::names::Names;
use crate::source::{Diagnostic, Diagnostics, Kind, Node};
use crate::value::Value;

pub(super) fn read_permutations(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Permutation> {
    let one = vec![Permutation {
        name: String::new(),
        bindings: Vec::new(),
    }];
    let Some(node) = node else { return one };
    let before = problems.len();
    let rows = match &node.kind {
        Kind::List(nodes) => {
            let read = |row| Some((row, read_row(row, names, problems)?));
            let rows: Vec<(&Node, Permutation)> = nodes.iter().filter_map(read).collect();
            report_uneven_rows(&rows, problems);
            rows.into_iter().map(|(_, row)| row).collect()
        }
        Kind::Map(pairs) => read_product(pairs, names, problems),
        _ => Vec::new(),
    };
    let mut names: Vec<&str> = rows
        .iter()
        .map(|row: &Permutation| row.name.as_str())
        .collect();
    names.sort_unstable();
    if rows.is_empty() || names.windows(2).any(|pair| pair[0] == pair[1]) {
        if problems.len() > before {
            return one;
        }
        problems.push(
            Diagnostic::new(
                &node.place,
                "permutations are { name: [values] }, or a list of rows with a `case` each",
            )
            .help("no two rows have the same `case`"),
        );
        return one;
    }
    rows
}

/// The names of the permutations are known to the steps, whatever is wrong with their values.
pub(super) fn declare_permutations(
    node: Option<&Node>,
    names: &mut Names<'_>,
    problems: &mut Diagnostics,
) {
    let rows = match node.map(|node| &node.kind) {
        Some(Kind::List(rows)) => rows.iter().filter_map(Node::as_map).collect(),
        Some(Kind::Map(pairs)) => vec![pairs.as_slice()],
        _ => Vec::new(),
    };
    for (key, _) in rows.into_iter().flatten() {
        let Some(name) = key.as_str().filter(|name| *name != "case") else {
            continue;
        };
        if names.check_free(name, &key.place, problems) {
            names.declare(name);
        }
    }
}

/// A name that some row lacks would have no value in its case.
fn report_uneven_rows(rows: &[(&Node, Permutation)], problems: &mut Diagnostics) {
    let names = |row: &Permutation| -> Vec<String> {
        row.bindings.iter().map(|(name, _)| name.clone()).collect()
    };
    let all: Vec<String> = rows.iter().flat_map(|(_, row)| names(row)).collect();
    for (node, row) in rows {
        let own = names(row);
        for name in all.iter().filter(|name| !own.contains(name)) {
            problems.push(Diagnostic::new(
                &node.place,
                format!("this row has no `{name}`, and others have"),
            ));
        }
    }
}

fn read_row(row: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Option<Permutation> {
    let mut name = None;
    let mut bindings = Vec::new();
    if row.as_map().is_none() {
        problems.push(row.expected("a row, { case: name, … }"));
    }
    for (key, value) in row.as_map()? {
        match key.as_str() {
            Some("case") => name = value.as_str().map(str::to_owned),
            Some(key) => bindings.push((key.to_owned(), read_value(value, names, problems)?)),
            None => problems.push(Diagnostic::new(&key.place, "expected a name")),
        }
    }
    if name.is_none() {
        problems.push(Diagnostic::new(
            &row.place,
            "a row of permutations needs `case`, its name",
        ));
    }
    Some(Permutation {
        name: name?,
        bindings,
    })
}

fn read_product(
    pairs: &[(Node, Node)],
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Permutation> {
    let mut rows = vec![Permutation {
        name: String::new(),
        bindings: Vec::new(),
    }];
    for (key, values) in pairs {
        let name = key.as_str().unwrap_or_default();
        let Some(values) = values.as_list() else {
            problems.push(Diagnostic::new(
                &values.place,
                format!("the permutations of `{name}` are a list"),
            ));
            return Vec::new();
        };
        let mut next = Vec::new();
        for row in &rows {
            for node in values {
                let Some(value) = read_value(node, names, problems) else {
                    continue;
                };
                let shown = literal(node)
                    .as_ref()
                    .and_then(Value::as_str)
                    .map_or_else(|| value.to_string(), str::to_owned);
                let mut row = row.clone();
                row.name = if row.name.is_empty() {
                    shown
                } else {
                    format!("{},{shown}", row.name)
                };
                row.bindings.push((name.to_owned(), value));
                next.push(row);
            }
        }
        rows = next;
    }
    rows
}
