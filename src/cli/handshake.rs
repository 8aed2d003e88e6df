//! What `--header` and `--ca` say of a handshake.

use std::fs;
use std::path::Path;

use super::error::CliError;

/// Each `NAME: VALUE`, apart.
pub(super) fn headers(given: &[String]) -> Result<Vec<(String, String)>, CliError> {
    let apart = given.iter().map(|header| {
        let Some((name, value)) = header.split_once(':') else {
            return Err(CliError::usage(format!(
                "--header takes NAME: VALUE, not \"{header}\""
            )));
        };
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    apart.collect()
}

/// What is in the file of certificates, if there is to be one.
pub(super) fn certificates(file: Option<&Path>) -> Result<Option<Vec<u8>>, CliError> {
    let read =
        |file: &Path| fs::read(file).map_err(CliError::io(format!("read {}", file.display())));
    file.map(read).transpose()
}
