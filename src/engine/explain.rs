//! What was expected and what came, line by line, so that only what differs shows as a difference.

use super::render::brief;
use crate::scenario::{Expr, Pattern};
use crate::value::Value;

/// The message as it was expected, in lines; matchers stand as the scenario has them.
pub(super) fn expected_alone(message: &str, fields: &Pattern) -> String {
    let mut lines = vec![message.to_owned()];
    expect_lines(fields, 1, &mut lines);
    lines.join("\n")
}

/// The message as it was expected and as it came; where the two agree, the lines are the same.
pub(super) fn compare(message: &str, fields: &Pattern, body: Option<&Value>) -> (String, String) {
    let mut expected = vec![message.to_owned()];
    let mut received = vec![message.to_owned()];
    both_lines(fields, body, 1, &mut expected, &mut received);
    (expected.join("\n"), received.join("\n"))
}

/// A received message in lines.
pub(super) fn received_alone(message: &str, body: Option<&Value>) -> String {
    let mut lines = vec![message.to_owned()];
    if let Some(body) = body {
        value_lines(body, 1, &mut lines);
    }
    lines.join("\n")
}

fn both_lines(
    pattern: &Pattern,
    value: Option<&Value>,
    depth: usize,
    expected: &mut Vec<String>,
    received: &mut Vec<String>,
) {
    let (Pattern::Map { fields, closed }, Some(Value::Map(pairs))) = (pattern, value) else {
        if let Some(value) = value {
            value_lines(value, depth, received);
        }
        if pattern.matches(value, &mut Vec::new()) {
            expected.extend(received[received.len().min(1)..].iter().cloned());
        } else {
            expect_lines(pattern, depth, expected);
        }
        return;
    };
    let indent = "  ".repeat(depth);
    for (name, wanted) in fields {
        let found = pairs
            .iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, value)| value);
        match (wanted, found) {
            (Pattern::Map { .. }, Some(inner @ Value::Map(_))) => {
                expected.push(format!("{indent}{name}:"));
                received.push(format!("{indent}{name}:"));
                both_lines(wanted, Some(inner), depth + 1, expected, received);
            }
            (wanted, found) => {
                let shown = found.map(|value| format!("{indent}{name}: {}", brief(value)));
                received.extend(shown.clone());
                if !wanted.matches(found, &mut Vec::new()) {
                    expected.push(format!("{indent}{name}: {}", brief(wanted)));
                } else {
                    expected.extend(shown);
                }
            }
        }
    }
    for (key, value) in pairs {
        if fields.iter().any(|(name, _)| key.as_str() == Some(name)) {
            continue;
        }
        let line = format!("{indent}{}: {}", key_text(key), brief(value));
        if !closed {
            expected.push(line.clone());
        }
        received.push(line);
    }
}

fn expect_lines(pattern: &Pattern, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match pattern {
        Pattern::Map { fields, .. } => {
            for (name, wanted) in fields {
                match wanted {
                    Pattern::Map { .. } => {
                        lines.push(format!("{indent}{name}:"));
                        expect_lines(wanted, depth + 1, lines);
                    }
                    _ => lines.push(format!("{indent}{name}: {}", brief(wanted))),
                }
            }
        }
        Pattern::Is(Expr::Literal(Value::Map(pairs))) if pairs.is_empty() => {}
        other => lines.push(format!("{indent}{}", brief(other))),
    }
}

fn value_lines(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Map(pairs) => {
            for (key, value) in pairs.iter().take(60) {
                match value {
                    Value::Map(inner) if !inner.is_empty() && depth < 6 => {
                        lines.push(format!("{indent}{}:", key_text(key)));
                        value_lines(value, depth + 1, lines);
                    }
                    _ => lines.push(format!("{indent}{}: {}", key_text(key), brief(value))),
                }
            }
            if pairs.len() > 60 {
                lines.push(format!("{indent}… {} more", pairs.len() - 60));
            }
        }
        other => lines.push(format!("{indent}{}", brief(other))),
    }
}

fn key_text(key: &Value) -> String {
    match key.as_str() {
        Some(text) if text.len() <= 80 => text.to_owned(),
        _ => brief(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(value: Value) -> Pattern {
        Pattern::Is(Expr::Literal(value))
    }

    #[test]
    fn only_what_differs_differs() {
        let fields = Pattern::Map {
            fields: vec![
                ("sender".into(), is(Value::str("al"))),
                ("code".into(), is(Value::Int(0))),
                ("id".into(), Pattern::Of(crate::protocol::Type::Id)),
            ],
            closed: false,
        };
        let body = Value::map([
            ("id", Value::Int(7)),
            ("sender", Value::str("al")),
            ("code", Value::Int(3002)),
            ("extra", Value::Null),
        ]);
        let (expected, received) = compare("ACK", &fields, Some(&body));
        assert_eq!(
            expected,
            "ACK\n  sender: \"al\"\n  code: 0\n  id: 7\n  extra: null"
        );
        assert_eq!(
            received,
            "ACK\n  sender: \"al\"\n  code: 3002\n  id: 7\n  extra: null"
        );
    }

    #[test]
    fn a_missing_field_stands_on_the_expected_side_only() {
        let fields = Pattern::Map {
            fields: vec![("code".into(), Pattern::Not(Value::Int(0)))],
            closed: false,
        };
        let (expected, received) = compare("ACK", &fields, Some(&Value::Map(vec![])));
        assert_eq!(expected, "ACK\n  code: <not 0>");
        assert_eq!(received, "ACK");
    }
}
