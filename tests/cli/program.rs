//! The program, the servers that it is tried on, and how it is stopped.

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
use tokio_tungstenite::tungstenite::{Message, accept};

/// Nothing takes so long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_wireproof");

/// The program, plain and in the repository's root.
pub(crate) fn wireproof<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new(PROGRAM)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("RUST_BACKTRACE")
        .timeout(PATIENCE)
}

/// What the program leaves behind, having ended as it should.
pub(crate) fn ran<'a>(code: i32, args: impl IntoIterator<Item = &'a str>) -> Output {
    let output = wireproof(args).output().expect("it starts");
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    output
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("one JSON document and nothing else")
}

/// A file of this test's own that is not there yet.
pub(crate) fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

pub(crate) fn shown(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// `wireproof serve --pack PACK` with these further arguments; ends with its owner.
pub(crate) struct Served {
    pub(crate) server: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Served {
        Served::of("friendchat", args)
    }

    pub(crate) fn of(pack: &str, args: &[&str]) -> Served {
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
pub(crate) fn interrupt(child: &Child, signal: &str) {
    let signalled = std::process::Command::new("sh")
        .args(["-c", &format!("kill -{signal} {}", child.id())])
        .status();
    assert!(signalled.is_ok_and(|status| status.success()));
}

/// The exit code of a program that ends by itself; kills it when it hangs.
pub(crate) fn ends(mut child: Child) -> Option<i32> {
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
pub(crate) fn serve(
    answer: impl Fn(usize, &str) -> Option<String> + Clone + Send + 'static,
) -> String {
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
