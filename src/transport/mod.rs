//! Connections to the target, over WebSocket or raw: open, send, receive, close.
//!
//! No task, no channel, no lock: whoever owns a [`Connection`] polls it, and that drives writing, reading
//! and pongs at once. Refuses to guess: every way in which opening fails or a connection ends is told apart.
//! Knows of codecs only where their values end; never panics on what a peer sends, and holds no more of it than a bounded message.

mod connection;
#[cfg(test)]
mod connection_tests;
#[cfg(test)]
mod end_tests;
mod endpoint;
#[cfg(test)]
mod endpoint_tests;
mod handshake;
mod open;
#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod peer;
mod stream;
#[cfg(test)]
mod stream_tests;
mod tls;
#[cfg(test)]
mod tls_tests;
mod watch;
mod websocket;
mod wire;

pub use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

pub use self::connection::{Connection, Incoming, Outgoing};
pub use self::endpoint::{Endpoint, EndpointError, EndpointOptions, Tls};
pub use self::open::{OpenError, Stage, open};
pub use self::stream::Framing;

/// Hostile text for a message of one line: printable characters only, cut to 200.
fn printable(text: &[u8]) -> String {
    const MOST: usize = 200;
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * MOST)]);
    let mut shown: String = text.trim().chars().map(visible).take(MOST).collect();
    if text.trim().chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that reorder or hide text, become a replacement character.
fn visible(char: char) -> char {
    match char {
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        _ if char.is_control() => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn hostile_text_is_shown_on_one_line_and_cut() {
        assert_eq!(
            printable(b" Not\r\nFound \x1b[31m"),
            "Not\u{fffd}\u{fffd}Found \u{fffd}[31m"
        );
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\u{fffd}b");
        assert_eq!(printable(b"\xff\xfe"), "\u{fffd}\u{fffd}");
        let long = printable("é".repeat(1000).as_bytes());
        assert_eq!(
            (long.chars().count(), long.chars().last()),
            (201, Some('…'))
        );
    }
}
