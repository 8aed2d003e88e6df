//! `wireproof audit` on the wire: what a real server sends is tampered with, and what nobody noticed is named.

use std::process::{Command, Output};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

const WIREPROOF: &str = env!("CARGO_BIN_EXE_wireproof");

/// A field with a scenario that does not look at it.
const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/audit/pack");

/// Serves the pack for as long as the test runs; `answer` makes the number of the answer.
fn serve(answer: fn(i64) -> i64) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("a socket");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let Ok(mut socket) = accept_async(stream).await else {
                        return;
                    };
                    while let Some(Ok(Message::Text(text))) = socket.next().await {
                        let asked: Value = serde_json::from_str(&text).expect("JSON");
                        let n = answer(asked["body"]["n"].as_i64().expect("a number"));
                        let pong = json!({ "type": "PONG", "body": { "n": n, "word": "spring" } });
                        let _ = socket.send(Message::text(pong.to_string())).await;
                    }
                });
            }
        });
    });
    url
}

fn audit(arguments: &[&str]) -> Output {
    let fixed = ["audit", "--pack-dir", PACK, "--timeout", "2s"];
    Command::new(WIREPROOF)
        .args(fixed)
        .args(arguments)
        .output()
        .expect("wireproof runs")
}

#[test]
fn what_nobody_looks_at_survives_on_the_wire_and_nothing_else_does() {
    let url = serve(|n| n);
    let output = audit(&["--target", &url, "--format", "json"]);
    assert!(output.status.success(), "{output:?}");
    let matrix: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let pack = &matrix["packs"][0];
    let wire = &pack["wire"];
    assert_eq!(wire["conforming"], 1);
    assert_eq!(wire["missed"], 0);
    // There are few enough for all of them to be tried.
    assert_eq!(wire["tried"], wire["possible"]);
    let tamper = &pack["tamper"];
    let survivors = tamper["survivors"].as_array().expect("a list");
    let named: Vec<_> = survivors
        .iter()
        .map(|s| (s["field"].as_str(), s["what"].as_str()))
        .collect();
    let unread = (Some("$.body.word"), Some("with another character"));
    assert_eq!(named, [unread], "{survivors:#?}");
    let (killed, possible) = (tamper["killed"].as_u64(), wire["possible"].as_u64());
    assert_eq!(killed.map(|killed| killed + 1), possible);
}

#[test]
fn a_server_on_which_nothing_conforms_cannot_be_tampered_with() {
    let url = serve(|n| n + 1);
    let output = audit(&["--target", &url]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no case conforms"), "{said}");
    assert!(said.contains("PONG came to alice, but differs"), "{said}");
}

#[test]
fn a_pack_without_a_reference_server_says_what_is_needed() {
    let output = audit(&[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--target or --launch"), "{said}");
}

#[test]
fn the_page_of_a_matrix_holds_what_the_matrix_does() {
    let url = serve(|n| n);
    let page = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit-wire.html");
    let report = format!("html={}", page.display());
    let output = audit(&["--target", &url, "--report", &report]);
    assert!(output.status.success(), "{output:?}");
    let html = std::fs::read_to_string(&page).expect("written");
    for part in [
        "Content-Security-Policy",
        "id=\"halfblind\"",
        "$.body.word",
        "with another character",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    // What a link of the page leads to is there.
    for anchor in html.split("href=\"#").skip(1) {
        let anchor = anchor.split('"').next().unwrap_or_default();
        assert!(html.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
}

/// One matcher that says no more than the catalogue, and one that something rests on.
const MATCHERS: &str = "\
scenario: search.twice
actors: { alice: logged-in, bob: signed-up }
steps:
  - alice sends:    { SEARCH_USER: { user: $bob.name } }
  - alice receives: { SEARCH_USER: { user: <list> } }
    proves: frame.typed
  - alice sends:    { SEARCH_USER: { user: $bob.name } }
  - alice receives: { SEARCH_USER: { user: { $contains: [$bob.name] } } }
    proves: search.found
";

#[test]
fn a_matcher_that_repeats_the_catalogue_is_idle_and_one_that_looks_is_not() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit-idle/roomchat");
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/roomchat");
    for file in std::fs::read_dir(own).expect("the pack") {
        let file = file.expect("readable").path();
        let name = file.file_name().expect("a name");
        std::fs::copy(&file, folder.join(name)).expect("writable");
    }
    std::fs::write(folder.join("twice.yaml"), MATCHERS).expect("writable");
    let output = Command::new(WIREPROOF)
        .args(["audit", "--only", "idle", "--format", "json"])
        .args(["--filter", "search.twice", "--pack-dir"])
        .arg(&folder)
        .output()
        .expect("wireproof runs");
    assert!(output.status.success(), "{output:?}");
    let matrix: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let idle = &matrix["packs"][0]["idle"];
    assert_eq!(idle["judged"], 2, "{idle:#}");
    let matchers = idle["matchers"].as_array().expect("a list");
    let named: Vec<_> = matchers
        .iter()
        .map(|m| (m["field"].as_str(), m["matcher"].as_str()))
        .collect();
    assert_eq!(named, [(Some("$.user"), Some("<list>"))]);
}
