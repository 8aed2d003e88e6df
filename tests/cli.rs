//! The program as its users meet it: what it says, what it writes, and how it ends.
//!
//! What is said once and for all stands in `tests/cli/*.txt`: a command, its exit code, its output. What
//! needs a server or a second look is here. `tests/targets.rs` has the targets that cannot be tested.
//!
//! Exit code 70, a defect of ours, is the one that no test here reaches: there is no input that is known
//! to bring it about, and a switch that does would be one more thing that can go wrong. That a panic
//! becomes that code is tested beside the code, in `src/cli/mod.rs`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use snapbox::cmd::Command;
use snapbox::{Assert, Data};
use tokio_tungstenite::tungstenite::{Message, accept};

/// Nothing takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);
const PROGRAM: &str = env!("CARGO_BIN_EXE_wireproof");

/// The program, plain and in the repository's root.
fn wireproof<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new(PROGRAM)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("RUST_BACKTRACE")
        .timeout(PATIENCE)
}

/// What the program leaves behind, having ended as it should.
fn ran<'a>(code: i32, args: impl IntoIterator<Item = &'a str>) -> Output {
    let output = wireproof(args).output().expect("it starts");
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("one JSON document and nothing else")
}

/// A file of this test's own that is not there yet.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// `wireproof serve --pack PACK` with these further arguments; ends with its owner.
struct Served {
    server: Child,
    url: String,
}

impl Served {
    fn start(args: &[&str]) -> Served {
        Served::of("friendchat", args)
    }

    fn of(pack: &str, args: &[&str]) -> Served {
        let mut server = std::process::Command::new(PROGRAM)
            .args(["serve", "--pack", pack])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], pack, "{line}");
        assert!(line.ends_with(" frames\n"), "{line}");
        Served {
            url: words[1].to_owned(),
            server,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Ctrl-C, as the terminal sends it (`INT`), or what CI sends to a job that takes too long (`TERM`).
fn interrupt(child: &Child, signal: &str) {
    let signalled = std::process::Command::new("sh")
        .args(["-c", &format!("kill -{signal} {}", child.id())])
        .status();
    assert!(signalled.is_ok_and(|status| status.success()));
}

/// The exit code of a program that ends by itself; kills it when it hangs.
fn ends(mut child: Child) -> Option<i32> {
    let (ended, waiting) = mpsc::channel();
    let pid = child.id();
    thread::spawn(move || ended.send(child.wait()));
    match waiting.recv_timeout(PATIENCE) {
        Ok(status) => status.expect("it can be waited for").code(),
        Err(_) => {
            let kill = ["-c", &format!("kill -KILL {pid}")];
            let _ = std::process::Command::new("sh").args(kill).status();
            panic!("it hung");
        }
    }
}

/// A WebSocket server on threads: `answer` says what is said to each message of each connection.
fn serve(answer: impl Fn(usize, &str) -> Option<String> + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (stream, answer) = (stream.expect("a client"), answer.clone());
            thread::spawn(move || {
                let mut socket = accept(stream).expect("a WebSocket client");
                while let Ok(message) = socket.read() {
                    let Message::Text(said) = message else {
                        continue;
                    };
                    if let Some(answer) = answer(number, &said)
                        && socket.send(Message::text(answer)).is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// A command of a data file, the code that it ends with, and what it says on both streams.
struct Told {
    command: String,
    code: i32,
    says: String,
}

/// `$ wireproof ARGS`, then `? CODE`, then the output until the next command. Lines before the first
/// command are for the reader.
fn told(file: &Path) -> Vec<Told> {
    let mut all = Vec::<Told>::new();
    for line in fs::read_to_string(file).expect("readable").lines() {
        if let Some(command) = line.strip_prefix("$ wireproof ") {
            all.push(Told {
                command: command.to_owned(),
                code: 0,
                says: String::new(),
            });
        } else if let Some(last) = all.last_mut() {
            if let Some(code) = line.strip_prefix("? ") {
                last.code = code.parse().expect("an exit code");
            } else {
                last.says += line;
                last.says.push('\n');
            }
        }
    }
    assert!(!all.is_empty(), "no command in {}", file.display());
    all
}

/// Words as a shell would split them, as far as `''` goes.
fn words(command: &str) -> impl Iterator<Item = &str> {
    command.split(' ').map(|word| word.trim_matches('\''))
}

#[test]
fn commands_say_what_the_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    files.sort();
    assert!(files.len() >= 2);
    let assert = Assert::new();
    for told in files.iter().flat_map(|file| told(file)) {
        let command = wireproof(words(&told.command)).stderr_to_stdout();
        let output = command.output().expect("it starts");
        let says = text(&output.stdout).trim_end().to_owned();
        assert_eq!(
            output.status.code(),
            Some(told.code),
            "{}: {says}",
            told.command
        );
        let context: &dyn std::fmt::Display = &told.command;
        let expected = Data::text(told.says.trim_end());
        if let Err(difference) = assert.try_eq(Some(context), Data::text(says), expected) {
            panic!("{difference}");
        }
    }
}

#[test]
fn all_packs_conform_in_process() {
    let report = fresh("all.html");
    let output = ran(0, ["run", "--report", &format!("html={}", shown(&report))]);
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].contains("tests built-in reference server: "),
        "{said}"
    );
    assert!(
        said.contains("\nbuilt-in reference server conforms: "),
        "{said}"
    );
    let last = format!("report: {}", report.display());
    assert_eq!(lines.last(), Some(&last.as_str()));
    assert_eq!(text(&output.stderr), "");
    let page = fs::read_to_string(report).expect("written");
    assert!(page.contains("built-in reference server"));
}

#[test]
fn living_server_conforms_run_after_run() {
    let served = Served::start(&[]);
    let target = [
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--target",
        &served.url,
    ];
    for jobs in ["1", "64", "64"] {
        let output = ran(0, target.into_iter().chain(["--jobs", jobs]));
        let said = text(&output.stdout);
        assert!(
            said.contains(&format!("\n{} conforms: ", served.url)),
            "{said}"
        );
    }
}

#[test]
fn interrupted_server_ends_cleanly() {
    let mut served = Served::start(&[]);
    interrupt(&served.server, "INT");
    assert_eq!(
        served.server.wait().expect("it was started").code(),
        Some(0)
    );
}

#[test]
fn broken_rule_is_exit_1_and_named() {
    let served = Served::start(&["--break", "friend-request.acknowledged"]);
    let target = [
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--target",
        &served.url,
    ];
    let args = target
        .into_iter()
        .chain(["--timeout", "1s", "friend-request."]);
    let output = ran(1, args);
    let said = text(&output.stdout);
    assert!(
        said.contains("DEVIATES friendchat/friend-request."),
        "{said}"
    );
    assert!(said.contains("friend-request.acknowledged (must, section \"Friend Request\")"));
    let again = format!(
        "wireproof run --target {} --pack friendchat --case 'friendchat/friend-request.",
        served.url
    );
    assert!(said.contains(&again), "{said}");
    assert!(
        said.contains(&format!("\n{} does not conform: ", served.url)),
        "{said}"
    );
}

/// The keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

/// The objects of a list, each with these keys first and no others than those and `further`.
fn shaped<'v>(list: &'v Value, documented: &[&str], further: &[&str]) -> &'v Vec<Value> {
    let list = list.as_array().expect("a list");
    for entry in list {
        let keys = keys(entry);
        assert!(keys.starts_with(documented), "{keys:?}");
        let rest = &keys[documented.len()..];
        assert!(rest.iter().all(|key| further.contains(key)), "{rest:?}");
    }
    list
}

fn one_of(value: &Value, options: &[&str]) {
    assert!(
        value.as_str().is_some_and(|it| options.contains(&it)),
        "{value}"
    );
}

fn text_or_null(value: &Value) {
    assert!(value.is_string() || value.is_null(), "{value}");
}

#[test]
fn json_document_has_the_documented_shape() {
    let served = Served::start(&["--break", "friend-request.acknowledged"]);
    let target = [
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--target",
        &served.url,
    ];
    let options = ["--format", "json", "--timeout", "1s", "--seed", "7"];
    let output = ran(1, target.into_iter().chain(options).chain(["friend"]));
    let document = json(&output.stdout);
    assert_eq!(
        keys(&document),
        [
            // What is documented.
            "schema",
            "target",
            "started",
            "duration_ms",
            "seed",
            "packs",
            "summary",
            "requirements",
            "readings",
            "cases",
            // What came on top of it.
            "shapes",
            "unknown_messages",
            "remarks",
            "departures",
            "known",
            "end",
            "planned",
            "version",
        ]
    );
    assert_eq!(document["schema"], 1);
    assert_eq!(document["target"], served.url.as_str());
    let started = document["started"].as_str().expect("a time");
    Assert::new().eq(started, "20[..]-[..]-[..]T[..]:[..]:[..]Z");
    assert!(document["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0));
    assert_eq!(document["seed"], 7);
    assert_eq!(document["packs"], serde_json::json!(["friendchat"]));

    let summary = &document["summary"];
    let outcomes = [
        "conforms",
        "deviates",
        "blocked",
        "not_applicable",
        "could_not_run",
    ];
    assert_eq!(keys(summary)[0], "cases");
    assert_eq!(keys(summary)[1..], outcomes);
    let cases = shaped(
        &document["cases"],
        &[
            "id",
            "pack",
            "scenario",
            "outcome",
            "expected",
            "duration_ms",
            "covers",
            "deviations",
            "silences",
        ],
        &["at", "rerun", "held", "reason", "blocked_by"],
    );
    assert_eq!(summary["cases"], cases.len());
    for outcome in outcomes {
        let of_it = cases.iter().filter(|case| case["outcome"] == outcome);
        assert_eq!(summary[outcome], of_it.count(), "{outcome}");
    }
    assert!(summary["conforms"].as_u64() > Some(0) && summary["deviates"].as_u64() > Some(0));

    let requirements = shaped(
        &document["requirements"],
        &["pack", "id", "level", "section", "verdict"],
        &["unprovokable"],
    );
    for requirement in requirements {
        one_of(&requirement["level"], &["must", "should", "advice"]);
        one_of(&requirement["verdict"], &["met", "not_met", "not_judged"]);
        assert!(requirement["section"].is_string());
    }
    let ids: Vec<&Value> = requirements
        .iter()
        .map(|requirement| &requirement["id"])
        .collect();
    let broken = ids
        .iter()
        .position(|id| **id == "friend-request.acknowledged");
    assert_eq!(
        requirements[broken.expect("it is there")]["verdict"],
        "not_met"
    );

    let further = ["value", "settled", "seen"];
    for reading in shaped(&document["readings"], &["pack", "id", "observed"], &further) {
        text_or_null(&reading["observed"]);
    }

    for case in cases {
        let (id, scenario) = (case["id"].as_str(), case["scenario"].as_str());
        let prefix = format!("friendchat/{}", scenario.expect("a scenario"));
        assert!(id.is_some_and(|id| id.starts_with(&prefix)), "{case}");
        one_of(&case["outcome"], &outcomes);
        let fine = ["conforms", "not_applicable"].map(Value::from);
        assert_eq!(case["expected"], fine.contains(&case["outcome"]));
        assert!(case["duration_ms"].is_f64());
        let covers = case["covers"].as_array().expect("a list");
        assert!(
            covers.iter().all(|covered| ids.contains(&covered)),
            "{covers:?}"
        );
        assert!(case["silences"].is_array());
        let deviations = shaped(
            &case["deviations"],
            &[
                "kind",
                "level",
                "requirement",
                "at",
                "message",
                "expected",
                "received",
            ],
            &["requirements", "step", "actor", "sent", "near"],
        );
        if case["outcome"] == "deviates" {
            assert!(
                deviations
                    .iter()
                    .any(|deviation| deviation["level"] == "must")
            );
        }
        for deviation in deviations {
            one_of(&deviation["level"], &["must", "should", "advice"]);
            text_or_null(&deviation["requirement"]);
            text_or_null(&deviation["expected"]);
            text_or_null(&deviation["received"]);
            assert!(deviation["message"].is_string());
            let at = deviation["at"].as_str().expect("a place");
            Assert::new().eq(at, "scenarios/friendchat/[..].yaml:[..]:[..]");
        }
    }
}

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

#[test]
fn list_and_run_agree() {
    let listed = json(&ran(0, ["list", "--pack", "friendchat", "--format", "json"]).stdout);
    assert_eq!(keys(&listed), ["schema", "packs"]);
    let pack = &listed["packs"][0];
    assert_eq!(pack["pack"], "friendchat");
    let names = |list: &Value, key: &str| -> Vec<Value> {
        let list = list.as_array().expect("a list");
        list.iter().map(|entry| entry[key].clone()).collect()
    };
    let (cases, requirements) = (
        names(&pack["cases"], "id"),
        names(&pack["requirements"], "id"),
    );
    for requirement in pack["requirements"].as_array().expect("a list") {
        let covering = requirement["cases"].as_array().expect("a list");
        assert!(covering.iter().all(|case| cases.contains(case)));
        let provokable = requirement["unprovokable"].is_null();
        assert_eq!(provokable, !covering.is_empty(), "{requirement}");
    }
    let options = [
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--format",
        "json",
    ];
    let document = json(&ran(0, options).stdout);
    let (mut ran, mut planned) = (names(&document["cases"], "id"), cases.clone());
    ran.sort_by_key(Value::to_string);
    planned.sort_by_key(Value::to_string);
    assert_eq!(ran, planned);
    assert_eq!(names(&document["requirements"], "id"), requirements);

    let page = text(&self::ran(0, ["list", "--pack", "friendchat"]).stdout);
    for id in cases.iter().chain(&requirements) {
        let id = id.as_str().expect("a name");
        assert!(
            page.split_whitespace().any(|word| word == id),
            "{id} is not listed"
        );
    }
}

#[test]
fn own_pack_against_an_own_server() {
    let folder = "tests/cli/packs/ping";
    let right = serve(|_, said| Some(said.replace("PING", "PONG")));
    let wrong = serve(|_, said| Some(said.replace("PING", "PONG").replace('1', "2")));
    for (url, code) in [(right, 0), (wrong, 1)] {
        let options = ["run", "--no-report", "--pack-dir", folder, "--target", &url];
        ran(code, options);
    }
}

#[test]
fn colour_is_for_those_who_want_it() {
    let run = || wireproof(["run", "--no-report", "login.unknown-user"]);
    let says = |command: Command| text(&command.output().expect("it starts").stdout);
    let plain = says(run());
    assert!(!plain.contains(['\x1b', '\r']), "{plain:?}");
    assert!(says(run().env("CLICOLOR_FORCE", "1")).contains('\x1b'));
    let forced = run().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!says(forced).contains('\x1b'));
}

#[test]
fn reader_who_leaves_is_no_panic() {
    for args in [&["list"][..], &["run", "--no-report", "login."]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = std::process::Command::new(PROGRAM)
            .args(args)
            .stdout(writer)
            .output()
            .expect("it starts");
        assert_eq!(text(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn mistake_in_the_arguments_keeps_the_last_report() {
    let report = fresh("kept.html");
    fs::write(&report, "the run before").expect("writable");
    let html = format!("html={}", shown(&report));
    ran(
        2,
        [
            "run",
            "--pack",
            "friendchat",
            "--target",
            "nowhere",
            "--report",
            &html,
        ],
    );
    let other = format!("pdf={}", shown(&report));
    ran(2, ["run", "--no-report", "--report", &other]);
    assert_eq!(fs::read_to_string(report).expect("there"), "the run before");
}

#[test]
fn out_of_file_descriptors_is_no_deviation() {
    let served = Served::start(&[]);
    let limited = format!(
        "ulimit -n 40 && exec '{PROGRAM}' run --no-report --format json --pack friendchat --target {} --jobs 64",
        served.url
    );
    let output = Command::new("sh")
        .args(["-c", &limited])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .timeout(PATIENCE)
        .output()
        .expect("it starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let document = json(&output.stdout);
    let summary = &document["summary"];
    assert!(summary["could_not_run"].as_u64() > Some(0), "{summary}");
    assert_eq!(summary["deviates"], 0, "{summary}");
    assert_eq!(summary["blocked"], 0, "{summary}");
    assert!(
        said.contains("this machine cannot open more connections: "),
        "{said}"
    );
    assert!(!said.contains(" conforms: "), "{said}");
}

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
