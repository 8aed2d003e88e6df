//! What the runner of GitHub would take for a command, and what it would draw.

use std::sync::{Arc, Mutex};

use super::*;
use crate::event::{CaseEnd, Deviation, DeviationKind, Event};
use crate::outcome::fixture::{HOSTILE, Stream, broken, clean, deviation, fold, unfit};

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The console and the summary.
fn written(events: &[Event]) -> (String, String) {
    let (console, file) = (Shared::default(), Shared::default());
    let mut report = Github::new(To {
        file: Some(Box::new(file.clone())),
        console: Box::new(console.clone()),
    });
    report.finish(&fold(events)).expect("a vector takes all");
    (console.text(), file.text())
}

/// Name, properties and message.
type Command = (String, Vec<(String, String)>, String);

/// What the runner makes of the console: commands with their properties and their messages. As it does
/// it, by the documented escapes and by nothing else.
fn commands(console: &str) -> Vec<Command> {
    let unescaped = |text: &str| {
        text.replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let mut all = Vec::new();
    for line in console.lines() {
        assert!(!line.contains("##["), "an old command: {line}");
        let Some(rest) = line.trim().strip_prefix("::") else {
            continue;
        };
        let (head, message) = rest.split_once("::").expect("a whole command");
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let properties = properties.split(',').filter(|p| !p.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').expect("a property");
            (key.to_owned(), unescaped(value))
        });
        all.push((name.to_owned(), properties.collect(), unescaped(message)));
    }
    all
}

#[test]
fn failure_is_annotated_at_its_step() {
    let (console, _) = written(&broken());
    let all = commands(&console);
    assert_eq!(all.len(), console.lines().count(), "{console}");
    let (name, properties, message) = &all[0];
    assert_eq!(name, "error");
    let wanted = [
        ("file", "scenarios/friendchat/friends.yaml"),
        ("line", "6"),
        ("col", "5"),
        ("title", "friendchat/friend-request.kind-0 and 9 more"),
    ];
    let wanted = wanted.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(properties, &wanted);
    assert_eq!(
        message,
        "alice received FRIEND_REQUEST_ACK with another code"
    );
    assert!(all.iter().any(|(name, ..)| name == "warning"));
}

#[test]
fn clean_run_annotates_nothing_and_says_so_in_its_summary() {
    let (console, summary) = written(&clean());
    assert_eq!(console, "");
    assert!(
        summary.starts_with(
            "## ✅ `built-in reference server` conforms\n\n`8 must requirements met`\n"
        ),
        "{summary}"
    );
    assert!(summary.contains("| must | 8 | 0 | 0 |"), "{summary}");
    assert!(!summary.contains("<details>"));
}

#[test]
fn target_that_cannot_be_tested_is_an_error() {
    let (console, summary) = written(&unfit());
    assert!(
        console.starts_with("::error title=the run came to its end::target: the target accepts")
    );
    assert!(summary.contains("could not be tested"), "{summary}");
}

#[test]
fn many_failures_are_no_more_than_github_shows() {
    let mut stream = Stream::new();
    for index in 0..40 {
        stream = stream
            .case(&format!("a.{index}"), &[])
            .deviation(Deviation {
                at: format!("a.yaml:{}:5", index + 1),
                ..deviation(DeviationKind::Missing, Level::Must, "friend-request.ack")
            });
        stream = stream.judged();
    }
    let (console, summary) = written(&stream.completed());
    assert_eq!(console.matches("::error ").count(), MOST_ANNOTATIONS);
    assert!(console.ends_with("::notice title=wireproof::30 more errors in the summary\n"));
    assert_eq!(summary.matches("<details>").count(), MOST_TOLD);
    assert!(summary.contains("… and 10 more failures."));
}

#[test]
fn cases_that_one_flow_blocks_are_one_annotation() {
    let mut stream = Stream::new();
    for index in 0..40 {
        stream = stream
            .case(&format!("a.{index}"), &[])
            .case_end(CaseEnd::Blocked {
                flow: "logged-in".into(),
                reason: "no answer".into(),
                tested_by: None,
            });
    }
    let (console, _) = written(&stream.completed());
    assert_eq!(console.lines().count(), 1, "{console}");
    assert!(
        console.contains("title=friendchat/a.0 and 39 more::blocked: by flow logged-in: no answer")
    );
}

#[test]
fn target_gives_no_commands_and_no_markup() {
    let hostile = format!(
        "::error file=x::forged\n::add-mask::a%0A::error::b\n##[error]c\r\n::set-env name=PATH::/evil {HOSTILE} ``` </code></details> | [x](http://evil) @everyone"
    );
    let events = Stream::new()
        .case("a,b::c", &["friend-request.ack"])
        .shape(&hostile, "$.a,line=1::x", Level::Must, &hostile)
        .received(&hostile, &hostile)
        .deviation(Deviation {
            message: hostile.clone(),
            received: Some(hostile.clone()),
            near: Some(hostile.clone()),
            ..deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack")
        })
        .judged()
        .completed();
    let (console, summary) = written(&events);
    let all = commands(&console);
    assert_eq!(all.len(), 2, "{console}");
    for (name, properties, message) in &all {
        assert_eq!(name, "error");
        assert!(
            properties
                .iter()
                .all(|(key, _)| ["file", "line", "col", "title"].contains(&key.as_str()))
        );
        assert!(message.contains("::error") && !message.contains('\n'));
    }
    // The summary goes to the console where there is no other place.
    assert_eq!(commands(&summary).len(), 0, "{summary}");
    for markup in ["</code></details>", "<script", "\n[x](", "\n@everyone"] {
        assert!(
            !outside_code(&summary).contains(markup),
            "{markup}\n{summary}"
        );
    }
}

/// The Markdown without its fenced blocks and code spans.
fn outside_code(markdown: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && line == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                let mut rest = line;
                while let Some(at) = rest.find('`') {
                    outside += &rest[..at];
                    let run = rest[at..].chars().take_while(|c| *c == '`').count();
                    let tick = "`".repeat(run);
                    let inner = &rest[at + run..];
                    let end = inner.find(&tick).expect("a closed span");
                    rest = &inner[end + run..];
                }
                outside += rest;
                outside.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "an open block");
    outside
}
