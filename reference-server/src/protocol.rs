//! What every server here is to its caller: inputs go in, effects come out.
//! Knows no socket, no clock and no particular protocol.

/// Names one connection for as long as it is open. The caller chooses it and uses it only once.
pub type ConnId = u64;

/// One WebSocket message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
}

impl Frame {
    /// The length of what it carries, in bytes.
    pub fn len(&self) -> usize {
        match self {
            Frame::Text(text) => text.len(),
            Frame::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether it carries nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the caller is to do, in the order given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Sends a frame to a connection.
    Send {
        /// The connection.
        to: ConnId,
        /// What to send.
        frame: Frame,
    },
    /// Closes a connection after all that was sent to it before.
    Close {
        /// The connection.
        conn: ConnId,
        /// The close code (RFC 6455, section 7.4).
        code: u16,
    },
}

/// A server without its sockets. `now_ms` is the time in milliseconds since the Unix epoch, or
/// since whatever epoch the caller likes; it must not run backwards.
pub trait Protocol: Send {
    /// A connection was opened.
    fn connected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect>;
    /// A frame arrived on a connection.
    fn received(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<Effect>;
    /// A connection is gone, however it went. To be said after an [`Effect::Close`] too.
    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect>;
    /// A second server in the same state. What happens to one does not happen to the other.
    fn fork(&self) -> Box<dyn Protocol>;
}

/// A message on its way to a connection, before it is a frame; or the end of a connection.
pub(crate) enum Sent<M> {
    Message { to: ConnId, message: M },
    Close { conn: ConnId, code: u16 },
}
