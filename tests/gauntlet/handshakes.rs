//! Peers that never become a WebSocket.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use crate::peer::{
    Case, Expect, Pack, accepting, drain, drip, flood, half_close, read_request, reset,
};

const ACCEPTED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("refuses", "nobody listens at 127.0.0.1:", |_| {}).speaks(Pack::Absent),
        case(
            "accepts-and-is-silent",
            "no answer within 500ms (WebSocket handshake)",
            |mut stream| drain(&mut stream),
        ),
        case(
            "stops-reading-at-once",
            "no answer within 500ms (WebSocket handshake)",
            |stream| {
                // Held until the process ends.
                std::mem::forget(stream);
            },
        ),
        answers("answers-byte-by-byte", "no answer within 500ms (WebSocket handshake)", |s, request| {
            drip(s, accepting(request).bytes());
        }),
        answers("headers-byte-by-byte-for-ever", "no answer within 500ms (WebSocket handshake)", |s, _| {
            let _ = s.write_all(ACCEPTED.as_bytes());
            drip(s, b"X-Slow: yes\r\n".iter().copied().cycle());
        }),
        answers("endless-headers", "its answer to the WebSocket handshake does not end", |s, _| {
            let _ = s.write_all(ACCEPTED.as_bytes());
            flood(s, b"X-More: and more\r\n");
        }),
        answers("endless-header", "its answer to the WebSocket handshake does not end", |s, _| {
            let _ = s.write_all(ACCEPTED.as_bytes());
            flood(s, b"x");
        }),
        answers("endless-status-line", "its answer to the WebSocket handshake does not end", |s, _| {
            let _ = s.write_all(b"HTTP/1.1 101 ");
            flood(s, b"Yes");
        }),
        answers("endless-page", "it answers HTTP 200 OK: no WebSocket at this path", |s, _| {
            let _ = s.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
            flood(s, b"<script>alert(1)</script>");
        }),
        says("redirect", "it answers HTTP 302: moved to https://elsewhere.example/; redirects", b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\n\r\n"),
        says("redirect-to-nowhere", "it answers HTTP 302", b"HTTP/1.1 302 \x1b[31mFound\r\n\r\n"),
        says("not-found", "it answers HTTP 404 Not Found: no WebSocket at this path", b"HTTP/1.1 404 Not Found\r\n\r\n"),
        says("unauthorised", "it answers HTTP 401 Unauthorized: it wants to know who asks", b"HTTP/1.1 401 Unauthorized\r\n\r\n"),
        says("too-busy", "it answers HTTP 503: it takes no more connections now", b"HTTP/1.1 503\r\n\r\n"),
        says("status-without-sense", "it does not speak HTTP", b"HTTP/1.1 99999999999999999999 OK\r\n\r\n"),
        says("wrong-key", "it answers the WebSocket handshake with a wrong Sec-WebSocket-Accept key", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
        says("no-key", "it answers the WebSocket handshake with no `Sec-WebSocket-Accept`", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        says("upgrade-to-something-else", "it answers the WebSocket handshake with no `Upgrade: websocket`", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
        answers("extension-not-offered", "it answers the WebSocket handshake with extension `permessage-deflate`", |s, request| {
            let answer = accepting(request).replace("Upgrade\r\n", "Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
            let _ = s.write_all(answer.as_bytes());
            drain(s);
        }),
        answers("subprotocol-not-offered", "it answers the WebSocket handshake with subprotocol `mqtt`", |s, request| {
            let answer = accepting(request).replace("Upgrade\r\n", "Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n");
            let _ = s.write_all(answer.as_bytes());
            drain(s);
        }),
        answers("closes-without-an-answer", "it closed the connection during the WebSocket handshake", |_, _| {}),
        answers("half-closes-without-an-answer", "it closed the connection during the WebSocket handshake", |s, _| {
            half_close(s);
        }),
        answers("closes-within-its-answer", "it closed the connection during the WebSocket handshake", |s, _| {
            let _ = s.write_all(b"HTTP/1.1 101 Swi");
        }),
        case("resets-without-an-answer", "it reset the connection during the WebSocket handshake", reset),
        case("closes-at-once", "it", drop),
        says("mail-server", "it does not speak HTTP: its first line is \"220 mail.example ESMTP", b"220 mail.example ESMTP \x1b[2J\r\n"),
        case("noise-for-ever", "it does not speak HTTP", |mut stream| {
            let noise: Vec<u8> = (0..=255u8).map(|byte| byte.wrapping_mul(167) ^ 0x5a).collect();
            flood(&mut stream, &noise);
        }),
        says("speaks-tls", "it speaks TLS; use wss://", b"\x15\x03\x03\x00\x02\x02\x0a"),
    ]
}

fn case(name: &str, why: &str, script: impl Fn(TcpStream) + Send + Sync + 'static) -> Case {
    let expect = Expect::Unfit(why.to_owned());
    Case::new(format!("handshake/{name}"), Arc::new(script), expect)
}

/// Reads the request, and then does `script`.
fn answers(
    name: &str,
    why: &str,
    script: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static,
) -> Case {
    case(name, why, move |mut stream| {
        if let Some(request) = read_request(&mut stream) {
            script(&mut stream, &request);
        }
    })
}

/// Answers with these bytes, and waits for the client to leave.
fn says(name: &str, why: &str, bytes: &'static [u8]) -> Case {
    answers(name, why, move |stream, _| {
        let _ = stream.write_all(bytes);
        drain(stream);
    })
}
