//! Reads JSON (RFC 8259) strictly.
//!
//! Our own reader, since serde_json rounds integers beyond 64 bits unless `arbitrary_precision` is on
//! (which breaks rmp-serde), and tells line and column where a frame wants a byte. Refuses whatever
//! serde_json refuses, but for numbers beyond the range of floats, which are JSON all the same; a test holds the
//! two to the same answers.

use super::{Codec, DecodeError, MAX_DEPTH, MAX_VALUES};
use crate::value::Value;

pub(super) fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader {
        bytes,
        at: 0,
        values: 0,
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return reader.fail(0, "a byte order mark");
    }
    reader.skip_space();
    if reader.peek().is_none() {
        return reader.fail(reader.at, "no value");
    }
    let value = reader.value(0)?;
    reader.skip_space();
    match bytes.len() - reader.at {
        0 => Ok(value),
        1 => reader.fail(reader.at, "1 byte after the value"),
        rest => reader.fail(reader.at, format!("{rest} bytes after the value")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    values: usize,
}

impl Reader<'_> {
    /// At the first byte of a value.
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        self.count()?;
        match self.peek() {
            Some(b'"') => Ok(Value::Str(self.string()?)),
            Some(b'{' | b'[') if depth == MAX_DEPTH => {
                self.fail(self.at, format!("nested deeper than {MAX_DEPTH} levels"))
            }
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => self.unexpected("a value"),
        }
    }

    /// One more value or key.
    fn count(&mut self) -> Result<(), DecodeError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.fail(self.at, format!("more than {MAX_VALUES} values"));
        }
        Ok(())
    }

    fn map(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut pairs = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Map(pairs));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.unexpected("a key in quotes");
            }
            self.count()?;
            let key = Value::Str(self.string()?);
            self.skip_space();
            if !self.take(b':') {
                return self.unexpected("`:`");
            }
            self.skip_space();
            pairs.push((key, self.value(depth + 1)?));
            self.skip_space();
            if self.take(b'}') {
                return Ok(Value::Map(pairs));
            }
            if !self.take(b',') {
                return self.unexpected("`,` or `}`");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return self.unexpected("`,` or `]`");
            }
        }
    }

    /// At the opening quote.
    fn string(&mut self) -> Result<String, DecodeError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            let rest = &self.bytes[start..];
            let plain = rest
                .iter()
                .position(|&b| b == b'"' || b == b'\\' || b < 0x20);
            let plain = &rest[..plain.unwrap_or(rest.len())];
            match std::str::from_utf8(plain) {
                Ok(plain) => text.push_str(plain),
                Err(error) => {
                    return self.fail(start + error.valid_up_to(), "invalid UTF-8 in a string");
                }
            }
            self.at += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(control) => {
                    return self.fail(self.at, format!("control byte 0x{control:02x} in a string"));
                }
                None => return self.fail(self.at, "truncated inside a string"),
            }
        }
    }

    /// At a backslash.
    fn escape(&mut self) -> Result<char, DecodeError> {
        let start = self.at;
        self.at += 2;
        let char = match self.bytes.get(start + 1) {
            Some(b'u') => return self.unicode_escape(start),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(&plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(_) => return self.fail(start, "unknown escape in a string"),
            None => return self.fail(self.bytes.len(), "truncated inside a string"),
        };
        Ok(char)
    }

    /// After the `\u` that begins at `start`; takes a second escape where the first is half a pair.
    fn unicode_escape(&mut self, start: usize) -> Result<char, DecodeError> {
        let first = self.four_hex_digits(start)?;
        let code = match first {
            0xd800..=0xdbff if self.bytes[self.at..].starts_with(b"\\u") => {
                let second_at = self.at;
                self.at += 2;
                match self.four_hex_digits(second_at)? {
                    second @ 0xdc00..=0xdfff => {
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => first,
                }
            }
            _ => first,
        };
        match char::from_u32(code) {
            Some(char) => Ok(char),
            None => self.fail(start, "half a surrogate pair in a string"),
        }
    }

    fn four_hex_digits(&mut self, escape_at: usize) -> Result<u32, DecodeError> {
        let Some(digits) = self.bytes.get(self.at..self.at + 4) else {
            return self.fail(self.bytes.len(), "truncated inside a string");
        };
        let code = digits.iter().try_fold(0, |code, &digit| {
            Some(code * 16 + char::from(digit).to_digit(16)?)
        });
        self.at += 4;
        match code {
            Some(code) => Ok(code),
            None => self.fail(escape_at, "`\\u` without four hex digits"),
        }
    }

    /// At a digit or a minus. An integer that `i128` holds is exact; any other number is a float.
    fn number(&mut self) -> Result<Value, DecodeError> {
        let start = self.at;
        self.take(b'-');
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return self.fail(start, "a number with a leading zero");
                }
            }
            _ => self.digits()?,
        }
        let mut integer = true;
        if self.take(b'.') {
            integer = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            integer = false;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        if integer && let Ok(int) = text.parse() {
            return Ok(Value::Int(int));
        }
        match text.parse::<f64>() {
            // RFC 8259 bounds no number; what is beyond a float's range is infinite here, and still a number.
            Ok(float) => Ok(Value::Float(float)),
            Err(_) => self.fail(start, "a number that cannot be read"),
        }
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let count = self.bytes[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        self.at += count;
        if count == 0 {
            self.unexpected("a digit")
        } else {
            Ok(())
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, DecodeError> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        let same = rest
            .iter()
            .zip(word.bytes())
            .take_while(|(a, b)| **a == *b)
            .count();
        self.at += same;
        self.unexpected(&format!("`{word}`"))
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn unexpected<T>(&self, wanted: &str) -> Result<T, DecodeError> {
        match self.peek() {
            None => self.fail(self.at, format!("truncated: {wanted} is missing")),
            Some(byte @ 0x21..=0x7e) => self.fail(
                self.at,
                format!("expected {wanted}, found `{}`", char::from(byte)),
            ),
            Some(byte) => self.fail(
                self.at,
                format!("expected {wanted}, found byte 0x{byte:02x}"),
            ),
        }
    }

    fn fail<T>(&self, offset: usize, reason: impl Into<String>) -> Result<T, DecodeError> {
        Err(DecodeError {
            codec: Codec::Json,
            offset,
            reason: reason.into(),
        })
    }
}
