//! A peer: a thread a connection, and a script that does what no server should.
//!
//! Scripts ignore errors of their sockets: whoever they are rude to may leave.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// One trial.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expect: Expect,
    /// What the line that tells of it says, too.
    pub(crate) why: &'static str,
    options: Vec<String>,
    scheme: &'static str,
    pack: Pack,
    /// The handshake goes well, so that it may take as long as a busy machine needs.
    opens: bool,
    script: Script,
}

/// A profile that waits half a second for answers, and far longer for connections.
const PATIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gauntlet/patient.yaml");

pub(crate) type Script = Arc<dyn Fn(TcpStream) + Send + Sync>;

/// What has to come of the run.
pub(crate) enum Expect {
    /// It could not be tested, and the line that says so goes on like this.
    Unfit(String),
    /// Cases deviate, and some line says this.
    Deviates(String),
    /// It does so much that the run may see it deviate, may take it for gone, or may have no room for its
    /// messages, whichever comes first; and says which.
    Overwhelms,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pack {
    Friendchat,
    Minioicq,
    /// Nobody listens at all.
    Absent,
}

impl Case {
    pub(crate) fn new(name: impl Into<String>, script: Script, expect: Expect) -> Case {
        Case {
            name: name.into(),
            expect,
            why: "",
            options: Vec::new(),
            scheme: "ws",
            pack: Pack::Friendchat,
            opens: false,
            script,
        }
    }

    /// Over TLS, with these options.
    pub(crate) fn secure(self, options: &[&str]) -> Case {
        Case {
            scheme: "wss",
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            ..self
        }
    }

    /// The line that tells of it says this, too.
    pub(crate) fn because(self, why: &'static str) -> Case {
        Case { why, ..self }
    }

    pub(crate) fn opens(self) -> Case {
        Case {
            opens: true,
            ..self
        }
    }

    pub(crate) fn speaks(self, pack: Pack) -> Case {
        Case { pack, ..self }
    }

    /// Starts the peer, which lives as long as this process.
    pub(crate) fn url(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let host = if self.scheme == "wss" {
            "localhost"
        } else {
            "127.0.0.1"
        };
        if self.pack != Pack::Absent {
            let script = self.script.clone();
            thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    let script = script.clone();
                    thread::spawn(move || script(stream));
                }
            });
        }
        format!("{}://{host}:{port}", self.scheme)
    }

    pub(crate) fn options(&self) -> Vec<&str> {
        let pack: &[&str] = match self.pack {
            // Two dozen cases at once, each of which begins with a registration.
            Pack::Friendchat => &[
                "--pack",
                "friendchat",
                "--jobs",
                "24",
                "/register.",
                "/friend-request.",
            ],
            Pack::Absent => &["--pack", "friendchat"],
            Pack::Minioicq => &["--pack", "minioicq", "auth."],
        };
        let own = self.options.iter().map(String::as_str);
        let patience = match self.opens {
            true => ["--profile", PATIENT],
            false => ["--timeout", "500ms"],
        };
        pack.iter().copied().chain(patience).chain(own).collect()
    }
}

/// Reads the request of the handshake; `None` where the client left.
pub(crate) fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        request.push(byte[0]);
    }
    String::from_utf8(request).ok()
}

/// The answer that accepts this request.
pub(crate) fn accepting(request: &str) -> String {
    let key = request
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.unwrap_or_default().as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Opens the WebSocket as it should.
pub(crate) fn open(stream: &mut TcpStream) -> Option<()> {
    let request = read_request(stream)?;
    stream.write_all(accepting(&request).as_bytes()).ok()
}

/// Reads one frame of the client's: its first byte, and its payload unmasked.
pub(crate) fn read_frame(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    let wide = match head[1] & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mut digits = [0; 8];
    stream.read_exact(&mut digits[8 - wide..]).ok()?;
    let len = match wide {
        0 => usize::from(head[1] & 0x7f),
        _ => usize::try_from(u64::from_be_bytes(digits)).ok()?,
    };
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).ok()?;
    let mut payload = vec![0; len];
    stream.read_exact(&mut payload).ok()?;
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[i % 4];
    }
    Some((head[0], payload))
}

/// A frame of the server's, whatever its first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len() as u64);
    frame.extend(payload);
    frame
}

/// A frame's header that promises so many bytes.
pub(crate) fn head(first: u8, len: u64) -> Vec<u8> {
    let mut head = vec![first];
    match len {
        ..126 => head.push(len as u8),
        126..65_536 => {
            head.push(126);
            head.extend((len as u16).to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend(len.to_be_bytes());
        }
    }
    head
}

/// Reads until the client leaves.
pub(crate) fn drain(stream: &mut TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

/// Leaves with bytes of the client's unread, which resets the connection.
pub(crate) fn reset(stream: TcpStream) {
    let _ = stream.peek(&mut [0]);
}

/// Nothing more is sent; what comes is read.
pub(crate) fn half_close(stream: &mut TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    drain(stream);
}

/// A byte at a time, with a pause after each, until the client has had enough.
pub(crate) fn drip(stream: &mut TcpStream, bytes: impl IntoIterator<Item = u8>) {
    // Waiting for what the client does not send is a pause that ends when it leaves.
    let _ = stream.set_read_timeout(Some(Duration::from_millis(40)));
    for byte in bytes {
        if stream.write_all(&[byte]).is_err() || matches!(stream.read(&mut [0]), Ok(0)) {
            return;
        }
    }
}

/// The same bytes again and again, until the client has had enough.
pub(crate) fn flood(stream: &mut TcpStream, bytes: &[u8]) {
    let many = bytes.repeat(((16 << 10) / bytes.len()).max(1));
    while stream.write_all(&many).is_ok() {}
}
