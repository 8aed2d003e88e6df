//! Looks along at the frames that go by, for what tungstenite hides: the code of a close frame, and how much
//! it holds of a message that has not ended.
//!
//! It replaces codes that must not be sent by 1002, so that a server that closes with 1006 would look like
//! one that complains about us. Refuses nothing: that is tungstenite's part.

/// Follows frame headers; a few bytes of state.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// A frame's header, and the first two bytes of a close frame's payload.
    head: [u8; 16],
    have: usize,
    /// Bytes of payload that are still to come.
    skip: u64,
    close_code: Option<u16>,
    /// The frame whose payload goes by is one of data, and the last of its message.
    data: bool,
    last: bool,
    /// Bytes of payload that have come of a message that has not ended.
    unfinished: usize,
}

impl Watch {
    /// The next bytes of the stream, after the handshake.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.skip > 0 {
                let skipped =
                    usize::try_from(self.skip).map_or(bytes.len(), |n| n.min(bytes.len()));
                self.skip -= skipped as u64;
                self.payload(skipped);
                bytes = &bytes[skipped..];
                continue;
            }
            self.head[self.have] = byte;
            self.have += 1;
            bytes = rest;
            self.end_of_head();
        }
    }

    /// The code of the first close frame that had one.
    pub(super) fn close_code(&self) -> Option<u16> {
        self.close_code
    }

    /// Bytes of payload that have come of a message that has not ended.
    pub(super) fn unfinished(&self) -> usize {
        self.unfinished
    }

    fn payload(&mut self, bytes: usize) {
        if !self.data {
            return;
        }
        self.unfinished = self.unfinished.saturating_add(bytes);
        if self.last && self.skip == 0 {
            self.unfinished = 0;
        }
    }

    /// Starts on the payload if the header is complete.
    fn end_of_head(&mut self) {
        let [first, second, a, b, c, d, e, f, g, h, ..] = self.head;
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let (head, len) = match second & 0x7f {
            126 => (4 + mask, u16::from_be_bytes([a, b]).into()),
            127 => (10 + mask, u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            len => (2 + mask, len.into()),
        };
        if self.have < head.max(2) {
            return;
        }
        let has_code = first & 0x0f == 8 && len >= 2;
        if has_code && self.have < head + 2 {
            return;
        }
        if has_code {
            let code = u16::from_be_bytes([self.head[head], self.head[head + 1]]);
            self.close_code.get_or_insert(code);
        }
        self.skip = len - (self.have - head) as u64;
        self.have = 0;
        (self.data, self.last) = (first & 0x08 == 0, first & 0x80 != 0);
        self.payload(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_close_code_is_found_however_the_bytes_are_cut() {
        let mut stream = vec![0x81, 2, b'h', b'i', 0x89, 0, 0x82, 126, 1, 0];
        stream.extend([0x88; 256]);
        stream.extend([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        stream.extend(vec![0x88; 65_536]);
        stream.extend([0x88, 5, 0x03, 0xee, b'b', b'y', b'e', 0x88, 2, 0x03, 0xe8]);
        for step in [1, 2, 3, 7, 4096, stream.len()] {
            let mut watch = Watch::default();
            stream.chunks(step).for_each(|bytes| watch.see(bytes));
            assert_eq!(watch.close_code(), Some(1006), "in steps of {step}");
        }
    }

    #[test]
    fn a_close_frame_without_a_code_has_none() {
        for bytes in [&[0x88, 0][..], &[0x88, 1, 3], &[0x88, 2, 3]] {
            let mut watch = Watch::default();
            watch.see(bytes);
            assert_eq!(watch.close_code(), None);
        }
    }

    #[test]
    fn what_has_come_of_an_unfinished_message_is_known() {
        let mut watch = Watch::default();
        for (bytes, unfinished) in [
            (&[0x81, 4, b'a', b'b'][..], 2),
            (b"cd", 0),
            // The first of several frames, and a ping between them.
            (&[0x01, 2, b'a', b'b'], 2),
            (&[0x89, 3, 1, 2, 3], 2),
            (&[0x00, 0], 2),
            (&[0x00, 3, b'c'], 3),
            (b"de", 5),
            (&[0x80, 0], 0),
        ] {
            watch.see(bytes);
            assert_eq!(watch.unfinished(), unfinished, "after {bytes:?}");
        }
    }

    #[test]
    fn masked_and_enormous_headers_do_no_harm() {
        let mut watch = Watch::default();
        let mut bytes = vec![0x88, 0xff];
        bytes.extend([0xff; 64]);
        watch.see(&bytes);
        assert_eq!(watch.close_code(), Some(0xffff));
    }
}
