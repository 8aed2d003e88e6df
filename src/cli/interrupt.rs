//! Ctrl-C, and SIGTERM as CI sends it to what takes too long: listened for from the moment that one says so.

use std::future::Future;
use std::io;
use std::pin::Pin;

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
