//! The opening handshake of RFC 6455, section 4, as bytes: the request, and what the answer to it means.
//!
//! Our own rather than tungstenite's, which refuses servers that are right (`Connection: keep-alive,
//! Upgrade`; an answer in small pieces; a subprotocol left out) and cannot tell a redirect, a TLS alert or
//! another protocol's greeting from each other. Refuses answers beyond 64 KiB.

use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::endpoint::Endpoint;
use super::open::OpenError;
use super::printable;

/// The answer's head may have so many bytes.
pub(super) const LONGEST_HEAD: usize = 64 << 10;

/// A request that was sent, and what its answer has to hold.
pub(super) struct Handshake {
    pub(super) request: Vec<u8>,
    accept_key: String,
    subprotocol: Option<String>,
}

impl Handshake {
    pub(super) fn new(endpoint: &Endpoint) -> Handshake {
        let key = generate_key();
        let mut request = format!("GET {} HTTP/1.1\r\n", endpoint.path);
        let mut header = |name: &str, value: &str| {
            request.extend([name, ": ", value, "\r\n"]);
        };
        if !endpoint
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            let usual = if endpoint.tls.is_some() {
                ":443"
            } else {
                ":80"
            };
            let address = endpoint.address();
            header("Host", address.strip_suffix(usual).unwrap_or(&address));
        }
        header("Connection", "Upgrade");
        header("Upgrade", "websocket");
        header("Sec-WebSocket-Version", "13");
        header("Sec-WebSocket-Key", &key);
        if let Some(subprotocol) = &endpoint.subprotocol {
            header("Sec-WebSocket-Protocol", subprotocol);
        }
        for (name, value) in &endpoint.headers {
            header(name, value);
        }
        request.push_str("\r\n");
        Handshake {
            request: request.into_bytes(),
            accept_key: derive_accept_key(key.as_bytes()),
            subprotocol: endpoint.subprotocol.clone(),
        }
    }

    /// Judges what has been received so far: `None` where more is needed, else how many bytes the answer's
    /// head has. What follows it are frames.
    pub(super) fn judge(&self, received: &[u8]) -> Result<Option<usize>, OpenError> {
        if matches!(received, [0x15 | 0x16, 0x03, ..]) {
            return Err(OpenError::SpeaksTls);
        }
        let start = &received[..received.len().min(HTTP.len())];
        if start != &HTTP[..start.len()] {
            return Err(not_http(received));
        }
        let Some(end) = end_of_head(received) else {
            return if received.len() > LONGEST_HEAD {
                Err(OpenError::HeadTooLong)
            } else {
                Ok(None)
            };
        };
        self.judge_head(&received[..end])?;
        Ok(Some(end))
    }

    fn judge_head(&self, head: &[u8]) -> Result<(), OpenError> {
        let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let status_line = lines.next().unwrap_or_default();
        let Some((status, reason)) = parse_status(status_line) else {
            return Err(not_http(status_line));
        };
        let headers: Vec<(&[u8], &[u8])> = lines
            .filter_map(|line| {
                let colon = line.iter().position(|&byte| byte == b':')?;
                Some((&line[..colon], line[colon + 1..].trim_ascii()))
            })
            .collect();
        let values = |name: &str| {
            let name = name.as_bytes().to_owned();
            headers
                .iter()
                .filter(move |(n, _)| n.eq_ignore_ascii_case(&name))
                .map(|(_, v)| *v)
        };
        let names = |header: &str, wanted: &str| {
            values(header)
                .flat_map(|value| value.split(|&byte| byte == b','))
                .any(|token| token.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
        };
        let departs = |reason: String| Err(OpenError::BadUpgrade { reason });
        if status != 101 {
            return Err(match values("location").next() {
                Some(to) if (300..400).contains(&status) => OpenError::Redirect {
                    status,
                    location: printable(to),
                },
                _ => OpenError::HttpStatus {
                    status,
                    reason: printable(reason),
                },
            });
        }
        if !names("upgrade", "websocket") {
            return departs("no `Upgrade: websocket`".to_owned());
        }
        if !names("connection", "upgrade") {
            return departs("no `Connection: Upgrade`".to_owned());
        }
        match values("sec-websocket-accept").next() {
            Some(key) if key == self.accept_key.as_bytes() => {}
            Some(_) => return Err(OpenError::WrongAcceptKey),
            None => return departs("no `Sec-WebSocket-Accept`".to_owned()),
        }
        if let Some(extension) = values("sec-websocket-extensions").find(|value| !value.is_empty())
        {
            let extension = printable(extension);
            return departs(format!("extension `{extension}`, which was not offered"));
        }
        match values("sec-websocket-protocol").next() {
            Some(chosen) if self.subprotocol.as_deref().map(str::as_bytes) != Some(chosen) => {
                departs(format!(
                    "subprotocol `{}`, which was not offered",
                    printable(chosen)
                ))
            }
            _ => Ok(()),
        }
    }
}

const HTTP: &[u8] = b"HTTP/";

/// Where the empty line ends, bare line feeds being recognised (RFC 9112, 2.2).
fn end_of_head(received: &[u8]) -> Option<usize> {
    let after = |(at, _): (usize, &u8)| match &received[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    };
    received
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .find_map(after)
}

/// `HTTP/1.1 404 Not Found` is 404 and "Not Found".
fn parse_status(line: &[u8]) -> Option<(u16, &[u8])> {
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let [_minor @ (b'0' | b'1'), b' ', a, b, c, reason @ ..] = rest else {
        return None;
    };
    let status = std::str::from_utf8(&[*a, *b, *c]).ok()?.parse().ok()?;
    matches!(reason, [] | [b' ', ..]).then_some((status, reason))
}

fn not_http(received: &[u8]) -> OpenError {
    let line = received
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    OpenError::NotHttp {
        start: printable(line),
    }
}
