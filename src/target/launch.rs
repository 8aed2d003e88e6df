//! How to start the server under test, and how to know that it is ready. Data alone: starts nothing.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

/// Stands in a command or a URL for a free port.
pub const PORT: &str = "{port}";

/// A server that wireproof starts itself.
#[derive(Clone, Debug)]
pub struct Launch {
    /// A command line for the shell.
    pub command: String,
    /// Over the environment of wireproof.
    pub env: Vec<(String, String)>,
    pub ready: Ready,
    /// How long it may take to get ready.
    pub within: Duration,
    /// Between the request to end and the end.
    pub grace: Duration,
    /// A file for all that it writes.
    pub log: Option<PathBuf>,
}

/// What a profile says of a server that is to be launched.
#[derive(Clone, Debug, Default)]
pub struct Launching {
    /// A command line for the shell; `{port}` in it is a free port.
    pub command: String,
    /// The server is ready once it writes a line that matches; where there is none, once somebody listens.
    pub ready: Option<Regex>,
    pub within: Option<Duration>,
    pub grace: Option<Duration>,
    pub env: Vec<(String, String)>,
    /// A file for all that it writes, relative to the folder of the profile.
    pub log: Option<String>,
}

/// What shows that a launched server can be tested.
#[derive(Clone, Debug)]
pub enum Ready {
    /// Somebody listens at this host and port.
    Listens { host: String, port: u16 },
    /// A line of its output matches.
    Says(Regex),
}

/// A port of the loopback that nobody listens on now.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
