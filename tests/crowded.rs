//! More comes than is kept over all cases: those for which there was no room run again alone, and are judged.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use snapbox::cmd::Command;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// No run takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that answers each message with so much text; gives its URL.
async fn answering(bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    let answer = Message::text(format!(
        r#"{{"type":"ANSWER","text":"{}"}}"#,
        "x".repeat(bytes)
    ));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = accept_async(stream).await else {
                    return;
                };
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() && socket.send(answer.clone()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// The exit code and the document of a run of all cases at once.
async fn run(url: String) -> (Option<i32>, Value) {
    let running = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_wireproof"))
            .args(["run", "--no-report", "--format", "json", "--jobs", "16"])
            .args([
                "--pack-dir",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crowded"),
            ])
            .args(["--target", &url])
            .timeout(PATIENCE)
            .output()
    });
    let output = running.await.expect("no panic").expect("it starts");
    let document = serde_json::from_slice(&output.stdout).expect("one JSON document");
    (output.status.code(), document)
}

/// Sixteen cases of five mebibytes each, where sixteen are kept.
#[tokio::test]
async fn cases_that_have_room_alone_are_judged() {
    let (code, document) = run(answering(1 << 20).await).await;
    assert_eq!(
        document["summary"]["conforms"], 16,
        "{:#}",
        document["cases"]
    );
    assert_eq!(code, Some(0));
}

/// Four mebibytes are the most that a message may have; five of them are too much for anybody.
#[tokio::test]
async fn cases_that_have_no_room_even_alone_could_not_run_and_say_why() {
    let (code, document) = run(answering((4 << 20) - 100).await).await;
    assert_eq!(
        document["summary"]["could_not_run"], 16,
        "{:#}",
        document["cases"]
    );
    assert_eq!(code, Some(3));
    let reasons = document["cases"].as_array().expect("cases");
    let alone = |case: &&Value| {
        case["reason"]
            .as_str()
            .is_some_and(|it| it.contains("no more than 16 MiB are kept"))
    };
    assert!(
        reasons.iter().any(|case| alone(&case)),
        "{:#}",
        document["cases"]
    );
}
