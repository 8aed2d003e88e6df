//! Users that exist already: cases take theirs from the profile's list, and make none.

use std::path::PathBuf;
use std::process::Command;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use wireproof_reference::{Behaviour, Pack, protocol, serve};

/// A friendchat server with so many users: `user0` and so on, whose passwords are `secret0` and so on.
async fn server(users: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    let server = protocol(Pack::Friendchat, &Behaviour::default()).expect("no settings");
    tokio::spawn(serve(listener, server, std::future::pending()));
    let stream = TcpStream::connect(url.trim_start_matches("ws://")).await;
    let opened = client_async(&url, stream.expect("it listens")).await;
    let (mut socket, _) = opened.expect("a WebSocket");
    for user in 0..users {
        let payload =
            json!({ "username": format!("user{user}"), "passwordHash": format!("secret{user}") });
        let register = json!({ "type": "REGISTER_REQUEST", "timestamp": 1, "payload": payload });
        let sent = socket.send(Message::text(register.to_string())).await;
        sent.expect("an open connection");
        let answer = socket.next().await.expect("an answer").expect("a frame");
        assert!(answer.to_text().expect("text").contains("true"), "{answer}");
    }
    url
}

fn profile(name: &str, url: &str, users: usize, more: &str) -> PathBuf {
    let accounts: String = (0..users)
        .map(|user| format!("    - {{ name: user{user}, secret: secret{user} }}\n"))
        .collect();
    let text = format!(
        "pack: friendchat\nurl: {url}\naccounts:\n  of:\n{accounts}  made_by: [REGISTER_REQUEST]\n  \
         instead: {{ registered: [] }}\n{more}"
    );
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("accounts-{name}-{}.yaml", std::process::id()));
    std::fs::write(&path, text).expect("writable");
    path
}

/// The exit code, the document, and what was said of a run with this profile.
async fn run(profile: PathBuf, cases: &'static [&'static str]) -> (Option<i32>, Value, String) {
    let running = tokio::task::spawn_blocking(move || {
        let output = Command::new(env!("CARGO_BIN_EXE_wireproof"))
            .args([
                "run",
                "--no-report",
                "--format",
                "json",
                "--timeout",
                "2s",
                "--profile",
            ])
            .arg(profile)
            .args(cases)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (output.status.code(), document, said)
    });
    running.await.expect("no panic")
}

fn reasons(document: &Value) -> Vec<&str> {
    let cases = document["cases"].as_array().expect("cases");
    let reasons = cases.iter().filter_map(|case| case["reason"].as_str());
    reasons.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_take_their_users_from_the_list_and_make_none() {
    let url = server(6).await;
    let profile = profile("once", &url, 6, "");
    let cases = &[
        "friend-request.answered[accepted]",
        "text.",
        "register.new-user",
    ];
    let (code, document, said) = run(profile, cases).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(document["summary"]["deviates"], 0);
    let conform = document["summary"]["conforms"].as_u64();
    assert!(
        conform.is_some_and(|conform| (1..=3).contains(&conform)),
        "{conform:?}\n{said}"
    );
    let reasons = reasons(&document);
    let used_up = "accounts that no other case had; of the profile's 6, ";
    assert!(
        reasons.iter().any(|reason| reason.contains(used_up)),
        "{reasons:?}"
    );
    let registers = "the profile says that REGISTER_REQUEST is not offered";
    assert!(
        reasons.iter().any(|reason| reason.contains(registers)),
        "{reasons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_may_be_used_again_are_enough_for_all_cases_that_need_no_more() {
    let url = server(2).await;
    let profile = profile("again", &url, 2, "  reuse: true\n");
    let (code, document, said) = run(
        profile,
        &[
            "login.right",
            "login.wrong",
            "login.unknown",
            "text.to-each-friend",
        ],
    )
    .await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        document["summary"]["conforms"].as_u64() >= Some(3),
        "{said}"
    );
    let reasons = reasons(&document);
    let too_few = "needs 3 accounts; the profile has 2";
    assert!(reasons.contains(&too_few), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_list_says_of_flows_and_fields_is_checked() {
    for (more, told) in [
        (
            "  instead: { logged-inn: [] }\n",
            "no flow of one actor is called \"logged-inn\"",
        ),
        (
            "  instead: { logged-in: [log-inn] }\n",
            "\"log-inn\" is no flow of one actor",
        ),
    ] {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join(format!("accounts-wrong-{}.yaml", std::process::id()));
        let text = format!(
            "pack: friendchat\nurl: ws://127.0.0.1:1\naccounts:\n  of: [{{ name: a, hair: red }}]\n  made_by: []\n{more}"
        );
        std::fs::write(&path, text).expect("writable");
        let output = Command::new(env!("CARGO_BIN_EXE_wireproof"))
            .args(["run", "--profile"])
            .arg(&path)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{told} is not in\n{said}");
        assert!(said.contains("a user has no field `hair`"), "{said}");
    }
}
