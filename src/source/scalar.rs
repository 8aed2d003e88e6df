//! What a plain scalar is, from its source text alone: integers, plain decimals, `true`, `false`,
//! `null` and nothing are typed; all else is text. Refuses what some reader of YAML would take for a
//! number, a date or a word of the language, and this one would not.

use super::Kind;

/// What is wrong with a plain scalar, and what to write instead.
pub(super) struct Unclear {
    pub(super) message: String,
    pub(super) help: String,
}

pub(super) fn read_plain(source: &str) -> Result<Kind, Unclear> {
    let quote = format!("quote it: \"{source}\"");
    match source {
        "" | "null" => return Ok(Kind::Null),
        "true" => return Ok(Kind::Bool(true)),
        "false" => return Ok(Kind::Bool(false)),
        "~" => {
            let message = "\"~\" is not a value here".to_owned();
            return Err(Unclear {
                message,
                help: format!("write null, or {quote}"),
            });
        }
        "True" | "TRUE" | "False" | "FALSE" | "Null" | "NULL" => {
            let word = source.to_lowercase();
            let message = format!("{source:?} could be read as {word} or as text");
            return Err(Unclear {
                message,
                help: format!("write {word}, or {quote}"),
            });
        }
        _ => {}
    }
    if is_integer(source) {
        return source.parse().map(Kind::Int).map_err(|_| Unclear {
            message: "this integer does not fit into 128 bits".to_owned(),
            help: quote,
        });
    }
    if is_decimal(source) {
        return match source.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Kind::Float(float)),
            _ => Err(Unclear {
                message: "this number does not fit into a double".to_owned(),
                help: quote,
            }),
        };
    }
    if is_date(source) {
        return Err(Unclear {
            message: format!("{source:?} could be read as a date"),
            help: quote,
        });
    }
    if looks_like_a_number(source) {
        let help = match plainly(source) {
            Some(number) => format!("{quote}, or write {number}"),
            None => quote,
        };
        return Err(Unclear {
            message: format!("{source:?} could be read as a number"),
            help,
        });
    }
    Ok(Kind::Str {
        text: source.to_owned(),
        quoted: false,
    })
}

/// `0`, `-12`; no leading zeros, no minus zero.
fn is_integer(source: &str) -> bool {
    is_whole(source.strip_prefix('-').unwrap_or(source)) && source != "-0"
}

/// `1.5`, `-0.25`: digits on both sides of the point.
fn is_decimal(source: &str) -> bool {
    let number = source.strip_prefix('-').unwrap_or(source);
    number
        .split_once('.')
        .is_some_and(|(whole, rest)| is_whole(whole) && is_digits(rest))
}

fn is_whole(number: &str) -> bool {
    is_digits(number) && (number == "0" || !number.starts_with('0'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-11-20`, alone or followed by a time.
fn is_date(source: &str) -> bool {
    let Some((date, rest)) =
        source.split_at_checked(source.find(['T', 't', ' ', '\t']).unwrap_or(source.len()))
    else {
        return false;
    };
    let fields: Vec<&str> = date.split('-').collect();
    let is_date = fields.len() == 3
        && fields
            .iter()
            .zip([4..=4, 1..=2, 1..=2])
            .all(|(f, width)| is_digits(f) && width.contains(&f.len()));
    let time = rest.trim_start_matches(['T', 't', ' ', '\t']);
    is_date && (rest.is_empty() || time.starts_with(|char: char| char.is_ascii_digit()))
}

/// What YAML 1.1, YAML 1.2, JSON5 or a person would take for a number, besides what is one here.
/// Versions and addresses (`1.2.3`) are not.
fn looks_like_a_number(source: &str) -> bool {
    let number = source.strip_prefix(['+', '-']).unwrap_or(source);
    let lower = number.to_ascii_lowercase();
    if lower == ".nan" || lower == ".inf" {
        return true;
    }
    for (prefix, digits) in [
        ("0x", "0123456789abcdef_"),
        ("0o", "01234567_"),
        ("0b", "01_"),
    ] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return !rest.is_empty() && rest.chars().all(|char| digits.contains(char));
        }
    }
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let starts = mantissa
        .trim_start_matches('.')
        .starts_with(|char: char| char.is_ascii_digit());
    starts
        && mantissa.len() - mantissa.trim_start_matches('.').len() <= 1
        && mantissa.matches('.').count() <= 1
        && mantissa
            .chars()
            .all(|char| char.is_ascii_digit() || "_,.:".contains(char))
        && is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// The same number as an integer or plain decimal, where there is no doubt which one is meant.
fn plainly(source: &str) -> Option<String> {
    let mut number = source.strip_prefix('+').unwrap_or(source).replace('_', "");
    if let Some((whole, rest)) = number.split_once(',')
        && is_whole(whole.strip_prefix('-').unwrap_or(whole))
        && rest
            .split(',')
            .all(|group| is_digits(group) && group.len() == 3)
    {
        number = number.replace(',', "");
    }
    if number.ends_with('.') {
        number.push('0');
    }
    if let Some(rest) = number.strip_prefix('.') {
        number = format!("0.{rest}");
    } else if let Some(rest) = number.strip_prefix("-.") {
        number = format!("-0.{rest}");
    } else if number == "-0" {
        number = "0".to_owned();
    }
    (is_integer(&number) || is_decimal(&number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(source: &str) -> String {
        match read_plain(source) {
            Ok(kind) => panic!("{source:?} was read as {kind:?}"),
            Err(unclear) => format!("{}; {}", unclear.message, unclear.help),
        }
    }

    #[test]
    fn integers_and_plain_decimals_are_numbers() {
        for (source, int) in [
            ("0", 0),
            ("-1", -1),
            ("1001", 1001),
            ("9007199254740993", 9_007_199_254_740_993),
        ] {
            assert!(
                matches!(read_plain(source), Ok(Kind::Int(i)) if i == int),
                "{source}"
            );
        }
        let largest = i128::MAX.to_string();
        assert!(matches!(read_plain(&largest), Ok(Kind::Int(i128::MAX))));
        for (source, float) in [
            ("1.5", 1.5),
            ("-0.25", -0.25),
            ("0.0", 0.0),
            ("10.50", 10.5),
        ] {
            assert!(
                matches!(read_plain(source), Ok(Kind::Float(f)) if f == float),
                "{source}"
            );
        }
    }

    #[test]
    fn the_words_of_the_language_are_typed() {
        assert!(matches!(read_plain("true"), Ok(Kind::Bool(true))));
        assert!(matches!(read_plain("false"), Ok(Kind::Bool(false))));
        assert!(matches!(read_plain("null"), Ok(Kind::Null)));
        assert!(matches!(read_plain(""), Ok(Kind::Null)));
    }

    #[test]
    fn all_else_is_text() {
        for source in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "160KiB",
            "2s",
            "250ms",
            "media.ten-chunks",
            "$alice.name",
            "<one of a|b>",
            "<1..10>",
            "3rd",
            "a1",
            "1.2.3",
            "127.0.0.1",
            "1..10",
            "5 apples",
            "0xyz",
            "1e",
            "e5",
            "nan",
            "inf",
            "-",
            ".",
            "..",
            "image/jpeg",
            "ws://localhost:8080",
            "1/2",
            "50%",
            "1-2",
            "2026-11-20 release notes",
            "12-30-45",
            "1f",
            "0x",
            "٣",
            "+",
            "-x",
            "12:30 o'clock",
            "Nobody",
            "1_a",
            "deadbeef",
            "$list.0",
            "5,x",
        ] {
            assert!(
                matches!(read_plain(source), Ok(Kind::Str { text, quoted: false }) if text == source),
                "{source}"
            );
        }
    }

    #[test]
    fn whatever_else_looks_like_a_number_must_be_quoted() {
        for source in [
            "0123", "00", "-012", "01.5", "1_000", "1_000.5", "9e5", "1E+5", "1.5e-3", "12:30",
            "12:30:45", "0x1f", "0XFF", "0o17", "0b101", ".5", "-.5", "1.", "+5", "+1.5", "-0",
            ".nan", ".NaN", ".inf", "-.Inf", "+.INF", "1,000", "1,5", "1,000.50", "1.e5", "-0x1f",
        ] {
            assert!(said(source).starts_with(&format!(
                "{source:?} could be read as a number; quote it: \"{source}\""
            )));
        }
    }

    #[test]
    fn the_plain_number_is_offered_where_it_is_beyond_doubt() {
        for (source, number) in [
            ("1_000", "1000"),
            ("+5", "5"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("1,000", "1000"),
            ("-0", "0"),
        ] {
            assert!(
                said(source).ends_with(&format!("\", or write {number}")),
                "{}",
                said(source)
            );
        }
        for source in ["0123", "12:30", "9e5", "0x1f", "1,5"] {
            assert!(!said(source).contains("write"), "{}", said(source));
        }
    }

    #[test]
    fn dates_must_be_quoted() {
        for source in [
            "2026-11-20",
            "2026-1-2",
            "2026-11-20T10:00:00Z",
            "2026-11-20 10:00",
        ] {
            assert_eq!(
                said(source),
                format!("{source:?} could be read as a date; quote it: \"{source}\"")
            );
        }
    }

    #[test]
    fn tilde_and_capital_words_are_refused() {
        assert_eq!(
            said("~"),
            "\"~\" is not a value here; write null, or quote it: \"~\""
        );
        assert_eq!(
            said("True"),
            "\"True\" could be read as true or as text; write true, or quote it: \"True\""
        );
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let source = format!("{}0", i128::MAX);
        assert_eq!(
            said(&source),
            format!("this integer does not fit into 128 bits; quote it: \"{source}\"")
        );
        let source = format!("1{}.0", "0".repeat(400));
        assert!(said(&source).starts_with("this number does not fit into a double; quote it"));
    }
}
