//! One connection: the handshake, then reading and writing side by side, then the goodbye.
//! Knows nothing of what the frames mean.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use super::outbox::{Outbox, ToWrite, Unwritten, outbox};
use crate::protocol::{ConnId, Frame};

/// The greatest message that is read; above it the connection is closed with 1009.
const MAX_MESSAGE: usize = 16 << 20;
/// The library zero-fills this many bytes at every read, so it is small.
const READ_BUFFER: usize = 8 << 10;
/// How long a peer may take over the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a peer may take to answer a close.
const GOODBYE: Duration = Duration::from_secs(2);

/// Something that happened on a connection.
pub(super) struct Event {
    pub(super) conn: ConnId,
    pub(super) happened: Happened,
}

pub(super) enum Happened {
    /// The handshake is done; frames for the peer go into the outbox.
    Opened(Outbox),
    /// A frame arrived. The permit stands for its bytes and is given back when it is handled.
    Frame(
        Frame,
        #[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit,
    ),
    Gone,
}

/// Where connections put what happened; makes them wait while too much is unhandled.
#[derive(Clone)]
pub(super) struct Inputs {
    sender: mpsc::Sender<Event>,
    bytes: Arc<Semaphore>,
}

impl Inputs {
    pub(super) fn new(sender: mpsc::Sender<Event>, bytes: Arc<Semaphore>) -> Inputs {
        Inputs { sender, bytes }
    }

    /// False when nobody handles inputs any more.
    async fn put(&self, conn: ConnId, happened: Happened) -> bool {
        self.sender.send(Event { conn, happened }).await.is_ok()
    }

    async fn put_frame(&self, conn: ConnId, frame: Frame) -> bool {
        // Frames are bounded by MAX_MESSAGE, which is less than there are permits.
        let permits = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        match Arc::clone(&self.bytes).acquire_many_owned(permits).await {
            Ok(permit) => self.put(conn, Happened::Frame(frame, permit)).await,
            Err(_) => false,
        }
    }
}

/// Drives a connection from its handshake to its end.
pub(super) async fn run(conn: ConnId, stream: TcpStream, inputs: Inputs) {
    // Without it, small frames wait for the acknowledgement of earlier ones.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let handshake = accept_async_with_config(stream, Some(config));
    let Ok(Ok(socket)) = timeout(HANDSHAKE, handshake).await else {
        return;
    };
    let (outbox, unwritten) = outbox();
    if !inputs.put(conn, Happened::Opened(outbox)).await {
        return;
    }
    talk(conn, socket, unwritten, &inputs).await;
    inputs.put(conn, Happened::Gone).await;
}

/// Why a connection ends.
enum End {
    /// The peer closed, vanished, or is to be dropped: nothing is left to say.
    Gone,
    /// The peer is to be told this code.
    Close(u16),
}

async fn talk(
    conn: ConnId,
    socket: WebSocketStream<TcpStream>,
    mut unwritten: Unwritten,
    inputs: &Inputs,
) {
    let given_up = unwritten.given_up();
    let (mut sink, mut stream) = socket.split();
    let end = tokio::select! {
        end = read(conn, &mut stream, inputs) => end,
        end = write(&mut sink, &mut unwritten) => end,
        () = given_up => End::Gone,
    };
    if let End::Close(code) = end {
        // Above all the peer must not wait for ever; whether it hears the code is its affair.
        let _ = timeout(GOODBYE, say_goodbye(sink, stream, code)).await;
    }
}

async fn read(
    conn: ConnId,
    stream: &mut SplitStream<WebSocketStream<TcpStream>>,
    inputs: &Inputs,
) -> End {
    while let Some(message) = stream.next().await {
        let frame = match message {
            Ok(Message::Text(text)) => Frame::Text(text.as_str().to_owned()),
            Ok(Message::Binary(bytes)) => Frame::Binary(bytes.into()),
            // Before the library answers: a peer whose close is answered is no longer here for anybody.
            Ok(Message::Close(_)) => {
                if !inputs.put(conn, Happened::Gone).await {
                    return End::Gone;
                }
                continue;
            }
            // The library answers pings by itself.
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Err(Error::Capacity(_)) => return End::Close(CloseCode::Size.into()),
            Err(Error::Utf8(_)) => return End::Close(CloseCode::Invalid.into()),
            Err(Error::Protocol(_)) => return End::Close(CloseCode::Protocol.into()),
            Err(_) => return End::Gone,
        };
        if !inputs.put_frame(conn, frame).await {
            return End::Close(CloseCode::Away.into());
        }
    }
    End::Gone
}

async fn write(
    sink: &mut SplitSink<WebSocketStream<TcpStream>, Message>,
    unwritten: &mut Unwritten,
) -> End {
    while let Some(next) = unwritten.next().await {
        let mut next = Some(next);
        while let Some(to_write) = next {
            let message = match to_write {
                ToWrite::Frame(Frame::Text(text)) => Message::text(text),
                ToWrite::Frame(Frame::Binary(bytes)) => Message::binary(bytes),
                ToWrite::Close(code) => return End::Close(code),
                ToWrite::GiveUp => return End::Gone,
            };
            if sink.feed(message).await.is_err() {
                return End::Gone;
            }
            next = unwritten.try_next();
        }
        if sink.flush().await.is_err() {
            return End::Gone;
        }
    }
    End::Gone
}

/// Sends a close and reads on until the peer has gone: a socket that is dropped with unread
/// bytes resets the connection, and the peer may never see the close.
async fn say_goodbye(
    mut sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    stream: SplitStream<WebSocketStream<TcpStream>>,
    code: u16,
) {
    let frame = CloseFrame {
        code: code.into(),
        reason: "".into(),
    };
    let _ = sink.send(Message::Close(Some(frame))).await;
    let Ok(mut socket) = sink.reunite(stream) else {
        return;
    };
    let stream = socket.get_mut();
    let _ = stream.shutdown().await;
    let mut waste = [0; READ_BUFFER];
    while matches!(stream.read(&mut waste).await, Ok(read) if read > 0) {}
}
