//! What is said to arguments: the data files, `list`, colours, mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::cmd::Command;
use snapbox::{Assert, Data};

use crate::document::keys;
use crate::program::{PROGRAM, fresh, json, ran, shown, text, wireproof};

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

    let page = text(&crate::program::ran(0, ["list", "--pack", "friendchat"]).stdout);
    for id in cases.iter().chain(&requirements) {
        let id = id.as_str().expect("a name");
        assert!(
            page.split_whitespace().any(|word| word == id),
            "{id} is not listed"
        );
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
