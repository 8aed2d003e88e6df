//! The process between wireproof and a server that it launched. It outlives wireproof however that ends,
//! and leaves nothing of the server behind.
//!
//! Its standard input is a pipe that wireproof holds and never writes to: once that ends, wireproof has
//! ended or wants the server to. It tells on standard output how the server ended. Speaks no protocol and
//! reads nothing of what the server writes, which goes to standard error.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Between two looks at processes that are ending.
const BEAT: Duration = Duration::from_millis(5);

/// For processes that were killed to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the command in a process group of its own, and returns when nothing is left of it.
pub fn watch_over(command: &str, grace: Duration) -> io::Result<()> {
    adopt_orphans();
    let output = io::stderr().as_fd().try_clone_to_owned()?;
    let server = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::from(output))
        .process_group(0)
        .spawn()?;
    let group = Pid::from_raw(i32::try_from(server.id()).map_err(io::Error::other)?);
    let called_off = Arc::new(AtomicBool::new(false));
    let ender = {
        let called_off = called_off.clone();
        move || {
            // Whatever stands there, the pipe is held for its end.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            called_off.store(true, Ordering::SeqCst);
            end_group(group, grace);
        }
    };
    let ender = thread::spawn(ender);
    let ended = loop {
        match waitpid(None, None) {
            Ok(status) if status.pid() == Some(group) => match in_words(status) {
                Some(words) => break words,
                None => continue,
            },
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    };
    // Nobody may be there to read it.
    let _ = writeln!(io::stdout(), "{ended}").and_then(|()| io::stdout().flush());
    if called_off.load(Ordering::SeqCst) {
        while !ender.is_finished() {
            while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status != WaitStatus::StillAlive)
            {
            }
            thread::sleep(BEAT);
        }
    } else {
        let _ = killpg(group, Signal::SIGKILL);
    }
    kill_orphans();
    Ok(())
}

/// Asks the group to end, and makes it.
fn end_group(group: Pid, grace: Duration) {
    let by = Instant::now() + grace;
    let _ = killpg(group, Signal::SIGTERM);
    while killpg(group, None).is_ok() && Instant::now() < by {
        thread::sleep(BEAT);
    }
    let _ = killpg(group, Signal::SIGKILL);
}

fn in_words(status: WaitStatus) -> Option<String> {
    match status {
        WaitStatus::Exited(_, code) => Some(format!("exit code {code}")),
        WaitStatus::Signaled(_, signal, _) => Some(format!("signal {signal}")),
        _ => None,
    }
}

/// Children of the server's that outlive it become ours, those too that left its group.
#[cfg(target_os = "linux")]
fn adopt_orphans() {
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

#[cfg(not(target_os = "linux"))]
fn adopt_orphans() {}

/// Kills whoever was adopted, until nobody is left.
fn kill_orphans() {
    let by = Instant::now() + PATIENCE;
    while Instant::now() < by {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Err(Errno::ECHILD) => return,
            Ok(WaitStatus::StillAlive) => {
                for child in children() {
                    let _ = kill(child, Signal::SIGKILL);
                }
                thread::sleep(BEAT);
            }
            _ => {}
        }
    }
}

/// The children of this process, as far as the system tells.
fn children() -> Vec<Pid> {
    let parent = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let child = |name: &str| {
        let pid = name.parse().ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{name}/stat")).ok()?;
        // After the name, which may hold anything: state and parent.
        let (_, rest) = stat.rsplit_once(')')?;
        (rest.split_whitespace().nth(1)? == parent).then(|| Pid::from_raw(pid))
    };
    processes
        .filter_map(|entry| child(entry.ok()?.file_name().to_str()?))
        .collect()
}
