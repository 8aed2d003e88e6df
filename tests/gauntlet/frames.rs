//! Peers that break the rules of WebSocket, or use them against us: in answer to the very first message, and
//! in the middle of cases.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use crate::peer::{
    Case, Expect, Script, drain, drip, flood, frame, half_close, head, open, read_frame, reset,
};

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// What a live friendchat server says to a login of somebody unknown.
const REFUSAL: &str =
    r#"{"type":"LOGIN_RESPONSE","timestamp":1700000000,"payload":{"success":false,"code":2003}}"#;

/// Bytes that no server may send, and what is said of them.
fn violations() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut masked = vec![TEXT, 0x82, 1, 2, 3, 4];
    masked.extend([b'h' ^ 1, b'i' ^ 2]);
    let fragments = |parts: &[(u8, &[u8])]| -> Vec<u8> {
        let parts = parts.iter().map(|(first, payload)| frame(*first, payload));
        parts.collect::<Vec<_>>().concat()
    };
    vec![
        (
            "two-to-the-62-bytes",
            head(TEXT, 1 << 62),
            "a message of 4611686018427387904 bytes; no more than 4194304 are taken",
        ),
        ("two-to-the-63-bytes", head(TEXT, 1 << 63), "a message of"),
        (
            "masked",
            masked,
            "a masked frame from a server (RFC 6455, 5.1)",
        ),
        (
            "reserved-bit-1",
            frame(0xc1, b"hi"),
            "a frame with reserved bits set (RFC 6455, 5.2)",
        ),
        (
            "reserved-bit-3",
            frame(0x91, b"hi"),
            "a frame with reserved bits set (RFC 6455, 5.2)",
        ),
        (
            "reserved-opcode-3",
            frame(0x83, b"hi"),
            "a frame with the reserved opcode 3 (RFC 6455, 5.2)",
        ),
        (
            "reserved-opcode-11",
            frame(0x8b, b"hi"),
            "a frame with the reserved opcode 11 (RFC 6455, 5.2)",
        ),
        (
            "ping-in-fragments",
            frame(0x09, b"hi"),
            "a control frame in fragments (RFC 6455, 5.5)",
        ),
        (
            "ping-of-126-bytes",
            frame(PING, &[b'x'; 126]),
            "a control frame of more than 125 bytes (RFC 6455, 5.5)",
        ),
        (
            "nothing-to-continue",
            frame(0x80, b"hi"),
            "a continuation frame with nothing to continue (RFC 6455, 5.4)",
        ),
        (
            "message-within-a-message",
            fragments(&[(0x01, b"a"), (TEXT, b"b")]),
            "a new message within a fragmented one (RFC 6455, 5.4)",
        ),
        (
            "text-that-is-no-utf-8",
            frame(TEXT, b"\xc3\x28"),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            "surrogates-in-text",
            frame(TEXT, b"\xed\xa0\x80"),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            "no-utf-8-in-fragments",
            fragments(&[(0x01, b"\xf0\x9f"), (0x80, b"\x41\x41")]),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            "text-that-ends-within-a-character",
            fragments(&[(0x01, b"a"), (0x80, b"\xf0\x9f")]),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            "close-reason-that-is-no-utf-8",
            frame(CLOSE, b"\x03\xe8\xff\xfe"),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            "close-frame-of-one-byte",
            frame(CLOSE, b"\x03"),
            "a close frame of one byte (RFC 6455, 5.5.1)",
        ),
        (
            "close-code-1006",
            frame(CLOSE, b"\x03\xee"),
            "close code 1006, which must not be sent (RFC 6455, 7.4)",
        ),
        (
            "close-code-0",
            frame(CLOSE, b"\0\0"),
            "close code 0, which must not be sent (RFC 6455, 7.4)",
        ),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, bytes, why) in violations() {
        let rude = send(bytes);
        let first = format!("after LOGIN_REQUEST, the server broke the WebSocket protocol ({why}");
        cases.extend(both(name, rude, &first, Some(why)));
    }
    let broke = "the server broke the WebSocket protocol: a message of ";
    let closed = "the server closed the connection";
    let ended = "the server ended the connection without a close frame";
    let silent = "it accepts connections, but answered nothing to LOGIN_REQUEST within 500ms";
    let waited = "in vain for REGISTER_RESPONSE";
    let stream_ended = "the stream ended without a close frame";
    for (name, rude, unfit, deviates) in [
        (
            "closes-within-a-header",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&[TEXT]);
            }) as Rude,
            ended,
            Some(stream_ended),
        ),
        (
            "closes-within-a-long-header",
            leave_after(vec![TEXT, 127, 0, 0]),
            ended,
            Some(stream_ended),
        ),
        (
            "closes-within-a-payload",
            leave_after(vec![TEXT, 20, b'{', b'"']),
            ended,
            Some(stream_ended),
        ),
        (
            "closes-within-a-message",
            leave_after(frame(0x01, b"{\"type\":")),
            ended,
            Some(stream_ended),
        ),
        (
            "closes-between-messages",
            leave_after(Vec::new()),
            ended,
            Some(stream_ended),
        ),
        (
            "half-closes",
            Arc::new(|s: &mut TcpStream| half_close(s)),
            ended,
            Some(stream_ended),
        ),
        (
            "half-closes-within-a-payload",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&[TEXT, 20, b'{']);
                half_close(s);
            }),
            ended,
            Some(stream_ended),
        ),
        (
            "closes-1000",
            send(frame(CLOSE, b"\x03\xe8")),
            closed,
            Some("closed by the server with code 1000"),
        ),
        (
            "closes-1011-with-a-reason",
            send(frame(CLOSE, b"\x03\xf3panic at \x1b[31mline 7")),
            "the server closed the connection with 1011",
            Some("closed by the server with code 1011"),
        ),
        (
            "closes-without-a-code",
            send(frame(CLOSE, b"")),
            closed,
            Some("closed by the server without a code (1005)"),
        ),
        (
            "closes-and-goes-on",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&frame(CLOSE, b"\x03\xe8"));
                flood(s, &frame(TEXT, REFUSAL.as_bytes()));
            }),
            closed,
            Some("closed by the server with code 1000"),
        ),
        (
            "is-silent",
            Arc::new(|s: &mut TcpStream| drain(s)),
            silent,
            Some(waited),
        ),
        (
            "stops-reading",
            Arc::new(|s: &mut TcpStream| {
                if let Ok(held) = s.try_clone() {
                    std::mem::forget(held)
                }
            }),
            silent,
            Some(waited),
        ),
        (
            "drips-a-frame",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&head(TEXT, 4 << 20));
                drip(s, b"x".iter().copied().cycle());
            }),
            silent,
            Some(waited),
        ),
        (
            "stops-within-4-mebibytes",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&frame(TEXT, &vec![b'x'; 4 << 20])[..4 << 20]);
                drain(s);
            }),
            silent,
            None,
        ),
        (
            "a-message-of-5-mebibytes",
            Arc::new(|s: &mut TcpStream| {
                let _ = s.write_all(&frame(TEXT, &vec![b'x'; 5 << 20]));
                drain(s);
            }),
            "after LOGIN_REQUEST, the server broke the WebSocket protocol (a message of 5242880",
            Some(broke),
        ),
        (
            "endless-fragments",
            fragments_for_ever(b"xxxxxxxxxxxxxxxx".repeat(64)),
            "after LOGIN_REQUEST, the server broke the WebSocket protocol (a message of ",
            None,
        ),
        (
            "endless-small-fragments",
            fragments_for_ever(b"x".to_vec()),
            "",
            None,
        ),
        (
            "endless-empty-fragments",
            fragments_for_ever(Vec::new()),
            silent,
            None,
        ),
        (
            "pings-for-ever",
            Arc::new(|s: &mut TcpStream| flood(s, &frame(PING, &[b'p'; 125]))),
            silent,
            None,
        ),
        (
            "pongs-for-ever",
            Arc::new(|s: &mut TcpStream| flood(s, &frame(PONG, b""))),
            silent,
            None,
        ),
    ] {
        let first = if unfit.starts_with("it ") || unfit.is_empty() || unfit.starts_with("after ") {
            unfit.to_owned()
        } else {
            format!("after LOGIN_REQUEST, {unfit}")
        };
        cases.extend(both(name, rude, &first, deviates));
    }
    let resets = Arc::new(|mut stream: TcpStream| {
        if open(&mut stream).is_some() {
            reset(stream);
        }
    });
    let why = "after LOGIN_REQUEST, the server reset the connection".to_owned();
    cases.push(Case::new(
        "frames/resets/at-first",
        resets,
        Expect::Unfit(why),
    ));
    // It looks alive: what it says is of the protocol.
    let known = |s: &mut TcpStream| flood(s, &frame(TEXT, REFUSAL.as_bytes()));
    cases.push(in_cases(
        "floods-with-messages-of-the-protocol",
        Arc::new(known),
        None,
    ));
    let unknown = frame(TEXT, br#"{"type":"TICK","payload":{}}"#);
    let first = "it answers LOGIN_REQUEST with \"TICK\", which friendchat.md does not know";
    cases.extend(both(
        "floods-with-what-nobody-knows",
        Arc::new(move |s: &mut TcpStream| flood(s, &unknown)),
        first,
        None,
    ));
    let mut big =
        br#"{"type":"LOGIN_RESPONSE","timestamp":1,"payload":{"success":false,"code":2003,"x":""#
            .to_vec();
    big.resize(1 << 20, b'x');
    big.extend(b"\"}}");
    let big = frame(TEXT, &big);
    cases.push(in_cases(
        "floods-with-mebibytes",
        Arc::new(move |s: &mut TcpStream| flood(s, &big)),
        None,
    ));
    cases.push(in_cases(
        "never-closes",
        Arc::new(|s: &mut TcpStream| {
            let answer = r#"{"type":"REGISTER_RESPONSE","timestamp":1,"payload":{"success":true,"code":7777}}"#;
            let _ = s.write_all(&frame(TEXT, answer.as_bytes()));
            drain(s);
            if let Ok(held) = s.try_clone() {
                std::mem::forget(held);
            }
        }),
        Some(""),
    ));
    cases
}

type Rude = Arc<dyn Fn(&mut TcpStream) + Send + Sync>;

/// The same rudeness in answer to the first message of all, and in the middle of cases.
pub(crate) fn both(name: &str, rude: Rude, unfit: &str, deviates: Option<&str>) -> [Case; 2] {
    let first = rude.clone();
    let at_first: Script = Arc::new(move |mut stream| {
        if open(&mut stream).is_some() && read_frame(&mut stream).is_some() {
            first(&mut stream);
        }
    });
    let unfit = Expect::Unfit(unfit.to_owned());
    [
        Case::new(format!("frames/{name}/at-first"), at_first, unfit),
        in_cases(name, rude, deviates),
    ]
}

/// `deviates` is what some deviation says; `None` where the peer is too much for all cases at once.
///
/// Refuses logins, as a live server does that knows nobody, and is rude to whoever wants anything else.
pub(crate) fn in_cases(name: &str, rude: Rude, deviates: Option<&str>) -> Case {
    let script: Script = Arc::new(move |mut stream| {
        if open(&mut stream).is_none() {
            return;
        }
        while let Some((_, payload)) = read_frame(&mut stream) {
            let login = b"LOGIN_REQUEST";
            if !payload.windows(login.len()).any(|bytes| bytes == login) {
                return rude(&mut stream);
            }
            let _ = stream.write_all(&frame(TEXT, REFUSAL.as_bytes()));
        }
    });
    let expect = deviates.map_or(Expect::Overwhelms, |why| Expect::Deviates(why.to_owned()));
    Case::new(format!("frames/{name}/in-cases"), script, expect)
}

fn send(bytes: Vec<u8>) -> Rude {
    Arc::new(move |stream| {
        let _ = stream.write_all(&bytes);
        drain(stream);
    })
}

fn leave_after(bytes: Vec<u8>) -> Rude {
    Arc::new(move |stream| {
        let _ = stream.write_all(&bytes);
    })
}

fn fragments_for_ever(payload: Vec<u8>) -> Rude {
    Arc::new(move |stream| {
        let _ = stream.write_all(&frame(0x01, &payload));
        flood(stream, &frame(0x00, &payload));
    })
}
