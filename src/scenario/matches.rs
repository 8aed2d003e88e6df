//! Whether a value matches, and what that binds.

use super::assignment::full_assignment;
use super::{Expr, Pattern};
use crate::protocol::status_code;
use crate::value::Value;

/// Names and what they are bound to by a match.
pub type Captures = Vec<(String, Value)>;

impl Pattern {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Type;

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
