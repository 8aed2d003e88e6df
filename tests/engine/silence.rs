//! "Nothing arrives", and the end of every case: what is left over is a deviation.

use wireproof::event::{DeviationKind, SilenceShown};

use crate::play::{ALICE, BOB, CAROL, Setup, play};

const NOTHING: &str = "
  - alice sends: { SAY: { text: hi } }
  - bob receives: nothing
    proves: talk.must
";

#[test]
fn a_fence_on_the_acting_then_on_the_silent_connection_shows_silence_without_waiting() {
    let mut play = play(NOTHING).without_answers_to_fences().start();
    let out = |play: &crate::play::Play| -> Vec<u32> {
        play.fences
            .iter()
            .map(|(connection, _)| *connection)
            .collect()
    };
    assert_eq!(out(&play), [ALICE]);
    play.answer_fence(ALICE);
    assert_eq!(out(&play), [BOB]);
    play.answer_fence(BOB);
    // The end of the case asks the acting connection again, then everybody else.
    assert_eq!(out(&play), [ALICE]);
    play.answer_fence(ALICE);
    assert_eq!(out(&play), [BOB]);
    play.answer_fence(BOB);
    assert!(play.is_over());
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.ms, 0);
    assert_eq!(judged.proved(), ["talk.must"]);
    assert_eq!(
        judged.silences(),
        [
            ("s.yaml:5:5", "bob", SilenceShown::Fenced),
            ("s.yaml:1:11", "alice", SilenceShown::Fenced),
            ("s.yaml:1:11", "bob", SilenceShown::Fenced),
        ]
    );
}

#[test]
fn what_comes_before_the_silent_connections_fence_breaks_the_silence() {
    let mut play = play(NOTHING).without_answers_to_fences().start();
    play.answer_fence(ALICE);
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let message = "bob received SAID, where nothing was to arrive";
    let deviation = judged.deviates(DeviationKind::Unexpected, message);
    assert_eq!(deviation.at, "s.yaml:5:5");
    assert_eq!(deviation.requirements, ["talk.must"]);
    assert_eq!(deviation.expected.as_deref(), Some("nothing"));
    assert!(judged.proved().is_empty());
}

#[test]
fn a_fence_that_stays_unanswered_is_waited_for_and_said_and_not_tried_again() {
    let mut play = play(NOTHING).without_answers_to_fences().start();
    play.at(4_999);
    assert_eq!(play.fences.len(), 1);
    play.at(5_000);
    assert!(play.saw_unanswered_fence());
    let judged = play.finish();
    judged.conforms();
    assert_eq!(
        judged.silences(),
        [
            ("s.yaml:5:5", "bob", SilenceShown::FenceUnanswered),
            ("s.yaml:1:11", "alice", SilenceShown::Waited),
            ("s.yaml:1:11", "bob", SilenceShown::Waited),
        ]
    );
    assert_eq!(judged.ms, 5_300);
}

#[test]
fn a_late_answer_to_a_fence_is_still_one() {
    let mut play = play(NOTHING).without_answers_to_fences().start();
    play.at(5_100);
    play.answer_fence(ALICE);
    play.finish().conforms();
}

#[test]
fn silence_wait_sends_nothing_and_waits_a_window() {
    let steps = format!("{NOTHING}    silence: wait\n");
    let mut quiet = play(&steps).without_answers_to_fences().start();
    assert!(quiet.fences.is_empty());
    quiet.at(299);
    assert!(quiet.fences.is_empty(), "still in the window");
    quiet.at(300);
    quiet.answer_fence(ALICE);
    quiet.answer_fence(BOB);
    let judged = quiet.finish();
    judged.conforms();
    assert_eq!(
        judged.silences()[0],
        ("s.yaml:5:5", "bob", SilenceShown::Waited)
    );

    let mut loud = play(&steps).start();
    loud.at(299);
    loud.server(BOB, "SAID", r#""text": "hi""#);
    loud.finish().deviates(
        DeviationKind::Unexpected,
        "bob received SAID, where nothing was to arrive",
    );
}

#[test]
fn a_withheld_answer_keeps_the_next_message_back() {
    let steps = "
  - alice sends: { SAY: { text: one } }
  - bob receives: { SAID: { text: one } }
  - bob receives: nothing
    silence: wait
    proves: talk.must
  - bob sends: { SAY: { text: got it } }
  - bob receives: { SAID: { text: two } }
";
    let mut patient = play(steps).start();
    patient.server(BOB, "SAID", r#""text": "one""#);
    patient.at(300);
    assert_eq!(patient.sent.len(), 2);
    patient.server(BOB, "SAID", r#""text": "two""#);
    let judged = patient.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);

    let mut hasty = play(steps).start();
    hasty.server(BOB, "SAID", r#""text": "one""#);
    hasty.at(100);
    hasty.server(BOB, "SAID", r#""text": "two""#);
    let judged = hasty.finish();
    let deviation = judged.deviates(
        DeviationKind::Unexpected,
        "bob received SAID, where nothing was to arrive",
    );
    assert_eq!(deviation.requirements, ["talk.must"]);
}

#[test]
fn a_duplicate_is_received_once_more_and_says_where_the_first_went() {
    let mut play = play("\n  - bob receives: { SAID: {} }\n")
        .without_answers_to_fences()
        .start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Unexpected, "bob received SAID once more");
    assert_eq!(
        deviation.near.as_deref(),
        Some("the same message came before, and was taken by s.yaml:4:5")
    );
    assert_eq!(deviation.step, "the end of the case");
}

#[test]
fn a_leak_to_a_stranger_is_found_at_the_end() {
    let setup = Setup {
        actors: "alice: connected, bob: connected, carol: connected",
        ..Setup::default()
    };
    let mut play = setup
        .play(
            "
  - alice sends: { SAY: { text: hi } }
  - bob receives: { SAID: {} }
",
        )
        .start();
    play.server(CAROL, "SAID", r#""text": "hi""#);
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let message = "carol received SAID, which nothing in the case accounts for";
    let deviation = judged.deviates(DeviationKind::Unexpected, message);
    assert_eq!(deviation.at, "s.yaml:1:11");
    assert_eq!(deviation.actor.as_deref(), Some("carol"));
}

#[test]
fn nobody_receives_more_watches_everybody() {
    let steps = "
  - alice receives: { OK: {} }
  - nobody receives more
";
    for (connection, who) in [(ALICE, "alice"), (BOB, "bob")] {
        let mut play = play(steps).start();
        play.server(connection, "NEWS", "");
        play.server(ALICE, "OK", r#""code": 1"#);
        let message = format!("{who} received NEWS, where nothing was to arrive");
        let judged = play.finish();
        let deviation = judged.deviates(DeviationKind::Unexpected, &message);
        assert_eq!(deviation.at, "s.yaml:5:5");
    }
}

#[test]
fn a_silence_that_should_hold_is_reported_once() {
    let mut play = play(&NOTHING.replace("talk.must", "talk.should"))
        .without_answers_to_fences()
        .start();
    play.answer_fence(ALICE);
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    assert_eq!(judged.deviation().requirements, ["talk.should"]);
}

#[test]
fn a_silence_that_settles_never_fails_and_takes_nothing() {
    let steps = "
  - alice sends: { SAY: { text: hi } }
  - bob receives: nothing
    settles: { echo: none, otherwise: loud }
  - when: { $reading.echo: loud }
    do:
      - bob receives: { SAID: { text: hi } }
";
    let mut loud = play(steps).without_answers_to_fences().start();
    loud.server(BOB, "SAID", r#""text": "hi""#);
    let judged = loud.finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "loud")]);

    let judged = play(steps).start().finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "none")]);
}

#[test]
fn a_silence_is_not_cut_short_by_what_permissions_account_for() {
    let mut play = play(
        "
  - bob may receive: { SAID: {} }
  - bob may receive: { SAID: {} }
  - alice sends: { SAY: { text: hi } }
  - bob receives: nothing
",
    )
    .without_answers_to_fences()
    .start();
    play.server(BOB, "SAID", r#""text": "one""#);
    play.server(BOB, "SAID", r#""text": "two""#);
    play.answer_fence(ALICE);
    play.server(BOB, "SAID", r#""text": "three""#);
    play.finish().deviates(
        DeviationKind::Unexpected,
        "bob received SAID, where nothing was to arrive",
    );
}

#[test]
fn a_case_that_ends_without_a_fence_waits() {
    let setup = Setup {
        head: "ends with fence: false\n",
        ..Setup::default()
    };
    let play = setup.play("\n  - alice sends: { SAY: { text: hi } }\n");
    let judged = play.without_answers_to_fences().start().finish();
    judged.conforms();
    assert_eq!(judged.ms, 300);
    assert_eq!(judged.silences()[0].2, SilenceShown::Waited);
}

#[test]
fn silence_of_nobody_shows_nothing() {
    let setup = Setup {
        actors: "alice: connected, bob: offline",
        ..Setup::default()
    };
    let judged = setup.play(NOTHING).start().finish();
    judged.could_not_run("s.yaml:5:5: bob has no connection");
    assert!(judged.proved().is_empty());
}

#[test]
fn silence_of_a_connection_that_the_server_ended_shows_nothing() {
    let mut play = play(NOTHING).without_answers_to_fences().start();
    play.server_closes(BOB, 1000);
    play.answer_fence(ALICE);
    let judged = play.finish();
    let message =
        "bob's connection ended, and so shows no silence: closed by the server with code 1000";
    let deviation = judged.deviates(DeviationKind::Closed, message);
    assert_eq!(deviation.requirements, ["talk.must"]);
    assert!(judged.proved().is_empty());
}
