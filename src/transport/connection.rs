//! An open connection, whatever it is made of, driven by whoever polls it.

use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use super::stream::Stream;
use super::websocket::WebSocket;
use crate::event::End;

/// Dropping it drops the TCP connection without a goodbye.
pub struct Connection(Kind);

enum Kind {
    WebSocket(Box<WebSocket>),
    Stream(Box<Stream>),
}

/// A frame to send.
#[derive(Clone, Debug)]
pub enum Outgoing {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// A payload of more than 125 bytes breaks the protocol, and is sent. Nothing on a raw connection.
    Ping(Bytes),
    /// One text message in several frames, which need not be cut between characters.
    Fragments(Vec<Vec<u8>>),
    /// One binary message in several frames.
    BinaryFragments(Vec<Vec<u8>>),
    /// A code of 1005 sends a close frame without a code.
    Close {
        code: u16,
        reason: String,
    },
}

/// What a connection gives, in the order in which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Text(Utf8Bytes),
    Binary(Bytes),
    Pong(Bytes),
    End(End),
}

impl Connection {
    pub(super) fn websocket(websocket: WebSocket) -> Connection {
        Connection(Kind::WebSocket(Box::new(websocket)))
    }

    pub(super) fn stream(stream: Stream) -> Connection {
        Connection(Kind::Stream(Box::new(stream)))
    }

    /// Queues a frame; never blocks. [`poll`](Connection::poll) writes it. After a `Close`, or after the
    /// end, nothing is sent any more.
    pub fn send(&mut self, frame: Outgoing) {
        match &mut self.0 {
            Kind::WebSocket(websocket) => websocket.send(frame),
            Kind::Stream(stream) => stream.send(frame),
        }
    }

    /// Writes what is queued, reads, answers pings, and gives the next frame. After the end, gives the end
    /// again, at once.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        match &mut self.0 {
            Kind::WebSocket(websocket) => websocket.poll(cx),
            Kind::Stream(stream) => stream.poll(cx),
        }
    }

    /// The next frame, for those who own no other connection. May be dropped at any time.
    pub async fn next(&mut self) -> Incoming {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next frame; `None` once it is `by`. `timeout_at` alone would go on for as long as a peer sends without a
    /// pause, since it looks at the time only when no frame is ready.
    pub async fn next_by(&mut self, by: Instant) -> Option<Incoming> {
        if Instant::now() >= by {
            return None;
        }
        timeout_at(by, self.next()).await.ok()
    }

    /// Bytes of payload that were sent and are not on their way yet. A frame that is being written counts
    /// in full until it is written.
    pub fn queued_bytes(&self) -> usize {
        match &self.0 {
            Kind::WebSocket(websocket) => websocket.queued_bytes(),
            Kind::Stream(stream) => stream.queued_bytes(),
        }
    }

    /// Bytes held for now: what has come of a message that has not ended, and pongs that the peer does not read.
    pub fn held_bytes(&self) -> usize {
        match &self.0 {
            Kind::WebSocket(websocket) => websocket.held_bytes(),
            Kind::Stream(stream) => stream.held_bytes(),
        }
    }

    /// Drops the TCP connection without a goodbye.
    pub fn abort(self) {}
}
