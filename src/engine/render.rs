//! Values and frames as short text, however long they are.

use std::fmt::{self, Write};

use crate::event::{Frame, FrameKind};
use crate::value::{Value, hex};

/// How much of a frame an event shows, in bytes.
const SHOWN: usize = 4096;

/// A frame for an event; `raw` where there are bytes of it.
pub fn frame_of_value(kind: FrameKind, value: &Value, raw: Option<&[u8]>) -> Frame {
    let (text, cut) = text_of(value, SHOWN);
    let bytes = raw.map_or(0, |raw| raw.len() as u64);
    let hex = raw
        .filter(|_| kind == FrameKind::Binary)
        .map(|raw| hex(&raw[..raw.len().min(SHOWN / 4)]));
    let cut = cut || raw.is_some_and(|raw| kind == FrameKind::Binary && raw.len() > SHOWN / 4);
    Frame {
        kind,
        bytes,
        text,
        hex,
        cut,
    }
}

/// A frame that is no value, for an event.
pub(super) fn frame_of_bytes(kind: FrameKind, raw: &[u8]) -> Frame {
    let shown = &raw[..raw.len().min(SHOWN)];
    let text = if kind == FrameKind::Binary {
        String::new()
    } else {
        String::from_utf8_lossy(shown).into_owned()
    };
    let hex = (kind == FrameKind::Binary).then(|| hex(&raw[..raw.len().min(SHOWN / 4)]));
    Frame {
        kind,
        bytes: raw.len() as u64,
        text,
        hex,
        cut: raw.len() > SHOWN,
    }
}

/// The value on one line, at most about `limit` bytes of it, and whether something was left out.
pub fn text_of(value: &impl fmt::Display, limit: usize) -> (String, bool) {
    let mut text = Limited {
        text: String::new(),
        limit,
    };
    let cut = write!(text, "{value}").is_err();
    if cut {
        text.text.push('…');
    }
    (text.text, cut)
}

/// The value on one line, as long as a line in a message may be.
pub(super) fn brief(value: &impl fmt::Display) -> String {
    text_of(value, 160).0
}

struct Limited {
    text: String,
    limit: usize,
}

impl fmt::Write for Limited {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.limit.saturating_sub(self.text.len());
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        let mut end = room;
        while !part.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&part[..end]);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters() {
        let (text, cut) = text_of(&Value::str("ä".repeat(100)), 8);
        assert!(cut);
        assert_eq!(text, "\"äää…");
        assert_eq!(text_of(&Value::Int(7), 8), ("7".to_owned(), false));
    }
}
