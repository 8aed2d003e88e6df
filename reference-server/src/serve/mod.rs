//! The socket loop: one task owns the protocol and takes inputs strictly in the order in which
//! they arrive; each connection has a task that reads and writes.
//! Knows no protocol. No peer can stop it, make it grow without bound, or make it panic.

mod connection;
mod outbox;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::protocol::{ConnId, Effect, Protocol};
use connection::{Event, Happened, Inputs};
use outbox::Outbox;

/// Connections at a time; more are dropped at once.
const MAX_CONNECTIONS: usize = 20_000;
/// Bytes that wait to be handled, over all connections; readers wait while it is full.
const MAX_WAITING_BYTES: usize = 64 << 20;
/// Inputs that wait to be handled.
const MAX_WAITING_INPUTS: usize = 1024;
/// How long connections may take to say goodbye when the server stops.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long to wait after the system refused to accept (out of file descriptors, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Serves a protocol on a listener until `stop` resolves, then closes every connection with
/// 1001. Any path is accepted. A message above 16 MiB is refused with 1009; a peer that does not
/// read what it is sent is dropped.
pub async fn serve(
    listener: TcpListener,
    protocol: Box<dyn Protocol>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let (sender, mut inputs) = mpsc::channel(MAX_WAITING_INPUTS);
    let sender = Inputs::new(sender, Arc::new(Semaphore::new(MAX_WAITING_BYTES)));
    let mut server = Serving {
        protocol,
        clock: Clock::start(),
        open: HashMap::new(),
    };
    let mut tasks = JoinSet::new();
    let mut next: ConnId = 1;

    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(event) = inputs.recv() => {
                server.handle(event);
                while let Ok(event) = inputs.try_recv() {
                    server.handle(event);
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if tasks.len() < MAX_CONNECTIONS => {
                    tasks.spawn(connection::run(next, stream, sender.clone()));
                    next += 1;
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = tasks.join_next() => {}
        }
    }

    drop(listener);
    for outbox in server.open.values() {
        outbox.close(GOING_AWAY);
    }
    drop(inputs);
    let all = async { while tasks.join_next().await.is_some() {} };
    // Whoever has not gone by then is aborted as the set is dropped.
    let _ = tokio::time::timeout(FAREWELL, all).await;
}

/// RFC 6455, section 7.4.1.
const GOING_AWAY: u16 = 1001;

struct Serving {
    protocol: Box<dyn Protocol>,
    clock: Clock,
    open: HashMap<ConnId, Outbox>,
}

impl Serving {
    fn handle(&mut self, event: Event) {
        let now = self.clock.now_ms();
        let conn = event.conn;
        let effects = match event.happened {
            Happened::Opened(outbox) => {
                self.open.insert(conn, outbox);
                self.protocol.connected(conn, now)
            }
            // What a connection still sent before it learnt that it is closed is not served.
            Happened::Frame(_, _) if self.open.get(&conn).is_none_or(Outbox::is_closed) => return,
            Happened::Frame(frame, _) => self.protocol.received(conn, frame, now),
            // Told at the peer's close and once more at the connection's end.
            Happened::Gone if self.open.remove(&conn).is_none() => return,
            Happened::Gone => self.protocol.disconnected(conn, now),
        };
        for effect in effects {
            match effect {
                Effect::Send { to, frame } => {
                    if let Some(outbox) = self.open.get(&to) {
                        outbox.send(frame);
                    }
                }
                Effect::Close { conn, code } => {
                    if let Some(outbox) = self.open.get(&conn) {
                        outbox.close(code);
                    }
                }
            }
        }
    }
}

/// Milliseconds since the Unix epoch that never run backwards.
struct Clock {
    started_ms: u64,
    started: Instant,
}

impl Clock {
    fn start() -> Clock {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Clock {
            started_ms: since_epoch.as_millis() as u64,
            started: Instant::now(),
        }
    }

    fn now_ms(&self) -> u64 {
        self.started_ms + self.started.elapsed().as_millis() as u64
    }
}
