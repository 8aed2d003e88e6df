//! Which URLs and options make an endpoint, and what is said of the others.

use super::{Endpoint, EndpointError, EndpointOptions, Tls};

fn parse(url: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(url, EndpointOptions::default())
}

#[test]
fn urls_are_completed() {
    for (url, complete) in [
        ("ws://localhost", "ws://localhost:80/"),
        (" ws://localhost:9001/ ", "ws://localhost:9001/"),
        (
            "WS://127.0.0.1:1?token=a%20b",
            "ws://127.0.0.1:1/?token=a%20b",
        ),
        ("ws://[::1]:8080/chat", "ws://[::1]:8080/chat"),
        ("ws://[::1]", "ws://[::1]:80/"),
    ] {
        assert_eq!(parse(url).expect(url).to_string(), complete);
    }
    let insecure = Tls {
        insecure: true,
        ..Tls::default()
    };
    let options = EndpointOptions {
        tls: insecure,
        ..EndpointOptions::default()
    };
    let secure = Endpoint::parse("wss://chat.example/ws", options).expect("valid");
    assert_eq!(secure.to_string(), "wss://chat.example:443/ws");
}

#[test]
fn what_is_no_websocket_url_is_refused_in_one_line() {
    for (url, error) in [
        ("", "the URL is empty"),
        (" ", "the URL is empty"),
        (
            "localhost:9001",
            "localhost:9001: the scheme is missing; did you mean ws://localhost:9001?",
        ),
        ("http://h/", "http://h/: not a WebSocket URL; use ws://"),
        ("https://h/", "https://h/: not a WebSocket URL; use wss://"),
        (
            "udp://h:1",
            "udp://h:1: unknown scheme \"udp\"; use ws:// or wss://, or tcp:// or tls:// without WebSocket",
        ),
        (
            "tcp://h",
            "tcp://h: a raw connection needs a port: tcp://host:7000",
        ),
        (
            "tcp://h:1/chat",
            "tcp://h:1/chat: a raw connection has no path",
        ),
        ("ws://", "ws://: the host is missing"),
        ("ws:///chat", "ws:///chat: the host is missing"),
        ("ws://:80", "ws://:80: the host is missing"),
        ("ws://a b/", "ws://a b/: bad host \"a b\""),
        (
            "ws://h:0",
            "ws://h:0: bad port \"0\"; a port is a number from 1 to 65535",
        ),
        (
            "ws://h:65536",
            "ws://h:65536: bad port \"65536\"; a port is a number from 1 to 65535",
        ),
        (
            "ws://h:+80",
            "ws://h:+80: bad port \"+80\"; a port is a number from 1 to 65535",
        ),
        (
            "ws://h:",
            "ws://h:: bad port \"\"; a port is a number from 1 to 65535",
        ),
        (
            "ws://me:secret@h/",
            "the URL holds a user name or password; send an Authorization header instead",
        ),
        (
            "ws://h/#a",
            "ws://h/#a: a WebSocket URL has no fragment; write # as %23",
        ),
        ("ws://h/a b", "ws://h/a b: ' ' must be percent-encoded"),
        (
            "ws://h/\r\nX: y",
            "ws://h/\r\nX: y: '\\r' must be percent-encoded",
        ),
    ] {
        assert_eq!(parse(url).expect_err(url).to_string(), error);
    }
}

#[test]
fn headers_that_would_break_the_request_are_refused() {
    for (name, value, reason) in [
        (
            "X-A: b\r\nX",
            "c",
            "a header's name is letters, digits and dashes",
        ),
        ("X-A", "b\r\nX-C: d", "its value holds control characters"),
        ("Upgrade", "h2c", "it belongs to the WebSocket handshake"),
        (
            "sec-websocket-protocol",
            "chat",
            "use the subprotocol option",
        ),
    ] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let options = EndpointOptions {
            headers,
            ..EndpointOptions::default()
        };
        let error = Endpoint::parse("ws://h", options).expect_err(reason);
        assert_eq!(
            error,
            EndpointError::Header {
                name: name.to_owned(),
                reason
            }
        );
    }
    let subprotocol = Some("a, b".to_owned());
    let options = EndpointOptions {
        subprotocol,
        ..EndpointOptions::default()
    };
    let error = Endpoint::parse("ws://h", options).expect_err("two are offered as one");
    assert_eq!(error.to_string(), "bad subprotocol \"a, b\"");
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    let tls = Tls {
        extra_ca: Some(b"hello".to_vec()),
        insecure: false,
    };
    let options = EndpointOptions {
        tls,
        ..EndpointOptions::default()
    };
    let error = Endpoint::parse("wss://h", options).expect_err("no certificate");
    assert_eq!(error.to_string(), "the CA file: no certificate in it");
}

#[test]
fn secrets_in_headers_are_not_shown() {
    let headers = vec![("Authorization".to_owned(), "hunter2".to_owned())];
    let options = EndpointOptions {
        headers,
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse("ws://h", options).expect("valid");
    assert_eq!(format!("{endpoint:?}"), "Endpoint(ws://h:80/)");
}
