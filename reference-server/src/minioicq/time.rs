//! ISO times to milliseconds since the Unix epoch, and back (proleptic Gregorian calendar, UTC).
//! Refuses dates and times of day that there are not.

const DAY_MS: i64 = 86_400_000;

/// Writes `YYYY-MM-DDThh:mm:ss.mmmZ`.
pub(super) fn write(now_ms: u64) -> String {
    let ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let (year, month, day) = date_of(ms.div_euclid(DAY_MS));
    let of_day = ms.rem_euclid(DAY_MS);
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, ms) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z")
}

/// Reads `YYYY-MM-DDThh:mm`, with seconds, a fraction and a zone if they are there; without a zone it is UTC.
pub(super) fn read(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd";
    let fits = bytes.len() >= shape.len()
        && shape.iter().zip(bytes).all(|(want, got)| match want {
            b'd' => got.is_ascii_digit(),
            want => want == got,
        });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hours, minutes) = (number(11, 13)?, number(14, 16)?);
    let mut rest = text.get(16..)?;
    let mut ms = 0;
    if let Some(after) = rest.strip_prefix(':') {
        let seconds: i64 = after
            .get(..2)?
            .parse()
            .ok()
            .filter(|s| (0..=60).contains(s))?;
        ms = seconds * 1000;
        rest = after.get(2..)?;
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let fraction: String = after.chars().take(digits.min(3)).collect();
            ms += format!("{fraction:0<3}").parse::<i64>().ok()?;
            rest = after.get(digits..)?;
        }
    }
    let zone = match rest {
        "" | "Z" | "z" => 0,
        _ => zone_minutes(rest)?,
    };
    if !(1..=12).contains(&month) || day < 1 || hours > 23 || minutes > 59 {
        return None;
    }
    let days = days_of(year, month, day);
    let real = date_of(days) == (year, month, day);
    real.then(|| days * DAY_MS + hours * 3_600_000 + (minutes - zone) * 60_000 + ms)
}

fn zone_minutes(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Some(sign * (hours * 60 + minutes))
}

/// Days since 1970-01-01.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // A year that begins in March has its leap day at the end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (
        year + era * 400,
        if month < 10 { month + 3 } else { month - 9 },
    );
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for ms in [0, 951_782_400_000, 1_700_000_000_123, 4_102_444_799_999] {
            assert_eq!(read(&write(ms)), Some(ms as i64), "{}", write(ms));
        }
        assert_eq!(write(951_782_400_000), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn zones_and_fractions_count() {
        assert_eq!(read("1970-01-01T01:00+01:00"), Some(0));
        assert_eq!(read("1969-12-31T23:30:00-0030"), Some(0));
        assert_eq!(read("1970-01-01T00:00:01.5Z"), Some(1500));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-02-30T00:00",
            "2026-13-01T00:00",
            "2026-01-01T24:00",
            "2026-01-01",
            "2026-01-01T00:00 CET",
            "2026-01-01T00:00:xx",
            "2026-01-01T00:00+é",
            "२०२६-01-01T00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
