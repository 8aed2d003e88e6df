//! A raw connection, TCP or TLS over TCP, on which messages come one after the other.
//!
//! One poll writes what is queued and reads what has come, as over a WebSocket. There are no frames: a ping
//! is nothing here, and a close is the end of what we write. Holds no more than one message of bounded size.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::connection::{Incoming, Outgoing};
use super::wire::Bytes;
use crate::codec::Splitter;
use crate::event::End;

const READ_BUFFER: usize = 8 << 10;

/// Bytes that one poll reads without giving a message, so that a flood cannot hold its task.
const TURN: usize = 64 << 10;

/// How messages stand in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// How received ones are told apart; sent ones by their length, if these are.
    pub split: crate::codec::Split,
    /// A newline after each sent one.
    pub newline: bool,
}

pub(super) struct Stream {
    bytes: Bytes,
    framing: Framing,
    splitter: Splitter,
    queue: VecDeque<Vec<u8>>,
    /// Bytes of the first in the queue that are written.
    written: usize,
    flushed: bool,
    /// Nothing can be written any more; what is, is dropped.
    broken: bool,
    /// Nothing is sent any more.
    closing: bool,
    /// Our side has ended.
    closed: bool,
    /// The peer's side has ended, or failed; what it said before is still to be given.
    over: Option<End>,
}

impl Stream {
    pub(super) fn new(bytes: Bytes, framing: Framing, max_message: usize) -> Stream {
        Stream {
            bytes,
            framing,
            splitter: Splitter::new(framing.split, max_message),
            queue: VecDeque::new(),
            written: 0,
            flushed: true,
            broken: false,
            closing: false,
            closed: false,
            over: None,
        }
    }

    pub(super) fn send(&mut self, frame: Outgoing) {
        if self.closing || self.over.is_some() {
            return;
        }
        match frame {
            Outgoing::Text(text) => self.enqueue(vec![text.as_bytes().to_vec()]),
            Outgoing::Binary(bytes) => self.enqueue(vec![bytes.to_vec()]),
            Outgoing::Ping(_) => {}
            Outgoing::Fragments(parts) | Outgoing::BinaryFragments(parts) => self.enqueue(parts),
            Outgoing::Close { .. } => self.closing = true,
        }
    }

    /// One message in parts, each of which is written by itself.
    fn enqueue(&mut self, mut parts: Vec<Vec<u8>>) {
        if self.framing.split == crate::codec::Split::Length {
            let length: usize = parts.iter().map(Vec::len).sum();
            let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
            match parts.first_mut() {
                Some(first) => drop(first.splice(..0, length)),
                None => parts.push(length.to_vec()),
            }
        } else if self.framing.newline
            && let Some(last) = parts.last_mut()
        {
            last.push(b'\n');
        }
        self.queue
            .extend(parts.into_iter().filter(|part| !part.is_empty()));
    }

    pub(super) fn queued_bytes(&self) -> usize {
        let queued: usize = self.queue.iter().map(Vec::len).sum();
        queued - self.written
    }

    /// Bytes that have come of a message that has not ended, and are held until it does.
    pub(super) fn held_bytes(&self) -> usize {
        self.splitter.held()
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        self.write(cx);
        let mut turns = TURN / READ_BUFFER;
        loop {
            match self.splitter.next_message() {
                Some(Ok(message)) => return Poll::Ready(incoming(message)),
                Some(Err(too_long)) => {
                    let error = too_long.to_string();
                    self.over.get_or_insert(End::Protocol { error });
                    self.splitter.rest();
                }
                None => {}
            }
            if let Some(end) = &self.over {
                let end = end.clone();
                return Poll::Ready(match self.splitter.rest() {
                    Some(rest) => incoming(rest),
                    None => Incoming::End(end),
                });
            }
            if turns == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            turns -= 1;
            let mut buffer = [0; READ_BUFFER];
            let mut buffer = ReadBuf::new(&mut buffer);
            match Pin::new(&mut self.bytes).poll_read(cx, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    self.end(if self.broken { End::Reset } else { End::Eof });
                }
                Poll::Ready(Ok(())) => self.splitter.push(buffer.filled()),
                Poll::Ready(Err(error)) => self.end(match error.kind() {
                    // TLS that ends without saying so.
                    io::ErrorKind::UnexpectedEof => End::Eof,
                    io::ErrorKind::InvalidData => End::Protocol {
                        error: format!("TLS: {}", super::printable(error.to_string().as_bytes())),
                    },
                    _ => End::Reset,
                }),
            }
        }
    }

    /// After our own end, how the peer leaves says no more.
    fn end(&mut self, end: End) {
        self.over = Some(match end {
            End::Eof | End::Reset if self.closed => End::ByUs,
            end => end,
        });
        self.queue.clear();
        self.written = 0;
    }

    /// As much as the peer takes now. Failure shows when reading.
    fn write(&mut self, cx: &mut Context<'_>) {
        while let Some(part) = self.queue.front().filter(|_| !self.broken) {
            match Pin::new(&mut self.bytes).poll_write(cx, &part[self.written..]) {
                Poll::Pending => return,
                Poll::Ready(Ok(0) | Err(_)) => self.broken = true,
                Poll::Ready(Ok(written)) => {
                    self.flushed = false;
                    self.written += written;
                    if self.written == part.len() {
                        self.queue.pop_front();
                        self.written = 0;
                    }
                }
            }
        }
        if self.broken {
            self.queue.clear();
            self.written = 0;
        }
        if !self.flushed && Pin::new(&mut self.bytes).poll_flush(cx).is_ready() {
            self.flushed = true;
        }
        if self.closing && self.queue.is_empty() && !self.closed {
            self.closed = Pin::new(&mut self.bytes).poll_shutdown(cx).is_ready();
        }
    }
}

fn incoming(message: Vec<u8>) -> Incoming {
    match String::from_utf8(message) {
        Ok(text) => Incoming::Text(Utf8Bytes::from(text)),
        Err(error) => Incoming::Binary(error.into_bytes().into()),
    }
}
