//! Durations and sizes as scenarios write them: `250ms`, `2s`, `160KiB`.

use std::time::Duration;

use crate::value::Value;

/// `250ms`, `2s`, `1.5s`, `1min`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "min" => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// `5B`, `70KiB`, `1MiB`; at most 64 MiB.
pub(crate) fn parse_size(text: &str) -> Option<usize> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number * factor;
    (bytes.fract() == 0.0 && bytes <= 64.0 * 1024.0 * 1024.0).then_some(bytes as usize)
}

/// The size that a value says: a number of bytes, or text with a unit.
pub fn size_of(value: &Value) -> Option<usize> {
    match value {
        Value::Int(bytes) => usize::try_from(*bytes)
            .ok()
            .filter(|bytes| *bytes <= 64 << 20),
        Value::Str(text) => parse_size(text),
        _ => None,
    }
}

fn split_unit(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_have_units() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2"), None);
        assert_eq!(parse_size("160KiB"), Some(160 * 1024));
        assert_eq!(parse_size("1.5MiB"), Some(1_572_864));
        assert_eq!(parse_size("9999MiB"), None);
    }
}
