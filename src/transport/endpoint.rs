//! Where to connect: a URL and its options, made into something that can be opened many times.
//!
//! Refuses what is no URL of a WebSocket (`ws`, `wss`) or a raw connection (`tcp`, `tls`), and what would break the request apart (line breaks, headers
//! that belong to the handshake). Resolves no names and opens nothing.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::stream::Framing;
use super::tls;
use crate::codec::{Codec, Split};

/// A target's address, with all that every connection to it needs.
#[derive(Clone)]
pub struct Endpoint {
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// Path and query, as the request line has them.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) subprotocol: Option<String>,
    /// For `wss` and `tls`.
    pub(super) tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    pub(super) max_message: usize,
    /// For raw connections.
    pub(super) framing: Option<Framing>,
}

#[derive(Clone, Debug)]
pub struct EndpointOptions {
    /// Sent with the handshake, in this order. A `Host` replaces ours.
    pub headers: Vec<(String, String)>,
    /// Offered to the server, which may leave it out of its answer.
    pub subprotocol: Option<String>,
    pub tls: Tls,
    /// Bytes that a received message may have; more ends the connection. 4 MiB by default.
    pub max_message: usize,
}

/// Whom to trust, for `wss`.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// PEM. Trusted beside the system's authorities; a server's own certificate will do.
    pub extra_ca: Option<Vec<u8>>,
    /// Accept any certificate.
    pub insecure: bool,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        EndpointOptions {
            headers: Vec::new(),
            subprotocol: None,
            tls: Tls::default(),
            max_message: 4 << 20,
        }
    }
}

/// Why a URL or its options do not make an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error("the URL is empty")]
    Empty,
    #[error("{url}: the scheme is missing; did you mean ws://{url}?")]
    NoScheme { url: String },
    #[error("{url}: not a WebSocket URL; use {instead}://")]
    Http { url: String, instead: &'static str },
    #[error(
        "{url}: unknown scheme {scheme:?}; use ws:// or wss://, or tcp:// or tls:// without WebSocket"
    )]
    UnknownScheme { url: String, scheme: String },
    #[error("{url}: a raw connection needs a port: tcp://host:7000")]
    NoPort { url: String },
    #[error("{url}: a raw connection has no path")]
    RawPath { url: String },
    #[error("{url}: the host is missing")]
    NoHost { url: String },
    #[error("{url}: bad host {host:?}")]
    BadHost { url: String, host: String },
    #[error("{url}: bad port {port:?}; a port is a number from 1 to 65535")]
    BadPort { url: String, port: String },
    #[error("the URL holds a user name or password; send an Authorization header instead")]
    Credentials,
    #[error("{url}: a WebSocket URL has no fragment; write # as %23")]
    Fragment { url: String },
    #[error("{url}: {char:?} must be percent-encoded")]
    NotEncoded { url: String, char: char },
    #[error("header {name:?}: {reason}")]
    Header { name: String, reason: &'static str },
    #[error("bad subprotocol {0:?}")]
    Subprotocol(String),
    #[error("the CA file: {0}")]
    Ca(String),
    #[error("this machine trusts no certificates; run with --ca FILE or --insecure")]
    NoRoots,
}

impl Endpoint {
    /// Reads the system's certificates for a `wss` URL: once for each endpoint, not for each connection.
    pub fn parse(url: &str, options: EndpointOptions) -> Result<Endpoint, EndpointError> {
        let text = url.trim();
        let url = || text.to_owned();
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(EndpointError::NoScheme { url: url() });
        };
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            "tcp" => false,
            "tls" => true,
            "http" => {
                return Err(EndpointError::Http {
                    url: url(),
                    instead: "ws",
                });
            }
            "https" => {
                return Err(EndpointError::Http {
                    url: url(),
                    instead: "wss",
                });
            }
            _ => {
                return Err(EndpointError::UnknownScheme {
                    url: url(),
                    scheme: scheme.to_owned(),
                });
            }
        };
        let raw = ["tcp", "tls"].contains(&scheme.to_ascii_lowercase().as_str());
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        if raw && !["", "/"].contains(&path) {
            return Err(EndpointError::RawPath { url: url() });
        }
        if path.contains('#') {
            return Err(EndpointError::Fragment { url: url() });
        }
        if let Some(char) = path.chars().find(|char| !char.is_ascii_graphic()) {
            return Err(EndpointError::NotEncoded { url: url(), char });
        }
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return Err(EndpointError::NoHost { url: url() });
        }
        let Ok(name) = ServerName::try_from(host.to_owned()) else {
            return Err(EndpointError::BadHost {
                url: url(),
                host: host.to_owned(),
            });
        };
        let port = match port {
            None if raw => return Err(EndpointError::NoPort { url: url() }),
            None => {
                if secure {
                    443
                } else {
                    80
                }
            }
            Some(port) => match port.parse() {
                Ok(number @ 1..) if port.bytes().all(|byte| byte.is_ascii_digit()) => number,
                _ => {
                    return Err(EndpointError::BadPort {
                        url: url(),
                        port: port.to_owned(),
                    });
                }
            },
        };
        options
            .headers
            .iter()
            .try_for_each(|(name, value)| check_header(name, value))?;
        if let Some(bad) = options.subprotocol.as_ref().filter(|name| !is_token(name)) {
            return Err(EndpointError::Subprotocol(bad.clone()));
        }
        Ok(Endpoint {
            host: host.to_owned(),
            port,
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            },
            headers: options.headers,
            subprotocol: options.subprotocol,
            tls: if secure {
                Some((name, tls::client(&options.tls)?))
            } else {
                None
            },
            max_message: options.max_message,
            framing: raw.then_some(Framing {
                split: Split::Values(Codec::Json),
                newline: true,
            }),
        })
    }

    /// Whether messages stand in the bytes themselves, without a WebSocket.
    pub fn is_raw(&self) -> bool {
        self.framing.is_some()
    }

    /// The same place; raw connections to it are framed so.
    pub fn framed(mut self, framing: Framing) -> Endpoint {
        self.framing = self.framing.map(|_| framing);
        self
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as a URL has them: `[::1]:80`.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The URL, its port written out.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, path) = match (self.is_raw(), self.tls.is_some()) {
            (false, false) => ("ws", self.path.as_str()),
            (false, true) => ("wss", self.path.as_str()),
            (true, false) => ("tcp", ""),
            (true, true) => ("tls", ""),
        };
        write!(f, "{scheme}://{}{path}", self.address())
    }
}

/// Its URL alone: headers hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (host, rest.strip_prefix(':'));
    }
    match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

fn check_header(name: &str, value: &str) -> Result<(), EndpointError> {
    let ours = [
        "connection",
        "upgrade",
        "sec-websocket-key",
        "sec-websocket-version",
    ]
    .contains(&name.to_ascii_lowercase().as_str());
    let reason = match () {
        () if !is_token(name) => "a header's name is letters, digits and dashes",
        () if ours => "it belongs to the WebSocket handshake",
        () if name.eq_ignore_ascii_case("sec-websocket-protocol") => "use the subprotocol option",
        () if name.eq_ignore_ascii_case("sec-websocket-extensions") => "no extensions are spoken",
        () if value.chars().any(char::is_control) => "its value holds control characters",
        () => return Ok(()),
    };
    Err(EndpointError::Header {
        name: name.to_owned(),
        reason,
    })
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}
