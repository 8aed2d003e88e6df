//! Reads MessagePack strictly and builds the value directly.
//!
//! Our own reader, since rmp-serde ignores bytes after the value, rmpv takes the reserved 0xc1 for nil, and
//! neither says at which byte something is wrong. Longer forms than needed are not an error: the format
//! says only that a writer should be brief.

use super::{Codec, DecodeError, MAX_DEPTH, MAX_VALUES};
use crate::value::Value;

pub(super) fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader {
        bytes,
        at: 0,
        values: 0,
    };
    if bytes.is_empty() {
        return fail(0, "no value");
    }
    let value = reader.value(0)?;
    match bytes.len() - reader.at {
        0 => Ok(value),
        1 => fail(reader.at, "1 byte after the value"),
        rest => fail(reader.at, format!("{rest} bytes after the value")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let start = self.at;
        self.values += 1;
        if self.values > MAX_VALUES {
            return fail(start, format!("more than {MAX_VALUES} values"));
        }
        let Some(&marker) = self.bytes.get(start) else {
            return fail(start, "truncated: a value is missing");
        };
        self.at += 1;
        match marker {
            0x80..=0x8f => self.map(start, usize::from(marker & 0x0f), depth),
            0x90..=0x9f => self.list(start, usize::from(marker & 0x0f), depth),
            0xdc | 0xdd => {
                let len = self.length(start, if marker == 0xdc { 2 } else { 4 })?;
                self.list(start, len, depth)
            }
            0xde | 0xdf => {
                let len = self.length(start, if marker == 0xde { 2 } else { 4 })?;
                self.map(start, len, depth)
            }
            _ => self.scalar(start, marker),
        }
    }

    /// Apart from lists and maps, so that the function that recurses needs little stack.
    fn scalar(&mut self, start: usize, marker: u8) -> Result<Value, DecodeError> {
        let value = match marker {
            0x00..=0x7f => Value::Int(marker.into()),
            0xe0..=0xff => Value::Int(marker.cast_signed().into()),
            0xa0..=0xbf => self.str(start, usize::from(marker & 0x1f))?,
            0xc0 => Value::Null,
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4..=0xc6 => {
                let len = self.length(start, 1 << (marker - 0xc4))?;
                Value::Bin(self.take(start, "a bin", len)?.to_vec())
            }
            0xc7..=0xc9 => {
                let len = self.length(start, 1 << (marker - 0xc7))?;
                self.ext(start, len)?
            }
            0xca => Value::F32(f32::from_be_bytes(self.array(start, "float 32")?)),
            0xcb => Value::Float(f64::from_be_bytes(self.array(start, "float 64")?)),
            0xcc => Value::Int(u8::from_be_bytes(self.array(start, "uint 8")?).into()),
            0xcd => Value::Int(u16::from_be_bytes(self.array(start, "uint 16")?).into()),
            0xce => Value::Int(u32::from_be_bytes(self.array(start, "uint 32")?).into()),
            0xcf => Value::Int(u64::from_be_bytes(self.array(start, "uint 64")?).into()),
            0xd0 => Value::Int(i8::from_be_bytes(self.array(start, "int 8")?).into()),
            0xd1 => Value::Int(i16::from_be_bytes(self.array(start, "int 16")?).into()),
            0xd2 => Value::Int(i32::from_be_bytes(self.array(start, "int 32")?).into()),
            0xd3 => Value::Int(i64::from_be_bytes(self.array(start, "int 64")?).into()),
            0xd4..=0xd8 => self.ext(start, 1 << (marker - 0xd4))?,
            0xd9..=0xdb => {
                let len = self.length(start, 1 << (marker - 0xd9))?;
                self.str(start, len)?
            }
            _ => return fail(start, format!("reserved byte 0x{marker:02x}")),
        };
        Ok(value)
    }

    fn list(&mut self, start: usize, len: usize, depth: usize) -> Result<Value, DecodeError> {
        self.enter(start, "a list", len, len, depth)?;
        let mut items = Vec::with_capacity(len.min(AHEAD));
        for _ in 0..len {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, start: usize, len: usize, depth: usize) -> Result<Value, DecodeError> {
        self.enter(start, "a map", len, len.saturating_mul(2), depth)?;
        let mut pairs = Vec::with_capacity(len.min(AHEAD));
        for _ in 0..len {
            let key = self.value(depth + 1)?;
            pairs.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Map(pairs))
    }

    /// Every value takes a byte at least, so an announced length that cannot be true is seen at once.
    fn enter(
        &self,
        start: usize,
        what: &str,
        len: usize,
        least: usize,
        depth: usize,
    ) -> Result<(), DecodeError> {
        if depth == MAX_DEPTH {
            return fail(start, format!("nested deeper than {MAX_DEPTH} levels"));
        }
        match least.saturating_sub(self.bytes.len() - self.at) {
            0 => Ok(()),
            short => fail(
                start,
                format!(
                    "truncated: {what} of {len} is at least {} short",
                    bytes(short)
                ),
            ),
        }
    }

    fn str(&mut self, start: usize, len: usize) -> Result<Value, DecodeError> {
        let text = self.take(start, "a str", len)?;
        match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::str(text)),
            Err(error) => fail(
                self.at - text.len() + error.valid_up_to(),
                "invalid UTF-8 in a str",
            ),
        }
    }

    fn ext(&mut self, start: usize, len: usize) -> Result<Value, DecodeError> {
        let [kind] = self.array(start, "ext")?;
        Ok(Value::Ext(
            kind.cast_signed(),
            self.take(start, "an ext", len)?.to_vec(),
        ))
    }

    /// A big-endian length, `width` bytes wide.
    fn length(&mut self, start: usize, width: usize) -> Result<usize, DecodeError> {
        let digits = self.take(start, "a length", width)?;
        Ok(digits
            .iter()
            .fold(0, |len, digit| len << 8 | usize::from(*digit)))
    }

    fn array<const N: usize>(&mut self, start: usize, what: &str) -> Result<[u8; N], DecodeError> {
        let rest = &self.bytes[self.at..];
        let Some(array) = rest.first_chunk() else {
            return fail(
                start,
                format!("truncated: {what} is {} short", bytes(N - rest.len())),
            );
        };
        self.at += N;
        Ok(*array)
    }

    fn take(&mut self, start: usize, what: &str, len: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        let Some(taken) = rest.get(..len) else {
            let short = bytes(len - rest.len());
            return fail(
                start,
                format!("truncated: {what} of {} is {short} short", bytes(len)),
            );
        };
        self.at += len;
        Ok(taken)
    }
}

/// Items for which room is made before they are read.
const AHEAD: usize = 64;

fn bytes(count: usize) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

fn fail<T>(offset: usize, reason: impl Into<String>) -> Result<T, DecodeError> {
    Err(DecodeError {
        codec: Codec::MessagePack,
        offset,
        reason: reason.into(),
    })
}
