//! The cases as tests of a server's own: what a profile's known deviations make of them.

use std::path::PathBuf;

use libtest_mimic::{Arguments, Conclusion};
use tokio::net::TcpListener;
use wireproof::embed::{Conformance, StartError};
use wireproof_reference::{Behaviour, Break, Pack, protocol};

/// The broken rule, a case that shows it, and one that does not.
const RULE: &str = "login.wrong-password";
const SHOWS: &str = "login.wrong-password[unused]";
const OTHER: &str = "login.right-password";

async fn serve() -> Result<String, StartError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let broken = vec![Break {
        rule: RULE.to_owned(),
        way: 0,
    }];
    let behaviour = Behaviour {
        broken,
        ..Behaviour::default()
    };
    let server = protocol(Pack::Friendchat, &behaviour)?;
    tokio::spawn(wireproof_reference::serve(
        listener,
        server,
        std::future::pending(),
    ));
    Ok(url)
}

fn profile(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("embedding-{name}-{}.yaml", std::process::id()));
    std::fs::write(&path, text).expect("writable");
    path
}

/// What comes of one case with this list of known deviations.
fn tested(name: &str, case: &str, known: &str) -> Conclusion {
    let profile = profile(name, &format!("pack: friendchat\nknown:{known}\n"));
    let trials = Conformance::to("friendchat")
        .with_file(profile)
        .trials(serve);
    let case = format!("friendchat/{case}");
    let arguments = Arguments::from_iter(["conformance", "--quiet", "--exact", &case]);
    libtest_mimic::run(&arguments, trials.expect("a valid profile"))
}

#[test]
fn a_known_deviation_passes_and_an_unknown_one_fails() {
    let known = format!("\n  - {{ case: '{SHOWS}', fails: {RULE}, reason: issue 1 }}");
    let with = tested("known", SHOWS, &known);
    assert_eq!((with.num_passed, with.num_failed), (1, 0));
    let without = tested("unknown", SHOWS, " []");
    assert_eq!((without.num_passed, without.num_failed), (0, 1));
}

#[test]
fn a_known_deviation_that_is_none_any_more_fails_and_so_does_another_one_in_its_place() {
    let mended = format!("\n  - {{ case: {OTHER}, fails: {RULE}, reason: issue 1 }}");
    let mended = tested("mended", OTHER, &mended);
    assert_eq!((mended.num_passed, mended.num_failed), (0, 1));
    let other = format!("\n  - {{ case: '{SHOWS}', fails: not-closed, reason: issue 2 }}");
    let other = tested("other", SHOWS, &other);
    assert_eq!((other.num_passed, other.num_failed), (0, 1));
}

#[test]
fn a_known_deviation_of_another_case_says_nothing_of_this_one() {
    let known = format!("\n  - {{ case: '{SHOWS}', fails: {RULE}, reason: issue 1 }}");
    let other = tested("another", OTHER, &known);
    assert_eq!((other.num_passed, other.num_failed), (1, 0));
}

#[test]
fn a_mistake_in_the_profile_is_told_with_its_place() {
    let profile = profile(
        "mistake",
        "pack: friendchat\nreadings: { chunk-bse: zero }\n",
    );
    let trials = Conformance::to("friendchat")
        .with_file(&profile)
        .trials(serve);
    let told = trials.expect_err("a mistake");
    assert!(
        told.contains("chunk-base") && told.contains(":2:"),
        "{told}"
    );
}
