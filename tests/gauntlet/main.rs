//! Hostile peers: whatever a server does, wireproof does not panic or hang, stays small, and says in one
//! line what happened.
//!
//! `wireproof` runs as the program that it is, against peers that live in this process, on 127.0.0.1. Each
//! run's peak of memory is held to that of a plain run. Times are no test's business: a run that hangs is
//! killed, and its test fails. With `GAUNTLET_FIGURES=FILE`, what was measured is appended there.

mod frames;
mod handshakes;
mod measure;
mod messages;
mod peer;
mod tls;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::measure::{Measured, Plain};
use crate::peer::{Case, Expect};

/// What a run may take beyond a plain one, in KiB.
const GROWTH: u64 = 64 << 10;

fn main() -> ExitCode {
    if let Some(code) = measure::as_the_program_in_between() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    // They mostly wait for each other.
    arguments.test_threads = arguments.test_threads.or(Some(6));
    let plain = Arc::new(Plain::default());
    let cases = [
        handshakes::cases(),
        tls::cases(),
        frames::cases().into_iter().map(Case::opens).collect(),
        messages::cases().into_iter().map(Case::opens).collect(),
    ];
    let trials = cases.into_iter().flatten().map(|case| {
        let plain = plain.clone();
        Trial::test(case.name.clone(), move || pass(&case, &plain))
    });
    let trials: Vec<Trial> = trials.collect();
    assert!(trials.len() >= 40, "only {} peers", trials.len());
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn pass(case: &Case, plain: &Plain) -> Result<(), Failed> {
    let plain = plain.peak_kib()?;
    let ran = measure::run(&case.url(), &case.options())?;
    let growth = ran.peak_kib.saturating_sub(plain);
    measure::note(&case.name, &ran, growth);
    let complaint = complaint(case, &ran, growth);
    match complaint {
        None => Ok(()),
        Some(complaint) => Err(format!(
            "{complaint}\nexit code {:?}, {} KiB more than a plain run, {}\n{}",
            ran.code, growth, ran.document["summary"], ran.said
        )
        .into()),
    }
}

/// What is wrong about how the run went.
fn complaint(case: &Case, ran: &Measured, growth: u64) -> Option<String> {
    let tells = |said: &str, line: &str| said.contains(line) && said.contains(case.why);
    let said = |line: &str| ran.said.lines().filter(|said| tells(said, line)).count();
    let deviations = || {
        let cases = ran.document["cases"].as_array().into_iter().flatten();
        cases
            .filter_map(|case| case["deviations"].as_array())
            .flatten()
            .filter_map(|deviation| deviation["message"].as_str())
    };
    let count = |outcome: &str| ran.document["summary"][outcome].as_u64();
    if growth > GROWTH {
        return Some("it took too much memory".to_owned());
    }
    if ran.said.contains('\x1b') {
        return Some("a control character of the peer's came through".to_owned());
    }
    if count("conforms") != Some(0) {
        return Some("a case conforms".to_owned());
    }
    match &case.expect {
        Expect::Unfit(why) => {
            let line = format!("could not be tested: {why}");
            if ran.code != Some(3) || ran.document["end"]["as"] != "target-unfit" {
                return Some("it is no target that can be tested".to_owned());
            }
            if said(&line) != 1 || ran.said.lines().count() > 4 {
                return Some(format!(
                    "one line must say {line:?} and {:?}, and few others",
                    case.why
                ));
            }
            (count("deviates") != Some(0)).then(|| "a case deviates".to_owned())
        }
        Expect::Overwhelms => {
            let gone = "could not be tested: the target went away while ";
            let full = "are kept over all cases";
            let said = match ran.code {
                Some(1) => count("deviates") != Some(0) && deviations().next().is_some(),
                Some(3) => said(gone) == 1 || ran.document["cases"].to_string().contains(full),
                _ => false,
            };
            (!said).then(|| "it does not say what happened".to_owned())
        }
        Expect::Deviates(why) => {
            if ran.code != Some(1) || count("deviates") == Some(0) {
                return Some("it deviates".to_owned());
            }
            let told = deviations().any(|message| tells(message, why) && !message.contains('\n'));
            (!told).then(|| format!("a deviation must say {why:?} and {:?}", case.why))
        }
    }
}
