//! `run --launch`: the server's command, made ready to be started; and the process that watches over it.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use super::error::CliError;
#[cfg(unix)]
use crate::exit::Exit;
use crate::scenario::parse_duration;
use crate::target::{Address, Launch, Launching, PORT, Ready, Watcher, free_port};
use crate::transport::{Endpoint, EndpointOptions, Tls};

const WITHIN: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, clap::Args)]
pub(super) struct LaunchArgs {
    /// Start the server with this command line, and end it with the run; {port}, in it or in --target, is a free port
    #[arg(long, value_name = "COMMAND")]
    pub(super) launch: Option<String>,
    /// The server is ready once it writes a line that matches, rather than once somebody listens at its port
    #[arg(long, value_name = "REGEX", requires = "launch")]
    pub(super) launch_ready: Option<Regex>,
    /// How long the server may take to get ready [default: 30s]
    #[arg(long, value_name = "TIME", requires = "launch", value_parser = parse_time)]
    launch_within: Option<Duration>,
    /// How long the server may take to end once it is asked to [default: 2s]
    #[arg(long, value_name = "TIME", requires = "launch", value_parser = parse_time)]
    launch_grace: Option<Duration>,
}

impl LaunchArgs {
    /// What to launch, and the URL where it will be; `None` where nothing is to be launched. `there` says that
    /// the command line names a target, which is there by itself unless `--launch` stands beside it.
    pub(super) fn resolve(
        &self,
        address: &Address,
        there: bool,
    ) -> Result<Option<(Launch, String)>, CliError> {
        let said = match (&self.launch, &address.launch) {
            (None, None) => return Ok(None),
            (None, Some(_)) if there => return Ok(None),
            (_, Some(launching)) => launching.clone(),
            (Some(_), None) => Launching::default(),
        };
        let command = self.launch.as_ref().unwrap_or(&said.command);
        let url = address.url.as_deref();
        if cfg!(not(unix)) {
            return Err(CliError::usage("--launch needs a Unix"));
        }
        let url = url.unwrap_or("ws://127.0.0.1:{port}");
        let mut env = said.env;
        let (mut command, mut url) = (command.clone(), url.to_owned());
        if command.contains(PORT) || url.contains(PORT) {
            let port = free_port()
                .map_err(CliError::io("find a free port"))?
                .to_string();
            command = command.replace(PORT, &port);
            url = url.replace(PORT, &port);
            env.push(("PORT".to_owned(), port));
        }
        let ready = match self.launch_ready.clone().or(said.ready) {
            Some(pattern) => Ready::Says(pattern),
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
            within: self.launch_within.or(said.within).unwrap_or(WITHIN),
            grace: self.launch_grace.or(said.grace).unwrap_or(GRACE),
            log: said.log.map(PathBuf::from),
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
