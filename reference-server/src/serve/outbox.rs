//! What waits to be written to one connection, bounded in bytes.
//! Never makes its caller wait: a peer that does not read is given up instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use crate::protocol::Frame;

/// Above this many bytes, a peer counts as one that does not read. More than one frame of the
/// greatest size, so that such a frame can be relayed.
const MAX_BYTES: usize = 48 << 20;
/// What a frame costs besides its bytes, so that a great number of small ones is bounded too.
const OVERHEAD: usize = 64;

/// Makes both ends.
pub(super) fn outbox() -> (Outbox, Unwritten) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    (
        Outbox {
            sender,
            shared: Arc::clone(&shared),
        },
        Unwritten { receiver, shared },
    )
}

/// The end that is filled.
pub(super) struct Outbox {
    sender: mpsc::UnboundedSender<ToWrite>,
    shared: Arc<Shared>,
}

/// The end that is written to the socket.
pub(super) struct Unwritten {
    receiver: mpsc::UnboundedReceiver<ToWrite>,
    shared: Arc<Shared>,
}

/// What to write next.
pub(super) enum ToWrite {
    Frame(Frame),
    /// Close with this code.
    Close(u16),
    /// Drop the connection at once: the peer does not read.
    GiveUp,
}

#[derive(Default)]
struct Shared {
    bytes: AtomicUsize,
    closed: AtomicBool,
    given_up: AtomicBool,
    wake: tokio::sync::Notify,
}

impl Outbox {
    pub(super) fn send(&self, frame: Frame) {
        if self.is_closed() {
            return;
        }
        let cost = frame.len() + OVERHEAD;
        if self.shared.bytes.fetch_add(cost, Ordering::Relaxed) + cost > MAX_BYTES {
            self.shared.closed.store(true, Ordering::Relaxed);
            self.shared.given_up.store(true, Ordering::Release);
            self.shared.wake.notify_one();
        } else {
            // A connection that has gone meanwhile needs no frame.
            let _ = self.sender.send(ToWrite::Frame(frame));
        }
    }

    pub(super) fn close(&self, code: u16) {
        if !self.shared.closed.swap(true, Ordering::Relaxed) {
            let _ = self.sender.send(ToWrite::Close(code));
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Relaxed)
    }
}

impl Unwritten {
    /// Waits for the next thing to write; `None` when nobody will fill the outbox again.
    pub(super) async fn next(&mut self) -> Option<ToWrite> {
        let next = self.receiver.recv().await?;
        Some(self.taken(next))
    }

    /// The next thing to write if there is one already.
    pub(super) fn try_next(&mut self) -> Option<ToWrite> {
        match self.receiver.try_recv() {
            Ok(next) => Some(self.taken(next)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    /// A handle that resolves when the peer is to be given up, even amid a write.
    pub(super) fn given_up(&self) -> impl Future<Output = ()> + use<> {
        let shared = Arc::clone(&self.shared);
        async move {
            while !shared.given_up.load(Ordering::Acquire) {
                shared.wake.notified().await;
            }
        }
    }

    fn taken(&self, next: ToWrite) -> ToWrite {
        if self.shared.given_up.load(Ordering::Acquire) {
            return ToWrite::GiveUp;
        }
        if let ToWrite::Frame(frame) = &next {
            self.shared
                .bytes
                .fetch_sub(frame.len() + OVERHEAD, Ordering::Relaxed);
        }
        next
    }
}
