//! `run --launch`: the server is started, tested, started again after a crash, and never left behind.
//!
//! Every launched process inherits the writing end of a named pipe: the pipe ends when the last of them has,
//! whoever their parents are. So nothing here has to look for processes, or to wait for a time.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;
use tokio::net::TcpListener;
use wireproof_reference::{Behaviour, ConnId, Effect, Frame, Pack, Protocol, protocol};

const WIREPROOF: &str = env!("CARGO_BIN_EXE_wireproof");

/// Nothing takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(100);

/// A pipe that ends when all the processes have that were launched with [`Lease::hold`].
struct Lease(PathBuf);

impl Lease {
    fn new(name: &str) -> Lease {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(&folder).expect("a folder for tests");
        let path = folder.join(format!("launch-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        mkfifo(&path, Mode::S_IRWXU).expect("a named pipe");
        Lease(path)
    }

    /// What a launched command begins with.
    fn hold(&self) -> String {
        format!("exec 3>'{}'; echo up >&3; ", self.0.display())
    }

    /// Waits until somebody holds it; whoever reads the rest waits until nobody does.
    fn taken(&self) -> BufReader<File> {
        let path = self.0.clone();
        in_time(move || {
            let mut pipe = BufReader::new(File::open(path).expect("a named pipe"));
            let mut line = String::new();
            pipe.read_line(&mut line).expect("text");
            assert_eq!(line, "up\n");
            pipe
        })
    }
}

fn ends(mut pipe: BufReader<File>) {
    in_time(move || pipe.read_to_end(&mut Vec::new()).expect("readable"));
}

fn in_time<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(act()));
    result.recv_timeout(PATIENCE).expect("it hangs, or failed")
}

fn run(launch: &str, options: &[&str]) -> Child {
    Command::new(WIREPROOF)
        .args([
            "run",
            "--no-report",
            "--format",
            "json",
            "--pack",
            "friendchat",
        ])
        .args(["--launch", launch])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn finish(child: Child) -> Output {
    in_time(|| child.wait_with_output().expect("it runs"))
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The reference server, and what its parents leave beside it.
fn server(beside: &str) -> String {
    format!("{beside} exec '{WIREPROOF}' serve --pack friendchat --listen 127.0.0.1:{{port}}")
}

#[test]
fn a_launched_server_is_tested_and_ended_with_all_its_children() {
    let lease = Lease::new("tested");
    let launch = lease.hold() + &server("sleep 1000 & (sleep 1000 &);");
    let running = run(&launch, &["/register."]);
    let pipe = lease.taken();
    let output = finish(running);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(document(&output)["end"]["as"], "completed");
    ends(pipe);
}

#[test]
fn a_server_that_ignores_the_request_to_end_is_killed() {
    let lease = Lease::new("stubborn");
    let launch = lease.hold() + "trap '' TERM; " + &server("sleep 1000 &");
    let running = run(&launch, &["--launch-grace", "100ms", "/register."]);
    let pipe = lease.taken();
    let output = finish(running);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    ends(pipe);
}

#[test]
fn nothing_is_left_behind_when_wireproof_is_killed() {
    let lease = Lease::new("killed");
    // In the group, in a session of its own where the system has setsid, and below a parent that has gone.
    let launch = lease.hold()
        + "sleep 1000 & setsid sleep 1000 & (sleep 1000 & setsid sleep 1000 &); sleep 1000";
    let mut running = run(
        &launch,
        &["--launch-ready", "never", "--launch-within", "1000s"],
    );
    let pipe = lease.taken();
    running.kill().expect("it runs");
    running.wait().expect("it was killed");
    ends(pipe);
}

#[test]
fn a_server_that_does_not_get_ready_is_told_with_what_it_wrote() {
    let lease = Lease::new("late");
    let launch = lease.hold() + "echo reading the configuration; sleep 1000";
    let running = run(&launch, &["--launch-within", "2s"]);
    let pipe = lease.taken();
    let output = finish(running);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let said = said(&output);
    for part in [
        "the server was not ready within 2s: nobody listens at 127.0.0.1:",
        "reading the configuration",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    ends(pipe);
}

#[test]
fn a_server_that_ends_at_once_is_told_with_its_exit_code() {
    let output = finish(run("echo no configuration >&2; exit 7", &[]));
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let said = said(&output);
    for part in [
        "the server ended before it was ready: exit code 7",
        "  no configuration",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
}

#[test]
fn a_line_of_its_output_says_that_it_is_ready() {
    let launch = server("");
    let output = finish(run(
        &launch,
        &["--launch-ready", "^friendchat +ws://", "/register."],
    ));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_port_that_somebody_else_has_is_not_tested() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("ws://{}", other.local_addr().expect("bound"));
    let output = finish(run("sleep 1000", &["--target", &url]));
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("somebody listens at 127.0.0.1:"),
        "{}",
        said(&output)
    );
}

/// A file of this test's own.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).expect("a folder for tests");
    let path = folder.join(format!("launch-{}-{name}", std::process::id()));
    fs::write(&path, text).expect("writable");
    path
}

#[test]
fn a_profile_says_how_the_server_is_started() {
    let lease = Lease::new("profile");
    let command = lease.hold() + "echo greetings, $WHOM; " + &server("");
    let log = file("server.log", "of the run before");
    let profile = format!(
        "pack: friendchat\nlaunch:\n  command: {}\n  ready: '^friendchat +ws://'\n  env: {{ WHOM: wireproof }}\n  \
         within: 20s\n  grace: 1s\n  log: {}\n",
        serde_json::json!(command),
        log.file_name().expect("a name").display()
    );
    let profile = file("profile.yaml", &profile);
    let running = Command::new(WIREPROOF)
        .args(["run", "--no-report", "--format", "json", "--profile"])
        .arg(&profile)
        .arg("/register.")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let pipe = lease.taken();
    let output = finish(running);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    ends(pipe);
    let log = fs::read_to_string(&log).expect("a log");
    assert!(log.starts_with("greetings, wireproof\n"), "{log}");
    assert!(log.contains("ws://127.0.0.1:"), "{log}");
}

#[test]
fn a_target_on_the_command_line_is_there_by_itself() {
    let profile = file(
        "unused.yaml",
        "pack: friendchat\nlaunch: { command: exit 7 }\n",
    );
    let output = Command::new(WIREPROOF)
        .args([
            "run",
            "--no-report",
            "--target",
            "ws://127.0.0.1:1",
            "--profile",
        ])
        .arg(&profile)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &said(&output);
    assert!(text.contains("nobody listens at 127.0.0.1:1"), "{text}");
    assert!(!text.contains("exit code 7"), "{text}");
}

/// What makes the server below abort.
const DEADLY: &str = "MAKE_COFFEE";

/// The case that sends it.
const DEADLY_CASE: &str = "friendchat/malformed.frame[unknown-type]";

#[test]
fn the_case_that_kills_the_server_deviates_and_the_others_run() {
    let program = std::env::current_exe().expect("this program");
    let launch = format!(
        "exec '{}' --ignored --exact mortal_server --nocapture",
        program.display()
    );
    let output = finish(run(&launch, &["/malformed.frame"]));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let document = document(&output);
    let cases = document["cases"].as_array().expect("cases");
    assert!(cases.len() > 20, "{}", cases.len());
    for case in cases {
        if case["id"] == DEADLY_CASE {
            assert_eq!(case["outcome"], "deviates");
            let deviation = &case["deviations"][0];
            assert_eq!(deviation["kind"], "gone", "{deviation}");
            let message = deviation["message"].as_str().unwrap_or_default();
            assert!(
                message.contains("its process ended: signal SIGABRT"),
                "{message}"
            );
            assert!(
                case["server_log"].to_string().contains("cannot live with"),
                "{case}"
            );
        } else {
            assert_eq!(case["outcome"], "conforms", "{case}\n{}", said(&output));
        }
    }
    assert_eq!(document["end"]["as"], "completed", "{}", document["end"]);
}

/// Not a test: the server that the one above launches.
#[test]
#[ignore = "runs until it is killed"]
fn mortal_server() {
    let Some(port) = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
    else {
        panic!("there is no PORT");
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let inner = protocol(Pack::Friendchat, &Behaviour::default()).expect("the default");
        let mortal = Box::new(Mortal(inner));
        wireproof_reference::serve(listener.expect("free"), mortal, std::future::pending()).await;
    });
}

struct Mortal(Box<dyn Protocol>);

impl Protocol for Mortal {
    fn connected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect> {
        self.0.connected(conn, now_ms)
    }

    fn received(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<Effect> {
        if matches!(&frame, Frame::Text(text) if text.contains(DEADLY)) {
            eprintln!("cannot live with {DEADLY}");
            std::process::abort();
        }
        self.0.received(conn, frame, now_ms)
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect> {
        self.0.disconnected(conn, now_ms)
    }

    fn fork(&self) -> Box<dyn Protocol> {
        Box::new(Mortal(self.0.fork()))
    }
}

/// It hangs for good at a frame that was cut off; only who can start it again can tell what did that.
#[test]
fn a_fuzzed_server_that_hangs_is_started_again_and_what_hung_it_is_made_small() {
    let lease = Lease::new("fuzz");
    let bug = "friendchat.hang-on-cut-frame";
    let serve = format!("exec '{WIREPROOF}' serve --bug {bug} --listen 127.0.0.1:{{port}}");
    let command = lease.hold() + &serve;
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("launch-fuzz-findings");
    let fuzz = Command::new(WIREPROOF)
        .args(["fuzz", "--pack", "friendchat", "--launch", &command])
        .args(["--format", "json", "--runs", "200", "--max-findings", "1"])
        .args(["--timeout", "500ms", "--out"])
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("wireproof starts");
    let pipe = lease.taken();
    let done = in_time(move || fuzz.wait_with_output().expect("it ends"));
    assert_eq!(done.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&done.stdout).expect("one JSON document");
    let finding = &summary["findings"][0];
    assert_eq!(finding["oracle"], "others-not-served", "{summary:#}");
    assert_eq!(finding["shown"], 5, "{summary:#}");
    assert_eq!(finding["steps"], 1, "{summary:#}");
    ends(pipe);
}
