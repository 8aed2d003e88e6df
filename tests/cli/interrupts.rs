//! What is left of a run that is interrupted.

use std::fs;
use std::sync::mpsc;

use serde_json::Value;

use crate::program::{PATIENCE, PROGRAM, ends, fresh, interrupt, json, ran, serve, shown};

/// A run against a server that answers as `answer` says, interrupted once that lets `heard` know.
fn interrupted(
    name: &str,
    answer: impl Fn(usize) -> Option<String> + Clone + Send + 'static,
    heard_on: usize,
    signal: &str,
) -> (Value, String) {
    let (heard, hearing) = mpsc::channel();
    let url = serve(move |number, _| {
        if number >= heard_on {
            let _ = heard.send(());
        }
        answer(number)
    });
    let [events, html, document, said] =
        ["jsonl", "html", "json", "txt"].map(|ending| fresh(&format!("{name}.{ending}")));
    let run = std::process::Command::new(PROGRAM)
        .args([
            "run",
            "--pack",
            "friendchat",
            "--target",
            &url,
            "--timeout",
            "100s",
        ])
        .args(["--report", &format!("html={}", shown(&html))])
        .args(["--report", &format!("json={}", shown(&document))])
        .args(["--events", shown(&events)])
        .stdout(fs::File::create(&said).expect("writable"))
        .spawn()
        .expect("it starts");
    hearing.recv_timeout(PATIENCE).expect("the run gets there");
    interrupt(&run, signal);
    assert_eq!(ends(run), Some(130));
    let document = fs::read(document).expect("written");
    let again = ran(0, ["report", "json", shown(&events)]);
    assert_eq!(again.stdout, document);
    let page = fs::read_to_string(html).expect("written");
    assert!(page.trim_end().ends_with("</html>"));
    (json(&document), fs::read_to_string(said).expect("written"))
}

#[test]
fn interrupted_run_is_exit_130_and_writes_its_reports() {
    let refusal = r#"{"type":"LOGIN_RESPONSE","timestamp":1700000000,"payload":{"success":false,"code":2003}}"#;
    // Only the preflight, which comes first, has an answer.
    let answer = move |number| (number == 0).then(|| refusal.to_owned());
    for signal in ["INT", "TERM"] {
        let (document, said) = interrupted(signal, answer, 1, signal);
        assert_eq!(document["end"]["as"], "interrupted");
        assert_eq!(document["summary"]["conforms"], 0);
        assert_eq!(document["summary"]["cases"], document["planned"]);
        assert!(
            said.contains(" was not judged in full: the run was interrupted"),
            "{said}"
        );
    }
}

#[test]
fn interrupt_ends_the_preflight() {
    let (document, said) = interrupted("preflight", |_| None, 0, "INT");
    assert_eq!(document["end"]["as"], "interrupted");
    assert_eq!(document["summary"]["could_not_run"], document["planned"]);
    assert!(said.contains("the run was interrupted"), "{said}");
}
