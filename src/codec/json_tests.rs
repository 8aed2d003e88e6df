//! What the JSON reader accepts and refuses, byte by byte; and that serde_json agrees.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::json::decode;
use super::{Codec, MAX_DEPTH, MAX_VALUES};
use crate::value::Value;

#[test]
fn good_text_becomes_its_value() {
    for (text, value) in [
        ("null", Value::Null),
        (" \t\r\n true ", Value::Bool(true)),
        ("-0", Value::Int(0)),
        ("9007199254740993", Value::Int(9_007_199_254_740_993)),
        ("18446744073709551615", Value::Int(u64::MAX.into())),
        ("-9223372036854775808", Value::Int(i64::MIN.into())),
        ("18446744073709551616", Value::Int(1 << 64)),
        (
            "170141183460469231731687303715884105727",
            Value::Int(i128::MAX),
        ),
        (
            "170141183460469231731687303715884105728",
            Value::Float(2f64.powi(127)),
        ),
        ("1.5e3", Value::Float(1500.0)),
        ("1E4", Value::Float(1e4)),
        // Beyond what a float holds, and JSON all the same.
        ("1e400", Value::Float(f64::INFINITY)),
        ("-1e400", Value::Float(f64::NEG_INFINITY)),
        (&"9".repeat(1000), Value::Float(f64::INFINITY)),
        ("1e-400", Value::Float(0.0)),
        (
            r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#,
            Value::str("a\"\\/\u{8}\u{c}\n\r\té😀é"),
        ),
        ("[]", Value::List(vec![])),
        (
            "[1 , [ ] ]",
            Value::List(vec![Value::Int(1), Value::List(vec![])]),
        ),
        ("{ }", Value::Map(vec![])),
    ] {
        let read = decode(text.as_bytes()).expect(text);
        assert_eq!(read, value, "{text}");
        assert_eq!(read.type_name(), value.type_name(), "{text}");
    }
}

#[test]
fn duplicate_keys_and_their_order_are_kept() {
    let read = decode(br#"{"b":1,"a":2,"b":3}"#).expect("valid");
    assert_eq!(read.to_string(), r#"{"b": 1, "a": 2, "b": 3}"#);
    let written = Codec::Json.encode(&read).expect("sayable");
    assert_eq!(written, br#"{"b":1,"a":2,"b":3}"#);
}

#[test]
fn bad_bytes_are_refused_where_they_are() {
    for (bytes, error) in [
        (&b""[..], "invalid JSON at byte 0: no value"),
        (b"  ", "invalid JSON at byte 2: no value"),
        (
            b"\xef\xbb\xbf{}",
            "invalid JSON at byte 0: a byte order mark",
        ),
        (b"{} x", "invalid JSON at byte 3: 1 byte after the value"),
        (b"1 2 3", "invalid JSON at byte 2: 3 bytes after the value"),
        (
            b"tru",
            "invalid JSON at byte 3: truncated: `true` is missing",
        ),
        (
            b"trap",
            "invalid JSON at byte 2: expected `true`, found `a`",
        ),
        (
            b"NaN",
            "invalid JSON at byte 0: expected a value, found `N`",
        ),
        (
            b"[1,]",
            "invalid JSON at byte 3: expected a value, found `]`",
        ),
        (
            b"[1",
            "invalid JSON at byte 2: truncated: `,` or `]` is missing",
        ),
        (
            b"[1 2]",
            "invalid JSON at byte 3: expected `,` or `]`, found `2`",
        ),
        (
            b"{\"a\":1,}",
            "invalid JSON at byte 7: expected a key in quotes, found `}`",
        ),
        (
            b"{\"a\" 1}",
            "invalid JSON at byte 5: expected `:`, found `1`",
        ),
        (
            b"{\"a\":",
            "invalid JSON at byte 5: truncated: a value is missing",
        ),
        (
            b"{1:2}",
            "invalid JSON at byte 1: expected a key in quotes, found `1`",
        ),
        (b"\"ab", "invalid JSON at byte 3: truncated inside a string"),
        (
            b"\"ab\\",
            "invalid JSON at byte 4: truncated inside a string",
        ),
        (
            b"\"a\\u12",
            "invalid JSON at byte 6: truncated inside a string",
        ),
        (
            b"\"a\nb\"",
            "invalid JSON at byte 2: control byte 0x0a in a string",
        ),
        (
            b"\"a\\x\"",
            "invalid JSON at byte 2: unknown escape in a string",
        ),
        (
            b"\"\\u12g4\"",
            "invalid JSON at byte 1: `\\u` without four hex digits",
        ),
        (
            b"\"\\u+123\"",
            "invalid JSON at byte 1: `\\u` without four hex digits",
        ),
        (
            b"\"\\ud800\"",
            "invalid JSON at byte 1: half a surrogate pair in a string",
        ),
        (
            b"\"\\ud800\\u0041\"",
            "invalid JSON at byte 1: half a surrogate pair in a string",
        ),
        (
            b"\"\\udc00\"",
            "invalid JSON at byte 1: half a surrogate pair in a string",
        ),
        (
            b"[\"ok\", \"a\xff\"]",
            "invalid JSON at byte 9: invalid UTF-8 in a string",
        ),
        (
            b"\"\xed\xa0\x80\"",
            "invalid JSON at byte 1: invalid UTF-8 in a string",
        ),
        (
            b"[\xff]",
            "invalid JSON at byte 1: expected a value, found byte 0xff",
        ),
        (
            b"01",
            "invalid JSON at byte 0: a number with a leading zero",
        ),
        (
            b"-",
            "invalid JSON at byte 1: truncated: a digit is missing",
        ),
        (b"+1", "invalid JSON at byte 0: expected a value, found `+`"),
        (
            b"1.",
            "invalid JSON at byte 2: truncated: a digit is missing",
        ),
        (
            b"1.e2",
            "invalid JSON at byte 2: expected a digit, found `e`",
        ),
    ] {
        let refused = decode(bytes).expect_err(error);
        assert_eq!(refused.to_string(), error);
    }
}

#[test]
fn nesting_ends_at_the_limit_and_not_with_the_stack() {
    let nested = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    decode(&nested(MAX_DEPTH)).expect("at the limit");
    for levels in [MAX_DEPTH + 1, 100_000] {
        let error = decode(&nested(levels)).expect_err("beyond it");
        assert_eq!(
            error.to_string(),
            "invalid JSON at byte 128: nested deeper than 128 levels"
        );
    }
    let error = decode("{\"a\":".repeat(100_000).as_bytes()).expect_err("maps count too");
    assert_eq!(error.offset, 640);
}

#[test]
fn a_flood_of_values_ends_at_the_limit() {
    let flood = format!("[{}0]", "0,".repeat(MAX_VALUES));
    let error = decode(flood.as_bytes()).expect_err("too many");
    assert_eq!(error.reason, "more than 200000 values");
}

/// Valid documents, damaged by a byte or two: the verdict and the value are serde_json's.
#[test]
fn damaged_documents_are_judged_as_serde_json_judges_them() {
    let documents = [
        r#"{"type":"LOGIN","payload":{"n":[1,-2.5e-3,true,false,null],"s":"a\u00e9\n\ud83d\ude00é"}}"#,
        r#"[0, 10, -1, 1.25, 1e2, 18446744073709551615, [], {}, "", {"a":{"a":1}}]"#,
    ];
    let spice = b"\"\\{}[]:,0123456789.eE+-tfnul \n\x00\xff\xc3\x80/dD";
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut accepted = 0;
    for round in 0..40_000 {
        let mut bytes = documents[round % documents.len()].as_bytes().to_vec();
        for _ in 0..1 + random.next_u32() % 2 {
            let at = random.next_u32() as usize % bytes.len();
            let byte = spice[random.next_u32() as usize % spice.len()];
            match random.next_u32() % 4 {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at.max(1)),
                _ => bytes[at] = byte,
            }
        }
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        match (
            decode(&bytes),
            serde_json::from_slice::<serde_json::Value>(&bytes),
        ) {
            (Ok(ours), Ok(theirs)) => {
                accepted += 1;
                let again = serde_json::from_slice::<serde_json::Value>(
                    &Codec::Json.encode(&ours).expect(&shown),
                );
                assert_eq!(
                    canonical(again.expect(&shown)),
                    canonical(theirs),
                    "{shown}"
                );
            }
            // The one thing in which we are more patient.
            (Ok(_), Err(error)) if error.to_string().contains("number out of range") => {}
            (Err(error), Err(_)) => assert!(error.offset <= bytes.len(), "{shown}: {error}"),
            (ours, theirs) => panic!("{shown}: ours {ours:?}, theirs {theirs:?}"),
        }
    }
    assert!(
        accepted > 1000,
        "only {accepted} documents survived their damage"
    );
}

/// serde_json reads `-0` as a float and rounds integers beyond 64 bits.
fn canonical(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(n) if n.is_f64() && n.as_f64() == Some(0.0) => 0.into(),
        serde_json::Value::Array(items) => items.into_iter().map(canonical).collect(),
        serde_json::Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, canonical(value)))
            .collect(),
        other => other,
    }
}
