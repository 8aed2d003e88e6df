//! The socket loop against peers that behave and peers that do not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};
use wireproof_reference::{Behaviour, Pack, protocol, serve};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start() -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = protocol(Pack::Friendchat, &Behaviour::default()).unwrap();
    let task = tokio::spawn(serve(listener, server, async { _ = stopped.await }));
    Running {
        address,
        stop,
        task,
    }
}

struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{address}/any/path?at=all");
        let (socket, _) = timeout(LONG, client_async(url, stream))
            .await
            .unwrap()
            .unwrap();
        Client { socket }
    }

    async fn user(address: SocketAddr, name: &str) -> Client {
        let mut client = Client::connect(address).await;
        let credentials = json!({ "username": name, "passwordHash": name });
        for kind in ["REGISTER", "LOGIN"] {
            client
                .say(&format!("{kind}_REQUEST"), credentials.clone())
                .await;
            assert_eq!(client.hear(&format!("{kind}_RESPONSE")).await["code"], 0);
        }
        client
    }

    async fn say(&mut self, kind: &str, payload: Value) {
        let message = json!({ "type": kind, "timestamp": 1, "payload": payload });
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    async fn hear(&mut self, kind: &str) -> Value {
        let frame = timeout(LONG, self.socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let message: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
        assert_eq!(message["type"], kind);
        message["payload"].clone()
    }

    async fn closed(&mut self) -> CloseCode {
        match timeout(LONG, self.socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
        {
            Message::Close(Some(frame)) => frame.code,
            other => panic!("{other} instead of a close"),
        }
    }

    /// The server answers on this connection.
    async fn is_served(&mut self) {
        let nobody = json!({ "username": "nobody", "passwordHash": "x" });
        self.say("LOGIN_REQUEST", nobody).await;
        assert_eq!(self.hear("LOGIN_RESPONSE").await["code"], 2003);
    }
}

#[tokio::test]
async fn friends_talk_over_sockets() {
    let server = start().await;
    let mut alice = Client::user(server.address, "alice").await;
    let mut bob = Client::user(server.address, "bob").await;
    befriend(&mut alice, &mut bob).await;
    let content = "щ".repeat(1 << 20);
    let text = json!({ "sender": "alice", "receiver": "bob", "content": content });
    alice.say("TEXT_MESSAGE", text.clone()).await;
    assert_eq!(bob.hear("TEXT_MESSAGE").await, text);
    drop(bob);
    assert_eq!(
        alice.hear("USER_LOGOUT").await,
        json!({ "username": "bob" })
    );
}

async fn befriend(alice: &mut Client, bob: &mut Client) {
    alice
        .say(
            "FRIEND_REQUEST",
            json!({ "sender": "alice", "receiver": "bob" }),
        )
        .await;
    alice.hear("FRIEND_REQUEST_ACK").await;
    bob.hear("FRIEND_REQUEST").await;
    let yes = json!({ "sender": "alice", "receiver": "bob", "code": 0 });
    bob.say("FRIEND_REQUEST_RESPONSE", yes).await;
    alice.hear("FRIEND_REQUEST_RESPONSE").await;
}

/// A user may be logged in once: whoever has heard the answer to a close comes in again at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_that_is_answered_has_been_noticed() {
    let server = start().await;
    let mut client = Client::user(server.address, "alice").await;
    for _ in 0..200 {
        client.socket.close(None).await.unwrap();
        let answer = timeout(LONG, client.socket.next()).await.unwrap();
        assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{answer:?}");
        client = Client::connect(server.address).await;
        let credentials = json!({ "username": "alice", "passwordHash": "alice" });
        client.say("LOGIN_REQUEST", credentials).await;
        assert_eq!(client.hear("LOGIN_RESPONSE").await["code"], 0);
    }
}

#[tokio::test]
async fn peers_that_speak_no_websocket_disturb_nobody() {
    let server = start().await;
    let mut alice = Client::connect(server.address).await;
    let mut silent = Vec::new();
    for bytes in [
        &b""[..],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01garbage",
        &[0xff; 99],
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        silent.push(stream);
    }
    alice.is_served().await;
    Client::connect(server.address).await.is_served().await;
}

#[tokio::test]
async fn bad_frames_are_answered_with_the_code_for_them() {
    let server = start().await;
    let mut alice = Client::connect(server.address).await;
    // A masked text frame that is no UTF-8, a frame with a reserved opcode, an unmasked frame.
    let frames = [
        (&[0x81, 0x81, 0, 0, 0, 0, 0xff][..], CloseCode::Invalid),
        (&[0x83, 0x80, 0, 0, 0, 0][..], CloseCode::Protocol),
        (&[0x81, 0x01, b'x'][..], CloseCode::Protocol),
    ];
    for (bytes, code) in frames {
        let mut client = Client::connect(server.address).await;
        client.socket.get_mut().write_all(bytes).await.unwrap();
        assert_eq!(client.closed().await, code);
        alice.is_served().await;
    }
}

#[tokio::test]
async fn a_message_that_is_too_big_is_refused_with_1009() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    // Whether all of it goes out before the server closes is of no interest.
    let _ = client
        .socket
        .send(Message::text("x".repeat((16 << 20) + 1)))
        .await;
    assert_eq!(client.closed().await, CloseCode::Size);
    Client::connect(server.address).await.is_served().await;
}

#[tokio::test]
async fn garbage_in_good_frames_is_ignored() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    for message in [
        Message::text("{"),
        Message::binary(vec![0xc1]),
        Message::Ping("x".into()),
    ] {
        client.socket.send(message).await.unwrap();
    }
    let pong = timeout(LONG, client.socket.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(pong.is_pong());
    client.is_served().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_dropped_and_the_others_are_served() {
    let server = start().await;
    let mut alice = Client::user(server.address, "alice").await;
    let mut bob = Client::user(server.address, "bob").await;
    befriend(&mut alice, &mut bob).await;
    let content = "x".repeat(4 << 20);
    for _ in 0..40 {
        let text = json!({ "sender": "alice", "receiver": "bob", "content": content });
        alice.say("TEXT_MESSAGE", text).await;
    }
    assert_eq!(
        alice.hear("USER_LOGOUT").await,
        json!({ "username": "bob" })
    );
    alice.is_served().await;
}

#[tokio::test]
async fn a_flood_keeps_nobody_from_being_served() {
    let server = start().await;
    let mut flooder = Client::connect(server.address).await;
    let flood = tokio::spawn(async move {
        loop {
            let request = json!({ "username": "nobody", "passwordHash": "x" });
            let message = json!({ "type": "LOGIN_REQUEST", "timestamp": 1, "payload": request });
            // It reads no answer; in the end it is dropped.
            if flooder
                .socket
                .feed(Message::text(message.to_string()))
                .await
                .is_err()
            {
                break;
            }
        }
    });
    let mut alice = Client::connect(server.address).await;
    for _ in 0..20 {
        alice.is_served().await;
    }
    flood.abort();
}

#[tokio::test]
async fn stopping_closes_every_connection_with_1001() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    client.is_served().await;
    let mut half_open = TcpStream::connect(server.address).await.unwrap();
    server.stop.send(()).unwrap();
    assert_eq!(client.closed().await, CloseCode::Away);
    timeout(LONG, server.task).await.unwrap().unwrap();
    let mut rest = Vec::new();
    let _ = timeout(LONG, half_open.read_to_end(&mut rest))
        .await
        .unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
