//! `run --launch`: the server's command, made ready to be started; and the process that watches over it.

use std::time::Duration;

use regex::Regex;

use super::error::CliError;
#[cfg(unix)]
use crate::exit::Exit;
use crate::scenario::parse_duration;
use crate::target::{Launch, PORT, Ready, Watcher, free_port};
use crate::transport::{Endpoint, EndpointOptions, Tls};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct LaunchArgs {
    /// Start the server with this command line, and end it with the run; {port}, in it or in --target, is a free port
    #[arg(long, value_name = "COMMAND")]
    pub(super) launch: Option<String>,
    /// The server is ready once it writes a line that matches, rather than once somebody listens at its port
    #[arg(long, value_name = "REGEX", requires = "launch")]
    pub(super) launch_ready: Option<Regex>,
    /// How long the server may take to get ready
    #[arg(long, value_name = "TIME", requires = "launch", default_value = "30s", value_parser = parse_time)]
    launch_within: Duration,
    /// How long the server may take to end once it is asked to
    #[arg(long, value_name = "TIME", requires = "launch", default_value = "2s", value_parser = parse_time)]
    launch_grace: Duration,
}

impl LaunchArgs {
    /// What to launch, and the URL where it will be; `None` where nothing is to be launched.
    pub(super) fn resolve(&self, url: Option<&str>) -> Result<Option<(Launch, String)>, CliError> {
        let Some(command) = &self.launch else {
            return Ok(None);
        };
        if cfg!(not(unix)) {
            return Err(CliError::usage("--launch needs a Unix"));
        }
        let url = url.unwrap_or("ws://127.0.0.1:{port}");
        let mut env = Vec::new();
        let (mut command, mut url) = (command.clone(), url.to_owned());
        if command.contains(PORT) || url.contains(PORT) {
            let port = free_port()
                .map_err(CliError::io("find a free port"))?
                .to_string();
            command = command.replace(PORT, &port);
            url = url.replace(PORT, &port);
            env.push(("PORT".to_owned(), port));
        }
        let ready = match &self.launch_ready {
            Some(pattern) => Ready::Says(pattern.clone()),
            None => {
                // Only to take it apart: which certificates are trusted is said later.
                let options = EndpointOptions {
                    tls: Tls {
                        insecure: true,
                        ..Tls::default()
                    },
                    ..EndpointOptions::default()
                };
                let endpoint = Endpoint::parse(&url, options)
                    .map_err(|error| CliError::usage(format!("--target: {error}")))?;
                Ready::Listens {
                    host: endpoint.host().to_owned(),
                    port: endpoint.port(),
                }
            }
        };
        let launch = Launch {
            command,
            env,
            ready,
            within: self.launch_within,
            grace: self.launch_grace,
        };
        Ok(Some((launch, url)))
    }
}

/// This program, as the watcher of a server.
pub(super) fn watcher() -> Result<Watcher, CliError> {
    Ok(Watcher {
        program: std::env::current_exe().map_err(CliError::io("find this program"))?,
        arguments: ["watch-over", "--"].map(str::to_owned).to_vec(),
    })
}

#[cfg(unix)]
#[derive(Debug, clap::Args)]
pub(super) struct WatchArgs {
    /// In milliseconds
    grace: u64,
    command: String,
}

#[cfg(unix)]
pub(super) fn watch(args: &WatchArgs) -> Result<Exit, CliError> {
    crate::target::watch_over(&args.command, Duration::from_millis(args.grace))
        .map_err(CliError::io("launch the server"))?;
    Ok(Exit::Fine)
}

fn parse_time(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time such as 250ms or 5s".to_owned())
}
