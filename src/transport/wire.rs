//! The byte stream under a WebSocket: TCP or TLS over TCP.
//!
//! Refuses to end a connection because writing failed: a server that closes with data of ours unread resets
//! the connection, and its last words (a close frame, an error answer) are then still to be read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::watch::Watch;

pub(super) struct Wire {
    bytes: Bytes,
    watch: Watch,
    /// Nothing can be written any more; what is, is dropped.
    broken: bool,
    /// Bytes that may be read before somebody else has a turn.
    turn: usize,
}

/// A turn's bytes. Frames that are thrown away as they come, such as fragments of one byte, cost far more
/// than reading them, and must not keep their task from its deadlines.
const TURN: usize = 16 << 10;

pub(super) enum Bytes {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// A stream after the handshake, of which `read` has been read already.
    pub(super) fn new(bytes: Bytes, read: &[u8]) -> Wire {
        let mut watch = Watch::default();
        watch.see(read);
        Wire {
            bytes,
            watch,
            broken: false,
            turn: TURN,
        }
    }

    /// A new turn begins.
    pub(super) fn begin_turn(&mut self) {
        self.turn = TURN;
    }

    /// Bytes that have come of a message that has not ended.
    pub(super) fn unfinished(&self) -> usize {
        self.watch.unfinished()
    }

    /// The code that the peer's close frame had on the wire.
    pub(super) fn close_code(&self) -> Option<u16> {
        self.watch.close_code()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.turn == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        match Pin::new(&mut this.bytes).poll_read(cx, buf) {
            // The failed write has taken the socket's error with it.
            Poll::Ready(Ok(())) if buf.filled().len() == before && this.broken => {
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            polled => {
                let read = &buf.filled()[before..];
                this.turn = this.turn.saturating_sub(read.len());
                this.watch.see(read);
                polled
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Ready(Ok(buf.len()));
        }
        match Pin::new(&mut self.bytes).poll_write(cx, buf) {
            Poll::Ready(Ok(0) | Err(_)) => {
                self.broken = true;
                Poll::Ready(Ok(buf.len()))
            }
            polled => polled,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.bytes).poll_flush(cx).map(|flushed| {
            self.broken = flushed.is_err();
            Ok(())
        })
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_shutdown(cx)
    }
}

impl AsyncRead for Bytes {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Bytes::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Bytes::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Bytes {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Bytes::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Bytes::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Bytes::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Bytes::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Bytes::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Bytes::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
