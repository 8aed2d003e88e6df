//! A stream of bytes cut into messages: values one after the other, or each with its length before it.
//!
//! Incremental: a message may come a byte at a time, or several at once. Holds no more than one message of
//! bounded length. Refuses to judge: what is no value is cut out at a likely end, for the codec to refuse.

use super::Codec;

/// How messages are told apart in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Each is a value of the codec; between JSON values there may be white space.
    Values(Codec),
    /// The length of each stands before it: 4 bytes, big-endian.
    Length,
}

/// What has come of a stream and is not yet a whole message.
#[derive(Debug)]
pub struct Splitter {
    by: Split,
    most: usize,
    buffer: Vec<u8>,
    /// How much of the buffer has been looked at.
    at: usize,
    state: State,
}

/// Where in a message the bytes end that have been looked at.
#[derive(Clone, Copy, Debug)]
enum State {
    Between,
    /// Inside a JSON list or map, so many levels deep, or a text at the top.
    Json {
        depth: usize,
        quoted: bool,
        escaped: bool,
    },
    /// A JSON number or word at the top, or what is none.
    Word,
    /// So many MessagePack values are still to come.
    Packed {
        values: u64,
    },
}

/// A message that is longer than any that is taken; nothing after it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of more than {most} bytes")]
pub struct TooLong {
    pub most: usize,
}

impl Splitter {
    /// `most` is the longest message that is taken, in bytes.
    pub fn new(by: Split, most: usize) -> Splitter {
        Splitter {
            by,
            most,
            buffer: Vec::new(),
            at: 0,
            state: State::Between,
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that have come and are not given yet.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole message; `None` until more has come.
    pub fn next_message(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        let end = match self.by {
            Split::Length => return self.prefixed(),
            Split::Values(Codec::Json) => self.json_end(),
            Split::Values(Codec::MessagePack) => self.packed_end(),
        };
        match end {
            Some(end) if end <= self.most => {
                self.state = State::Between;
                Some(Ok(self.cut(end)))
            }
            None if self.buffer.len() <= self.most => None,
            _ => Some(Err(TooLong { most: self.most })),
        }
    }

    /// What is left of a message that the end of the stream cut short, or ended.
    pub fn rest(&mut self) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.buffer);
        let blank = self.by == Split::Values(Codec::Json) && rest.iter().all(|b| is_space(*b));
        (self.at, self.state) = (0, State::Between);
        (!rest.is_empty() && !blank).then_some(rest)
    }

    /// The first bytes of the buffer, which is left with the others.
    fn cut(&mut self, end: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(end);
        self.at = 0;
        std::mem::replace(&mut self.buffer, rest)
    }

    fn prefixed(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        let [a, b, c, d, ..] = *self.buffer.as_slice() else {
            return None;
        };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > self.most {
            return Some(Err(TooLong { most: self.most }));
        }
        if self.buffer.len() < 4 + length {
            return None;
        }
        let mut message = self.cut(4 + length);
        message.drain(..4);
        Some(Ok(message))
    }

    fn json_end(&mut self) -> Option<usize> {
        if matches!(self.state, State::Between) {
            let blank = self.buffer.iter().take_while(|b| is_space(**b)).count();
            self.buffer.drain(..blank);
            self.at = 0;
        }
        while let Some(byte) = self.buffer.get(self.at).copied() {
            match &mut self.state {
                State::Between => {
                    self.state = match byte {
                        b'{' | b'[' | b'"' => State::Json {
                            depth: usize::from(byte != b'"'),
                            quoted: byte == b'"',
                            escaped: false,
                        },
                        _ => State::Word,
                    };
                }
                State::Json {
                    depth,
                    quoted,
                    escaped,
                } => {
                    if *escaped {
                        *escaped = false;
                    } else if *quoted {
                        *escaped = byte == b'\\';
                        *quoted = byte != b'"';
                    } else {
                        match byte {
                            b'"' => *quoted = true,
                            b'{' | b'[' => *depth += 1,
                            b'}' | b']' => *depth -= 1,
                            _ => {}
                        }
                    }
                    if *depth == 0 && !*quoted {
                        return Some(self.at + 1);
                    }
                }
                State::Word if is_space(byte) || b"{[\"".contains(&byte) => return Some(self.at),
                State::Word | State::Packed { .. } => {}
            }
            self.at += 1;
        }
        None
    }

    fn packed_end(&mut self) -> Option<usize> {
        let mut values = match self.state {
            State::Packed { values } => values,
            _ => 1,
        };
        while values > 0 {
            let Some((size, inner)) = packed_value(self.buffer.get(self.at..)?) else {
                break;
            };
            // A length that no address has is one that no message has.
            let next = self.at.saturating_add(size);
            if next > self.buffer.len() {
                break;
            }
            self.at = next;
            values = values - 1 + inner;
        }
        self.state = State::Packed { values };
        (values == 0).then_some(self.at)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How many bytes the value has that starts here, its inner values not counted, and how many those are.
/// `None` where its header is not yet whole.
fn packed_value(bytes: &[u8]) -> Option<(usize, u64)> {
    let first = *bytes.first()?;
    let number = |width: usize| {
        let digits = bytes.get(1..=width)?;
        Some(
            digits
                .iter()
                .fold(0u64, |n, byte| n << 8 | u64::from(*byte)),
        )
    };
    let long = |width: usize, extra: usize| {
        let length = usize::try_from(number(width)?).unwrap_or(usize::MAX);
        Some((length.saturating_add(1 + width + extra), 0))
    };
    Some(match first {
        0x80..=0x8f => (1, 2 * u64::from(first & 0x0f)),
        0x90..=0x9f => (1, u64::from(first & 0x0f)),
        0xa0..=0xbf => (1 + usize::from(first & 0x1f), 0),
        0xc4 | 0xd9 => long(1, 0)?,
        0xc5 | 0xda => long(2, 0)?,
        0xc6 | 0xdb => long(4, 0)?,
        0xc7 => long(1, 1)?,
        0xc8 => long(2, 1)?,
        0xc9 => long(4, 1)?,
        0xcc | 0xd0 => (2, 0),
        0xcd | 0xd1 => (3, 0),
        0xca | 0xce | 0xd2 => (5, 0),
        0xcb | 0xcf | 0xd3 => (9, 0),
        0xd4 => (3, 0),
        0xd5 => (4, 0),
        0xd6 => (6, 0),
        0xd7 => (10, 0),
        0xd8 => (18, 0),
        0xdc => (3, number(2)?),
        0xdd => (5, number(4)?),
        0xde => (3, 2 * number(2)?),
        0xdf => (5, 2 * number(4)?),
        // Small numbers, nil, booleans; and 0xc1, which the codec refuses.
        _ => (1, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    /// The messages of a stream that comes in pieces of this size.
    fn split(by: Split, stream: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut splitter = Splitter::new(by, 1 << 20);
        let mut messages = Vec::new();
        for piece in stream.chunks(size) {
            splitter.push(piece);
            while let Some(message) = splitter.next_message() {
                messages.push(message.expect("a short message"));
            }
        }
        messages.extend(splitter.rest());
        messages
    }

    #[test]
    fn json_values_are_told_apart_whatever_is_between_them_and_however_they_come() {
        let stream = "{\"a\": \"}\\\"{\"}{\n  \"b\": [\n1]\n}\r\n[[]] 12 \"x\\\\\"{}tru{}\n";
        let expected = [
            "{\"a\": \"}\\\"{\"}",
            "{\n  \"b\": [\n1]\n}",
            "[[]]",
            "12",
            "\"x\\\\\"",
            "{}",
            "tru",
            "{}",
        ];
        for size in [1, 2, 3, 7, stream.len()] {
            let messages = split(Split::Values(Codec::Json), stream.as_bytes(), size);
            let texts: Vec<_> = (messages.iter())
                .map(|message| String::from_utf8_lossy(message))
                .collect();
            assert_eq!(texts, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn packed_values_are_told_apart_however_they_come() {
        let values = [
            Value::map([
                (
                    "a",
                    Value::List(vec![Value::Int(1), Value::Int(-40_000), Value::Null]),
                ),
                ("b", Value::Bin(vec![0x91; 300])),
                ("c", Value::Str("ä".repeat(200))),
            ]),
            Value::Int(1 << 40),
            Value::Ext(3, vec![1, 2, 3, 4]),
            Value::Ext(3, vec![1, 2, 3]),
            Value::Float(0.5),
            Value::List((0..70_000).map(Value::Int).collect()),
            Value::Map(
                (0..20)
                    .map(|n| (Value::Int(n), Value::Bool(true)))
                    .collect(),
            ),
        ];
        let encoded: Vec<Vec<u8>> = (values.iter())
            .map(|value| Codec::MessagePack.encode(value).expect("sayable"))
            .collect();
        let stream = encoded.concat();
        for size in [1, 5, 1000, stream.len()] {
            let messages = split(Split::Values(Codec::MessagePack), &stream, size);
            assert_eq!(messages, encoded, "in pieces of {size}");
        }
    }

    #[test]
    fn lengths_before_the_messages_tell_them_apart() {
        let stream = b"\0\0\0\x02{}\0\0\0\0\0\0\0\x01x\0\0\0\x05ab";
        for size in [1, 3, stream.len()] {
            assert_eq!(
                split(Split::Length, stream, size),
                [&b"{}"[..], b"", b"x", b"\0\0\0\x05ab"]
            );
        }
    }

    #[test]
    fn a_message_that_does_not_end_is_not_kept() {
        for (by, bytes) in [
            (Split::Values(Codec::Json), &b"[[[[[[[[[[[[[[[["[..]),
            (Split::Values(Codec::Json), b"\"aaaaaaaaaaaaaaaa"),
            (Split::Values(Codec::MessagePack), &[0x91; 16]),
            (
                Split::Values(Codec::MessagePack),
                b"\xdb\xff\xff\xff\xffaaaaaaaaaaa",
            ),
            (Split::Length, b"\xff\xff\xff\xff"),
        ] {
            let mut splitter = Splitter::new(by, 8);
            splitter.push(bytes);
            assert_eq!(
                splitter.next_message(),
                Some(Err(TooLong { most: 8 })),
                "{by:?}"
            );
        }
    }

    #[test]
    fn what_the_end_cuts_short_is_left_over() {
        let mut splitter = Splitter::new(Split::Values(Codec::Json), 1000);
        splitter.push(b"{\"a\": 1");
        assert_eq!(splitter.next_message(), None);
        assert_eq!(splitter.rest(), Some(b"{\"a\": 1".to_vec()));
        splitter.push(b" \n");
        assert_eq!((splitter.next_message(), splitter.rest()), (None, None));
    }
}
