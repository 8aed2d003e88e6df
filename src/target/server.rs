//! A server that wireproof launched: until it is ready, while it runs, and its end.
//!
//! It runs below a process of its own that watches over it (see `watcher`), so that nothing is left of it
//! however wireproof ends. Judges nothing: says whether the server runs, and what it wrote.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Either;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::launch::{Launch, Ready};
use super::log::Log;

/// Lines of the log in a message.
const SHOWN: usize = 20;

/// For the last lines of a server that ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Between two looks whether somebody listens.
const BEAT: Duration = Duration::from_millis(20);

/// The program that watches, and the arguments that make it do so; grace in milliseconds and command follow.
#[derive(Clone, Debug)]
pub struct Watcher {
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("cannot launch the server: {0}")]
    Start(std::io::Error),
    #[error("the server ended before it was ready: {ended}{}", tail(.log))]
    Ended { ended: String, log: Vec<String> },
    #[error("the server was not ready within {within:?}: {waited}{}", tail(.log))]
    NotReady {
        within: Duration,
        waited: String,
        log: Vec<String>,
    },
    #[error("cannot write the server's log to {}: {error}", .path.display())]
    Log {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("somebody listens at {0} already, who is not the server to be launched")]
    Taken(String),
}

/// A launched server, which can be started again.
pub struct Server {
    launch: Launch,
    watcher: Watcher,
    log: Arc<Mutex<Log>>,
    running: tokio::sync::Mutex<Running>,
    /// How the one that was started last ended.
    ended: Mutex<watch::Receiver<Option<String>>>,
}

/// One process of the server's.
struct Running {
    watcher: Child,
    /// Whether it wrote the line that says that it is ready.
    said: watch::Receiver<bool>,
    ended: watch::Receiver<Option<String>>,
}

impl Server {
    /// Starts the server, and waits until it is ready.
    pub async fn start(launch: Launch, watcher: Watcher) -> Result<Server, LaunchError> {
        if let Some(path) = &launch.log {
            let made = std::fs::File::create(path);
            made.map_err(|error| LaunchError::Log {
                path: path.clone(),
                error,
            })?;
        }
        let log = Arc::new(Mutex::new(Log::default()));
        let running = Running::start(&launch, &watcher, &log).await?;
        Ok(Server {
            launch,
            watcher,
            log,
            ended: Mutex::new(running.ended.clone()),
            running: tokio::sync::Mutex::new(running),
        })
    }

    /// Ends what is left, and starts it anew.
    pub async fn restart(&self) -> Result<(), LaunchError> {
        let mut running = self.running.lock().await;
        running.stop(self.launch.grace).await;
        *running = Running::start(&self.launch, &self.watcher, &self.log).await?;
        *locked(&self.ended) = running.ended.clone();
        Ok(())
    }

    /// Asks it to end, makes it after the grace, and waits until nothing is left.
    pub async fn stop(&self) {
        self.running.lock().await.stop(self.launch.grace).await;
    }

    /// How it ended by itself, in words; `None` where it still runs after so long.
    pub async fn end_within(&self, patience: Duration) -> Option<String> {
        let mut ended = locked(&self.ended).clone();
        let end = timeout(patience, ended.wait_for(Option::is_some)).await;
        end.ok()?.ok()?.clone()
    }

    /// A place in its log, for [`since`](Server::since).
    pub fn mark(&self) -> u64 {
        locked(&self.log).mark()
    }

    /// The last lines that it wrote since the mark, not many.
    pub fn since(&self, mark: u64) -> Vec<String> {
        locked(&self.log).since(mark, SHOWN)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.launch.command)
    }
}

impl Running {
    async fn start(
        launch: &Launch,
        watcher: &Watcher,
        log: &Arc<Mutex<Log>>,
    ) -> Result<Running, LaunchError> {
        if let Ready::Listens { host, port } = &launch.ready
            && TcpStream::connect((host.as_str(), *port)).await.is_ok()
        {
            return Err(LaunchError::Taken(format!("{host}:{port}")));
        }
        let mark = locked(log).mark();
        let mut command = Command::new(&watcher.program);
        // Whatever interrupts wireproof must not end the watcher before its work is done.
        #[cfg(unix)]
        command.process_group(0);
        let mut watcher = command
            .args(&watcher.arguments)
            .arg(launch.grace.as_millis().to_string())
            .arg(&launch.command)
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(LaunchError::Start)?;
        let (say, said) = watch::channel(false);
        let pattern = match &launch.ready {
            Ready::Says(pattern) => Some(pattern.clone()),
            Ready::Listens { .. } => None,
        };
        let (end, ended) = watch::channel(None);
        let copy = launch.log.as_ref().and_then(|path| {
            // It was there a moment ago; a copy that cannot be written any more is no reason to stop.
            std::fs::File::options().append(true).open(path).ok()
        });
        let reading = watcher.stderr.take().map(|mut output| {
            let log = log.clone();
            let mut copy = copy;
            tokio::spawn(async move {
                let mut buffer = vec![0; 8 << 10];
                while let Ok(read @ 1..) = output.read(&mut buffer).await {
                    if let Some(file) = &mut copy
                        && file.write_all(&buffer[..read]).is_err()
                    {
                        copy = None;
                    }
                    let lines = locked(&log).write(&buffer[..read]);
                    let ready = |line: &String| pattern.as_ref().is_some_and(|p| p.is_match(line));
                    if lines.iter().any(ready) {
                        say.send_replace(true);
                    }
                }
                locked(&log).end_line();
                say
            })
        });
        if let Some(told) = watcher.stdout.take() {
            tokio::spawn(async move {
                let told = BufReader::new(told).lines().next_line().await;
                // What it wrote last comes before its end. Who else holds its output is not waited for.
                let said = match reading {
                    Some(reading) => timeout(LAST_WORDS, reading).await.ok(),
                    None => None,
                };
                let how = told.ok().flatten();
                end.send_replace(Some(how.unwrap_or_else(|| "it was ended".to_owned())));
                // Until now, nobody could take the end of its output for the line that says it is ready.
                drop(said);
            });
        }
        let mut running = Running {
            watcher,
            said,
            ended,
        };
        match running.ready(launch).await {
            Ok(()) => Ok(running),
            Err(why) => {
                running.stop(launch.grace).await;
                let log = locked(log).since(mark, SHOWN);
                Err(match why {
                    NotReady::Ended(ended) => LaunchError::Ended { ended, log },
                    NotReady::Late(waited) => LaunchError::NotReady {
                        within: launch.within,
                        waited,
                        log,
                    },
                })
            }
        }
    }

    /// Waits until it is ready, ends, or has taken too long.
    async fn ready(&mut self, launch: &Launch) -> Result<(), NotReady> {
        let by = Instant::now() + launch.within;
        let said = &mut self.said;
        let (waited, ready) = match &launch.ready {
            Ready::Listens { host, port } => (
                format!("nobody listens at {host}:{port}"),
                Either::Left(listens(host, *port)),
            ),
            Ready::Says(pattern) => (
                format!("it wrote no line that matches {:?}", pattern.as_str()),
                Either::Right(said.wait_for(|said| *said).map(|_| ())),
            ),
        };
        tokio::select! {
            biased;
            ended = self.ended.wait_for(Option::is_some) => {
                let how = ended.ok().and_then(|how| how.clone());
                Err(NotReady::Ended(how.unwrap_or_default()))
            }
            ready = timeout_at(by, ready) => ready.map_err(|_| NotReady::Late(waited)),
        }
    }

    async fn stop(&mut self, grace: Duration) {
        // The end of the pipe tells the watcher.
        drop(self.watcher.stdin.take());
        let patience = grace + Duration::from_secs(10);
        if timeout(patience, self.watcher.wait()).await.is_err() {
            let _ = self.watcher.start_kill();
        }
    }
}

async fn listens(host: &str, port: u16) {
    while TcpStream::connect((host, port)).await.is_err() {
        sleep(BEAT).await;
    }
}

enum NotReady {
    Ended(String),
    Late(String),
}

fn tail(log: &[String]) -> String {
    if log.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    format!("; it wrote last:\n  {}", log.join("\n  "))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
