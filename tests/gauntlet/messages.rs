//! Peers whose frames are well-formed, and whose messages are not, or are far too much.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use crate::frames::both;
use crate::peer::{Case, Expect, Pack, drain, frame, open, read_frame};

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let no_json = "it answers LOGIN_REQUEST with a frame that is no JSON: ";
    let no_message = "received a frame that is no message: ";
    let million_keys = {
        let mut text = String::from("{");
        for key in 0..200_000 {
            write!(text, "\"k{key}\":1,").expect("text");
        }
        text + "\"type\":\"LOGIN_RESPONSE\"}"
    };
    let million_values = format!("[{}0]", "0,".repeat(1_000_000));
    let long_number = format!("{{\"type\":{}}}", "9".repeat(10_000));
    let long_fraction = format!("{{\"type\":0.{}}}", "9".repeat(10_000));
    for (name, text, why) in [
        (
            "json-nested-100000-deep",
            "[".repeat(100_000) + &"]".repeat(100_000),
            "nested deeper than 128 levels",
        ),
        (
            "json-maps-nested-100000-deep",
            "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000),
            "nested deeper than 128 levels",
        ),
        (
            "json-of-200000-keys",
            million_keys,
            "more than 200000 values",
        ),
        (
            "json-of-a-million-values",
            million_values,
            "more than 200000 values",
        ),
        ("empty-text", String::new(), "no value"),
        (
            "two-values-in-a-frame",
            "{} {}".to_owned(),
            "2 bytes after the value",
        ),
        (
            "half-a-surrogate",
            r#"{"type":"\ud800"}"#.to_owned(),
            "half a surrogate pair in a string",
        ),
        (
            "cut-in-the-middle",
            r#"{"type":"LOGIN_RESPONSE","pay"#.to_owned(),
            "truncated inside a string",
        ),
        (
            "not-a-number",
            r#"{"type":NaN}"#.to_owned(),
            "expected a value, found `N`",
        ),
        (
            "escape-sequences",
            "\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned(),
            "expected a value",
        ),
    ] {
        let bytes = frame(TEXT, text.as_bytes());
        cases.extend(answers(
            name,
            bytes,
            &format!("{no_json}invalid JSON at byte"),
            why,
            no_message,
        ));
    }
    for (name, text, unfit) in [
        (
            "number-of-10000-digits",
            long_number,
            "it answers LOGIN_REQUEST with \"inf\", which friendchat.md does not know",
        ),
        (
            "fraction-of-10000-digits",
            long_fraction,
            "it answers LOGIN_REQUEST with \"1.0\", which friendchat.md does not know",
        ),
        (
            "a-list",
            "[1,2,3]".to_owned(),
            "it answers LOGIN_REQUEST with something that is no message",
        ),
        (
            "null",
            "null".to_owned(),
            "it answers LOGIN_REQUEST with something that is no message",
        ),
        (
            "name-of-a-megabyte",
            format!("{{\"type\":\"{}\"}}", "A\u{202e}<b>".repeat(120_000)),
            "it answers LOGIN_REQUEST with \"A",
        ),
    ] {
        cases.extend(answers(name, frame(TEXT, text.as_bytes()), unfit, "", ""));
    }
    let twice = br#"{"type":"REGISTER_RESPONSE","timestamp":1,"timestamp":2,"payload":{"success":true,"success":false,"code":0,"code":1002}}"#;
    cases.push(crate::frames::in_cases(
        "keys-twice",
        send(frame(TEXT, twice)),
        Some(""),
    ));
    let markup = br#"{"type":"REGISTER_RESPONSE","timestamp":1,"payload":{"success":"</script><script>alert(1)</script>","code":"\u001b[31m"}}"#;
    cases.push(crate::frames::in_cases(
        "markup",
        send(frame(TEXT, markup)),
        Some(""),
    ));
    cases.extend(answers(
        "binary-frame",
        frame(BINARY, b"\x01\x02"),
        "it answers LOGIN_REQUEST with a frame that is no JSON",
        "a binary frame",
        no_message,
    ));
    cases.extend(messagepack());
    cases
}

fn send(bytes: Vec<u8>) -> Arc<dyn Fn(&mut std::net::TcpStream) + Send + Sync> {
    Arc::new(move |stream| {
        let _ = stream.write_all(&bytes);
        drain(stream);
    })
}

fn answers(
    name: &str,
    bytes: Vec<u8>,
    unfit: &str,
    why: &'static str,
    deviates: &str,
) -> [Case; 2] {
    // Two dozen of these at once may be more than is kept.
    let overwhelms = bytes.len() > 512 << 10;
    let [first, second] = both(name, send(bytes), unfit, (!overwhelms).then_some(deviates));
    [
        first.because(why),
        second.because(if overwhelms { "" } else { why }),
    ]
}

fn messagepack() -> Vec<Case> {
    let unfit = "it answers auth.register with a frame that is no MessagePack: ";
    let with_code = |rest: &[u8]| [b"\x81\xa4code".as_slice(), rest].concat();
    let mut many_keys = vec![0xdf];
    many_keys.extend(300_000u32.to_be_bytes());
    for key in 0..300_000u32 {
        many_keys.push(0xce);
        many_keys.extend(key.to_be_bytes());
        many_keys.push(0xc0);
    }
    [
        ("reserved-byte", vec![0xc1], "reserved byte 0xc1"),
        (
            "nested-100000-deep",
            vec![0x91; 100_000],
            "nested deeper than 128 levels",
        ),
        (
            "maps-nested-100000-deep",
            [0x81, 0xc0].repeat(100_000),
            "nested deeper than 128 levels",
        ),
        (
            "str-of-4-gibibytes",
            with_code(b"\xdb\xff\xff\xff\xff"),
            "truncated: a str of 4294967295 bytes",
        ),
        (
            "bin-of-4-gibibytes",
            with_code(b"\xc6\xff\xff\xff\xff"),
            "truncated: a bin of 4294967295 bytes",
        ),
        (
            "ext-of-4-gibibytes",
            with_code(b"\xc9\xff\xff\xff\xff\x01"),
            "truncated: an ext of 4294967295 bytes",
        ),
        (
            "list-of-4-billion",
            with_code(b"\xdd\xff\xff\xff\xff"),
            "truncated: a list of 4294967295",
        ),
        (
            "map-of-4-billion",
            with_code(b"\xdf\xff\xff\xff\xff"),
            "truncated: a map of 4294967295",
        ),
        ("map-of-300000-keys", many_keys, "more than 200000 values"),
        (
            "four-million-nils",
            [b"\xdd\0\x3f\xff\xf0".as_slice(), &vec![0xc0; 0x3f_fff0]].concat(),
            "more than 200000 values",
        ),
        (
            "cut-in-the-middle",
            b"\x82\xa4code\xa3".to_vec(),
            "truncated",
        ),
        (
            "no-utf-8-in-a-str",
            with_code(b"\xa2\xc3\x28"),
            "invalid UTF-8 in a str",
        ),
        (
            "bytes-after-the-value",
            b"\x80\x80".to_vec(),
            "1 byte after the value",
        ),
        ("empty-frame", Vec::new(), "no value"),
    ]
    .into_iter()
    .map(|(name, bytes, why)| {
        let bytes = frame(BINARY, &bytes);
        let script = move |mut stream: std::net::TcpStream| {
            if open(&mut stream).is_some() && read_frame(&mut stream).is_some() {
                let _ = stream.write_all(&bytes);
                drain(&mut stream);
            }
        };
        let expect = Expect::Unfit(format!("{unfit}invalid MessagePack at byte"));
        Case::new(format!("messagepack/{name}"), Arc::new(script), expect)
            .speaks(Pack::Minioicq)
            .because(why)
    })
    .collect()
}
