//! What the arguments say over the profile, and who the target is: the built-in server where none is named.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::RunArgs;
use crate::cli::error::CliError;
use crate::cli::handshake;
use crate::runner::Target;
use crate::scenario::Pack;
use crate::target::{Address, Profile};
use crate::transport::{Endpoint, EndpointOptions, Tls};
use crate::value::Value;

/// What the profile says, and over it what the arguments say.
pub(super) fn resolve_profile(
    args: &RunArgs,
    packs: &[Arc<Pack>],
    mut profile: Profile,
) -> Result<Profile, CliError> {
    if let Some(timeout) = args.timeout {
        profile.timeouts.connect = timeout;
        profile.timeouts.answer = timeout;
    }
    profile.timeouts.silence = args.silence.unwrap_or(profile.timeouts.silence);
    profile.wire.codec = args.codec.or(profile.wire.codec);
    profile.wire.frames = args.frames.or(profile.wire.frames);
    let over = |id: &str, list: &mut Vec<(String, String)>| list.retain(|(known, _)| known != id);
    for reading in &args.readings {
        let (id, option) = split(reading, "--reading", "NAME=OPTION")?;
        let known: Vec<_> = packs
            .iter()
            .filter_map(|pack| pack.catalogue.reading(id))
            .collect();
        if known.is_empty() {
            return Err(CliError::usage(format!("no reading is called \"{id}\"")));
        }
        if !known
            .iter()
            .any(|reading| reading.options.iter().any(|(name, _)| name == option))
        {
            let options: Vec<&str> = known
                .iter()
                .flat_map(|r| r.options.iter().map(|(name, _)| name.as_str()))
                .collect();
            return Err(CliError::usage(format!(
                "reading {id} has no option \"{option}\"; it has {}",
                options.join(", ")
            )));
        }
        over(id, &mut profile.readings);
        profile.readings.push((id.to_owned(), option.to_owned()));
    }
    for setting in &args.settings {
        let (name, value) = split(setting, "--setting", "NAME=VALUE")?;
        if !packs.iter().any(|pack| {
            pack.catalogue
                .settings
                .iter()
                .any(|(known, _)| known == name)
        }) {
            return Err(CliError::usage(format!("no setting is called \"{name}\"")));
        }
        let value = value.parse().map_or_else(|_| Value::str(value), Value::Int);
        profile.settings.retain(|(known, _)| known != name);
        profile.settings.push((name.to_owned(), value));
    }
    Ok(profile)
}

fn split<'t>(text: &'t str, option: &str, form: &str) -> Result<(&'t str, &'t str), CliError> {
    text.split_once('=')
        .ok_or_else(|| CliError::usage(format!("{option} takes {form}, not \"{text}\"")))
}

pub(super) async fn resolve_target(
    args: &RunArgs,
    address: &Address,
    pack: &Pack,
    profile: &Arc<Profile>,
) -> Result<Target, CliError> {
    let url = match &address.url {
        Some(url) => url.clone(),
        None => start_built_in(&pack.catalogue.name).await?,
    };
    let mut headers = address.headers.clone();
    headers.extend(handshake::headers(&args.headers)?);
    let ca = args.ca.clone().or(address.ca.clone().map(PathBuf::from));
    let extra_ca = handshake::certificates(ca.as_deref())?;
    let options = EndpointOptions {
        headers,
        subprotocol: args.subprotocol.clone().or(address.subprotocol.clone()),
        tls: Tls {
            extra_ca,
            insecure: args.insecure || address.insecure,
        },
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse(&url, options)
        .map_err(|error| CliError::usage(format!("--target: {error}")))?;
    Ok(Target::new(endpoint, pack, profile.clone()))
}

/// Serves the pack in this process, on a free port of the loopback, for as long as the process lives.
pub(in crate::cli) async fn start_built_in(pack: &str) -> Result<String, CliError> {
    let Some(known) = wireproof_reference::Pack::from_name(pack) else {
        return Err(CliError::usage(format!(
            "there is no built-in server for {pack}; say where yours is with --target"
        )));
    };
    let protocol = wireproof_reference::protocol(known, &wireproof_reference::Behaviour::default())
        .map_err(|error| CliError::usage(error.to_string()))?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(CliError::io("listen on the loopback"))?;
    let address = listener
        .local_addr()
        .map_err(CliError::io("listen on the loopback"))?;
    tokio::spawn(wireproof_reference::serve(
        listener,
        protocol,
        std::future::pending(),
    ));
    Ok(format!("ws://{address}"))
}
