//! What the MessagePack reader accepts and refuses, byte by byte; and that what is written comes back.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::messagepack::decode;
use super::{Codec, MAX_DEPTH};
use crate::value::Value;

#[test]
fn good_bytes_become_their_value() {
    for (bytes, value) in [
        (&[0xc0][..], Value::Null),
        (&[0xc3], Value::Bool(true)),
        (&[0x7f], Value::Int(127)),
        (&[0xe0], Value::Int(-32)),
        (&[0xcc, 5], Value::Int(5)),
        (&[0xcd, 1, 0], Value::Int(256)),
        (&[0xce, 0xff, 0xff, 0xff, 0xff], Value::Int(u32::MAX.into())),
        (
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
            Value::Int(u64::MAX.into()),
        ),
        (&[0xd0, 0x80], Value::Int(-128)),
        (&[0xd1, 0x80, 0], Value::Int(i16::MIN.into())),
        (&[0xd2, 0x80, 0, 0, 0], Value::Int(i32::MIN.into())),
        (
            &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
            Value::Int(i64::MIN.into()),
        ),
        (&[0xca, 0x3f, 0xc0, 0, 0], Value::F32(1.5)),
        (&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Value::Float(1.5)),
        (&[0xa2, 0xc3, 0xa9], Value::str("é")),
        (&[0xd9, 1, b'a'], Value::str("a")),
        (&[0xda, 0, 1, b'a'], Value::str("a")),
        (&[0xdb, 0, 0, 0, 1, b'a'], Value::str("a")),
        (&[0xc4, 2, 0, 255], Value::Bin(vec![0, 255])),
        (&[0xc5, 0, 1, 7], Value::Bin(vec![7])),
        (&[0xc6, 0, 0, 0, 1, 7], Value::Bin(vec![7])),
        (&[0xd4, 0xff, 7], Value::Ext(-1, vec![7])),
        (&[0xd6, 5, 1, 2, 3, 4], Value::Ext(5, vec![1, 2, 3, 4])),
        (&[0xc7, 0, 5], Value::Ext(5, vec![])),
        (&[0xc8, 0, 1, 5, 9], Value::Ext(5, vec![9])),
        (&[0xc9, 0, 0, 0, 1, 5, 9], Value::Ext(5, vec![9])),
        (&[0x91, 0x90], Value::List(vec![Value::List(vec![])])),
        (&[0xdc, 0, 1, 1], Value::List(vec![Value::Int(1)])),
        (&[0xdd, 0, 0, 0, 1, 1], Value::List(vec![Value::Int(1)])),
        (
            &[0x81, 1, 2],
            Value::Map(vec![(Value::Int(1), Value::Int(2))]),
        ),
        (
            &[0xde, 0, 1, 1, 2],
            Value::Map(vec![(Value::Int(1), Value::Int(2))]),
        ),
        (
            &[0xdf, 0, 0, 0, 1, 1, 2],
            Value::Map(vec![(Value::Int(1), Value::Int(2))]),
        ),
    ] {
        let read = decode(bytes).expect("valid");
        assert_eq!(format!("{read:?}"), format!("{value:?}"), "{bytes:02x?}");
    }
}

#[test]
fn bad_bytes_are_refused_where_they_are() {
    for (bytes, error) in [
        (&[][..], "invalid MessagePack at byte 0: no value"),
        (&[0xc1], "invalid MessagePack at byte 0: reserved byte 0xc1"),
        (
            &[0x92, 0, 0xc1],
            "invalid MessagePack at byte 2: reserved byte 0xc1",
        ),
        (
            &[0xc0, 0xc0],
            "invalid MessagePack at byte 1: 1 byte after the value",
        ),
        (
            &[0x90, 1, 2],
            "invalid MessagePack at byte 1: 2 bytes after the value",
        ),
        (
            &[0xcd, 1],
            "invalid MessagePack at byte 0: truncated: uint 16 is 1 byte short",
        ),
        (
            &[0xcb],
            "invalid MessagePack at byte 0: truncated: float 64 is 8 bytes short",
        ),
        (
            &[0xd9],
            "invalid MessagePack at byte 0: truncated: a length of 1 byte is 1 byte short",
        ),
        (
            &[0xa5, b'a'],
            "invalid MessagePack at byte 0: truncated: a str of 5 bytes is 4 bytes short",
        ),
        (
            &[0x91, 0xc4, 3, 0],
            "invalid MessagePack at byte 1: truncated: a bin of 3 bytes is 2 bytes short",
        ),
        (
            &[0xd8, 1],
            "invalid MessagePack at byte 0: truncated: an ext of 16 bytes is 16 bytes short",
        ),
        (
            &[0xd4],
            "invalid MessagePack at byte 0: truncated: ext is 1 byte short",
        ),
        (
            &[0x93, 1],
            "invalid MessagePack at byte 0: truncated: a list of 3 is at least 2 bytes short",
        ),
        (
            &[0x81, 1],
            "invalid MessagePack at byte 0: truncated: a map of 1 is at least 1 byte short",
        ),
        (
            &[0x92, 0xa1, b'a'],
            "invalid MessagePack at byte 3: truncated: a value is missing",
        ),
        (
            &[0xa2, b'a', 0xff],
            "invalid MessagePack at byte 2: invalid UTF-8 in a str",
        ),
        (
            &[0xa3, 0xed, 0xa0, 0x80],
            "invalid MessagePack at byte 1: invalid UTF-8 in a str",
        ),
        (
            &[0xdf, 0xff, 0xff, 0xff, 0xff],
            "invalid MessagePack at byte 0: truncated: a map of 4294967295 is at least 8589934590 bytes short",
        ),
        (
            &[0xc6, 0xff, 0xff, 0xff, 0xff, 1],
            "invalid MessagePack at byte 0: truncated: a bin of 4294967295 bytes is 4294967294 bytes short",
        ),
    ] {
        let refused = decode(bytes).expect_err(error);
        assert_eq!(refused.to_string(), error);
    }
}

#[test]
fn nesting_ends_at_the_limit_and_not_with_the_stack() {
    let nested = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
    decode(&nested(MAX_DEPTH)).expect("at the limit");
    for levels in [MAX_DEPTH + 1, 100_000] {
        let error = decode(&nested(levels)).expect_err("beyond it");
        assert_eq!(
            error.to_string(),
            "invalid MessagePack at byte 128: nested deeper than 128 levels"
        );
    }
}

#[test]
fn a_flood_of_values_ends_at_the_limit() {
    let mut flood = vec![0xdd, 0, 0x20, 0, 0];
    flood.resize(5 + 0x20_0000, 0xc0);
    assert_eq!(
        decode(&flood).expect_err("too many").reason,
        "more than 200000 values"
    );
}

#[test]
fn every_value_comes_back_as_it_was_written() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..5_000 {
        let value = any_value(&mut random, 0);
        let bytes = Codec::MessagePack.encode(&value).expect("sayable");
        let again = decode(&bytes).expect("what we write is valid");
        assert_eq!(format!("{again:?}"), format!("{value:?}"));
        for len in 0..bytes.len().min(40) {
            decode(&bytes[..len]).expect_err("a prefix is not a value");
        }
    }
}

#[test]
fn arbitrary_bytes_are_read_or_refused_within_their_bounds() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut accepted = 0;
    for _ in 0..50_000 {
        let mut bytes = vec![0; random.next_u32() as usize % 12];
        random.fill_bytes(&mut bytes);
        match decode(&bytes) {
            Ok(value) => {
                accepted += 1;
                let again = decode(&Codec::MessagePack.encode(&value).expect("sayable"));
                assert_eq!(format!("{:?}", again.expect("valid")), format!("{value:?}"));
            }
            Err(error) => assert!(error.offset <= bytes.len(), "{bytes:02x?}: {error}"),
        }
    }
    assert!(accepted > 1000, "only {accepted} were values");
}

fn any_value(random: &mut ChaCha8Rng, depth: usize) -> Value {
    let small = |random: &mut ChaCha8Rng| random.next_u32() as usize % 5;
    let data = |random: &mut ChaCha8Rng| {
        let mut data = vec![0; [0, 1, 2, 4, 8, 16, 31, 32, 300][random.next_u32() as usize % 9]];
        random.fill_bytes(&mut data);
        data
    };
    match random.next_u32() % if depth < 4 { 11 } else { 9 } {
        0 => Value::Null,
        1 => Value::Bool(random.next_u32() & 1 == 0),
        2 => Value::Int((random.next_u64() >> (random.next_u32() % 64)).into()),
        3 => Value::Int((random.next_u64().cast_signed() >> (random.next_u32() % 64)).into()),
        4 => Value::F32(f32::from_bits(random.next_u32())),
        5 => Value::Float(f64::from_bits(random.next_u64())),
        6 => Value::str(String::from_utf8_lossy(&data(random)).into_owned()),
        7 => Value::Bin(data(random)),
        8 => Value::Ext(random.next_u32().cast_signed() as i8, data(random)),
        9 => Value::List(
            (0..small(random))
                .map(|_| any_value(random, depth + 1))
                .collect(),
        ),
        _ => Value::Map(
            (0..small(random))
                .map(|_| (any_value(random, depth + 1), any_value(random, depth + 1)))
                .collect(),
        ),
    }
}
