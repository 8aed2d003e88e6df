//! The data of a scenario: random bytes, and the chunks that they come in.

use super::value::read_value;
use crate::scenario::duration::{parse_size, size_of};
use crate::scenario::names::Names;
use crate::scenario::{Chunks, Data, Expr};
use crate::source::{Diagnostic, Diagnostics, Fields, Node};
use crate::value::Value;

pub(super) fn read_data(
    node: &Node,
    names: &mut Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Data> {
    let mut data = Vec::new();
    if node.as_map().is_none() {
        problems.push(node.expected("data, { photo: { random: 160KiB } }"));
    }
    for (key, value) in node.as_map().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default().to_owned();
        if names.check_free(&name, &key.place, problems) {
            names.declare(&name);
        }
        let Some(mut fields) = Fields::of(value, "data", problems) else {
            continue;
        };
        let bytes = fields.required("random", problems).and_then(|node| {
            let size = read_value(node, names, problems)?;
            if size.literal().is_some_and(|size| size_of(&size).is_none()) {
                problems.push(Diagnostic::new(
                    &node.place,
                    "a size such as 160KiB, at most 64MiB",
                ));
            }
            Some(size)
        });
        let seed = match fields.optional("seed").map(|node| (node, node.as_int())) {
            Some((_, Some(seed))) => u64::try_from(seed).unwrap_or_default(),
            Some((node, None)) => {
                problems.push(node.expected("a whole number"));
                0
            }
            None => 0,
        };
        let chunks = match (fields.optional("chunks"), fields.optional("chunk")) {
            (None, None) => Some(Chunks::Count(Expr::Literal(Value::Int(1)))),
            (Some(node), None) => read_value(node, names, problems).map(Chunks::Count),
            (None, Some(node)) => match node.as_str().and_then(parse_size) {
                Some(bytes) => Some(Chunks::Of(Expr::Literal(Value::Int(bytes as i128)))),
                None => read_value(node, names, problems).map(Chunks::Of),
            },
            (Some(node), Some(_)) => {
                problems.push(Diagnostic::new(
                    &node.place,
                    "data has `chunks`, how many, or `chunk`, how large; not both",
                ));
                None
            }
        };
        fields.finish(&[], problems);
        if let (Some(bytes), Some(chunks)) = (bytes, chunks) {
            data.push(Data {
                name,
                bytes,
                seed,
                chunks,
            });
        }
    }
    data
}
