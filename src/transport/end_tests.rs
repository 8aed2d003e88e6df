//! Every way in which a connection ends, by a peer that does just that.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::peer::{
    CLOSE, PING, TEXT, answer, close, connect, connect_and_send, drain, end, frame, in_time, next,
    open_with, poll_once, read_frame, reset, serve, text,
};
use super::{EndpointOptions, Incoming, Outgoing};
use crate::event::End;

#[tokio::test]
async fn closes_are_told_apart_by_the_code_on_the_wire() {
    let closed = |code, reason: &str| End::Close {
        code,
        reason: reason.into(),
    };
    let forbidden = |code| End::Protocol {
        error: format!("close code {code}, which must not be sent (RFC 6455, 7.4)"),
    };
    for (bytes, expected) in [
        (close(1000, ""), closed(1000, "")),
        (close(1011, "oops"), closed(1011, "oops")),
        (
            close(1002, "Protocol violation"),
            closed(1002, "Protocol violation"),
        ),
        (close(1012, "restart"), closed(1012, "restart")),
        (close(1014, "bad gateway"), closed(1014, "")),
        (close(4999, "own"), closed(4999, "own")),
        (frame(CLOSE, &[]), closed(1005, "")),
        (close(1005, ""), forbidden(1005)),
        (close(1006, "x"), forbidden(1006)),
        (close(0, ""), forbidden(0)),
        (close(2999, ""), forbidden(2999)),
        (close(65535, ""), forbidden(65535)),
    ] {
        let mut connection = connect_and_send(bytes).await;
        assert_eq!(end(&mut connection).await, expected);
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection_and_is_named() {
    let mut masked = frame(TEXT, b"abcdhi");
    masked[1] = 0x82;
    let mut enormous = vec![0x82, 127];
    enormous.extend((1_u64 << 62).to_be_bytes());
    for (bytes, error) in [
        (masked, "a masked frame from a server (RFC 6455, 5.1)"),
        (
            frame(TEXT | 0x40, b"x"),
            "a frame with reserved bits set (RFC 6455, 5.2)",
        ),
        (
            frame(0x83, b"x"),
            "a frame with the reserved opcode 3 (RFC 6455, 5.2)",
        ),
        (
            frame(0x8b, b"x"),
            "a frame with the reserved opcode 11 (RFC 6455, 5.2)",
        ),
        (
            frame(TEXT, b"a\xff"),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            [frame(1, b"\xc3"), frame(0x80, b"x")].concat(),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            [frame(1, b"a"), frame(0x80, b"\xc3")].concat(),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            close(1000, "")
                .into_iter()
                .take(1)
                .chain([3, 3, 232, 255])
                .collect(),
            "text that is not UTF-8 (RFC 6455, 8.1)",
        ),
        (
            frame(0x80, b"x"),
            "a continuation frame with nothing to continue (RFC 6455, 5.4)",
        ),
        (
            [frame(1, b"a"), frame(TEXT, b"b")].concat(),
            "a new message within a fragmented one (RFC 6455, 5.4)",
        ),
        (
            frame(0x09, b""),
            "a control frame in fragments (RFC 6455, 5.5)",
        ),
        (
            frame(PING, &[0; 126]),
            "a control frame of more than 125 bytes (RFC 6455, 5.5)",
        ),
        (
            frame(CLOSE, &[3]),
            "a close frame of one byte (RFC 6455, 5.5.1)",
        ),
        (
            enormous,
            "a message of 4611686018427387904 bytes; no more than 4194304 are taken",
        ),
    ] {
        let mut connection = connect_and_send(bytes).await;
        let broken = End::Protocol {
            error: error.to_owned(),
        };
        assert_eq!(next(&mut connection).await, Incoming::End(broken));
    }
}

#[tokio::test]
async fn messages_beyond_the_limit_are_refused_in_fragments_too() {
    for bytes in [
        frame(TEXT, &[b'a'; 101]),
        [frame(1, &[b'a'; 60]), frame(0x80, &[b'a'; 41])].concat(),
    ] {
        let address = serve(async move |mut stream: TcpStream| {
            answer(&mut stream, &bytes).await;
            drain(stream).await;
        });
        let options = EndpointOptions {
            max_message: 100,
            ..EndpointOptions::default()
        };
        let url = format!("ws://{}", address.await);
        let mut connection = open_with(&url, options).await.expect("a server");
        let error = "a message of 101 bytes; no more than 100 are taken".to_owned();
        assert_eq!(
            next(&mut connection).await,
            Incoming::End(End::Protocol { error })
        );
    }
}

#[tokio::test]
async fn a_stream_that_ends_without_a_close_frame_is_told_from_a_reset() {
    let mut ended = connect(async |stream| drop(stream)).await;
    assert_eq!(end(&mut ended).await, End::Eof);

    let mut within_a_frame = connect(async |mut stream| {
        stream
            .write_all(&[TEXT, 5, b'h'])
            .await
            .expect("the client reads");
    })
    .await;
    assert_eq!(end(&mut within_a_frame).await, End::Eof);

    let mut cut = connect(reset).await;
    cut.send(Outgoing::Text("unread".into()));
    assert_eq!(end(&mut cut).await, End::Reset);
}

#[tokio::test]
async fn a_reset_is_told_from_an_end_even_if_writing_met_it_first() {
    let (go, gone) = tokio::sync::oneshot::channel();
    let mut connection = connect(async move |stream| {
        reset(stream).await;
        go.send(()).expect("the test listens");
    })
    .await;
    connection.send(Outgoing::Text("unread".into()));
    assert!(poll_once(&mut connection).await.is_pending());
    in_time(gone).await.expect("a reset");
    connection.send(Outgoing::Text("into the void".into()));
    assert_eq!(next(&mut connection).await, Incoming::End(End::Reset));
}

#[tokio::test]
async fn last_words_are_heard_although_the_peer_reset_the_connection() {
    let (go, gone) = tokio::sync::oneshot::channel();
    let mut connection = connect(async move |mut stream| {
        let words = [frame(TEXT, b"you"), frame(PING, b""), close(1008, "policy")].concat();
        stream.write_all(&words).await.expect("the client reads");
        reset(stream).await;
        go.send(()).expect("the test listens");
    })
    .await;
    connection.send(Outgoing::Text("unread".into()));
    assert_eq!(next(&mut connection).await, text("you"));
    in_time(gone).await.expect("a reset");
    connection.send(Outgoing::Text("into the void".into()));
    let policy = End::Close {
        code: 1008,
        reason: "policy".into(),
    };
    assert_eq!(next(&mut connection).await, Incoming::End(policy));
}

#[tokio::test]
async fn after_our_close_frames_are_read_until_the_peer_has_left() {
    for farewell in [close(1000, ""), close(1011, "other"), vec![]] {
        let mut connection = connect(async move |mut stream| {
            assert_eq!(
                read_frame(&mut stream).await,
                (CLOSE, b"\x0f\xa0enough".to_vec())
            );
            stream
                .write_all(&frame(TEXT, b"late"))
                .await
                .expect("the client reads");
            stream.write_all(&farewell).await.expect("the client reads");
        })
        .await;
        connection.send(Outgoing::Close {
            code: 4000,
            reason: "enough".into(),
        });
        connection.send(Outgoing::Text("never sent".into()));
        assert_eq!(connection.queued_bytes(), 6);
        assert_eq!(next(&mut connection).await, text("late"));
        assert_eq!(next(&mut connection).await, Incoming::End(End::ByUs));
    }
}

#[tokio::test]
async fn an_end_stands() {
    let mut connection = connect_and_send(close(1000, "bye")).await;
    let bye = End::Close {
        code: 1000,
        reason: "bye".into(),
    };
    for _ in 0..3 {
        assert_eq!(next(&mut connection).await, Incoming::End(bye.clone()));
        connection.send(Outgoing::Text("too late".into()));
        assert_eq!(connection.queued_bytes(), 0);
    }
}
