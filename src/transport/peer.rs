//! Tiny servers for the tests of this room: each does one thing, on 127.0.0.1, to one connection.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Connection, Endpoint, EndpointOptions, Incoming, OpenError, open};
use crate::event::End;

/// No test waits so long unless it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that does `script` to its first connection. Gives its `host:port`.
pub(super) async fn serve<F>(script: impl FnOnce(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        script(stream).await;
    });
    address
}

/// A connection to a server that answers the handshake, then does `script`.
pub(super) async fn connect<F>(script: impl FnOnce(TcpStream) -> F + Send + 'static) -> Connection
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = serve(async move |mut stream: TcpStream| {
        answer(&mut stream, b"").await;
        script(stream).await;
    });
    open_ws(&address.await).await.expect("a valid handshake")
}

/// A connection to a server that sends these bytes after the handshake, and waits for the client to leave.
pub(super) async fn connect_and_send(bytes: Vec<u8>) -> Connection {
    connect(async move |mut stream| {
        stream.write_all(&bytes).await.expect("the client reads");
        drain(stream).await;
    })
    .await
}

pub(super) async fn open_ws(address: &str) -> Result<Connection, OpenError> {
    open_with(&format!("ws://{address}/chat"), EndpointOptions::default()).await
}

pub(super) async fn open_with(
    url: &str,
    options: EndpointOptions,
) -> Result<Connection, OpenError> {
    let endpoint = Endpoint::parse(url, options).expect("a good URL");
    open(&endpoint, PATIENCE).await
}

pub(super) async fn next(connection: &mut Connection) -> Incoming {
    in_time(connection.next()).await
}

pub(super) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .expect("something happens in time")
}

/// Reads the request, and answers 101 with `frames` right behind.
pub(super) async fn answer(stream: &mut TcpStream, frames: &[u8]) {
    let request = read_request(stream).await;
    let mut answer = accepting(&request).into_bytes();
    answer.extend(frames);
    stream.write_all(&answer).await.expect("the client reads");
}

pub(super) async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.expect("a whole request"));
    }
    String::from_utf8(request).expect("a request in ASCII")
}

/// The answer that accepts this request.
pub(super) fn accepting(request: &str) -> String {
    let key = request
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.expect("a key").as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Reads until the client has gone.
pub(super) async fn drain(mut stream: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

/// Waits for bytes of the client's and leaves with them unread, which resets the connection.
pub(super) async fn reset(stream: TcpStream) {
    let waiting = stream.peek(&mut [0]).await.expect("bytes of the client's");
    assert_eq!(waiting, 1);
}

/// Reads one frame of the client's: its first byte, and its payload unmasked.
pub(super) async fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let first = stream.read_u8().await.expect("a frame");
    let second = stream.read_u8().await.expect("a length");
    assert_eq!(second & 0x80, 0x80, "a client's frames are masked");
    let len = match second & 0x7f {
        126 => stream.read_u16().await.expect("a length").into(),
        127 => stream.read_u64().await.expect("a length"),
        len => len.into(),
    };
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await.expect("a mask");
    let mut payload = vec![0; usize::try_from(len).expect("a length that fits")];
    stream.read_exact(&mut payload).await.expect("a payload");
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[i % 4];
    }
    (first, payload)
}

/// A frame of the server's, whatever its first byte.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ ..126 => frame.push(len as u8),
        len @ ..65_536 => {
            frame.push(126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// First bytes of final frames.
pub(super) const TEXT: u8 = 0x81;
pub(super) const CLOSE: u8 = 0x88;
pub(super) const PING: u8 = 0x89;

/// A text frame that came.
pub(super) fn text(text: &str) -> Incoming {
    Incoming::Text(text.into())
}

/// How it ends, whatever comes before.
pub(super) async fn end(connection: &mut Connection) -> End {
    loop {
        if let Incoming::End(end) = next(connection).await {
            return end;
        }
    }
}

/// What one poll gives.
pub(super) async fn poll_once(connection: &mut Connection) -> Poll<Incoming> {
    poll_fn(|cx| Poll::Ready(connection.poll(cx))).await
}

/// A close frame of the server's.
pub(super) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

/// Why it did not open.
pub(super) fn failure(opened: Result<Connection, OpenError>) -> OpenError {
    match opened {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}
