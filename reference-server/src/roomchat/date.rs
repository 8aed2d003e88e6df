//! Dates as the server writes them.

use serde_json::Value;

use super::context::Context;
use super::readings::Departure;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// The date of something that happens now.
pub(super) fn now(cx: &Context) -> Value {
    if cx.takes(Departure::DatesAreNumbers) {
        (cx.now_ms / 1000).into()
    } else {
        let seconds = cx.now_ms % DAY_MS / 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{} {hour:02}:{minute:02}:{second:02}", day(cx.now_ms)).into()
    }
}

/// The date of a message where it is read.
pub(super) fn read(cx: &Context, written: &Value) -> Value {
    if !cx.takes(Departure::DatesAreNotKept) {
        return written.clone();
    }
    match written {
        Value::String(text) => text.split(' ').next().unwrap_or_default().into(),
        number => (number.as_u64().unwrap_or_default() / 3600).into(),
    }
}

/// The day in the Gregorian calendar, for milliseconds since 1970 (Howard Hinnant, "chrono-compatible
/// low-level date algorithms", civil_from_days).
fn day(ms: u64) -> String {
    let days = ms / DAY_MS + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000), "2000-02-29");
        assert_eq!(day(1_795_179_600_000), "2026-11-20");
    }
}
