//! Opens a connection: name, TCP, TLS, WebSocket handshake unless it is a raw one, all within one deadline.
//!
//! Tells apart every way in which that fails, in one line that says what to do about it. Follows no
//! redirect and tries nothing twice.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::CertificateError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::handshake::{Handshake, LONGEST_HEAD};
use super::printable;
use super::stream::Stream;
use super::websocket::WebSocket;
use super::wire::Bytes;

/// What a connection is opened by, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Tcp,
    Tls,
    WebSocket,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Tcp => "TCP connection",
            Stage::Tls => "TLS handshake",
            Stage::WebSocket => "WebSocket handshake",
        })
    }
}

/// Why a connection did not open. What the peer said in it is printable and cut to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("name not found: {host}")]
    NameNotFound { host: String },
    #[error("nobody listens at {address} (connection refused)")]
    Refused { address: String },
    #[error("cannot reach {address}: {error}")]
    Unreachable { address: String, error: String },
    /// Out of file descriptors or ports: nothing that the target did.
    #[error("this machine cannot open more connections: {error}")]
    Exhausted { error: String },
    #[error("no answer within {after:?} ({stage})")]
    TimedOut { stage: Stage, after: Duration },
    #[error("it closed the connection during the {stage}")]
    Closed { stage: Stage },
    #[error("it reset the connection during the {stage}")]
    Reset { stage: Stage },
    #[error("its certificate is not trusted; run with --ca FILE or --insecure")]
    NotTrusted,
    #[error("its certificate has expired or is not valid yet; run with --insecure")]
    Expired,
    #[error("its certificate is for another name than {host}; run with --insecure")]
    WrongName { host: String },
    #[error("it does not speak TLS; use ws://")]
    NotTls,
    #[error("TLS handshake: {error}")]
    Tls { error: String },
    #[error("it speaks TLS; use wss://")]
    SpeaksTls,
    #[error("it answers HTTP {status}{}: {}", said(.reason), meaning(*.status))]
    HttpStatus { status: u16, reason: String },
    #[error("it answers HTTP {status}: moved to {location}; redirects are not followed")]
    Redirect { status: u16, location: String },
    #[error("it does not speak HTTP: its first line is {start:?}")]
    NotHttp { start: String },
    #[error("its answer to the WebSocket handshake does not end")]
    HeadTooLong,
    #[error("it answers the WebSocket handshake with {reason}")]
    BadUpgrade { reason: String },
    #[error("it answers the WebSocket handshake with a wrong Sec-WebSocket-Accept key")]
    WrongAcceptKey,
}

/// Opens a connection, or says within `deadline` why not.
pub async fn open(endpoint: &Endpoint, deadline: Duration) -> Result<Connection, OpenError> {
    let by = Instant::now() + deadline;
    let within = |stage| {
        move || OpenError::TimedOut {
            stage,
            after: deadline,
        }
    };
    let tcp = limit(by, within(Stage::Tcp), connect(endpoint, by)).await?;
    let mut bytes = match &endpoint.tls {
        None => Bytes::Plain(tcp),
        Some((name, config)) => {
            let handshake = TlsConnector::from(config.clone()).connect(name.clone(), tcp);
            let tls = async { handshake.await.map_err(|error| tls_error(error, endpoint)) };
            Bytes::Tls(Box::new(limit(by, within(Stage::Tls), tls).await?))
        }
    };
    if let Some(framing) = endpoint.framing {
        let stream = Stream::new(bytes, framing, endpoint.max_message);
        return Ok(Connection::stream(stream));
    }
    let rest = limit(
        by,
        within(Stage::WebSocket),
        shake_hands(&mut bytes, endpoint),
    )
    .await?;
    let websocket = WebSocket::new(bytes, rest, endpoint.max_message).await;
    Ok(Connection::websocket(websocket))
}

async fn limit<T>(
    by: Instant,
    late: impl FnOnce() -> OpenError,
    stage: impl Future<Output = Result<T, OpenError>>,
) -> Result<T, OpenError> {
    timeout_at(by, stage).await.unwrap_or_else(|_| Err(late()))
}

/// Tries the addresses of the name one after the other, each for its share of the time that is left.
async fn connect(endpoint: &Endpoint, by: Instant) -> Result<TcpStream, OpenError> {
    let host = &endpoint.host;
    let not_found = || OpenError::NameNotFound { host: host.clone() };
    let found = tokio::net::lookup_host((host.as_str(), endpoint.port)).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(addresses) => addresses.collect(),
        Err(error) if is_exhausted(&error) => return Err(connect_error(&error, endpoint)),
        Err(_) => return Err(not_found()),
    };
    let mut failure = not_found();
    for (i, address) in addresses.iter().enumerate() {
        let now = Instant::now();
        let share = (by - now) / u32::try_from(addresses.len() - i).unwrap_or(u32::MAX);
        failure = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it, a message that is not answered delays the next by 40 ms (Nagle).
                stream
                    .set_nodelay(true)
                    .map_err(|error| connect_error(&error, endpoint))?;
                return Ok(stream);
            }
            Ok(Err(error)) => connect_error(&error, endpoint),
            Err(_) => OpenError::Unreachable {
                address: endpoint.address(),
                error: "no answer".to_owned(),
            },
        };
    }
    Err(failure)
}

/// This machine has no more file descriptors, ports or memory for sockets.
fn is_exhausted(error: &io::Error) -> bool {
    /// ENFILE, EMFILE and ENOBUFS, which have no kind of their own.
    const CODES: [i32; 3] = [23, 24, 105];
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, OutOfMemory};
    let kind = error.kind();
    matches!(kind, AddrInUse | AddrNotAvailable | OutOfMemory)
        || error
            .raw_os_error()
            .is_some_and(|code| CODES.contains(&code))
}

fn connect_error(error: &io::Error, endpoint: &Endpoint) -> OpenError {
    let address = endpoint.address();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => OpenError::Refused { address },
        _ if is_exhausted(error) => OpenError::Exhausted {
            error: error.to_string(),
        },
        _ => OpenError::Unreachable {
            address,
            error: error.to_string(),
        },
    }
}

fn tls_error(error: io::Error, endpoint: &Endpoint) -> OpenError {
    use CertificateError as C;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        None => broken(&error, Stage::Tls),
        Some(rustls::Error::InvalidMessage(_)) => OpenError::NotTls,
        Some(rustls::Error::InvalidCertificate(problem)) => match problem {
            C::Expired
            | C::ExpiredContext { .. }
            | C::NotValidYet
            | C::NotValidYetContext { .. } => OpenError::Expired,
            C::NotValidForName | C::NotValidForNameContext { .. } => OpenError::WrongName {
                host: endpoint.host.clone(),
            },
            _ => OpenError::NotTrusted,
        },
        Some(error) => OpenError::Tls {
            error: printable(error.to_string().as_bytes()),
        },
    }
}

/// Gives back what came after the answer: the first frames, perhaps.
async fn shake_hands(bytes: &mut Bytes, endpoint: &Endpoint) -> Result<Vec<u8>, OpenError> {
    let stage = Stage::WebSocket;
    let handshake = Handshake::new(endpoint);
    // A server that refuses at once may have answered and closed before the request was written.
    let written = async {
        bytes.write_all(&handshake.request).await?;
        bytes.flush().await
    };
    let written: io::Result<()> = written.await;
    let mut received = Vec::with_capacity(1024);
    loop {
        let before = received.len();
        let read = bytes
            .read_buf(&mut received)
            .await
            .map_err(|error| broken(&error, stage))?;
        if read == 0 {
            return Err(match written {
                Err(error) => broken(&error, stage),
                Ok(()) => OpenError::Closed { stage },
            });
        }
        // Judged again only where it may have become complete: the answer may come byte by byte.
        let (new, len) = (&received[before..], received.len());
        if (before < 8 || new.contains(&b'\n') || len > LONGEST_HEAD)
            && let Some(end) = handshake.judge(&received)?
        {
            return Ok(received.split_off(end));
        }
    }
}

fn broken(error: &io::Error, stage: Stage) -> OpenError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => OpenError::Closed { stage },
        _ => OpenError::Reset { stage },
    }
}

fn said(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(" {reason}")
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => "it wants to know who asks; send a header with credentials",
        429 | 503 => "it takes no more connections now",
        _ => "no WebSocket at this path",
    }
}

#[cfg(test)]
mod tests {
    use super::super::peer::{drain, serve};
    use super::super::{Endpoint, EndpointOptions};
    use super::*;

    #[tokio::test]
    async fn small_frames_are_not_held_back() {
        let url = format!("ws://{}", serve(drain).await);
        let endpoint = Endpoint::parse(&url, EndpointOptions::default()).expect("a good URL");
        let by = Instant::now() + Duration::from_secs(20);
        let stream = connect(&endpoint, by).await.expect("a listener");
        assert!(stream.nodelay().expect("a socket"));
    }
}
