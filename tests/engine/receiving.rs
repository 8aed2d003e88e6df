//! `A receives`: in time and right, and what ends the wait for it.

use wireproof::event::{CaseEnd, DeviationKind, End};

use crate::play::{ALICE, BOB, SAID, Setup, play};

#[test]
fn a_message_that_comes_in_time_proves_its_step() {
    let mut play = play(SAID).start();
    assert_eq!(play.sent.len(), 1);
    play.at(4_999);
    play.server(BOB, "SAID", r#""text": "hi", "more": 1"#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn nothing_before_the_deadline_is_missing() {
    let mut play = play(SAID).start();
    play.at(4_999);
    assert!(!play.is_over());
    play.at(5_000);
    assert!(play.is_over());
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Missing, "bob waited 5 s in vain for SAID");
    assert_eq!(deviation.requirements, ["talk.must"]);
    assert_eq!(deviation.at, "s.yaml:5:5");
    assert_eq!(deviation.step, "bob receives: { SAID: { text: hi } }");
    assert_eq!(deviation.actor.as_deref(), Some("bob"));
    assert_eq!(deviation.expected.as_deref(), Some("SAID\n  text: \"hi\""));
    assert_eq!(deviation.received, None);
    let sent = deviation.sent.as_deref().expect("alice sent something");
    assert!(sent.starts_with("alice: {\"type\": \"SAY\""), "{sent}");
    assert!(judged.proved().is_empty());
}

#[test]
fn a_step_has_a_deadline_of_its_own() {
    let play = play("\n  - bob receives: { SAID: {} }\n    within: 250ms\n").start();
    let judged = play.finish();
    judged.deviates(DeviationKind::Missing, "bob waited 250 ms in vain for SAID");
    assert_eq!(judged.ms, 250);
}

#[test]
fn what_is_missing_may_have_gone_to_somebody_else() {
    let mut play = play(SAID).start();
    play.at(40);
    play.server(ALICE, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Missing, "bob waited 5 s in vain for SAID");
    assert_eq!(
        deviation.near.as_deref(),
        Some("it arrived at alice, 40 ms into the case")
    );
}

#[test]
fn what_is_missing_may_have_been_taken_by_an_earlier_step() {
    let mut play = play(
        "
  - bob receives: { SAID: { text: hi } }
  - bob receives: { SAID: {} }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.server(BOB, "OK", r#""code": 3"#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Missing, "bob waited 5 s in vain for SAID");
    assert_eq!(
        deviation.near.as_deref(),
        Some("a message that matches came before, and was already taken by s.yaml:4:5")
    );
    let received = deviation.received.as_deref().expect("something else came");
    assert_eq!(received, "OK\n  type: \"OK\"\n  at: 7\n  code: 3");
}

#[test]
fn a_message_that_differs_fails_at_once() {
    let mut play = play(SAID).start();
    play.at(3);
    play.server(BOB, "SAID", r#""text": "ho""#);
    assert!(play.is_over());
    let judged = play.finish();
    assert_eq!(judged.ms, 3);
    let deviation = judged.deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
    let expected = deviation.expected.as_deref().expect("an expectation");
    assert_eq!(expected, "SAID\n  text: \"hi\"\n  type: \"SAID\"\n  at: 7");
    let received = deviation.received.as_deref().expect("a message");
    assert_eq!(received, "SAID\n  text: \"ho\"\n  type: \"SAID\"\n  at: 7");
}

#[test]
fn the_oldest_of_its_type_is_taken_and_a_better_one_is_not_waited_for() {
    let mut play = play(SAID).start();
    play.server(BOB, "SAID", r#""text": "ho""#);
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.finish()
        .deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
}

#[test]
fn an_envelope_that_differs_is_a_mismatch() {
    let mut play = play(
        "
  - bob receives: { SAID: {} }
    envelope: { at: <8..> }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
    let expected = deviation.expected.as_deref().expect("an expectation");
    assert!(expected.ends_with("\nenvelope at: <8..>"), "{expected}");
}

#[test]
fn exactly_admits_the_envelope_of_a_bare_body_and_no_further_field() {
    let steps = "\n  - bob receives: { SAID: { text: hi } }\n    exactly: true\n";
    let mut fine = play(steps).start();
    fine.server(BOB, "SAID", r#""text": "hi""#);
    fine.finish().conforms();

    let mut more = play(steps).start();
    more.server(BOB, "SAID", r#""text": "hi", "id": 3"#);
    more.finish()
        .deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
}

#[test]
fn a_connection_that_ends_fails_the_step_that_waits_and_says_how() {
    for (end, how) in [
        (
            End::Close {
                code: 1011,
                reason: "oops".into(),
            },
            "closed by the server with code 1011 (oops)",
        ),
        (
            End::Close {
                code: 1005,
                reason: String::new(),
            },
            "closed by the server without a code (1005)",
        ),
        (End::Eof, "the stream ended without a close frame"),
        (End::Reset, "the connection was reset"),
    ] {
        let mut play = play(SAID).start();
        play.at(2);
        play.server_ends(BOB, end);
        let judged = play.finish();
        let message = format!("bob's connection ended while bob waited for SAID: {how}");
        let deviation = judged.deviates(DeviationKind::Closed, &message);
        assert_eq!(deviation.requirements, ["talk.must"]);
        assert_eq!(judged.ms, 2);
    }
}

#[test]
fn what_came_before_the_end_of_a_connection_still_counts() {
    let mut play = play(
        "
  - alice sends: { SAY: { text: hi } }
  - alice receives: { OK: {} }
  - bob receives: { SAID: {} }
  - bob is closed
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.server_closes(BOB, 1000);
    play.server(ALICE, "OK", r#""code": 1"#);
    play.finish().conforms();
}

#[test]
fn a_flood_is_bounded() {
    let mut play = play("\n  - alice receives: { OK: {} }\n    proves: talk.must\n").start();
    let mut frames = 0;
    while !play.is_over() {
        play.server(BOB, "NEWS", "");
        frames += 1;
        assert!(frames <= 1_001, "the flood goes on");
    }
    assert_eq!(frames, 1_001);
    let judged = play.finish();
    let message = "bob is flooded with messages that nothing accounts for";
    judged.deviates(DeviationKind::Unexpected, message);
}

#[test]
fn a_case_ends_at_its_own_deadline() {
    let play = play(
        "
  - bob receives: { SAID: {} }
    within: 2min
",
    )
    .start();
    let judged = play.finish();
    assert_eq!(judged.ms, 60_000);
    judged.deviates(DeviationKind::Missing, "bob waited 60 s in vain for SAID");
}

#[test]
fn a_capture_into_a_field_of_an_actor_holds_for_every_actor_of_that_user() {
    let setup = Setup {
        actors: "alice: connected, phone: { same user as: alice, starts: connected }",
        ..Setup::default()
    };
    let mut play = setup
        .play(
            "
  - alice receives: { WELCOME: { id: <int as alice.id> } }
  - phone receives: { OK: { code: $phone.id } }
",
        )
        .start();
    play.server(ALICE, "WELCOME", r#""id": 9007199254740993"#);
    play.server(BOB, "OK", r#""code": 9007199254740993"#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.end, CaseEnd::Judged);
}
