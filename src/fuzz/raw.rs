//! Frames that are no message: spoilt in the codec, in the frame, or in the envelope.

use arbitrary::{Result, Unstructured};

use super::datum::Datum;
use super::sequence::Raw;
use super::vocabulary::{Vocabulary, Word};
use crate::codec::Codec;
use crate::protocol::WireCodec;
use crate::value::{Value, hex};

/// Bytes that are no MessagePack, or more of it than one value, or what few expect.
const ODD_MESSAGEPACK: [&str; 18] = [
    "",
    "c1",
    "c0",
    "93",
    "dcffff",
    "ddffffffff",
    "df7fffffff",
    "c6ffffffff00",
    "dbffffffff41",
    "d9ff61",
    "a2ff61",
    "c70501000102",
    "d6ff00000000",
    "810102",
    "81c0c0",
    "8181a0a0c0",
    "c0c0",
    "81a1619191919191919191919191919191919191919191",
];

/// Texts that are no JSON, or more of it than one value, or what few expect.
const ODD_JSON: [&str; 22] = [
    "",
    " ",
    "{",
    "}",
    "[",
    "[]",
    "{}",
    "null",
    "true",
    "0",
    "-",
    "\"",
    "\"text\"",
    "{}{}",
    "{\"a\":1,}",
    "{'a':1}",
    "{\"a\":NaN}",
    "{\"a\":01}",
    "{\"\\ud800\":\"\\udfff\"}",
    "\u{feff}{}",
    "// {}",
    "\u{0}",
];

/// Ways to spoil a frame.
const WAYS: usize = 14;

/// Each way, with how many turns it has.
pub(super) fn ways(vocabulary: &Vocabulary) -> impl Iterator<Item = (usize, usize)> {
    let json = vocabulary.codec == WireCodec::Json;
    (0..WAYS).map(move |way| {
        let turns = match way {
            0 if json => ODD_JSON.len(),
            0 => ODD_MESSAGEPACK.len(),
            1 => 0,
            2..=4 => 12,
            7..=8 => 3,
            11..=13 => 5,
            _ => 3,
        };
        (way, turns)
    })
}

pub(super) fn spoilt_frame(
    vocabulary: &Vocabulary,
    word: &Word,
    fields: Vec<(String, Datum)>,
    way: u8,
    turn: u8,
    u: &mut Unstructured<'_>,
) -> Result<Raw> {
    let json = vocabulary.codec == WireCodec::Json;
    let turn = usize::from(turn);
    Ok(match usize::from(way) % WAYS {
        0 | 1 if json => Raw::Text(Datum::text(ODD_JSON[turn % ODD_JSON.len()])),
        0 | 1 => Raw::Hex(ODD_MESSAGEPACK[turn % ODD_MESSAGEPACK.len()].to_owned()),
        2..=4 => {
            let bytes = encode(vocabulary, word, fields);
            // By a few bytes, or anywhere.
            let last = bytes.len().saturating_sub(1);
            let cut = match turn % 4 {
                0 => last,
                1 => last.min(2),
                _ => u.int_in_range(0..=last)?,
            };
            cut_off(json, &bytes[..cut])
        }
        5 => {
            let mut bytes = encode(vocabulary, word, fields);
            bytes.extend(if json { &b" x"[..] } else { &b"\xc1"[..] });
            cut_off(json, &bytes)
        }
        6 if json => Raw::Text(Datum::Repeat("[".to_owned(), [100, 5000][turn % 2])),
        6 => Raw::Hex("91".repeat([100, 5000][turn % 2])),
        // The other kind of frame.
        7 => {
            let bytes = encode(vocabulary, word, fields);
            if json {
                Raw::Hex(hex(&bytes))
            } else {
                Raw::Text(Datum::text("{\"action\":\"user.sync\"}"))
            }
        }
        8 if json => {
            let text = String::from_utf8(encode(vocabulary, word, fields)).unwrap_or_default();
            let middle = text.floor_char_boundary(text.len() / 2);
            Raw::Fragments(vec![text[..middle].to_owned(), text[middle..].to_owned()])
        }
        9 => Raw::Ping("p".repeat([0, 125][turn % 2])),
        // A lone surrogate, or a number beyond all bounds, where the last text stood.
        10 if json => {
            let text = String::from_utf8(encode(vocabulary, word, fields)).unwrap_or_default();
            let instead = match turn % 3 {
                0 => "\"\\ud800\"".to_owned(),
                1 => "9".repeat(1000),
                _ => "1e400".to_owned(),
            };
            Raw::Text(Datum::text(replace_last_value(&text, &instead)))
        }
        // Something else where the message belongs.
        11 => Raw::Value(match turn % 5 {
            0 => Datum::List(Vec::new()),
            1 => Datum::Value(Value::Null),
            2 => Datum::int(7),
            3 => Datum::text("text"),
            _ => Datum::Map(Vec::new()),
        }),
        12 => {
            // The discriminator is of another type, or is not there.
            let instead = match turn % 4 {
                0 => Some(Datum::Value(Value::Null)),
                1 => Some(Datum::List(Vec::new())),
                2 => Some(Datum::int(-1)),
                _ => None,
            };
            let kind = instead.map(|kind| (vocabulary.type_key.clone(), kind));
            let body = match &vocabulary.body_key {
                Some(key) => vec![(key.clone(), Datum::Map(fields))],
                None => fields,
            };
            Raw::Value(Datum::Map(kind.into_iter().chain(body).collect()))
        }
        _ => {
            // A scalar or a list where the fields belong, or nothing.
            let body = match turn % 4 {
                0 => Datum::List(Vec::new()),
                1 => Datum::Value(Value::Null),
                2 => Datum::text("text"),
                _ => Datum::int(0),
            };
            let kind = (
                vocabulary.type_key.clone(),
                Datum::Value(word.discriminator.clone()),
            );
            let body = vocabulary.body_key.clone().map(|key| (key, body));
            Raw::Value(Datum::Map([kind].into_iter().chain(body).collect()))
        }
    })
}

fn cut_off(json: bool, bytes: &[u8]) -> Raw {
    if json {
        Raw::Text(Datum::text(String::from_utf8_lossy(bytes).into_owned()))
    } else {
        Raw::Hex(hex(bytes))
    }
}

fn encode(vocabulary: &Vocabulary, word: &Word, fields: Vec<(String, Datum)>) -> Vec<u8> {
    let body = Value::Map(
        fields
            .into_iter()
            .map(|(key, value)| (Value::Str(key), plain(value)))
            .collect(),
    );
    let kind = (Value::str(&vocabulary.type_key), word.discriminator.clone());
    let frame = match (&vocabulary.body_key, body) {
        (Some(key), body) => Value::Map(vec![kind, (Value::str(key), body)]),
        (None, Value::Map(pairs)) => Value::Map([kind].into_iter().chain(pairs).collect()),
        (None, _) => Value::Map(vec![kind]),
    };
    let codec = match vocabulary.codec {
        WireCodec::Json => Codec::Json,
        WireCodec::MessagePack => Codec::MessagePack,
    };
    codec.encode(&frame).unwrap_or_default()
}

/// Without references: these frames mean nothing anyway.
fn plain(datum: Datum) -> Value {
    match datum {
        Datum::Value(value) => value,
        Datum::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Datum::Map(pairs) => Value::Map(
            pairs
                .into_iter()
                .map(|(key, value)| (Value::Str(key), plain(value)))
                .collect(),
        ),
        _ => Value::str("x"),
    }
}

/// The JSON text with its last scalar replaced.
fn replace_last_value(text: &str, instead: &str) -> String {
    let end = text.trim_end_matches(['}', ']', ' ']).len();
    let start = text[..end].rfind(':').map_or(0, |at| at + 1);
    format!("{}{instead}{}", &text[..start], &text[end..])
}
