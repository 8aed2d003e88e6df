//! `wireproof serve`: the built-in reference servers, one port a pack, until interrupted.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use wireproof_reference::{Behaviour, Break, Pack, bugs, protocol, readings, with_bug};

use super::error::CliError;
use super::interrupt::next_interrupt;
use super::output::say;
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// Serve only these packs
    #[arg(long, value_name = "NAME")]
    pack: Vec<String>,
    /// Listen here; further packs take the ports that follow, and port 0 means any free ones
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Break the rule of this requirement; ID#1 breaks it in its second way
    #[arg(long = "break", value_name = "ID")]
    broken: Vec<Break>,
    /// Have this bug; one at a time, and its pack alone is served
    #[arg(long, value_name = "ID", conflicts_with = "broken")]
    bug: Option<String>,
    /// Take another reading of the document
    #[arg(long = "reading", value_name = "NAME=OPTION")]
    readings: Vec<String>,
    /// List the rules that can be broken, the readings that can be taken and the bugs that can be had, and exit
    #[arg(long)]
    list: bool,
}

pub(super) fn serve(args: ServeArgs) -> Result<Exit, CliError> {
    let mut packs = select(&args.pack)?;
    if let Some(id) = &args.bug {
        packs.retain(|pack| bugs(*pack).iter().any(|bug| bug.id == id));
        if packs.is_empty() {
            return Err(CliError::usage(format!(
                "no bug is called \"{id}\"; see `wireproof serve --list`"
            )));
        }
    }
    if args.list {
        say(&packs.iter().map(|pack| settings(*pack)).collect::<String>())?;
        return Ok(Exit::Fine);
    }
    let mut behaviour = Behaviour {
        broken: args.broken,
        readings: Vec::new(),
    };
    for reading in &args.readings {
        let Some((name, option)) = reading.split_once('=') else {
            return Err(CliError::usage(format!(
                "--reading takes NAME=OPTION, not \"{reading}\""
            )));
        };
        behaviour
            .readings
            .push((name.to_owned(), option.to_owned()));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::io("start"))?;
    runtime.block_on(serve_all(
        &packs,
        args.listen,
        &behaviour,
        args.bug.as_deref(),
    ))
}

fn select(names: &[String]) -> Result<Vec<Pack>, CliError> {
    if names.is_empty() {
        return Ok(Pack::ALL.to_vec());
    }
    let find = |name: &String| {
        Pack::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = Pack::ALL.iter().map(|pack| pack.name()).collect();
            CliError::usage(format!(
                "unknown pack \"{name}\"; there are {}",
                known.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}

async fn serve_all(
    packs: &[Pack],
    listen: SocketAddr,
    behaviour: &Behaviour,
    bug: Option<&str>,
) -> Result<Exit, CliError> {
    // Whoever has read a URL may interrupt.
    let interrupted = next_interrupt();
    let mut servers = tokio::task::JoinSet::new();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    for (i, pack) in packs.iter().enumerate() {
        let own = applicable(*pack, behaviour, packs)?;
        let server = match bug {
            Some(id) => with_bug(*pack, id).map_err(|error| CliError::usage(error.to_string()))?,
            None => protocol(*pack, &own).map_err(|error| CliError::usage(error.to_string()))?,
        };
        let mut address = listen;
        if listen.port() != 0 {
            let port = u16::try_from(i)
                .ok()
                .and_then(|i| listen.port().checked_add(i));
            address
                .set_port(port.ok_or_else(|| CliError::usage("there are no ports above 65535"))?);
        }
        let listener = TcpListener::bind(address)
            .await
            .map_err(CliError::io(format!("listen on {address}")))?;
        let address = listener.local_addr().map_err(CliError::io("listen"))?;
        say(&format!(
            "{:<12} ws://{address}  {}\n",
            pack.name(),
            pack.speaks()
        ))?;
        let mut stopped = stopped.clone();
        servers.spawn(async move {
            let until = async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            wireproof_reference::serve(listener, server, until).await;
        });
    }
    let _ = interrupted.await;
    let _ = stop.send(true);
    while servers.join_next().await.is_some() {}
    Ok(Exit::Fine)
}

/// The part of the behaviour that this pack knows; what no pack knows is an error.
fn applicable(pack: Pack, behaviour: &Behaviour, packs: &[Pack]) -> Result<Behaviour, CliError> {
    let has_rule = |pack: Pack, id: &str| {
        wireproof_reference::rules(pack)
            .iter()
            .any(|rule| rule.id == id)
    };
    let has_reading = |pack: Pack, id: &str| readings(pack).iter().any(|reading| reading.id == id);
    for broken in &behaviour.broken {
        if !packs.iter().any(|pack| has_rule(*pack, &broken.rule)) {
            return Err(CliError::usage(format!(
                "no rule is called \"{}\"; see `wireproof serve --list`",
                broken.rule
            )));
        }
    }
    for (id, _) in &behaviour.readings {
        if !packs.iter().any(|pack| has_reading(*pack, id)) {
            return Err(CliError::usage(format!(
                "no reading is called \"{id}\"; see `wireproof serve --list`"
            )));
        }
    }
    Ok(Behaviour {
        broken: behaviour
            .broken
            .iter()
            .filter(|broken| has_rule(pack, &broken.rule))
            .cloned()
            .collect(),
        readings: behaviour
            .readings
            .iter()
            .filter(|(id, _)| has_reading(pack, id))
            .cloned()
            .collect(),
    })
}

/// What `--break` and `--reading` may name.
fn settings(pack: Pack) -> String {
    let mut lines = vec![pack.name().to_owned()];
    lines.push("  rules, for --break".to_owned());
    for rule in wireproof_reference::rules(pack) {
        for (way, description) in rule.ways.iter().enumerate() {
            let id = if way == 0 {
                rule.id.to_owned()
            } else {
                format!("{}#{way}", rule.id)
            };
            lines.push(format!("    {id:<48} {description}"));
        }
    }
    lines.push("  readings, for --reading; the first option is the default".to_owned());
    for reading in readings(pack) {
        lines.push(format!(
            "    {:<48} {}",
            reading.id,
            reading.options.join(" | ")
        ));
    }
    lines.push("  bugs, for --bug".to_owned());
    for bug in bugs(pack) {
        lines.push(format!("    {:<48} {}", bug.id, bug.text));
    }
    lines.push(String::new());
    lines.join("\n")
}
