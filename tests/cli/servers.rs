//! Runs against servers: the built-in one, living ones, one of an own pack.

use std::fs;

use snapbox::cmd::Command;

use crate::program::{PATIENCE, PROGRAM, Served, fresh, interrupt, json, ran, serve, shown, text};

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
        "wireproof run --target {} --pack friendchat --timeout 1s --case 'friendchat/friend-request.",
        served.url
    );
    assert!(said.contains(&again), "{said}");
    assert!(
        said.contains(&format!("\n{} does not conform: ", served.url)),
        "{said}"
    );
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
