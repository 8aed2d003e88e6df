//! Every format there is, rendered from a target that does its worst: what it sent is data in all of them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wireproof::event::Event;
use wireproof::report::{FORMATS, Format, Reports, To};

const MIB: usize = 1024 * 1024;

/// What ends, begins, forges or hides something in one format or another.
const HOSTILE: [&str; 12] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "\u{202e}txet desrever\u{2066}",
    "\n::error file=x.yaml,line=1::forged\n::add-mask::a",
    "##[error]forged ##vso[task.complete]x",
    "]]></failure></testcase></testsuite>",
    "\nnot ok 9 - forged\nBail out! forged\n  ...\n",
    "x # SKIP forged",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u{0}\u{8}\u{fffe}\u{ffff}\u{2028}\u{85}",
    "``` </code></details> | [x](javascript:alert(1))",
    "%0A::error::forged %25 \\ \" ' &amp;",
    "\r\rerased",
];

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What goes to the console and what goes to the file, one after the other.
fn rendered(format: &Format, events: &[Event]) -> String {
    let (console, file) = (Shared::default(), Shared::default());
    let mut reports = Reports::new();
    let to = To {
        file: Some(Box::new(file.clone())),
        console: Box::new(console.clone()),
    };
    reports.add(format.name, (format.open)(to));
    events.iter().for_each(|event| reports.on(event));
    let (_, unwritten) = reports.finish();
    assert!(unwritten.is_empty(), "{unwritten:?}");
    let bytes = [console, file].map(|shared| shared.0.lock().expect("no panic").clone());
    String::from_utf8(bytes.concat()).expect("every report is text")
}

fn event(value: Value) -> Event {
    serde_json::from_value(value).expect("an event")
}

/// A run of one case, in which the target says `said` wherever it can.
fn run_that_hears(said: &str) -> Vec<Event> {
    let case = "p/a";
    let frame =
        json!({ "kind": "text", "bytes": said.len(), "text": said, "hex": null, "cut": false });
    let requirement = json!({
        "id": "r", "level": "must", "section": "S", "text": "It answers.", "unprovokable": null,
    });
    [
        json!({
            "event": "run-started", "schema": 1, "version": "0.1.0", "target": "ws://127.0.0.1:1",
            "started": "2026-11-20T12:00:00Z", "seed": 1, "cases": 1,
            "packs": [{
                "pack": "p", "title": "P", "document": "p.md", "codec": "json",
                "requirements": [requirement], "readings": [],
            }],
        }),
        json!({
            "event": "case-started", "case": case, "pack": "p", "scenario": "a", "about": null,
            "at": "p/a.yaml:1:1", "covers": ["r"], "rerun": "wireproof run --case 'p/a'",
        }),
        json!({ "event": "opened", "case": case, "us": 1, "actor": "alice", "connection": 0 }),
        json!({
            "event": "received", "case": case, "us": 2, "actor": "alice", "connection": 0,
            "seq": 0, "message": said, "frame": frame,
        }),
        json!({ "event": "unknown-message", "case": case, "pack": "p", "name": said }),
        json!({
            "event": "shape", "case": case, "pack": "p", "message": said, "path": said,
            "kind": "wrong-type", "level": "must", "expected": "<int>", "received": said, "section": "S",
        }),
        json!({
            "event": "deviation", "case": case, "us": 3, "deviation": {
                "kind": "mismatch", "level": "must", "requirements": ["r"], "at": "p/a.yaml:2:1",
                "step": "alice receives: { PONG: {} }", "actor": "alice",
                "message": format!("alice received {said}"), "expected": "PONG",
                "received": said, "sent": "{ PING: {} }", "near": said,
            },
        }),
        json!({
            "event": "closed", "case": case, "us": 4, "actor": "alice", "connection": 0,
            "end": { "how": "close", "code": 1011, "reason": said },
        }),
        json!({ "event": "case-finished", "case": case, "us": 5, "end": { "as": "judged" } }),
        json!({ "event": "remark", "pack": "p", "text": said }),
        json!({ "event": "run-finished", "us": 6, "end": { "as": "target-unfit", "reason": said } }),
    ]
    .map(event)
    .into()
}

#[test]
fn nothing_that_moves_a_cursor_or_turns_a_line_reaches_any_format() {
    let unsafe_char = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{fffe}' | '\u{ffff}')
    };
    for format in &FORMATS {
        for said in HOSTILE {
            let text = rendered(format, &run_that_hears(said));
            let found = text.find(unsafe_char).map(|at| text[at..].chars().next());
            assert_eq!(found, None, "{}: {said:?}", format.name);
        }
    }
}

/// As a runner of GitHub or Azure reads what a step prints: a command stands at the start of a line,
/// whatever its indent, or anywhere in it in the older form.
fn commands(text: &str) -> Vec<&str> {
    let older = ["##[", "##vso[", "##teamcity["];
    let commands = text.lines().filter(|line| {
        line.trim().starts_with("::") || older.iter().any(|word| line.contains(word))
    });
    commands.collect()
}

#[test]
fn no_format_says_what_a_ci_runner_takes_for_a_command() {
    for format in &FORMATS {
        let own = commands(&rendered(format, &run_that_hears("PONG"))).len();
        assert_eq!(own > 0, format.name == "github", "{}", format.name);
        for said in HOSTILE {
            let text = rendered(format, &run_that_hears(said));
            assert_eq!(
                commands(&text).len(),
                own,
                "{}: {said:?}\n{text}",
                format.name
            );
        }
    }
}

/// The lines of a text by their first word, to see whether a line was forged.
fn lines_that_begin(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.starts_with(word)).count()
}

#[test]
fn no_test_of_tap_is_forged() {
    let tap = Format::named("tap").expect("there is one");
    let honest = rendered(tap, &run_that_hears("PONG"));
    for said in HOSTILE {
        let text = rendered(tap, &run_that_hears(said));
        for word in [
            "ok ",
            "not ok ",
            "Bail out!",
            "1..",
            "TAP ",
            "  ---",
            "  ...",
        ] {
            let (forged, own) = (
                lines_that_begin(&text, word),
                lines_that_begin(&honest, word),
            );
            assert_eq!(forged, own, "{word} {said:?}\n{text}");
        }
        let mut tests = text.lines().filter(|line| !line.starts_with("  "));
        assert!(!tests.any(|line| line.contains(" # SKIP")), "{text}");
    }
}

#[test]
fn no_markup_of_xml_or_html_is_forged() {
    for format in ["junit", "html", "badge"] {
        let format = Format::named(format).expect("there is one");
        let elements = |said: &str| {
            let text = rendered(format, &run_that_hears(said));
            let tags = [
                "<testcase",
                "</failure>",
                "<script",
                "</script",
                "<img",
                "<text",
            ];
            tags.map(|tag| text.matches(tag).count())
        };
        let honest = elements("PONG");
        for said in HOSTILE {
            assert_eq!(elements(said), honest, "{}: {said:?}", format.name);
        }
    }
}

#[test]
fn ten_mebibytes_of_anything_make_a_small_report() {
    for unit in ["ä", "\u{1b}[", "]]><b>`", "::error::\n"] {
        let said = unit.repeat(10 * MIB / unit.len());
        let events = run_that_hears(&said);
        for format in FORMATS.iter().filter(|format| format.name != "json") {
            let length = rendered(format, &events).len();
            assert!(length < MIB, "{}: {length} bytes of {unit:?}", format.name);
        }
    }
}

#[test]
fn json_has_it_whole_and_unchanged() {
    let json = Format::named("json").expect("there is one");
    for said in HOSTILE {
        let text = rendered(json, &run_that_hears(said));
        let document: Value = serde_json::from_str(&text).expect("one document");
        assert_eq!(document["cases"][0]["deviations"][0]["received"], said);
    }
}
