//! Messages to the target and what it answers, without a case: for whoever does not know yet what it speaks.

use std::time::Duration;

use tokio::time::Instant;

use super::speech::Target;
use super::unix_now;
use crate::engine::Outbound;
use crate::event::{End, FrameKind};
use crate::target::Me;
use crate::transport::{self, Incoming, OpenError};
use crate::value::Value;

/// What one connection gave.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The frames that came, as they travelled.
    pub came: Vec<(FrameKind, Vec<u8>)>,
    /// How the connection ended, where the target ended it.
    pub end: Option<End>,
}

/// Frames that are looked at.
const MOST: usize = 20;

/// Opens a connection, sends a message of the document in the target's dialect, and listens: until it has been
/// silent for `patience` after the last frame, or for twice that before the first.
///
/// `Err` where the connection does not open, or the message cannot be sent in this codec.
pub async fn converse(
    target: &Target,
    message: &Value,
    connect: Duration,
    patience: Duration,
) -> Result<Conversation, ConverseError> {
    let mut connection = transport::open(&target.endpoint, connect).await?;
    let me = Me {
        fields: &[],
        now: unix_now(),
    };
    let (_, outgoing) = target
        .encode(Outbound::Value(message.clone()), &me)
        .map_err(|unsent| ConverseError::Unsayable(unsent.to_string()))?;
    connection.send(outgoing);
    let mut heard = Conversation::default();
    let mut by = Instant::now() + patience * 2;
    while heard.came.len() < MOST {
        match connection.next_by(by).await {
            None => break,
            Some(Incoming::Pong(_)) => continue,
            Some(Incoming::Text(text)) => {
                heard.came.push((FrameKind::Text, text.as_bytes().to_vec()))
            }
            Some(Incoming::Binary(bytes)) => heard.came.push((FrameKind::Binary, bytes.to_vec())),
            Some(Incoming::End(end)) => {
                heard.end = Some(end);
                break;
            }
        }
        by = Instant::now() + patience;
    }
    Ok(heard)
}

/// Why there was no conversation.
#[derive(Debug, thiserror::Error)]
pub enum ConverseError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{0}")]
    Unsayable(String),
}
