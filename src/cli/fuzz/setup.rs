//! What a campaign needs besides its options: where the target is, how patient to be with it, who is right.

use std::path::PathBuf;
use std::time::Duration;

use super::super::handshake;
use super::FuzzArgs;
use crate::cli::error::CliError;
use crate::cli::reference::right_servers;
use crate::protocol::Settled;
use crate::scenario::Pack;
use crate::target::{Address, Profile, Timeouts};
use crate::transport::{Endpoint, EndpointOptions, Tls};
use crate::value::Value;

/// Only this machine, unless somebody says that the other one is theirs too.
pub(super) fn endpoint(
    args: &FuzzArgs,
    address: &Address,
    url: &str,
) -> Result<Endpoint, CliError> {
    let mut headers = address.headers.clone();
    headers.extend(handshake::headers(&args.headers)?);
    let ca = args.ca.clone().or(address.ca.clone().map(PathBuf::from));
    let options = EndpointOptions {
        headers,
        subprotocol: address.subprotocol.clone(),
        tls: Tls {
            extra_ca: handshake::certificates(ca.as_deref())?,
            insecure: args.insecure || address.insecure,
        },
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::parse(url, options)
        .map_err(|error| CliError::usage(format!("--target: {error}")))?;
    let host = endpoint.host();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let own = host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
        || args.i_own.as_deref() == Some(host);
    if own {
        Ok(endpoint)
    } else {
        Err(CliError::usage(format!(
            "{host} is not this machine; fuzzing can break it: say --i-own {host} if it is yours to break"
        )))
    }
}

/// How long to wait for an answer and for all the rest.
pub(super) fn patience(answer: Duration) -> Timeouts {
    Timeouts {
        connect: answer,
        answer,
        silence: Duration::from_millis(20),
        goodbye: Duration::ZERO,
        case: Duration::from_secs(30).max(answer * 8),
    }
}

/// What the profile says, and over it what the arguments say.
pub(super) fn profile(
    args: &FuzzArgs,
    pack: &Pack,
    mut profile: Profile,
) -> Result<Profile, CliError> {
    let usual = match args.profile {
        Some(_) => profile.timeouts.answer,
        None => Duration::from_secs(2),
    };
    profile.timeouts = patience(args.timeout.unwrap_or(usual));
    let split = |text: &str, option: &str, form: &str| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(CliError::usage(format!(
            "{option} takes {form}, not \"{text}\""
        ))),
    };
    for reading in &args.readings {
        let (id, option) = split(reading, "--reading", "NAME=OPTION")?;
        let known = pack.catalogue.reading(&id);
        if !known.is_some_and(|known| known.options.iter().any(|(name, _)| *name == option)) {
            return Err(CliError::usage(format!(
                "no reading {id} with an option {option}; `wireproof list --format json` has them"
            )));
        }
        profile.readings.retain(|(known, _)| *known != id);
        profile.readings.push((id, option));
    }
    for setting in &args.settings {
        let (name, value) = split(setting, "--setting", "NAME=VALUE")?;
        if !pack
            .catalogue
            .settings
            .iter()
            .any(|(known, _)| *known == name)
        {
            return Err(CliError::usage(format!("no setting is called \"{name}\"")));
        }
        let value = value
            .parse()
            .map_or_else(|_| Value::str(&value), Value::Int);
        profile.settings.retain(|(known, _)| *known != name);
        profile.settings.push((name, value));
    }
    Ok(profile)
}

/// The right servers of a pack that there is a reference server for.
pub(super) type Rights = Option<(
    wireproof_reference::Pack,
    Vec<wireproof_reference::Behaviour>,
)>;

pub(super) fn rights(pack: &Pack, profile: &Profile) -> Rights {
    let server = wireproof_reference::Pack::from_name(&pack.catalogue.name)?;
    let catalogue = &pack.catalogue;
    let settled = catalogue
        .readings
        .iter()
        .filter(|reading| reading.settled == Settled::Profile);
    let settled: Vec<(String, String)> = settled
        .filter_map(|reading| {
            let told = profile.readings.iter().find(|(id, _)| *id == reading.id);
            let option = told.map(|(_, option)| option.clone());
            Some((
                reading.id.clone(),
                option.or_else(|| reading.default.clone())?,
            ))
        })
        .collect();
    Some((server, right_servers(server, &settled)))
}
