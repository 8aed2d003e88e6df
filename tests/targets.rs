//! Targets that are dead, silent, foreign or hostile: each ends the run soon, with one clear line.
//!
//! The peers live in the test, on 127.0.0.1; `wireproof` runs as the program that it is. No case may
//! conform on any of them. Nothing here measures time: a run that hangs is killed, and its test fails.

use std::future::Future;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use snapbox::cmd::Command;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// No run takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

type WebSocket = WebSocketStream<TcpStream>;

/// A peer on a free port that does `script` to each connection, the first being number 0, and lives on
/// until the runtime goes. Gives its URL.
async fn peer<F>(script: impl Fn(TcpStream, usize) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            tokio::spawn(script(stream, number));
        }
    });
    url
}

/// A peer that opens the WebSocket as it should, and then does `script`.
async fn web_socket<F>(script: impl Fn(WebSocket, usize) -> F + Clone + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let open = move |stream, number| {
        let script = script.clone();
        async move {
            if let Ok(socket) = accept_async(stream).await {
                script(socket, number).await;
            }
        }
    };
    peer(open).await
}

/// Answers the handshake with these bytes, and waits for the client to leave.
async fn answers(bytes: &'static [u8]) -> String {
    peer(move |mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(bytes).await;
        drain(stream).await;
    })
    .await
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

async fn drain(mut stream: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

/// Reads on and says nothing, until the client leaves.
async fn listen(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// Waits for a message; `false` where the client left.
async fn heard(socket: &mut WebSocket) -> bool {
    matches!(socket.next().await, Some(Ok(Message::Text(_))))
}

/// The answer that friendchat gives to a login of somebody unknown, which is what the preflight asks for.
fn refusal() -> Message {
    Message::text(
        r#"{"type":"LOGIN_RESPONSE","timestamp":1700000000,"payload":{"success":false,"code":2003}}"#,
    )
}

/// Answers one login, as a live server would.
async fn answer_preflight(socket: &mut WebSocket) {
    if heard(socket).await {
        let _ = socket.send(refusal()).await;
    }
}

/// What a run left behind.
struct Ran {
    code: Option<i32>,
    /// What a person sees.
    said: String,
    document: Value,
}

impl Ran {
    fn count(&self, outcome: &str) -> u64 {
        let count = self.document["summary"][outcome].as_u64();
        count.unwrap_or_else(|| panic!("no {outcome} in {}", self.document["summary"]))
    }

    /// Nothing was judged, and one line says why.
    fn was_unfit(&self, why: &str) {
        assert_eq!(self.code, Some(3), "{}", self.said);
        let counts = ["conforms", "deviates", "blocked"].map(|outcome| self.count(outcome));
        assert_eq!(counts, [0, 0, 0], "{}", self.said);
        assert!(self.count("could_not_run") > 200, "{}", self.said);
        assert_eq!(self.document["end"]["as"], "target-unfit");
        self.says_once(why);
        assert!(self.said.lines().count() <= 4, "{}", self.said);
    }

    fn says_once(&self, why: &str) {
        let lines = self.said.lines().filter(|line| line.contains(why));
        assert_eq!(lines.count(), 1, "{why:?} is not once in\n{}", self.said);
    }
}

async fn run(url: String) -> Ran {
    run_with(url, &["--timeout", "1s"]).await
}

async fn run_with(url: String, options: &'static [&'static str]) -> Ran {
    let program = env!("CARGO_BIN_EXE_wireproof");
    let running = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(["run", "--no-report", "--format", "json"])
            .args(["--pack", "friendchat", "--target", &url])
            .args(options)
            .timeout(PATIENCE)
            .output()
    });
    let output = running.await.expect("no panic").expect("it starts");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.code().is_some(), "it hung\n{said}");
    Ran {
        code: output.status.code(),
        document: serde_json::from_slice(&output.stdout).expect("one JSON document"),
        said,
    }
}

#[tokio::test]
async fn nobody_at_all() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let why = format!("could not be tested: nobody listens at {address} (connection refused)");
    run(format!("ws://{address}")).await.was_unfit(&why);
}

#[tokio::test]
async fn silent_after_tcp() {
    let url = peer(|stream, _| drain(stream)).await;
    let why = "could not be tested: no answer within 1s (WebSocket handshake)";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn silent_after_the_handshake() {
    let url = web_socket(|socket, _| listen(socket)).await;
    let why = "it accepts connections, but answered nothing to LOGIN_REQUEST within 1s";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn stops_reading_after_the_handshake() {
    let url = web_socket(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    run(url)
        .await
        .was_unfit("answered nothing to LOGIN_REQUEST within 1s");
}

#[tokio::test]
async fn closes_at_once() {
    let url = web_socket(|mut socket, _| async move {
        let _ = socket.close(None).await;
        listen(socket).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("after LOGIN_REQUEST, the server closed the connection");
}

#[tokio::test]
async fn closes_on_every_message() {
    let url = web_socket(|mut socket, _| async move {
        if heard(&mut socket).await {
            let _ = socket.close(None).await;
        }
        listen(socket).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("after LOGIN_REQUEST, the server closed the connection");
}

#[tokio::test]
async fn hangs_up_without_a_close_frame() {
    let url = web_socket(|mut socket, _| async move {
        heard(&mut socket).await;
    })
    .await;
    let why = "after LOGIN_REQUEST, the server ended the connection without a close frame";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn resets_on_every_message() {
    let url = web_socket(|socket, _| async move {
        // Leaving with bytes unread resets the connection.
        let _ = socket.get_ref().peek(&mut [0]).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("after LOGIN_REQUEST, the server reset the connection");
}

#[tokio::test]
async fn hangs_up_before_the_handshake() {
    let url = peer(|mut stream, _| async move {
        read_head(&mut stream).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("it closed the connection during the WebSocket handshake");
}

#[tokio::test]
async fn echoes() {
    let url = web_socket(|mut socket, _| async move {
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                return;
            }
        }
    })
    .await;
    let why = "it sends LOGIN_REQUEST back as it came: an echo, not a friendchat server";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn http_server_without_the_page() {
    let url = answers(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    run(url)
        .await
        .was_unfit("it answers HTTP 404 Not Found: no WebSocket at this path");
}

#[tokio::test]
async fn http_server_with_a_page() {
    let url = answers(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>").await;
    run(url)
        .await
        .was_unfit("it answers HTTP 200 OK: no WebSocket at this path");
}

#[tokio::test]
async fn redirect() {
    let url = answers(b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\n\r\n").await;
    let why =
        "it answers HTTP 302: moved to https://elsewhere.example/; redirects are not followed";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn another_protocol_altogether() {
    let url = answers(b"220 mail.example ESMTP \x1b[2J\r\n").await;
    let ran = run(url).await;
    ran.was_unfit("it does not speak HTTP: its first line is \"220 mail.example ESMTP");
    assert!(!ran.said.contains('\x1b'), "{:?}", ran.said);
}

#[tokio::test]
async fn wrong_accept_key() {
    let url = answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    )
    .await;
    run(url)
        .await
        .was_unfit("it answers the WebSocket handshake with a wrong Sec-WebSocket-Accept key");
}

#[tokio::test]
async fn messagepack_instead_of_json() {
    let url = web_socket(|mut socket, _| async move {
        if heard(&mut socket).await {
            // {"type": "LOGIN_RESPONSE"}
            let bytes = b"\x81\xa4type\xaeLOGIN_RESPONSE".as_slice();
            let _ = socket.send(Message::binary(bytes)).await;
        }
        listen(socket).await;
    })
    .await;
    let why = "it answers MessagePack in binary frames; friendchat.md says JSON; \
               run with --codec messagepack to test the rest";
    run(url).await.was_unfit(why);
}

#[tokio::test]
async fn text_that_is_no_json() {
    let url = web_socket(|mut socket, _| async move {
        if heard(&mut socket).await {
            let _ = socket.send(Message::text("welcome \u{1b}[31m!")).await;
        }
        listen(socket).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("it answers LOGIN_REQUEST with a frame that is no JSON");
}

#[tokio::test]
async fn json_of_another_protocol() {
    let url = web_socket(|mut socket, _| async move {
        while heard(&mut socket).await {
            let _ = socket.send(Message::text(r#"{"type":"PONG"}"#)).await;
        }
    })
    .await;
    run(url)
        .await
        .was_unfit("it answers LOGIN_REQUEST with \"PONG\", which friendchat.md does not know");
}

#[tokio::test]
async fn breaks_the_rules_of_websocket() {
    let url = web_socket(|mut socket, _| async move {
        heard(&mut socket).await;
        // A text frame with a reserved bit.
        let _ = socket.get_mut().write_all(b"\xf1\x02hi").await;
        listen(socket).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("after LOGIN_REQUEST, the server broke the WebSocket protocol");
}

#[tokio::test]
async fn announces_an_endless_frame() {
    let url = web_socket(|mut socket, _| async move {
        heard(&mut socket).await;
        // A text frame of 2^62 bytes.
        let head = b"\x81\x7f\x40\x00\x00\x00\x00\x00\x00\x00";
        let _ = socket.get_mut().write_all(head).await;
        listen(socket).await;
    })
    .await;
    run(url)
        .await
        .was_unfit("after LOGIN_REQUEST, the server broke the WebSocket protocol");
}

#[tokio::test]
async fn floods_with_what_nobody_knows() {
    let url = web_socket(|mut socket, _| async move {
        let frame = Message::text(r#"{"type":"TICK","payload":{}}"#);
        while socket.send(frame.clone()).await.is_ok() {}
    })
    .await;
    run(url)
        .await
        .was_unfit("it answers LOGIN_REQUEST with \"TICK\", which friendchat.md does not know");
}

/// The one peer here that looks alive: what it says is a message of the protocol.
#[tokio::test]
async fn floods_with_messages_of_the_protocol() {
    let url =
        web_socket(|mut socket, _| async move { while socket.send(refusal()).await.is_ok() {} })
            .await;
    let ran = run_with(url, &["--timeout", "1s", "register."]).await;
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert_eq!(ran.count("conforms"), 0, "{}", ran.said);
    assert!(ran.count("deviates") > 0, "{}", ran.said);
}

#[tokio::test]
async fn silent_once_the_preflight_is_over() {
    let url = web_socket(|mut socket, number| async move {
        if number == 0 {
            answer_preflight(&mut socket).await;
        }
        listen(socket).await;
    })
    .await;
    let ran = run(url).await;
    ran.was_unfit(
        "it accepts connections, but answered nothing to LOGIN_REQUEST within 1s; --jobs 1 shows",
    );
    ran.says_once("could not be tested: the target went away while 16 cases ran: ");
}

#[tokio::test]
async fn silent_to_the_only_case_that_runs() {
    let url = web_socket(|mut socket, number| async move {
        if number == 0 {
            answer_preflight(&mut socket).await;
        }
        listen(socket).await;
    })
    .await;
    let options = &["--timeout", "1s", "--jobs", "1", "register.new-user"];
    let ran = run_with(url, options).await;
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert_eq!((ran.count("conforms"), ran.count("deviates")), (0, 1));
    ran.says_once("; the target went away during friendchat/register.new-user");
}

#[tokio::test]
async fn gone_once_the_preflight_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("the preflight");
        let mut socket = accept_async(stream).await.expect("a WebSocket");
        answer_preflight(&mut socket).await;
        let mut served = JoinSet::new();
        let (stream, _) = listener.accept().await.expect("a case");
        served.spawn(async move {
            let mut socket = accept_async(stream).await.expect("a WebSocket");
            heard(&mut socket).await;
        });
        // The process is gone: nobody listens, and what was open is reset.
        served.join_next().await;
    });
    let ran = run(format!("ws://{address}")).await;
    ran.was_unfit("could not be tested: the target went away while 16 cases ran: ");
    // Whoever looks may have knocked before it was gone, and then is reset.
    let why = [
        format!("nobody listens at {address} (connection refused)"),
        "it reset the connection during the WebSocket handshake".to_owned(),
    ];
    assert!(why.iter().any(|why| ran.said.contains(why)), "{}", ran.said);
}

#[tokio::test]
async fn an_idle_limit_of_the_profile_excuses_the_end_of_an_idle_connection_and_no_other() {
    for (limit, outcome, code) in [("1s", "not_applicable", 2), ("20s", "deviates", 1)] {
        let url = web_socket(|mut socket, number| async move {
            if number == 0 {
                answer_preflight(&mut socket).await;
            }
            // The pace of this peer: it ends what is silent for a second.
            heard(&mut socket).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = socket.close(None).await;
        })
        .await;
        let profile = format!("{}/idle-{limit}.yaml", env!("CARGO_TARGET_TMPDIR"));
        let text = format!("pack: friendchat\nidle_limit: {limit}\n");
        std::fs::write(&profile, text).expect("writable");
        let profile: &'static str = profile.leak();
        let options = vec!["--profile", profile, "--timeout", "4s", "register.new-user"];
        let ran = run_with(url, options.leak()).await;
        assert_eq!(
            (ran.code, ran.count(outcome)),
            (Some(code), 1),
            "{}",
            ran.said
        );
    }
}

#[tokio::test]
async fn every_time_out_is_the_default() {
    let url = web_socket(|socket, _| listen(socket)).await;
    run_with(url, &[])
        .await
        .was_unfit("answered nothing to LOGIN_REQUEST within 5s");
}
