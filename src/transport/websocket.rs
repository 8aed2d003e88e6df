//! An open WebSocket connection, driven by whoever polls it.
//!
//! One poll writes what is queued and reads what has come, so that a peer that stops reading does not stall
//! ours, and pings are answered while nothing else happens. Refuses to forget how it ended: the first end
//! stands, whatever is asked afterwards.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Sink, Stream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use super::connection::{Incoming, Outgoing};
use super::printable;
use super::wire::{self, Wire};
use crate::event::End;

/// tungstenite fills its read buffer with zeros before each read, and keeps it while the connection lasts.
const READ_BUFFER: usize = 4 << 10;

/// Small frames are gathered to so many bytes before they are written.
const WRITE_BUFFER: usize = 4 << 10;

/// Frames that one poll takes without giving any back, so that a flood of pings cannot hold its task.
const SILENT_FRAMES: usize = 256;

/// Bytes of pongs that are kept for a peer that pings and does not read; tungstenite would keep any number.
const MOST_OWED: usize = 16 << 20;

/// Bytes that a pong of ours takes beside what it carries: a header, and its mask.
const PONG_HEADER: usize = 6;

/// Dropping it drops the TCP connection without a close frame.
pub(super) struct WebSocket {
    socket: WebSocketStream<Wire>,
    queue: VecDeque<Message>,
    /// Bytes of payload in the queue.
    queued: usize,
    /// Bytes of payload that the socket took and has not flushed.
    unflushed: usize,
    flushed: bool,
    /// Bytes of pongs that the socket has made and has not flushed.
    owed: usize,
    /// Our close frame is in the queue, or further: nothing is sent after it.
    closing: bool,
    /// Our close frame has been given to the socket.
    closed: bool,
    end: Option<End>,
}

impl WebSocket {
    /// A connection after the handshake; `read` are the bytes that came with the answer.
    pub(super) async fn new(bytes: wire::Bytes, read: Vec<u8>, max_message: usize) -> WebSocket {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let wire = Wire::new(bytes, &read);
        let socket = WebSocketStream::from_partially_read(wire, read, Role::Client, Some(config));
        WebSocket {
            socket: socket.await,
            queue: VecDeque::new(),
            queued: 0,
            unflushed: 0,
            flushed: true,
            owed: 0,
            closing: false,
            closed: false,
            end: None,
        }
    }

    /// Queues a frame; never blocks. [`poll`](WebSocket::poll) writes it. After a `Close`, or after the
    /// end, nothing is sent any more.
    pub(super) fn send(&mut self, frame: Outgoing) {
        if self.closing || self.end.is_some() {
            return;
        }
        match frame {
            Outgoing::Text(text) => self.enqueue(Message::Text(text)),
            Outgoing::Binary(bytes) => self.enqueue(Message::Binary(bytes)),
            Outgoing::Ping(bytes) => self.enqueue(Message::Ping(bytes)),
            Outgoing::Fragments(parts) => self.enqueue_fragments(Data::Text, parts),
            Outgoing::BinaryFragments(parts) => self.enqueue_fragments(Data::Binary, parts),
            Outgoing::Close { code: 1005, .. } => {
                self.enqueue(Message::Close(None));
                self.closing = true;
            }
            Outgoing::Close { code, reason } => {
                let frame = CloseFrame {
                    code: code.into(),
                    reason: reason.into(),
                };
                self.enqueue(Message::Close(Some(frame)));
                self.closing = true;
            }
        }
    }

    /// Writes what is queued, reads, answers pings, and gives the next frame. After the end, gives the end
    /// again, at once.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        if let Some(end) = &self.end {
            return Poll::Ready(Incoming::End(end.clone()));
        }
        self.socket.get_mut().begin_turn();
        self.write(cx);
        if self.owed > MOST_OWED {
            // Until it reads some: the write has seen to it that we are woken then.
            return Poll::Pending;
        }
        for _ in 0..SILENT_FRAMES {
            let end = match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Message::Text(text)))) => {
                    return Poll::Ready(Incoming::Text(text));
                }
                Poll::Ready(Some(Ok(Message::Binary(bytes)))) => {
                    return Poll::Ready(Incoming::Binary(bytes));
                }
                Poll::Ready(Some(Ok(Message::Pong(bytes)))) => {
                    return Poll::Ready(Incoming::Pong(bytes));
                }
                // The socket has a pong ready, and writes it when it is next asked for a message.
                Poll::Ready(Some(Ok(Message::Ping(bytes)))) => {
                    self.owed += PONG_HEADER + bytes.len();
                    self.flushed = false;
                    continue;
                }
                Poll::Ready(Some(Ok(Message::Frame(_)))) => continue,
                Poll::Ready(Some(Ok(Message::Close(frame)))) => {
                    // Our answer, as far as the peer takes it.
                    let _ = Pin::new(&mut self.socket).poll_flush(cx);
                    closed_by_peer(frame, self.socket.get_ref().close_code())
                }
                Poll::Ready(Some(Err(error))) => end_of(error),
                Poll::Ready(None) => End::Eof,
            };
            // After our own close frame, how the peer leaves says no more.
            let end = match end {
                End::Close { .. } | End::Eof | End::Reset if self.closed => End::ByUs,
                end => end,
            };
            self.queue = VecDeque::new();
            (self.queued, self.unflushed, self.owed) = (0, 0, 0);
            self.end = Some(end.clone());
            return Poll::Ready(Incoming::End(end));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Bytes of payload that were sent and are not on their way yet. A frame that is being written counts
    /// in full until it is written.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queued + self.unflushed
    }

    /// Bytes held for now: what has come of a message that has not ended, and pongs that the peer does not read.
    pub(super) fn held_bytes(&self) -> usize {
        self.socket.get_ref().unfinished() + self.owed
    }

    fn enqueue(&mut self, message: Message) {
        self.queued += message.len();
        self.queue.push_back(message);
    }

    fn enqueue_fragments(&mut self, kind: Data, parts: Vec<Vec<u8>>) {
        let last = parts.len().saturating_sub(1);
        for (i, part) in parts.into_iter().enumerate() {
            let opcode = if i == 0 { kind } else { Data::Continue };
            let frame = Frame::message(part, OpCode::Data(opcode), i == last);
            self.enqueue(Message::Frame(frame));
        }
    }

    /// As much as the peer takes now. Failure shows when reading.
    fn write(&mut self, cx: &mut Context<'_>) {
        while !self.queue.is_empty() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) | Poll::Pending => return,
            }
            let Some(message) = self.queue.pop_front() else {
                return;
            };
            self.closed |= message.is_close();
            self.queued -= message.len();
            self.unflushed += message.len();
            self.flushed = false;
            if Pin::new(&mut self.socket).start_send(message).is_err() {
                return;
            }
        }
        if !self.flushed && Pin::new(&mut self.socket).poll_flush(cx).is_ready() {
            self.flushed = true;
            self.unflushed = 0;
            self.owed = 0;
        }
    }
}

/// `on_wire` is the code that was sent; tungstenite gives 1002 for those that must not be.
fn closed_by_peer(frame: Option<CloseFrame>, on_wire: Option<u16>) -> End {
    let Some(frame) = frame else {
        return End::Close {
            code: 1005,
            reason: String::new(),
        };
    };
    let given = u16::from(frame.code);
    match on_wire.unwrap_or(given) {
        code if code == given => End::Close {
            code,
            reason: frame.reason.to_string(),
        },
        // Registered after RFC 6455; the reason is lost with the code.
        code @ 1014 => End::Close {
            code,
            reason: String::new(),
        },
        code => protocol(format!(
            "close code {code}, which must not be sent (RFC 6455, 7.4)"
        )),
    }
}

fn end_of(error: Error) -> End {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Eof,
        Error::Io(error) => match error.kind() {
            // TLS that ends without saying so.
            io::ErrorKind::UnexpectedEof => End::Eof,
            io::ErrorKind::InvalidData => {
                protocol(format!("TLS: {}", printable(error.to_string().as_bytes())))
            }
            _ => End::Reset,
        },
        Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => protocol(format!(
            "a message of {size} bytes; no more than {max_size} are taken"
        )),
        Error::Utf8(_) => protocol("text that is not UTF-8 (RFC 6455, 8.1)"),
        Error::Protocol(error) => protocol(violation(&error)),
        other => protocol(printable(other.to_string().as_bytes())),
    }
}

fn protocol(error: impl Into<String>) -> End {
    End::Protocol {
        error: error.into(),
    }
}

fn violation(error: &ProtocolError) -> String {
    let known = match error {
        ProtocolError::NonZeroReservedBits => "a frame with reserved bits set (RFC 6455, 5.2)",
        ProtocolError::MaskedFrameFromServer => "a masked frame from a server (RFC 6455, 5.1)",
        ProtocolError::FragmentedControlFrame => "a control frame in fragments (RFC 6455, 5.5)",
        ProtocolError::ControlFrameTooBig => {
            "a control frame of more than 125 bytes (RFC 6455, 5.5)"
        }
        ProtocolError::UnexpectedContinueFrame => {
            "a continuation frame with nothing to continue (RFC 6455, 5.4)"
        }
        ProtocolError::ExpectedFragment(_) => {
            "a new message within a fragmented one (RFC 6455, 5.4)"
        }
        ProtocolError::InvalidCloseSequence => "a close frame of one byte (RFC 6455, 5.5.1)",
        ProtocolError::UnknownControlFrameType(code)
        | ProtocolError::UnknownDataFrameType(code)
        | ProtocolError::InvalidOpcode(code) => {
            return format!("a frame with the reserved opcode {code} (RFC 6455, 5.2)");
        }
        other => return printable(other.to_string().as_bytes()),
    };
    known.to_owned()
}
