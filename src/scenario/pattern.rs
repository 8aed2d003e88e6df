//! Matchers: what a received value must be, and whether it is.
//!
//! A matcher with references is resolved once, when its step begins; then it is compared without a scope.
//! Knows nothing of frames and time.

use std::fmt;

use regex::Regex;

use super::{Expr, Scope, Unresolved};
use crate::protocol::{Type, status_code};
use crate::value::Value;

#[derive(Clone, Debug)]
pub enum Pattern {
    /// Equal to.
    Is(Expr),
    Of(Type),
    Absent,
    /// A number in a range, ends included.
    Range(Option<f64>, Option<f64>),
    OneOf(Vec<Value>),
    Not(Value),
    Regex(Regex),
    /// Element by element.
    List(Vec<Pattern>),
    Map {
        fields: Vec<(String, Pattern)>,
        closed: bool,
    },
    /// For each an element of its own; further elements are free.
    Contains(Vec<Pattern>),
    /// Just these, in any order.
    Unordered(Vec<Pattern>),
    /// The elements of a list by reference: for each one of its own, and with `only` no others.
    ElementsOf {
        list: Expr,
        only: bool,
    },
    Each(Box<Pattern>),
    /// Whole numbers, each one more than the one before; the matcher is for the first.
    Consecutive(Box<Pattern>),
    Length(Box<Pattern>),
    /// Of a status: of its code, whichever its form.
    Code(Box<Pattern>),
    /// Any value that does not match.
    Unlike(Box<Pattern>),
    Either(Vec<Pattern>),
    All(Vec<Pattern>),
    /// Binds what matched to a name: `chat`, or `me.user_id`.
    Capture(Box<Pattern>, String),
}

/// Names and what they are bound to by a match.
pub type Captures = Vec<(String, Value)>;

impl Pattern {
    /// The same matcher with its references replaced by values.
    pub fn resolve(&self, scope: &dyn Scope) -> Result<Pattern, Unresolved> {
        let all = |patterns: &[Pattern]| -> Result<Vec<Pattern>, Unresolved> {
            patterns
                .iter()
                .map(|pattern| pattern.resolve(scope))
                .collect()
        };
        let boxed = |pattern: &Pattern| -> Result<Box<Pattern>, Unresolved> {
            Ok(Box::new(pattern.resolve(scope)?))
        };
        Ok(match self {
            Pattern::Is(expr) => Pattern::Is(Expr::Literal(expr.resolve(scope)?)),
            Pattern::List(items) => Pattern::List(all(items)?),
            Pattern::Contains(items) => Pattern::Contains(all(items)?),
            Pattern::Unordered(items) => Pattern::Unordered(all(items)?),
            Pattern::ElementsOf { list, only } => {
                let items = match list.resolve(scope)? {
                    Value::List(items) => items,
                    other => vec![other],
                };
                let items = items
                    .into_iter()
                    .map(|item| Pattern::Is(Expr::Literal(item)))
                    .collect();
                if *only {
                    Pattern::Unordered(items)
                } else {
                    Pattern::Contains(items)
                }
            }
            Pattern::Either(items) => Pattern::Either(all(items)?),
            Pattern::All(items) => Pattern::All(all(items)?),
            Pattern::Each(item) => Pattern::Each(boxed(item)?),
            Pattern::Consecutive(item) => Pattern::Consecutive(boxed(item)?),
            Pattern::Length(item) => Pattern::Length(boxed(item)?),
            Pattern::Code(item) => Pattern::Code(boxed(item)?),
            Pattern::Unlike(item) => Pattern::Unlike(boxed(item)?),
            Pattern::Capture(item, name) => Pattern::Capture(boxed(item)?, name.clone()),
            Pattern::Map { fields, closed } => {
                let resolve = |(name, pattern): &(String, Pattern)| {
                    Ok((name.clone(), pattern.resolve(scope)?))
                };
                Pattern::Map {
                    fields: fields.iter().map(resolve).collect::<Result<_, _>>()?,
                    closed: *closed,
                }
            }
            other => other.clone(),
        })
    }

    /// Whether the value matches; what it binds is pushed to `captures`, also where a later part fails.
    ///
    /// `None` stands for a field that is not there. The pattern must be resolved.
    pub fn matches(&self, value: Option<&Value>, captures: &mut Captures) -> bool {
        match (self, value) {
            (Pattern::Absent, value) => value.is_none(),
            (Pattern::Either(options), value) => {
                options.iter().any(|option| option.matches(value, captures))
            }
            (Pattern::All(parts), value) => parts.iter().all(|part| part.matches(value, captures)),
            (Pattern::Capture(inner, name), value) => {
                let matched = inner.matches(value, captures);
                if let (true, Some(value)) = (matched, value) {
                    captures.push((name.clone(), value.clone()));
                }
                matched
            }
            (_, None) => false,
            (Pattern::Code(inner), Some(value)) => {
                let code = status_code(value).map(Value::Int);
                inner.matches(Some(code.as_ref().unwrap_or(value)), captures)
            }
            (pattern, Some(value)) => pattern.matches_present(value, captures),
        }
    }

    fn matches_present(&self, value: &Value, captures: &mut Captures) -> bool {
        match self {
            Pattern::Is(expr) => matches!(expr, Expr::Literal(wanted) if wanted == value),
            Pattern::Of(kind) => kind.accepts(value),
            Pattern::Range(low, high) => value.as_number().is_some_and(|number| {
                low.is_none_or(|low| low <= number) && high.is_none_or(|high| number <= high)
            }),
            Pattern::OneOf(values) => values.contains(value),
            Pattern::Not(unwanted) => unwanted != value,
            Pattern::Regex(regex) => value.as_str().is_some_and(|text| regex.is_match(text)),
            Pattern::List(wanted) => value.as_list().is_some_and(|items| {
                items.len() == wanted.len()
                    && wanted
                        .iter()
                        .zip(items)
                        .all(|(wanted, item)| wanted.matches(Some(item), captures))
            }),
            Pattern::Map { fields, closed } => value.as_map().is_some_and(|pairs| {
                fields
                    .iter()
                    .all(|(name, wanted)| wanted.matches(value.get(name), captures))
                    && (!closed || pairs.iter().all(|(key, _)| is_named(fields, key)))
            }),
            Pattern::Contains(wanted) => value
                .as_list()
                .is_some_and(|items| assign(wanted, items, captures)),
            Pattern::Unordered(wanted) => value.as_list().is_some_and(|items| {
                items.len() == wanted.len() && assign(wanted, items, captures)
            }),
            Pattern::Each(wanted) => value.as_list().is_some_and(|items| {
                items
                    .iter()
                    .all(|item| wanted.matches(Some(item), captures))
            }),
            Pattern::Consecutive(first) => value.as_list().is_some_and(|items| {
                let mut numbers = items.iter().map(Value::as_number);
                items
                    .first()
                    .is_none_or(|item| first.matches(Some(item), captures))
                    && numbers.next().is_none_or(|mut last| {
                        numbers.all(|number| {
                            let one_more = last
                                .zip(number)
                                .is_some_and(|(last, number)| number == last + 1.0);
                            last = number;
                            one_more
                        })
                    })
            }),
            Pattern::Length(wanted) => {
                length(value).is_some_and(|n| wanted.matches(Some(&Value::Int(n)), captures))
            }
            Pattern::Unlike(unwanted) => !unwanted.matches(Some(value), &mut Vec::new()),
            // Resolved into other matchers, or handled above.
            Pattern::ElementsOf { .. }
            | Pattern::Absent
            | Pattern::Either(_)
            | Pattern::All(_)
            | Pattern::Code(_)
            | Pattern::Capture(..) => false,
        }
    }

    /// The names that a match may bind.
    pub fn capture_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |pattern| {
            if let Pattern::Capture(_, name) = pattern {
                names.push(name.as_str());
            }
        });
        names
    }

    /// The plain values that are compared with, wherever they stand.
    pub(super) fn plain_values(&self) -> Vec<&Value> {
        let mut values = Vec::new();
        self.visit(&mut |pattern| match pattern {
            Pattern::Is(Expr::Literal(value)) | Pattern::Not(value) => values.push(value),
            Pattern::OneOf(options) => values.extend(options),
            _ => {}
        });
        values
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Pattern)) {
        see(self);
        match self {
            Pattern::List(items)
            | Pattern::Contains(items)
            | Pattern::Unordered(items)
            | Pattern::Either(items)
            | Pattern::All(items) => items.iter().for_each(|item| item.visit(see)),
            Pattern::Each(item)
            | Pattern::Consecutive(item)
            | Pattern::Length(item)
            | Pattern::Code(item)
            | Pattern::Unlike(item)
            | Pattern::Capture(item, _) => item.visit(see),
            Pattern::Map { fields, .. } => fields.iter().for_each(|(_, item)| item.visit(see)),
            _ => {}
        }
    }
}

fn is_named(fields: &[(String, Pattern)], key: &Value) -> bool {
    key.as_str()
        .is_some_and(|key| fields.iter().any(|(name, _)| name == key))
}

fn length(value: &Value) -> Option<i128> {
    match value {
        Value::List(items) => Some(items.len() as i128),
        Value::Str(text) => Some(text.chars().count() as i128),
        Value::Bin(bytes) => Some(bytes.len() as i128),
        _ => None,
    }
}

/// Gives each matcher an element of its own, whichever assignment works; captures of that assignment are bound.
fn assign(wanted: &[Pattern], items: &[Value], captures: &mut Captures) -> bool {
    let fits = |w: usize, i: usize| wanted[w].matches(Some(&items[i]), &mut Vec::new());
    let Some(assignment) = full_assignment(wanted.len(), items.len(), fits) else {
        return false;
    };
    assignment
        .into_iter()
        .enumerate()
        .all(|(w, i)| wanted[w].matches(Some(&items[i]), captures))
}

/// For each of `left` one of `right` of its own that fits, or `None` where there is no such assignment.
pub fn full_assignment(
    left: usize,
    right: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let assignment = assignment(left, right, fits);
    assignment.into_iter().collect()
}

/// A maximum assignment: for as many of `left` as possible one of `right` of its own that fits.
///
/// Kuhn's augmenting paths; earlier ones of `right` are preferred.
pub fn assignment(
    left: usize,
    right: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let edges: Vec<Vec<usize>> = (0..left)
        .map(|l| (0..right).filter(|&r| fits(l, r)).collect())
        .collect();
    let mut owner: Vec<Option<usize>> = vec![None; right];
    for l in 0..left {
        augment(l, &edges, &mut owner, &mut vec![false; right]);
    }
    let mut assignment = vec![None; left];
    for (r, l) in owner.into_iter().enumerate() {
        if let Some(l) = l {
            assignment[l] = Some(r);
        }
    }
    assignment
}

fn augment(l: usize, edges: &[Vec<usize>], owner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for &r in &edges[l] {
        if seen[r] {
            continue;
        }
        seen[r] = true;
        let free = match owner[r] {
            None => true,
            Some(other) => augment(other, edges, owner, seen),
        };
        if free {
            owner[r] = Some(l);
            return true;
        }
    }
    false
}

/// As it stands in a scenario, on one line.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, open: &str, items: &[Pattern], close: &str| {
            f.write_str(open)?;
            for (i, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
            }
            f.write_str(close)
        };
        match self {
            Pattern::Is(expr) => write!(f, "{expr}"),
            Pattern::Of(kind) => write!(f, "<{}>", kind.name()),
            Pattern::Absent => f.write_str("<absent>"),
            Pattern::Range(low, high) => {
                let end = |end: &Option<f64>| end.map_or_else(String::new, |end| end.to_string());
                write!(f, "<{}..{}>", end(low), end(high))
            }
            Pattern::OneOf(values) => {
                let values: Vec<String> = values.iter().map(plain).collect();
                write!(f, "<one of {}>", values.join("|"))
            }
            Pattern::Not(value) => write!(f, "<not {}>", plain(value)),
            Pattern::Regex(regex) => write!(f, "\"</{}/>\"", regex.as_str()),
            Pattern::List(items) => list(f, "[", items, "]"),
            Pattern::Map { fields, .. } => {
                f.write_str("{")?;
                for (i, (name, item)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {item}", if i == 0 { " " } else { ", " })?;
                }
                f.write_str(" }")
            }
            Pattern::Contains(items) => list(f, "{ $contains: [", items, "] }"),
            Pattern::Unordered(items) => list(f, "{ $unordered: [", items, "] }"),
            Pattern::ElementsOf { list, only: true } => write!(f, "{{ $unordered: {list} }}"),
            Pattern::ElementsOf { list, only: false } => write!(f, "{{ $contains: {list} }}"),
            Pattern::Either(items) => list(f, "{ $either: [", items, "] }"),
            Pattern::All(items) => list(f, "{ $all: [", items, "] }"),
            Pattern::Each(item) => write!(f, "{{ $each: {item} }}"),
            Pattern::Consecutive(item) => write!(f, "{{ $consecutive: {item} }}"),
            Pattern::Length(item) => write!(f, "{{ $length: {item} }}"),
            Pattern::Unlike(item) => write!(f, "{{ $not: {item} }}"),
            Pattern::Code(item) | Pattern::Capture(item, _) => write!(f, "{item}"),
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(value: i128) -> Pattern {
        Pattern::Is(Expr::Literal(Value::Int(value)))
    }

    fn list(items: &[i128]) -> Value {
        Value::List(items.iter().map(|item| Value::Int(*item)).collect())
    }

    fn matches(pattern: &Pattern, value: &Value) -> bool {
        pattern.matches(Some(value), &mut Vec::new())
    }

    #[test]
    fn maps_match_partially_unless_closed() {
        let value = Value::map([("a", Value::Int(1)), ("b", Value::Int(2))]);
        let pattern = |closed| Pattern::Map {
            fields: vec![("a".into(), is(1))],
            closed,
        };
        assert!(matches(&pattern(false), &value));
        assert!(!matches(&pattern(true), &value));
        assert!(!matches(
            &Pattern::Map {
                fields: vec![("c".into(), is(1))],
                closed: false
            },
            &value
        ));
    }

    #[test]
    fn absent_matches_only_what_is_not_there() {
        let pattern = Pattern::Map {
            fields: vec![("a".into(), Pattern::Absent)],
            closed: false,
        };
        assert!(matches(&pattern, &Value::map([("b", Value::Null)])));
        assert!(!matches(&pattern, &Value::map([("a", Value::Null)])));
    }

    #[test]
    fn unordered_lists_are_assigned_optimally() {
        // Greedily, <any> would take the 1 that the second matcher needs.
        let pattern = Pattern::Unordered(vec![Pattern::Of(Type::Any), is(1)]);
        assert!(matches(&pattern, &list(&[1, 2])));
        assert!(!matches(&pattern, &list(&[2, 2])));
        assert!(!matches(&pattern, &list(&[1, 2, 3])));
        assert!(matches(
            &Pattern::Contains(vec![is(3), is(1)]),
            &list(&[1, 2, 3])
        ));
        assert!(!matches(
            &Pattern::Contains(vec![is(1), is(1)]),
            &list(&[1, 2])
        ));
    }

    #[test]
    fn captures_are_bound_to_what_matched() {
        let mut captures = Vec::new();
        let pattern = Pattern::Unordered(vec![
            Pattern::Capture(Box::new(Pattern::Of(Type::Any)), "other".into()),
            is(1),
        ]);
        assert!(pattern.matches(Some(&list(&[1, 2])), &mut captures));
        assert_eq!(captures, [("other".to_owned(), Value::Int(2))]);
    }

    #[test]
    fn a_code_matches_and_is_captured_in_either_form() {
        let code = |inner| Pattern::Code(Box::new(inner));
        for form in [Value::Int(200), Value::str("200")] {
            assert!(matches(&code(is(200)), &form));
            assert!(!matches(&code(is(201)), &form));
            assert!(matches(
                &code(Pattern::Range(Some(200.0), Some(299.0))),
                &form
            ));
            assert!(!matches(&code(Pattern::Not(Value::Int(200))), &form));
            let captured = Pattern::Capture(Box::new(Pattern::Of(Type::Status)), "code".into());
            let mut captures = Vec::new();
            assert!(code(captured).matches(Some(&form), &mut captures));
            assert_eq!(captures, [("code".to_owned(), Value::Int(200))]);
        }
    }

    #[test]
    fn ranges_include_their_ends() {
        let range = Pattern::Range(Some(1.0), Some(3.0));
        assert!(matches(&range, &Value::Int(1)) && matches(&range, &Value::Int(3)));
        assert!(!matches(&range, &Value::Int(0)) && !matches(&range, &Value::str("2")));
        assert!(matches(&Pattern::Range(None, Some(3.0)), &Value::Int(-9)));
    }

    #[test]
    fn not_wants_a_value_that_is_there() {
        assert!(matches(&Pattern::Not(Value::Int(0)), &Value::Int(3002)));
        assert!(!matches(&Pattern::Not(Value::Int(0)), &Value::Int(0)));
        assert!(!Pattern::Not(Value::Int(0)).matches(None, &mut Vec::new()));
    }
}
