//! A run that was killed in the middle: what its event log holds is rendered, and the page says what it is.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use wireproof::event::Event;
use wireproof::report::read;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wireproof");

/// The log of a run that was killed. It goes through a pipe that holds far less than all of it, so that the
/// run is in the middle whenever the kill comes.
fn log_of_a_killed_run() -> Vec<u8> {
    let mut run = Command::new(PROGRAM)
        .args([
            "run",
            "--no-report",
            "--format",
            "json",
            "--events",
            "/dev/stdout",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut out = run.stdout.take().expect("piped");
    let mut log = vec![0; 400_000];
    out.read_exact(&mut log)
        .expect("a log of all packs is longer");
    run.kill().expect("it runs");
    run.wait().expect("it is gone");
    out.read_to_end(&mut log).expect("what is left in the pipe");
    log
}

#[test]
fn log_of_a_killed_run_renders_and_says_that_it_was_cut_off() {
    let log = log_of_a_killed_run();
    let events: Vec<Event> = read(&log[..]).map(|event| event.expect("whole")).collect();
    assert!(events.len() > 100);
    let ends = |event: &Event| matches!(event, Event::RunFinished { .. });
    assert!(!events.iter().any(ends), "it was killed too late");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (events, page) = (folder.join("killed.jsonl"), folder.join("killed.html"));
    fs::write(&events, log).expect("a place for test files");
    let render = Command::new(PROGRAM)
        .args(["report", "html"])
        .arg(&events)
        .arg("-o")
        .arg(&page)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&render.stderr);
    assert!(render.status.success(), "{said}");
    let page = fs::read_to_string(page).expect("a page");
    let notice = "<strong>This log was cut off.</strong> It ends in the middle: ";
    assert!(page.contains(notice) && page.trim_end().ends_with("</html>"));
    assert!(page.contains("was not judged in full") && !page.contains("<strong>conforms</strong>"));
}
