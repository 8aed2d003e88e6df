//! Flows: what fails in them blocks the case, unless they are what is tested.

use wireproof::event::{CaseEnd, DeviationKind, Level};

use crate::play::{ALICE, BOB, Setup, play};

const LOGGED_IN: &str = "alice: logged-in, bob: connected";

#[test]
fn a_starting_state_that_is_not_reached_blocks_and_names_the_case_that_tests_it() {
    let setup = Setup {
        actors: LOGGED_IN,
        others: "---\nscenario: login\nactors: { me: connected }\nsteps:\n  - me receives: { WELCOME: {} }\n",
        ..Setup::default()
    };
    let judged = setup
        .play("\n  - alice receives: { OK: {} }\n")
        .start()
        .finish();
    assert!(judged.deviations.is_empty());
    let CaseEnd::Blocked {
        flow,
        reason,
        tested_by,
    } = judged.end
    else {
        panic!("{:?}", judged.end)
    };
    assert_eq!(flow, "logged-in");
    assert_eq!(
        reason,
        "alice waited 5 s in vain for WELCOME (protocol.yaml:33:9: me receives: { WELCOME: {} })"
    );
    assert_eq!(tested_by.as_deref(), Some("t/login"));
}

#[test]
fn a_starting_state_is_reached_before_the_first_step() {
    let setup = Setup {
        actors: LOGGED_IN,
        ..Setup::default()
    };
    let mut play = setup.play("\n  - alice receives: { OK: {} }\n").start();
    assert!(play.sent[0].1.contains("LOGIN"), "{:?}", play.sent);
    play.server(ALICE, "WELCOME", "");
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    judged.conforms();
}

const TELL: &str = "
  - use: tell
    with: { from: alice, to: bob, text: hi }
    into: { id: said }
  - check: { $said: 7 }
    proves: talk.must
";

#[test]
fn a_flow_hands_back_what_into_names() {
    let mut play = play(TELL).start();
    play.server(BOB, "SAID", r#""text": "hi", "id": 7"#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn a_flow_that_fails_blocks() {
    let mut play = play(TELL).start();
    play.server(BOB, "SAID", r#""text": "ho", "id": 7"#);
    let judged = play.finish();
    assert!(judged.deviations.is_empty());
    assert!(
        matches!(&judged.end, CaseEnd::Blocked { flow, tested_by: None, .. } if flow == "tell")
    );
}

#[test]
fn a_flow_that_is_tested_deviates_and_names_the_requirement() {
    let tested = TELL.replace("    into", "    proves: talk.other\n    into");
    let mut wrong = play(&tested).start();
    wrong.server(BOB, "SAID", r#""text": "ho", "id": 7"#);
    let judged = wrong.finish();
    let deviation = judged.deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
    assert_eq!(deviation.requirements, ["talk.other"]);
    assert!(
        deviation.at.starts_with("protocol.yaml:"),
        "{}",
        deviation.at
    );

    let mut right = play(&tested).start();
    right.server(BOB, "SAID", r#""text": "hi", "id": 7"#);
    let judged = right.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.other", "talk.must"]);
}

#[test]
fn a_tested_flow_fails_at_the_level_of_what_it_proves() {
    let tested = TELL.replace("    into", "    proves: talk.advice\n    into");
    let mut play = play(&tested).start();
    play.server(BOB, "SAID", r#""text": "ho", "id": 7"#);
    let judged = play.finish();
    assert_eq!(judged.deviation().level, Level::Advice);
    assert!(judged.proved().is_empty());
}

#[test]
fn a_flow_can_be_tested_though_it_proves_nothing() {
    let tested = TELL.replace("    into", "    tested: true\n    into");
    let mut play = play(&tested).start();
    play.server(BOB, "SAID", r#""text": "ho", "id": 7"#);
    let judged = play.finish();
    let deviation = judged.deviation();
    assert_eq!(deviation.level, Level::Must);
    assert!(deviation.requirements.is_empty());
}

#[test]
fn garbage_in_a_flow_blocks_it() {
    let mut play = play(TELL).start();
    play.server_raw(BOB, "[]");
    let judged = play.finish();
    assert!(judged.deviations.is_empty());
    assert!(matches!(judged.end, CaseEnd::Blocked { .. }));
}

#[test]
fn a_connection_that_ends_in_a_flow_blocks_it() {
    let mut play = play(TELL).start();
    play.server_closes(BOB, 1000);
    let judged = play.finish();
    let CaseEnd::Blocked { reason, .. } = &judged.end else {
        panic!("{:?}", judged.end)
    };
    assert!(
        reason.starts_with(
            "bob's connection ended while bob waited for SAID: closed by the server with code 1000"
        ),
        "{reason}"
    );
}

#[test]
fn steps_of_a_flow_look_at_no_shape() {
    let mut play = play("\n  - use: hear-news\n    with: { me: bob }\n").start();
    play.server(BOB, "NEWS", r#""text": 7"#);
    play.finish().conforms();
}
