//! Standard output: written in one go, and nobody is blamed for a reader who has had enough.

use std::io::{self, ErrorKind, Write};

use super::error::CliError;

/// Writes to standard output. A reader who left (`wireproof list | head`) is no error.
pub(super) fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::io("write to standard output")(error))
        }
        _ => Ok(()),
    }
}
