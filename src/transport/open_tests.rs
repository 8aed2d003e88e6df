//! Every way in which opening fails, by a peer that does just that; and servers that are right in odd ways.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::peer::{
    accepting, answer, drain, failure, frame, in_time, next, open_with, open_ws, read_request,
    reset, serve,
};
use super::{Endpoint, EndpointOptions, Incoming, OpenError, Stage, Tls, open};

/// What opening says of a server that answers with these bytes, and closes.
async fn refused(answer: &'static [u8]) -> String {
    let address = serve(async move |mut stream: TcpStream| {
        read_request(&mut stream).await;
        stream.write_all(answer).await.expect("the client reads");
    });
    failure(open_ws(&address.await).await).to_string()
}

#[tokio::test]
async fn answers_that_are_no_websocket_are_told_apart() {
    for (answer, error) in [
        (&b"HTTP/1.1 404 Not Found\r\n\r\n"[..], "it answers HTTP 404 Not Found: no WebSocket at this path"),
        (b"HTTP/1.0 200 OK\r\n\r\n<html>", "it answers HTTP 200 OK: no WebSocket at this path"),
        (b"HTTP/1.1 500\r\n\r\n", "it answers HTTP 500: no WebSocket at this path"),
        (
            b"HTTP/1.1 401 Unauthorized\n\n",
            "it answers HTTP 401 Unauthorized: it wants to know who asks; send a header with credentials",
        ),
        (
            b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
            "it answers HTTP 503 Service Unavailable: it takes no more connections now",
        ),
        (
            b"HTTP/1.1 301 Moved\r\nlocation: wss://other/\r\n\r\n",
            "it answers HTTP 301: moved to wss://other/; redirects are not followed",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /\x1b[2J\xff\r\n\r\n",
            "it answers HTTP 302: moved to /\u{fffd}[2J\u{fffd}; redirects are not followed",
        ),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "it answers HTTP 304 Not Modified: no WebSocket at this path"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "it does not speak HTTP: its first line is \"SSH-2.0-OpenSSH_9.2\""),
        (b"{\"type\":\"HELLO\"}", "it does not speak HTTP: its first line is \"{\\\"type\\\":\\\"HELLO\\\"}\""),
        (b"HTTP/2 200\r\n\r\n", "it does not speak HTTP: its first line is \"HTTP/2 200\""),
        (b"HTTP/1.1 -01 x\r\n\r\n", "it does not speak HTTP: its first line is \"HTTP/1.1 -01 x\""),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it speaks TLS; use wss://"),
        (b"", "it closed the connection during the WebSocket handshake"),
        (b"HTTP/1.1 101 Switch", "it closed the connection during the WebSocket handshake"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "it answers the WebSocket handshake with no `Upgrade: websocket`",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "it answers the WebSocket handshake with no `Connection: Upgrade`",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "it answers the WebSocket handshake with no `Sec-WebSocket-Accept`",
        ),
        (
            b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            "it answers the WebSocket handshake with a wrong Sec-WebSocket-Accept key",
        ),
    ] {
        assert_eq!(refused(answer).await, error);
    }
}

#[tokio::test]
async fn hostile_reasons_are_cut() {
    let answer = format!("HTTP/1.1 400 {}\r\n\r\n", "x".repeat(5000)).leak();
    assert!(refused(answer.as_bytes()).await.chars().count() < 300);
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let address = serve(async |mut stream: TcpStream| {
        read_request(&mut stream).await;
        let header = b"X-Filler: 0123456789\r\n";
        let _ = stream.write_all(b"HTTP/1.1 101 OK\r\n").await;
        while stream.write_all(header).await.is_ok() {}
    });
    assert_eq!(
        failure(open_ws(&address.await).await),
        OpenError::HeadTooLong
    );
}

#[tokio::test]
async fn nobody_listening_is_told_from_a_reset_and_from_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let error = failure(open_ws(&address).await);
    assert_eq!(
        error.to_string(),
        format!("nobody listens at {address} (connection refused)")
    );

    let address = serve(reset);
    let error = failure(open_ws(&address.await).await);
    assert_eq!(
        error,
        OpenError::Reset {
            stage: Stage::WebSocket
        }
    );

    let insecure = Tls {
        insecure: true,
        ..Tls::default()
    };
    for (scheme, stage) in [("ws", Stage::WebSocket), ("wss", Stage::Tls)] {
        let options = EndpointOptions {
            tls: insecure.clone(),
            ..EndpointOptions::default()
        };
        let url = format!("{scheme}://{}", serve(drain).await);
        let endpoint = Endpoint::parse(&url, options).expect("a good URL");
        let after = Duration::from_millis(50);
        let error = failure(open(&endpoint, after).await);
        assert_eq!(error, OpenError::TimedOut { stage, after });
    }
}

#[tokio::test]
async fn the_request_is_what_the_rfc_and_the_options_say() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let address = serve(async move |mut stream: TcpStream| {
        tell.send(read_request(&mut stream).await)
            .expect("the test listens");
    });
    let address = address.await;
    let options = EndpointOptions {
        headers: vec![
            ("Authorization".into(), "Bearer x".into()),
            ("X-A".into(), "é".into()),
        ],
        subprotocol: Some("chat.v1".into()),
        ..EndpointOptions::default()
    };
    failure(open_with(&format!("ws://{address}/chat?a=b"), options).await);
    let request = in_time(told).await.expect("a request");
    let lines: Vec<&str> = request
        .lines()
        .filter(|line| !line.starts_with("Sec-WebSocket-Key: "))
        .collect();
    let host = format!("Host: {address}");
    assert_eq!(
        lines,
        [
            "GET /chat?a=b HTTP/1.1",
            &host,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: chat.v1",
            "Authorization: Bearer x",
            "X-A: é",
            "",
        ]
    );
}

#[tokio::test]
async fn servers_that_are_right_in_odd_ways_are_accepted() {
    for (usual, odd) in [
        ("Connection: Upgrade", "connection:keep-alive , upgrade"),
        ("Upgrade: websocket", "UPGRADE:   WebSocket  "),
        ("101 Switching Protocols", "101"),
        ("\r\n", "\n"),
    ] {
        let address = serve(async move |mut stream: TcpStream| {
            let answer = accepting(&read_request(&mut stream).await).replace(usual, odd);
            stream
                .write_all(answer.as_bytes())
                .await
                .expect("the client reads");
            drain(stream).await;
        });
        if let Err(error) = open_ws(&address.await).await {
            panic!("{odd:?}: {error}");
        }
    }
}

#[tokio::test]
async fn an_answer_in_single_bytes_is_accepted() {
    let address = serve(async |mut stream: TcpStream| {
        stream.set_nodelay(true).expect("a socket");
        let answer = accepting(&read_request(&mut stream).await);
        for byte in answer.bytes().chain(frame(0x81, b"hi")) {
            stream.write_all(&[byte]).await.expect("the client reads");
            tokio::task::yield_now().await;
        }
        drain(stream).await;
    });
    let mut connection = open_ws(&address.await).await.expect("a valid answer");
    assert_eq!(next(&mut connection).await, Incoming::Text("hi".into()));
}

#[tokio::test]
async fn what_was_not_offered_may_not_be_chosen() {
    for (header, subprotocol, error) in [
        ("", Some("chat"), None),
        ("Sec-WebSocket-Protocol: chat\r\n", Some("chat"), None),
        (
            "Sec-WebSocket-Protocol: quic\r\n",
            Some("chat"),
            Some("subprotocol `quic`, which was not offered"),
        ),
        (
            "Sec-WebSocket-Protocol: chat\r\n",
            None,
            Some("subprotocol `chat`, which was not offered"),
        ),
        (
            "Sec-WebSocket-Extensions: permessage-deflate\r\n",
            None,
            Some("extension `permessage-deflate`, which was not offered"),
        ),
    ] {
        let address = serve(async move |mut stream: TcpStream| {
            let answer = accepting(&read_request(&mut stream).await);
            let answer = answer.replace("\r\n\r\n", &format!("\r\n{header}\r\n"));
            stream
                .write_all(answer.as_bytes())
                .await
                .expect("the client reads");
            drain(stream).await;
        });
        let subprotocol = subprotocol.map(str::to_owned);
        let options = EndpointOptions {
            subprotocol,
            ..EndpointOptions::default()
        };
        let opened = open_with(&format!("ws://{}", address.await), options).await;
        let reason = error.map(|reason| OpenError::BadUpgrade {
            reason: reason.to_owned(),
        });
        assert_eq!(opened.err(), reason, "{header}");
    }
}

#[tokio::test]
async fn a_whole_exchange_works_within_a_handshake_answered_by_hand() {
    let address = serve(async |mut stream: TcpStream| {
        answer(&mut stream, &frame(0x81, b"")).await;
        drain(stream).await;
    });
    let mut connection = open_ws(&address.await).await.expect("a server");
    assert_eq!(next(&mut connection).await, Incoming::Text("".into()));
}
