//! Ctrl-C, and SIGTERM as CI sends it to what takes too long: listened for from the moment that one says so.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::sync::watch;

use crate::exit::Exit;

/// Turns true at the first Ctrl-C or SIGTERM after this call; the second ends the program on the spot.
pub(super) fn interrupted() -> watch::Receiver<bool> {
    let (interrupt, interrupted) = watch::channel(false);
    let mut asked = next_interrupt();
    tokio::spawn(async move {
        while asked.await.is_ok() {
            asked = next_interrupt();
            if *interrupt.borrow() {
                // Asked twice: whoever waits for a clean end waits no longer.
                std::process::exit(Exit::Interrupted.code().into());
            }
            let _ = interrupt.send(true);
        }
    });
    interrupted
}

/// Resolves at the next Ctrl-C or SIGTERM after this call, however much later it is polled.
#[cfg(unix)]
pub(super) fn next_interrupt() -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    Box::pin(async move {
        let (mut interrupt, mut terminate) = (interrupt?, terminate?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

/// Resolves at the next Ctrl-C after this call, however much later it is polled.
///
/// tokio listens only once its future is polled; until then, a Ctrl-C would end the program on the spot.
#[cfg(not(unix))]
pub(super) fn next_interrupt() -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
    use futures_util::FutureExt;
    let mut asked = Box::pin(tokio::signal::ctrl_c());
    match (&mut asked).now_or_never() {
        Some(already) => Box::pin(std::future::ready(already)),
        None => asked,
    }
}
