//! The value constructors, `{ $bytes: … }` and the like: what YAML cannot say.

use super::combinators::COMBINATORS;
use super::value::{literal, read_value};
use crate::scenario::Expr;
use crate::scenario::names::Names;
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node};
use crate::value::Value;

/// The value constructors: what YAML cannot say.
pub(super) const CONSTRUCTORS: [&str; 8] = [
    "$bytes", "$int", "$float", "$pairs", "$repeat", "$nest", "$range", "$eq",
];

/// The longest text that `$repeat` makes, in bytes.
const LONGEST: usize = 16 << 20;

pub(super) fn read_constructor(
    name: &str,
    key: &Node,
    argument: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    let value = match name {
        "$eq" => literal(argument),
        "$bytes" => argument.as_str().and_then(unhex).map(Value::Bin),
        "$int" => argument
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Value::Int),
        "$float" => argument
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Value::Float),
        "$range" => return read_range(argument, problems),
        "$nest" => return read_nest(argument, problems),
        "$repeat" => return read_repeat(argument, problems),
        "$pairs" => return read_pairs(argument, names, problems),
        _ => {
            problems.push(if COMBINATORS.contains(&name) {
                Diagnostic::new(
                    &key.place,
                    format!("`{name}` is a matcher; here a value is sent"),
                )
            } else {
                Diagnostic::new(&key.place, format!("unknown constructor `{name}`"))
                    .suggest(name, CONSTRUCTORS)
            });
            return None;
        }
    };
    if value.is_none() {
        let wanted = match name {
            "$bytes" => "hex digits in quotes",
            "$int" => "an integer in quotes",
            "$float" => "a number in quotes",
            _ => "a plain value",
        };
        problems.push(Diagnostic::new(
            &argument.place,
            format!("`{name}` takes {wanted}"),
        ));
    }
    value.map(Expr::Literal)
}

fn read_pairs(argument: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Option<Expr> {
    let mut pairs = Vec::new();
    for item in argument.as_list().unwrap_or_default() {
        let Some([key, value]) = item.as_list() else {
            problems.push(Diagnostic::new(&item.place, "a pair is [key, value]"));
            return None;
        };
        pairs.push((
            read_value(key, names, problems)?,
            read_value(value, names, problems)?,
        ));
    }
    if argument.as_list().is_none() {
        problems.push(Diagnostic::new(
            &argument.place,
            "`$pairs` takes a list of pairs",
        ));
        return None;
    }
    Some(Expr::Map(pairs))
}

fn read_repeat(argument: &Node, problems: &mut Diagnostics) -> Option<Expr> {
    let mut fields = Fields::of(argument, "`$repeat`", problems)?;
    let before = problems.len();
    let of = fields.text("of", problems);
    let times = fields
        .required("times", problems)
        .and_then(|node| match node.kind {
            Kind::Int(times) => usize::try_from(times).ok(),
            _ => None,
        });
    fields.finish(&[], problems);
    match (of, times) {
        (Some(of), Some(times)) if of.len().saturating_mul(times) <= LONGEST => {
            Some(Expr::Literal(Value::Str(of.repeat(times))))
        }
        _ if problems.len() > before => None,
        _ => {
            problems.push(
                Diagnostic::new(&argument.place, "`$repeat` takes a text and how many times")
                    .help("at most 16 MiB in all"),
            );
            None
        }
    }
}

/// `[1, 60]`: the list of the whole numbers from 1 to 60.
fn read_range(argument: &Node, problems: &mut Diagnostics) -> Option<Expr> {
    if let Some(
        [
            Node {
                kind: Kind::Int(first),
                ..
            },
            Node {
                kind: Kind::Int(last),
                ..
            },
        ],
    ) = argument.as_list()
        && first <= last
        && last - first < 100_000
    {
        return Some(Expr::Literal(Value::List(
            (*first..=*last).map(Value::Int).collect(),
        )));
    }
    problems.push(Diagnostic::new(
        &argument.place,
        "`$range` takes [first, last], two whole numbers",
    ));
    None
}

fn read_nest(argument: &Node, problems: &mut Diagnostics) -> Option<Expr> {
    let depth = match argument.get("depth").map(|node| &node.kind) {
        Some(Kind::Int(depth)) if (1..=1_000).contains(depth) => *depth,
        _ => {
            problems.push(Diagnostic::new(
                &argument.place,
                "`$nest` takes { depth: 1 to 1000 }",
            ));
            return None;
        }
    };
    Some(Expr::Literal(
        (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner])),
    ))
}

/// The bytes of hex digits, with white space between them or not.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    digits
        .chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}
