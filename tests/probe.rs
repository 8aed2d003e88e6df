//! `wireproof probe`: what it says of targets that it can and cannot tell, and that a run takes what it writes.
//!
//! How it gets past real dialects is tested with the servers in tests/servers, by `probe.py`.

use std::path::PathBuf;

use futures_util::{SinkExt, StreamExt};
use snapbox::cmd::Command;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use wireproof_reference::{Behaviour, Pack, protocol, serve};

fn wireproof(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(snapbox::cmd::cargo_bin!("wireproof"))
        .args(arguments)
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("an end of its own");
    (code, text(output.stdout), text(output.stderr))
}

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(format!("probe-{name}-{}.yaml", std::process::id()))
}

async fn reference(pack: Pack) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let server = protocol(pack, &Behaviour::default()).expect("no settings");
    tokio::spawn(serve(listener, server, std::future::pending()));
    format!("ws://{address}")
}

/// A WebSocket server that answers each message with what `answer` makes of it.
async fn answering(answer: impl Fn(&str) -> String + Copy + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut socket) = accept_async(stream).await else {
                    return;
                };
                while let Some(Ok(message)) = socket.next().await {
                    let text = message.to_text().unwrap_or("{}").to_owned();
                    if socket.send(answer(&text).into()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_to_its_document_gets_a_profile_that_departs_from_nothing() {
    let url = reference(Pack::Tokenchat).await;
    let profile = file("plain");
    let path = profile.display().to_string();
    let probed = tokio::task::spawn_blocking(move || {
        let probed = wireproof(&["probe", "--target", &url, "--output", &path]);
        let text = std::fs::read_to_string(&path).expect("a profile");
        let run = wireproof(&["run", "--no-report", "--profile", &path]);
        (probed, text, run)
    });
    let ((code, stdout, told), text, run) = probed.await.expect("no panic");
    assert_eq!((code, stdout.as_str()), (0, ""), "{told}");
    assert!(told.starts_with("tokenchat at ws://"), "{told}");
    assert!(told.contains(" 0 do not fit"), "{told}");
    for key in ["rename:", "extra:", "constants:", "messages:", "one_login"] {
        assert!(!text.lines().any(|line| line.starts_with(key)), "{text}");
    }
    assert_eq!(run.0, 0, "{}{}", run.1, run.2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_of_any_pack_is_said_to_be_none() {
    for (answer, shown) in [
        (
            (|text: &str| text.to_owned()) as fn(&str) -> String,
            "is answered with",
        ),
        (|_| "hello".to_owned(), "hello"),
    ] {
        let url = answering(answer).await;
        let probe = move || wireproof(&["probe", "--target", &url, "--timeout", "300ms"]);
        let (code, stdout, told) = tokio::task::spawn_blocking(probe).await.expect("no panic");
        assert_eq!((code, stdout.as_str()), (3, ""), "{told}");
        assert!(told.contains("speaks none of the packs"), "{told}");
        assert!(told.contains("not seen: pack, codec, dialect"), "{told}");
        assert!(told.contains(shown), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_two_packs_may_give_are_left_open() {
    // A type that neither knows, in an envelope that both have.
    let answer = |_: &str| r#"{"type": "WHAT", "payload": {}}"#.to_owned();
    let url = answering(answer).await;
    let probe = move || wireproof(&["probe", "--target", &url, "--timeout", "300ms"]);
    let (code, stdout, told) = tokio::task::spawn_blocking(probe).await.expect("no panic");
    assert_eq!((code, stdout.as_str()), (3, ""), "{told}");
    assert!(
        told.contains("friendchat and roomchat equally well"),
        "{told}"
    );
}

#[test]
fn nobody_there_is_one_line() {
    let (code, stdout, told) = wireproof(&["probe", "--target", "ws://127.0.0.1:1"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.contains("could not be probed") && told.contains("refused"),
        "{told}"
    );
}

#[test]
fn an_empty_or_broken_target_is_a_mistake() {
    for target in ["", "http://127.0.0.1:1", "ws://"] {
        let (code, stdout, told) = wireproof(&["probe", "--target", target]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{target}: {told}");
    }
}

/// A server of lines of JSON without WebSocket, whose types are numbers: it finds nobody, whatever it is asked.
async fn numbering() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    let asked: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
                    if !asked["type"].is_number() {
                        return;
                    }
                    let answer = serde_json::json!({ "type": asked["type"], "user": [] });
                    if write
                        .write_all(format!("{answer}\n").as_bytes())
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_for_types_are_seen_on_a_stream_though_the_place_is_no_websocket() {
    let place = numbering().await;
    let probe = move || {
        let limits = ["--timeout", "300ms", "--time", "30s"];
        wireproof(
            &[
                &["probe", "--target", &place, "--pack", "roomchat"][..],
                &limits[..],
            ]
            .concat(),
        )
    };
    let (code, _, told) = tokio::task::spawn_blocking(probe).await.expect("no panic");
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("roomchat at tcp://"), "{told}");
    assert!(told.contains("SEARCH_USER travels as"), "{told}");
    assert!(told.contains("no user came in"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_left_when_time_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await;
                while let Ok(socket) = &mut socket
                    && let Some(Ok(_)) = socket.next().await
                {}
            });
        }
    });
    let limits = ["--timeout", "200ms", "--time", "100ms"];
    let probe = move || wireproof(&[&["probe", "--target", &url][..], &limits].concat());
    let (code, _, told) = tokio::task::spawn_blocking(probe).await.expect("no panic");
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("time was up"), "{told}");
    assert!(told.contains("no answer to"), "{told}");
}
