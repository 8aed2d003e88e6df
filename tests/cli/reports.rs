//! Reports: from a log, merged, compared, many at once, with secrets left out.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Served, fresh, json, ran, shown, text, wireproof};

#[test]
fn event_stream_renders_the_document_of_the_run() {
    let (events, report) = (fresh("stream.jsonl"), fresh("stream.json"));
    let copy = format!("json={}", shown(&report));
    let options = [
        "--format",
        "json",
        "--events",
        shown(&events),
        "--report",
        &copy,
    ];
    let live = ran(
        0,
        ["run", "--no-report"]
            .into_iter()
            .chain(options)
            .chain(["login."]),
    );
    let said = text(&live.stderr);
    assert!(
        said.contains("built-in reference server conforms: "),
        "{said}"
    );

    let log = fs::read_to_string(&events).expect("written");
    let names: Vec<String> = log
        .lines()
        .map(|line| {
            json(line.as_bytes())["event"]
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect();
    assert_eq!(names.first().map(String::as_str), Some("run-started"));
    assert_eq!(names.last().map(String::as_str), Some("run-finished"));
    let cases = json(&live.stdout)["summary"]["cases"].as_u64();
    for name in ["case-started", "case-finished"] {
        let count = names.iter().filter(|it| *it == name).count();
        assert_eq!(Some(count as u64), cases, "{name}");
    }

    let again = ran(0, ["report", "json", shown(&events)]);
    assert_eq!(text(&again.stdout), text(&live.stdout));
    assert_eq!(
        fs::read_to_string(&report).expect("written"),
        text(&live.stdout)
    );
    let shown_again = ran(0, ["report", "terminal", shown(&events)]);
    let last = |text: String| text.lines().last().map(str::to_owned);
    assert_eq!(last(text(&shown_again.stdout)), last(said));
    let page = ran(0, ["report", "html", shown(&events)]);
    assert!(text(&page.stdout).starts_with("<!doctype html>"));
}

/// What a JSON report says of the server, line by line, without times and names.
fn verdicts(document: &Value) -> Vec<String> {
    let list = |key: &str| document[key].as_array().expect("a list").clone();
    let mut lines: Vec<String> = list("requirements").iter().map(Value::to_string).collect();
    lines.extend(
        list("cases")
            .iter()
            .map(|case| format!("{} {}", case["id"], case["outcome"])),
    );
    lines.extend(["summary", "planned", "end", "packs"].map(|key| document[key].to_string()));
    lines
}

/// The readings that were observed. What a race decides, one run may observe and the next not.
fn readings(document: &Value) -> Vec<(String, String)> {
    let readings = document["readings"].as_array().expect("a list").iter();
    let observed = readings.filter(|reading| !reading["observed"].is_null());
    observed
        .map(|reading| {
            let id = format!("{} {}", reading["pack"], reading["id"]);
            (id, reading["observed"].to_string())
        })
        .collect()
}

#[test]
fn five_parts_merged_are_the_undivided_run() {
    let whole = ran(0, ["run", "--no-report", "--format", "json"]);
    let whole = json(&whole.stdout);
    let logs: Vec<PathBuf> = (1..=5)
        .map(|part| fresh(&format!("part-{part}.jsonl")))
        .collect();
    for (part, log) in (1..).zip(&logs) {
        let part = format!("{part}/5");
        let options = ["--partition", &part, "--events", shown(log)];
        let output = ran(0, ["run", "--no-report"].into_iter().chain(options));
        assert!(text(&output.stdout).contains(" conforms: "));
    }
    let [one, other, junit] = ["one.jsonl", "other.jsonl", "merged.xml"].map(fresh);
    let in_order: Vec<&str> = logs.iter().map(|log| shown(log)).collect();
    let in_another = [3, 0, 4, 2, 1].map(|index| in_order[index]);
    let merge = |logs: &[&str], out: &Path, code| {
        let report = format!("junit={}", shown(&junit));
        let options = ["--events", shown(out), "--report", &report];
        let args = ["report", "merge"].into_iter().chain(logs.iter().copied());
        let output = ran(code, args.chain(options));
        (text(&output.stdout), text(&output.stderr))
    };
    merge(&in_order, &one, 0);
    merge(&in_another, &other, 0);
    assert_eq!(
        fs::read(&one).expect("written"),
        fs::read(&other).expect("written")
    );
    let document = json(&ran(0, ["report", "json", shown(&one)]).stdout);
    for (merged, undivided) in verdicts(&document).iter().zip(verdicts(&whole)) {
        assert_eq!(*merged, undivided);
    }
    assert_eq!(verdicts(&document).len(), verdicts(&whole).len());
    let undivided = readings(&whole);
    let both = (readings(&document).into_iter()).filter_map(|(id, observed)| {
        let other = undivided.iter().find(|(other, _)| *other == id)?;
        Some((observed, other.1.clone()))
    });
    let both: Vec<(String, String)> = both.collect();
    assert!(both.len() > 100, "{}", both.len());
    assert!(both.iter().all(|(merged, undivided)| merged == undivided));
    let xml = fs::read_to_string(&junit).expect("written");
    let cases = whole["summary"]["cases"].as_u64().expect("a number");
    assert!(xml.contains(&format!("tests=\"{cases}\"")));

    // Without one of them, nothing is said to conform.
    let (said, warned) = merge(&in_order[1..], &one, 3);
    assert!(said.contains(" was not judged in full: "), "{said}");
    assert_eq!(warned, "wireproof: no log is of part 1\n");
    // The same part twice is no run.
    let twice = [in_order[0], in_order[0], in_order[1]];
    let (_, warned) = merge(&twice, &other, 2);
    assert!(warned.contains(" are both part 1 of 5\n"), "{warned}");
}

#[test]
fn every_format_renders_a_log_and_one_that_was_cut_off() {
    let (whole, cut) = (fresh("whole.jsonl"), fresh("cut.jsonl"));
    let run = [
        "run",
        "--no-report",
        "--pack",
        "roomchat",
        "--events",
        shown(&whole),
    ];
    ran(0, run);
    let bytes = fs::read(&whole).expect("written");
    // As kill -9 leaves it: half a last line.
    fs::write(&cut, &bytes[..bytes.len() / 2 + 7]).expect("writable");
    assert!(!fs::read(&cut).expect("written").ends_with(b"\n"));
    let formats = [
        "html",
        "json",
        "junit",
        "tap",
        "github",
        "badge",
        "badge-json",
        "terminal",
    ];
    let cut_says = [
        "the log ends after ",
        "\"end\": null",
        "the event log ends before the run does",
        "Bail out! the event log ends",
        "the log ends after ",
        " must</title>",
        "\"isError\":true",
        "was not judged in full: the log ends after ",
    ];
    for (format, says) in formats.into_iter().zip(cut_says) {
        let summary = fresh(&format!("{format}.summary"));
        let render = |log: &Path| {
            let output = wireproof(["report", format, shown(log)])
                .env("GITHUB_STEP_SUMMARY", shown(&summary))
                .output()
                .expect("it starts");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            let step_summary = fs::read_to_string(&summary).unwrap_or_default();
            text(&output.stdout) + &step_summary
        };
        let (of_whole, of_cut) = (render(&whole), render(&cut));
        assert!(!of_whole.is_empty() && of_whole != of_cut, "{format}");
        assert!(of_cut.contains(says), "{format}: {of_cut}");
        if format != "badge" {
            assert!(!of_whole.contains(says), "{format}");
        }
    }
    let nothing = fresh("nothing.jsonl");
    fs::write(&nothing, &bytes[..20]).expect("writable");
    let said = text(&ran(2, ["report", "tap", shown(&nothing)]).stderr);
    assert!(said.contains(" holds no run: "), "{said}");
}

#[test]
fn comparison_finds_what_got_worse() {
    let logs = ["before", "after", "other"].map(|name| fresh(&format!("{name}.jsonl")));
    let [before, after, other] = logs.each_ref().map(|log| shown(log));
    let options = ["run", "--no-report", "--pack", "friendchat", "--events"];
    ran(0, options.into_iter().chain([before, "login."]));
    let served = Served::start(&["--break", "login.wrong-password"]);
    let target = [after, "--target", &served.url, "--timeout", "1s", "login."];
    ran(1, options.into_iter().chain(target));
    let page = fresh("compared.html");
    let compare = ["report", "compare"];
    let html = ["--html", shown(&page)];
    let said = text(&ran(1, compare.into_iter().chain([before, after]).chain(html)).stdout);
    assert!(
        said.contains("friendchat: login.wrong-password (must): "),
        "{said}"
    );
    assert!(said.contains("    A met, B not met\n"), "{said}");
    assert!(
        said.contains("\nB regressed against A: 0 better, "),
        "{said}"
    );
    let page = fs::read_to_string(page).expect("written");
    assert!(page.contains("B regressed against A"));

    let said = text(&ran(0, compare.into_iter().chain([after, before])).stdout);
    assert!(said.contains("\nno regression of B against A: "), "{said}");
    ran(0, compare.into_iter().chain([before, before]));
    let options = [
        "run",
        "--no-report",
        "--pack",
        "roomchat",
        "--events",
        other,
    ];
    ran(0, options.into_iter().chain(["login."]));
    let said = text(&ran(2, compare.into_iter().chain([before, other])).stderr);
    assert!(
        said.contains("nothing was judged in the first run and in another one"),
        "{said}"
    );
}

#[test]
fn many_reports_in_one_go_keep_out_of_the_document() {
    let served = Served::start(&["--break", "login.wrong-password"]);
    let [junit, tap, badge, summary] =
        ["go.xml", "go.tap", "go.svg", "go.md"].map(|name| fresh(&format!("new/folder/{name}")));
    let reports = [
        format!("junit={}", shown(&junit)),
        format!("tap={}", shown(&tap)),
        format!("badge={}", shown(&badge)),
        "github".to_owned(),
    ];
    let mut command = wireproof([
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--format",
        "json",
    ])
    .args(["--target", &served.url, "--timeout", "1s", "login."]);
    for report in &reports {
        command = command.args(["--report", report]);
    }
    let _ = fs::create_dir_all(summary.parent().expect("a folder"));
    fs::write(&summary, "of another step\n").expect("writable");
    let output = command
        .env("GITHUB_STEP_SUMMARY", shown(&summary))
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(json(&output.stdout)["summary"]["deviates"].as_u64() > Some(0));
    let said = text(&output.stderr);
    let step = "::error file=scenarios/friendchat/login.yaml,line=";
    assert!(said.contains(step), "{said}");
    let read = |path: &Path| fs::read_to_string(path).expect("written");
    assert!(read(&junit).contains("<failure message="));
    assert!(read(&tap).starts_with("TAP version 14\n1.."));
    assert!(read(&badge).starts_with("<svg "));
    assert!(read(&summary).starts_with("of another step\n## ❌ "));
}

#[test]
fn redacted_reports_and_logs_hold_no_secret() {
    let broken = [
        (
            "friendchat",
            "friend-request.acknowledged",
            "friend-request.",
        ),
        ("minioicq", "login.wrong-password", "login."),
    ];
    for (pack, rule, filter) in broken {
        let served = Served::of(pack, &["--break", rule]);
        let [open, masked] = ["open", "masked"].map(|name| fresh(&format!("{pack}-{name}.jsonl")));
        let run = |log: &Path, further: &[&str]| {
            let target = [
                "run",
                "--no-report",
                "--pack",
                pack,
                "--target",
                &served.url,
            ];
            let options = ["--timeout", "1s", "--events", shown(log), filter];
            let header = ["--header", "Authorization: Bearer canary-of-ours"];
            let args = target.into_iter().chain(options).chain(header);
            text(&ran(1, args.chain(further.iter().copied())).stdout)
        };
        let said = run(&open, &[]);
        assert!(
            said.contains("canary-of-ours"),
            "the command that runs a case again has it"
        );
        let log = fs::read_to_string(&open).expect("written");
        let mut secrets: Vec<String> = Vec::new();
        let mut before = String::new();
        for line in log.lines() {
            let event = json(line.as_bytes());
            let secret = (event["event"] == "secret").then(|| event["value"].as_str());
            match secret.flatten() {
                // One that tries a name for a password makes no secret of it.
                Some(public) if before.contains(public) => {}
                Some(secret) if secret.len() >= 8 => secrets.push(secret.to_owned()),
                _ => before += line,
            }
        }
        assert!(secrets.len() > 10, "{secrets:?}");
        secrets.push("canary-of-ours".to_owned());
        let in_hex = |secret: &String| -> String {
            secret.bytes().map(|byte| format!("{byte:02x}")).collect()
        };
        let hex: Vec<String> = secrets.iter().map(in_hex).collect();
        let holds = |text: &str| {
            let mut all = secrets.iter().chain(&hex);
            all.any(|secret| text.contains(secret.as_str()))
        };
        assert!(holds(&log));
        for format in [
            "html",
            "json",
            "junit",
            "tap",
            "github",
            "badge",
            "badge-json",
            "terminal",
        ] {
            let render = |further: &[&str]| {
                let summary = fresh(&format!("{pack}-{format}.summary"));
                let output = wireproof(["report", format, shown(&open)])
                    .args(further)
                    .env("GITHUB_STEP_SUMMARY", shown(&summary))
                    .output()
                    .expect("it starts");
                assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
                text(&output.stdout) + &fs::read_to_string(&summary).unwrap_or_default()
            };
            // So that this test cannot pass for want of secrets.
            assert_eq!(
                holds(&render(&[])),
                !format.starts_with("badge"),
                "{format}"
            );
            let safe = render(&["--redact"]);
            assert!(!holds(&safe), "{format}");
            assert_eq!(
                safe.contains("[masked]"),
                !format.starts_with("badge"),
                "{format}"
            );
        }
        let merged = fresh(&format!("{pack}-merged.jsonl"));
        ran(
            1,
            [
                "report",
                "merge",
                shown(&open),
                "--redact",
                "--events",
                shown(&merged),
            ],
        );
        assert!(!holds(&fs::read_to_string(merged).expect("written")));

        // A run that masks has other users, whose secrets nobody is told; what the log shows of them is masked.
        let said = run(&masked, &["--redact"]);
        assert!(!said.contains("canary-of-ours") && said.contains("'Authorization: [masked]'"));
        let log = fs::read_to_string(&masked).expect("written");
        assert!(!log.contains("\"event\":\"secret\"") && log.contains("[masked]"));
        let shown_secret = |text: &str| {
            let marks = ["\\\"password\\\": \\\"", "\\\"passwordHash\\\": \\\""];
            let fields = marks.into_iter().flat_map(|mark| text.split(mark).skip(1));
            // An empty one, which a case tries, is no secret.
            let is_safe = |rest: &str| rest.starts_with("[masked]") || rest.starts_with("\\\"");
            fields.clone().count() > 0 && !fields.clone().all(is_safe)
        };
        assert!(shown_secret(&fs::read_to_string(&open).expect("written")));
        assert!(!shown_secret(&log));
    }
}
