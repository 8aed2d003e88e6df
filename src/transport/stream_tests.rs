//! Raw connections: messages in the bytes themselves.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::peer::{drain, end, in_time, next, serve, text};
use super::{Connection, Endpoint, EndpointOptions, Framing, Incoming, Outgoing, open};
use crate::codec::{Codec, Split};
use crate::event::End;

const JSON: Framing = Framing {
    split: Split::Values(Codec::Json),
    newline: true,
};

async fn connect<F>(
    framing: Framing,
    script: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> Connection
where
    F: Future<Output = ()> + Send + 'static,
{
    let url = format!("tcp://{}", serve(script).await);
    let options = EndpointOptions {
        max_message: 64,
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse(&url, options).expect("a good URL");
    let endpoint = endpoint.framed(framing);
    let opening = open(&endpoint, std::time::Duration::from_secs(20));
    in_time(opening).await.expect("a listener")
}

/// What the peer reads until we end.
async fn sent(framing: Framing, frames: Vec<Outgoing>) -> Vec<u8> {
    let (read, reading) = tokio::sync::oneshot::channel();
    let mut connection = connect(framing, async move |mut stream: TcpStream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.expect("a clean end");
        read.send(all).expect("the test waits");
    })
    .await;
    frames.into_iter().for_each(|frame| connection.send(frame));
    connection.send(Outgoing::Close {
        code: 1000,
        reason: String::new(),
    });
    assert_eq!(end(&mut connection).await, End::ByUs);
    in_time(reading).await.expect("what was read")
}

#[tokio::test]
async fn values_come_out_one_by_one_however_they_arrive() {
    let mut connection = connect(JSON, async |mut stream: TcpStream| {
        for piece in ["{\n  \"a\"", ": 1\n}{}", "\n[", "2]"] {
            stream.write_all(piece.as_bytes()).await.expect("a reader");
            stream.flush().await.expect("a reader");
        }
        drain(stream).await;
    })
    .await;
    for expected in ["{\n  \"a\": 1\n}", "{}", "[2]"] {
        assert_eq!(next(&mut connection).await, text(expected));
    }
}

#[tokio::test]
async fn what_the_end_cuts_short_is_still_given() {
    let mut connection = connect(JSON, async |mut stream: TcpStream| {
        stream.write_all(b"{}{\"a\"").await.expect("a reader");
    })
    .await;
    assert_eq!(next(&mut connection).await, text("{}"));
    assert_eq!(next(&mut connection).await, text("{\"a\""));
    assert_eq!(next(&mut connection).await, Incoming::End(End::Eof));
    assert_eq!(next(&mut connection).await, Incoming::End(End::Eof));
}

#[tokio::test]
async fn a_message_without_end_ends_the_connection() {
    let mut connection = connect(JSON, async |mut stream: TcpStream| {
        // The client leaves in the middle.
        while stream.write_all(&[b'['; 1024]).await.is_ok() {}
    })
    .await;
    let error = "a message of more than 64 bytes".to_owned();
    assert_eq!(end(&mut connection).await, End::Protocol { error });
}

#[tokio::test]
async fn bytes_that_are_no_text_are_given_as_they_are() {
    let mut connection = connect(JSON, async |mut stream: TcpStream| {
        stream.write_all(b"\"\xff\"").await.expect("a reader");
        drain(stream).await;
    })
    .await;
    let bytes = Incoming::Binary(b"\"\xff\""[..].into());
    assert_eq!(next(&mut connection).await, bytes);
}

#[tokio::test]
async fn messages_are_sent_with_what_the_framing_says() {
    let frames = || {
        vec![
            Outgoing::Text("{}".into()),
            Outgoing::Ping(b"x"[..].into()),
            Outgoing::Fragments(vec![b"[".to_vec(), b"]".to_vec()]),
        ]
    };
    assert_eq!(sent(JSON, frames()).await, b"{}\n[]\n");
    let bare = Framing {
        newline: false,
        ..JSON
    };
    assert_eq!(sent(bare, frames()).await, b"{}[]");
    let length = Framing {
        split: Split::Length,
        newline: false,
    };
    assert_eq!(sent(length, frames()).await, b"\0\0\0\x02{}\0\0\0\x02[]");
}
