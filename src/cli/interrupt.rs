//! Ctrl-C, listened for from the moment that one says so.

use std::future::{Future, ready};
use std::io;
use std::pin::Pin;

use futures_util::FutureExt;

/// Resolves at the next Ctrl-C after this call, however much later it is polled.
///
/// tokio listens only once its future is polled; until then, a Ctrl-C would end the program on the spot.
pub(super) fn next_interrupt() -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
    let mut asked = Box::pin(tokio::signal::ctrl_c());
    match (&mut asked).now_or_never() {
        Some(already) => Box::pin(ready(already)),
        None => asked,
    }
}
