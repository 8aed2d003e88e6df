//! The words that every report uses for the enums of the stream, and for counts and times.
//!
//! One word a thing: no report makes up its own.

use crate::event::{DeviationKind, End, Level, ShapeKind, SilenceShown};

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::Advice => "advice",
    }
}

pub(super) fn kind(kind: DeviationKind) -> &'static str {
    match kind {
        DeviationKind::Missing => "missing",
        DeviationKind::Mismatch => "mismatch",
        DeviationKind::Unexpected => "unexpected",
        DeviationKind::Order => "order",
        DeviationKind::Shape => "shape",
        DeviationKind::Codec => "codec",
        DeviationKind::Closed => "closed",
        DeviationKind::Gone => "server gone",
        DeviationKind::NotClosed => "not closed",
        DeviationKind::Connect => "connect",
        DeviationKind::Check => "check",
    }
}

pub(super) fn shape(kind: ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Missing => "missing",
        ShapeKind::WrongType => "wrong type",
        ShapeKind::UndocumentedValue => "undocumented value",
        ShapeKind::DuplicateKey => "duplicate key",
        ShapeKind::DuplicateElement => "listed twice",
    }
}

pub(super) fn silence(shown: SilenceShown) -> &'static str {
    match shown {
        SilenceShown::Fenced => "shown by a fence",
        SilenceShown::Waited => "waited for",
        SilenceShown::FencedAndWaited => "shown by a fence and waited for",
        SilenceShown::FenceUnanswered => "waited for, since the fence did not come back",
    }
}

/// How a connection ended; may hold text from the target.
pub(super) fn end(end: &End) -> String {
    match end {
        End::ByUs => "closed by us".into(),
        End::Close { code, reason } if reason.is_empty() => {
            format!("closed by the server, code {code}")
        }
        End::Close { code, reason } => format!("closed by the server, code {code}: {reason}"),
        End::Eof => "ended without a close frame".into(),
        End::Reset => "reset by the server".into(),
        End::Protocol { error } => format!("the server broke the transport's rules: {error}"),
        End::Refused { error } => format!("refused: {error}"),
    }
}

/// The parts of a place, `file:line:col`.
pub(super) fn place(at: &str) -> Option<(&str, u32, u32)> {
    let mut parts = at.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some((parts.next().filter(|file| !file.is_empty())?, line, column))
}

/// "1 case", "2 cases".
pub(super) fn count(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

/// The verb as it goes with so many: "1 deviates", "2 deviate".
pub(super) fn verb(count: usize, verb: &str) -> String {
    match count {
        1 => format!("{verb}s"),
        _ => verb.to_owned(),
    }
}

/// Microseconds for people.
pub(super) fn time(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000..60_000_000 => format!("{:.2} s", us as f64 / 1e6),
        _ => format!("{} min {} s", us / 60_000_000, us / 1_000_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_three_parts_and_files_may_have_colons() {
        assert_eq!(place("a/b.yaml:12:5"), Some(("a/b.yaml", 12, 5)));
        assert_eq!(place("C:/b.yaml:12:5"), Some(("C:/b.yaml", 12, 5)));
        for none in ["", "a", "a:1", ":1:2", "a:x:1", "a:1:x", "a:-1:1"] {
            assert_eq!(place(none), None, "{none}");
        }
    }

    #[test]
    fn times_have_a_fitting_unit() {
        let times = [999, 1_500, 2_340_000, 61_000_000].map(time);
        assert_eq!(times, ["999 µs", "1.5 ms", "2.34 s", "1 min 1 s"]);
    }
}
