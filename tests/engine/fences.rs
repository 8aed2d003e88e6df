//! Which fence is used where, and servers that answer it out of order.

use wireproof::event::{DeviationKind, SilenceShown};

use crate::play::{ALICE, BOB, Setup};

const RELAY: &str = "
  - alice sends: { SAY: { text: one } }
  - bob receives: { SAID: { text: one } }
  - alice sends: { SAY: { text: two } }
  - bob receives: nothing
";

#[test]
fn a_relay_that_its_receivers_fence_overtakes_downgrades_the_target() {
    let mut play = Setup::default()
        .play(RELAY)
        .without_answers_to_fences()
        .start();
    // While the relay is under way, the acting connection is asked, then the receiver.
    play.answer_fence(ALICE);
    play.answer_fence(BOB);
    assert!(play.saw_overtaking());
    play.server(BOB, "SAID", r#""text": "one""#);
    play.answer_fence(ALICE);
    play.answer_fence(BOB);
    let asked = play.ms();
    play.at(asked + 299);
    assert!(play.fences.is_empty(), "the window is still open");
    play.at(asked + 300);
    play.answer_fence(ALICE);
    play.answer_fence(BOB);
    let judged = play.finish();
    judged.conforms();
    let shown: Vec<SilenceShown> = judged
        .silences()
        .iter()
        .map(|(_, _, shown)| *shown)
        .collect();
    assert_eq!(shown, [SilenceShown::FencedAndWaited; 3]);
}

#[test]
fn a_late_leak_is_seen_in_the_window_of_a_downgraded_target() {
    let setup = Setup {
        overtaken: true,
        ..Setup::default()
    };
    let mut play = setup.play(RELAY).start();
    play.server(BOB, "SAID", r#""text": "one""#);
    play.at(200);
    play.server(BOB, "SAID", r#""text": "two""#);
    play.finish().deviates(
        DeviationKind::Unexpected,
        "bob received SAID, where nothing was to arrive",
    );
}

#[test]
fn a_relay_that_comes_before_its_receivers_fence_is_in_order() {
    let mut play = Setup::default()
        .play(RELAY)
        .without_answers_to_fences()
        .start();
    play.answer_fence(ALICE);
    play.server(BOB, "SAID", r#""text": "one""#);
    play.answer_fence(BOB);
    assert!(!play.saw_overtaking());
    play.answer_fence(ALICE);
    play.answer_fence(BOB);
    play.answer_fence(ALICE);
    play.answer_fence(BOB);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.ms, 0);
}

#[test]
fn a_relay_is_watched_where_the_silence_stands_in_a_block() {
    let steps = "
  - alice sends: { SAY: { text: one } }
  - bob receives: { SAID: { text: one } }
  - when: { $alice.name: <string> }
    do:
      - bob receives: nothing
";
    let play = Setup::default()
        .play(steps)
        .without_answers_to_fences()
        .start();
    assert_eq!(play.fences.len(), 1);
}

#[test]
fn a_relay_is_watched_where_the_silence_stands_in_a_flow() {
    let steps = "
  - alice sends: { SAY: { text: one } }
  - bob receives: { SAID: { text: one } }
  - use: stay-quiet
    with: { me: bob }
";
    let play = Setup::default()
        .play(steps)
        .without_answers_to_fences()
        .start();
    assert_eq!(play.fences.len(), 1);
}

const STATES: &str = "
fences:
  - since: { WELCOME: {} }
    until: SAY
    sends: { PING: { tag: $fresh } }
    answered by: { PONG: { tag: $fresh } }
";

#[test]
fn a_connection_without_a_fence_in_its_state_is_waited_for() {
    let setup = || Setup {
        fences: STATES,
        ..Setup::default()
    };
    let steps = "
  - alice sends: { LOGIN: { name: x } }
  - bob receives: nothing
";
    let judged = setup().play(steps).start().finish();
    judged.conforms();
    assert_eq!(judged.silences()[0].2, SilenceShown::Waited);

    let steps = "
  - bob receives: { WELCOME: {} }
  - bob receives: nothing
  - bob sends: { SAY: { text: hi } }
  - bob receives: nothing
";
    let mut play = setup().play(steps).start();
    play.server(BOB, "WELCOME", "");
    let judged = play.finish();
    judged.conforms();
    let shown: Vec<SilenceShown> = judged
        .silences()
        .iter()
        .map(|(_, _, shown)| *shown)
        .collect();
    assert_eq!(shown[..2], [SilenceShown::Fenced, SilenceShown::Waited]);
}

#[test]
fn silence_behind_an_acting_connection_that_cannot_be_asked_is_waited_for() {
    let setup = Setup {
        fences: STATES,
        ..Setup::default()
    };
    let steps = "
  - bob receives: { WELCOME: {} }
  - alice sends: { SAY: { text: hi } }
  - bob receives: nothing
";
    let mut play = setup.play(steps).start();
    play.server(BOB, "WELCOME", "");
    let judged = play.finish();
    judged.conforms();
    assert_eq!(
        judged.silences()[0],
        ("s.yaml:6:5", "bob", SilenceShown::Waited)
    );
}

#[test]
fn the_last_usable_fence_counts() {
    let setup = Setup {
        fences: "
fences:
  - sends: { LOGIN: { name: $fresh } }
    answered by: { WELCOME: {} }
  - since: { WELCOME: {} }
    sends: { PING: { tag: $fresh } }
    answered by: { PONG: { tag: $fresh } }
",
        ..Setup::default()
    };
    let mut play = setup
        .play(
            "
  - alice receives: nothing
  - alice receives: { WELCOME: { id: 1 } }
  - alice receives: nothing
",
        )
        .without_answers_to_fences()
        .start();
    assert!(play.fences.is_empty());
    assert!(play.sent[0].1.contains("LOGIN"), "{:?}", play.sent);
    play.server(ALICE, "WELCOME", "");
    play.server(ALICE, "WELCOME", r#""id": 1"#);
    play.answer_fence(ALICE);
}

/// Its reply cannot be told from the answer to a login of one's own.
const ALIKE: &str = "
fences:
  - sends: { LOGIN: { name: nobody } }
    answered by: { WELCOME: {} }
";

fn alike(steps: &str) -> crate::play::Play {
    let setup = Setup {
        actors: "alice: connected",
        fences: ALIKE,
        ..Setup::default()
    };
    setup.play(steps).start()
}

#[test]
fn at_the_end_a_second_copy_does_not_pass_for_the_reply_of_a_fence() {
    let steps = "
  - alice sends: { LOGIN: { name: x } }
  - alice receives: { WELCOME: {} }
";
    let mut twice = alike(steps);
    twice.server(ALICE, "WELCOME", "");
    assert_eq!(twice.sent.len(), 2, "the fence is out");
    twice.server(ALICE, "WELCOME", "");
    twice.server(ALICE, "WELCOME", "");
    twice.finish().deviates(
        DeviationKind::Unexpected,
        "alice received WELCOME once more",
    );

    let mut once = alike(steps);
    once.server(ALICE, "WELCOME", "");
    once.server(ALICE, "WELCOME", "");
    once.at(25);
    let judged = once.finish();
    judged.conforms();
    assert_eq!(judged.ms, 25);
}

#[test]
fn an_answer_that_is_outstanding_does_not_pass_for_the_reply_of_a_fence() {
    let steps = "
  - alice sends: { LOGIN: { name: x } }
  - alice receives: nothing
";
    let mut answered = alike(steps);
    answered.server(ALICE, "WELCOME", "");
    answered.server(ALICE, "WELCOME", "");
    let judged = answered.finish();
    let deviation = judged.deviates(
        DeviationKind::Unexpected,
        "alice received WELCOME once more",
    );
    assert_eq!(deviation.at, "s.yaml:5:5");

    let mut silent = alike(steps);
    silent.server(ALICE, "WELCOME", "");
    silent.at(300);
    silent.server(ALICE, "WELCOME", "");
    silent.at(600);
    silent.finish().conforms();
}
