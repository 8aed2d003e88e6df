//! How an open connection behaves towards peers that keep to the protocol, break it, or stop reading.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::peer::{
    CLOSE, PING, TEXT, answer, close, connect, connect_and_send, drain, end, frame, in_time, next,
    open_ws, poll_once, read_frame, serve, text,
};
use super::{Bytes, Incoming, Outgoing};
use crate::event::End;

#[tokio::test]
async fn frames_of_every_kind_come_back_from_an_echo() {
    let address = serve(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream)
            .await
            .expect("a handshake");
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() || message.is_binary() {
                socket.send(message).await.expect("the client reads");
            }
        }
    });
    let mut connection = open_ws(&address.await).await.expect("a server");
    connection.send(Outgoing::Text("héllo".into()));
    connection.send(Outgoing::Binary(Bytes::from_static(&[0, 255])));
    connection.send(Outgoing::Fragments(vec![
        b"h\xc3".to_vec(),
        vec![],
        b"\xa9!".to_vec(),
    ]));
    connection.send(Outgoing::BinaryFragments(vec![vec![1], vec![2]]));
    connection.send(Outgoing::Ping(Bytes::from_static(b"still there")));
    assert_eq!(next(&mut connection).await, text("héllo"));
    assert_eq!(
        next(&mut connection).await,
        Incoming::Binary(vec![0, 255].into())
    );
    assert_eq!(next(&mut connection).await, text("hé!"));
    assert_eq!(
        next(&mut connection).await,
        Incoming::Binary(vec![1, 2].into())
    );
    assert_eq!(
        next(&mut connection).await,
        Incoming::Pong(b"still there"[..].into())
    );
    connection.send(Outgoing::Close {
        code: 1000,
        reason: "done".into(),
    });
    assert_eq!(next(&mut connection).await, Incoming::End(End::ByUs));
}

#[tokio::test]
async fn frames_that_came_with_the_handshake_are_not_lost() {
    let address = serve(async |mut stream: TcpStream| {
        answer(
            &mut stream,
            &[frame(TEXT, b"welcome"), close(4001, "full")].concat(),
        )
        .await;
        drain(stream).await;
    });
    let mut connection = open_ws(&address.await).await.expect("a server");
    assert_eq!(next(&mut connection).await, text("welcome"));
    let full = End::Close {
        code: 4001,
        reason: "full".into(),
    };
    assert_eq!(next(&mut connection).await, Incoming::End(full));
}

#[tokio::test]
async fn our_answer_to_a_close_reaches_the_peer() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut connection = connect(async move |mut stream| {
        stream
            .write_all(&close(1000, "bye"))
            .await
            .expect("the client reads");
        tell.send(read_frame(&mut stream).await)
            .expect("the test listens");
    })
    .await;
    end(&mut connection).await;
    assert_eq!(
        in_time(told).await.expect("an answer"),
        (CLOSE, b"\x03\xe8bye".to_vec())
    );
}

#[tokio::test]
async fn a_close_of_1005_has_no_code_on_the_wire() {
    let mut connection = connect(async |mut stream| {
        let read = read_frame(&mut stream).await;
        assert_eq!(read, (CLOSE, vec![]));
        stream
            .write_all(&frame(TEXT, b"seen"))
            .await
            .expect("the client reads");
    })
    .await;
    connection.send(Outgoing::Close {
        code: 1005,
        reason: String::new(),
    });
    assert_eq!(next(&mut connection).await, text("seen"));
}

#[tokio::test]
async fn dropping_sends_no_close_frame() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let connection = connect(async move |mut stream| {
        let rest = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        tell.send(rest.expect("an end, not a reset"))
            .expect("the test listens");
    })
    .await;
    connection.abort();
    assert_eq!(in_time(told).await.expect("an end"), 0);
}

#[tokio::test]
async fn pings_are_answered_while_we_have_nothing_to_say() {
    let mut connection = connect(async |mut stream| {
        for payload in [&b""[..], b"1", &[7; 125]] {
            stream
                .write_all(&frame(PING, payload))
                .await
                .expect("the client reads");
            assert_eq!(read_frame(&mut stream).await, (0x8a, payload.to_vec()));
        }
        stream
            .write_all(&frame(TEXT, b"all answered"))
            .await
            .expect("the client reads");
    })
    .await;
    assert_eq!(next(&mut connection).await, text("all answered"));
}

#[tokio::test]
async fn pings_without_end_do_not_hold_the_task() {
    let flood = frame(PING, b"").repeat(300);
    let words = [frame(TEXT, b"before"), flood, frame(TEXT, b"after")].concat();
    let mut connection = connect_and_send(words).await;
    assert_eq!(next(&mut connection).await, text("before"));
    assert!(
        poll_once(&mut connection).await.is_pending(),
        "the pings have come with the text"
    );
    assert_eq!(next(&mut connection).await, text("after"));
}

#[tokio::test]
async fn a_peer_that_always_has_more_to_say_is_not_heard_beyond_the_deadline() {
    let flood = [frame(TEXT, b"more"), frame(TEXT, b"and more")].concat();
    let mut connection = connect_and_send(flood).await;
    let by = Instant::now() + Duration::from_secs(20);
    assert_eq!(connection.next_by(by).await, Some(text("more")));
    // The other frame has come with it, and would be given at once.
    assert_eq!(connection.next_by(Instant::now()).await, None);
    assert_eq!(connection.next_by(by).await, Some(text("and more")));
}

#[tokio::test]
async fn a_flood_of_pings_by_a_peer_that_does_not_read_passes() {
    let mut connection = connect(async |mut stream| {
        let flood = frame(PING, &[1; 100]).repeat(100_000);
        stream.write_all(&flood).await.expect("the client reads");
        stream
            .write_all(&frame(TEXT, b"dry again"))
            .await
            .expect("the client reads");
        drain(stream).await;
    })
    .await;
    assert_eq!(next(&mut connection).await, text("dry again"));
    assert_eq!(connection.queued_bytes(), 0);
}

/// A peer whose pings are never ours to keep: far more of them than it is owed pongs for.
#[tokio::test]
async fn pongs_that_nobody_reads_are_counted_and_have_an_end() {
    const PINGS: usize = 300_000;
    let (read, may_read) = tokio::sync::oneshot::channel();
    let mut connection = connect(async move |stream| {
        let (mut reads, mut writes) = stream.into_split();
        let reading = async move {
            may_read.await.expect("the word to read");
            tokio::io::copy(&mut reads, &mut tokio::io::sink()).await
        };
        let writing = async move {
            let flood = frame(PING, &[1; 125]).repeat(PINGS);
            writes.write_all(&flood).await.expect("the client reads");
            writes
                .write_all(&frame(TEXT, b"enough"))
                .await
                .expect("the client reads");
            writes
        };
        let _ = tokio::join!(reading, writing);
    })
    .await;
    in_time(async {
        while connection.held_bytes() <= 16 << 20 {
            assert!(poll_once(&mut connection).await.is_pending());
            tokio::task::yield_now().await;
        }
    })
    .await;
    for _ in 0..1000 {
        assert!(poll_once(&mut connection).await.is_pending());
        tokio::task::yield_now().await;
    }
    assert!(connection.held_bytes() < 17 << 20);
    read.send(()).expect("the peer waits for it");
    assert_eq!(next(&mut connection).await, text("enough"));
    assert!(connection.held_bytes() < 1 << 20);
}

/// Both sides send 4 MiB before the peer reads any: far more than the kernel keeps for them.
#[tokio::test]
async fn a_peer_that_stops_reading_does_not_stop_us_from_reading() {
    const PART: usize = 256 << 10;
    let (read, may_read) = tokio::sync::oneshot::channel();
    let mut connection = connect(async move |mut stream| {
        for _ in 0..16 {
            stream
                .write_all(&frame(TEXT, &vec![b'a'; PART]))
                .await
                .expect("the client reads");
        }
        may_read.await.expect("the word to read");
        for i in 0..16 {
            assert_eq!(read_frame(&mut stream).await, (0x82, vec![i; PART]));
        }
        stream
            .write_all(&frame(TEXT, b"all read"))
            .await
            .expect("the client reads");
    })
    .await;
    for i in 0..16 {
        connection.send(Outgoing::Binary(vec![i; PART].into()));
    }
    assert_eq!(connection.queued_bytes(), 16 * PART);
    for _ in 0..16 {
        assert!(matches!(next(&mut connection).await, Incoming::Text(text) if text.len() == PART));
    }
    assert!(
        connection.queued_bytes() > 0,
        "the peer has read nothing yet"
    );
    read.send(()).expect("the peer waits");
    assert_eq!(next(&mut connection).await, text("all read"));
    assert_eq!(connection.queued_bytes(), 0);
}
