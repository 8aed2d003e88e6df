//! The command that runs one case again: with all that may decide how it ends.

use std::time::Duration;

use super::{RunArgs, USUAL_SEED};

/// A word that names a scenario file; no case has such an id.
pub(super) fn is_scenario_file(word: &str) -> bool {
    [".yaml", ".yml"]
        .iter()
        .any(|ending| word.ends_with(ending))
}

/// The command that runs one case again, but for the case.
pub(super) fn rerun_command(args: &RunArgs) -> String {
    let mut words = vec!["wireproof run".to_owned()];
    let quote = |text: &str| {
        let plain = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./:=".contains(c));
        if plain {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    let mut add = |option: &str, value: &str| words.push(format!("{option} {}", quote(value)));
    if let Some(target) = &args.target {
        add("--target", target);
    }
    if let Some(command) = &args.launch.launch {
        add("--launch", command);
    }
    if let Some(pattern) = &args.launch.launch_ready {
        add("--launch-ready", pattern.as_str());
    }
    if let Some(profile) = &args.profile {
        add("--profile", &profile.display().to_string());
    }
    if let Some(dir) = &args.packs.pack_dir {
        add("--pack-dir", &dir.display().to_string());
    }
    args.packs.pack.iter().for_each(|pack| add("--pack", pack));
    args.readings
        .iter()
        .for_each(|reading| add("--reading", reading));
    args.settings
        .iter()
        .for_each(|setting| add("--setting", setting));
    args.headers
        .iter()
        .for_each(|header| add("--header", header));
    if let Some(codec) = args.codec {
        add("--codec", codec.name());
    }
    if let Some(frames) = args.frames {
        add("--frames", frames.name());
    }
    if let Some(subprotocol) = &args.subprotocol {
        add("--subprotocol", subprotocol);
    }
    if args.seed != USUAL_SEED {
        add("--seed", &args.seed.to_string());
    }
    if let Some(timeout) = args.timeout {
        add("--timeout", &time(timeout));
    }
    if let Some(silence) = args.silence {
        add("--silence", &time(silence));
    }
    if let Some(ca) = &args.ca {
        add("--ca", &ca.display().to_string());
    }
    if args.insecure {
        words.push("--insecure".to_owned());
    }
    let files = args.words.iter().filter(|word| is_scenario_file(word));
    words.extend(files.map(|file| quote(file)));
    words.push("--case".to_owned());
    words.join(" ")
}

/// A time as the arguments have it.
fn time(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{}s", time.as_secs()),
        _ => format!("{}ms", time.as_millis()),
    }
}
