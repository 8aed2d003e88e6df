//! YAML into a value with references: what a step sends, a parameter, a binding.

use super::names::Names;
use super::read_pattern::COMBINATORS;
use super::{Expr, Part};
use crate::protocol::Type;
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node};
use crate::value::Value;

/// The value constructors: what YAML cannot say.
pub(super) const CONSTRUCTORS: [&str; 8] = [
    "$bytes", "$int", "$float", "$pairs", "$repeat", "$nest", "$range", "$eq",
];

/// The longest text that `$repeat` makes, in bytes.
const LONGEST: usize = 16 << 20;

pub(super) fn read_value(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    match &node.kind {
        Kind::Str { text, .. } => read_text(node, text, names, problems),
        Kind::List(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| read_value(item, names, problems))
                .collect();
            Some(Expr::List(items.into_iter().collect::<Option<_>>()?))
        }
        Kind::Map(pairs) => {
            if let [(key, argument)] = pairs.as_slice()
                && let Some(name) = constructor(key)
            {
                return read_constructor(name, key, argument, names, problems);
            }
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(key, value)| {
                    Some((
                        read_key(key, problems)?,
                        read_value(value, names, problems)?,
                    ))
                })
                .collect();
            Some(Expr::Map(pairs.into_iter().collect::<Option<_>>()?))
        }
        _ => literal(node).map(Expr::Literal),
    }
}

/// The scalar, list or map as it stands: no references, no constructors.
pub(super) fn literal(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(bool) => Value::Bool(*bool),
        Kind::Int(int) => Value::Int(*int),
        Kind::Float(float) => Value::Float(*float),
        Kind::Str { text, .. } => Value::str(text),
        Kind::List(items) => Value::List(items.iter().map(literal).collect::<Option<_>>()?),
        Kind::Map(pairs) => Value::Map(
            pairs
                .iter()
                .map(|(key, value)| Some((literal(key)?, literal(value)?)))
                .collect::<Option<_>>()?,
        ),
    })
}

/// The name of a constructor or matcher in a one-key map: a key with one `$`.
pub(super) fn constructor(key: &Node) -> Option<&str> {
    key.as_str()
        .filter(|text| text.starts_with('$') && !text.starts_with("$$"))
}

/// A key of a plain map; `$$x` stands for `$x`.
pub(super) fn read_key(key: &Node, problems: &mut Diagnostics) -> Option<Expr> {
    match key.as_str() {
        Some(text) if text.starts_with("$$") => Some(Expr::Literal(Value::str(&text[1..]))),
        Some(text) if text.starts_with('$') => {
            problems.push(
                Diagnostic::new(
                    &key.place,
                    format!("`{text}` stands beside other keys, or is unknown"),
                )
                .help("write $$ for a key that begins with $"),
            );
            None
        }
        _ => literal(key).map(Expr::Literal),
    }
}

pub(super) fn read_text(
    node: &Node,
    text: &str,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    if text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(is_matcher)
    {
        problems.push(
            Diagnostic::new(
                &node.place,
                format!("`{text}` is a matcher; here a value is sent"),
            )
            .help("for the text itself write { $eq: \"…\" }"),
        );
        return None;
    }
    read_plain_text(node, text, names, problems)
}

/// Whether what stands between angle brackets means a matcher; markup, say, does not.
fn is_matcher(inner: &str) -> bool {
    let bare = inner.rsplit_once(" as ").map_or(inner, |(bare, _)| bare);
    Type::from_name(bare).is_some()
        || bare == "absent"
        || ["one of ", "not ", "/"]
            .iter()
            .any(|start| bare.starts_with(start))
        || bare.split_once("..").is_some_and(|(low, high)| {
            [low, high]
                .iter()
                .all(|end| end.is_empty() || end.parse::<f64>().is_ok())
        })
}

/// Text that is no matcher: a reference, text with references, or as it stands.
pub(super) fn read_plain_text(
    node: &Node,
    text: &str,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Expr> {
    if let Some(path) = text.strip_prefix('$')
        && !path.starts_with(['$', '{'])
    {
        return names.reference(path, &node.place, problems).map(Expr::Ref);
    }
    if !text.contains('$') {
        return Some(Expr::Literal(Value::str(text)));
    }
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let Some((path, after)) = after.split_once('}') else {
                problems.push(Diagnostic::new(&node.place, "`${` without its `}`"));
                return None;
            };
            parts.push(Part::Plain(std::mem::take(&mut plain)));
            parts.push(Part::Ref(names.reference(path, &node.place, problems)?));
            rest = after;
        } else {
            plain.push('$');
        }
    }
    plain.push_str(rest);
    if parts.is_empty() {
        return Some(Expr::Literal(Value::Str(plain)));
    }
    parts.push(Part::Plain(plain));
    Some(Expr::Text(parts))
}

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

/// The plain scalar inside a matcher, `<one of 0|online>`: typed as YAML would type it.
pub(super) fn inner_value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match (text.parse::<i128>(), text.parse::<f64>()) {
            (Ok(int), _) => Value::Int(int),
            (_, Ok(float)) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Value::Float(float)
            }
            _ => Value::str(text),
        },
    }
}

/// Whether a literal can be of the type; references are not known before the run.
pub(super) fn may_be(expr: &Expr, accepts: impl Fn(&Value) -> bool, kind: Option<Type>) -> bool {
    match expr {
        Expr::Literal(value) => accepts(value),
        Expr::Ref(_) => true,
        Expr::Text(_) => kind.is_none_or(|kind| kind.overlaps(Type::String)),
        Expr::List(_) => accepts(&Value::List(Vec::new())),
        Expr::Map(_) => accepts(&Value::Map(Vec::new())),
    }
}
