//! Steps that wait for several messages: which came first, and any order of them.

use wireproof::event::DeviationKind;

use crate::play::{ALICE, BOB, play};

const TWO: &str = "
  - bob receives: { SAID: { text: one } }
  - bob receives: { OK: { code: 2 } }
";

#[test]
fn a_message_that_came_before_an_earlier_one_is_too_early() {
    let mut play = play(TWO).start();
    play.server(BOB, "OK", r#""code": 2"#);
    play.server(BOB, "SAID", r#""text": "one""#);
    let judged = play.finish();
    let message = "OK came to bob before what an earlier step expects first";
    let deviation = judged.deviates(DeviationKind::Order, message);
    assert_eq!(deviation.at, "s.yaml:5:5");
}

#[test]
fn early_admits_what_came_before() {
    let steps = format!("{}    early: true\n", TWO.trim_end_matches(' '));
    let mut early = play(&steps).start();
    early.server(BOB, "OK", r#""code": 2"#);
    early.server(BOB, "SAID", r#""text": "one""#);
    early.finish().conforms();

    let mut late = play(&steps).start();
    late.server(BOB, "SAID", r#""text": "one""#);
    late.server(BOB, "OK", r#""code": 2"#);
    late.finish().conforms();
}

#[test]
fn between_connections_no_order_is_judged() {
    let mut play = play(
        "
  - alice receives: { SAID: {} }
  - bob receives: { SAID: {} }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "b""#);
    play.server(ALICE, "SAID", r#""text": "a""#);
    play.finish().conforms();
}

#[test]
fn in_any_order_finds_the_assignment_that_works_and_binds_behind_it() {
    let mut play = play(
        "
  - in any order:
      - bob receives: { SAID: { text: <any as other> } }
      - alice receives: { SAID: {} }
      - bob receives: { SAID: { text: one } }
    proves: talk.must
  - check: { $other: two }
",
    )
    .start();
    // Greedily, <any> would take the one that the last step needs.
    play.server(BOB, "SAID", r#""text": "one""#);
    play.server(BOB, "SAID", r#""text": "two""#);
    play.server(ALICE, "SAID", r#""text": "x""#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn in_any_order_names_the_one_that_is_missing_and_fails_the_proofs_of_the_group() {
    let mut play = play(
        "
  - in any order:
      - alice receives: { SAID: {} }
        proves: talk.other
      - bob receives: { SAID: {} }
    proves: talk.must
    within: 1s
",
    )
    .start();
    play.server(ALICE, "SAID", r#""text": "x""#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Missing, "bob waited 1 s in vain for SAID");
    assert_eq!(
        (deviation.at.as_str(), deviation.requirements.as_slice()),
        ("s.yaml:7:9", ["talk.must".to_owned()].as_slice())
    );
    assert_eq!(judged.ms, 1000);
    assert!(judged.proved().is_empty());
}

#[test]
fn in_any_order_comes_behind_the_steps_before_it() {
    let mut play = play(
        "
  - bob receives: { SAID: {} }
  - in any order:
      - bob receives: { OK: {} }
      - bob receives: { NEWS: {} }
",
    )
    .start();
    play.server(BOB, "NEWS", "");
    play.server(BOB, "SAID", r#""text": "x""#);
    play.server(BOB, "OK", r#""code": 1"#);
    let message = "NEWS came to bob before what an earlier step expects first";
    play.finish().deviates(DeviationKind::Order, message);
}

const EACH: &str = "
  - bob may receive: { SAID: { text: told } }
  - in any order:
      - for each: [said, told]
        as: text
        do:
          - bob receives: { SAID: { text: $text } }
    proves: talk.must
  - bob receives: nothing
";

#[test]
fn in_any_order_waits_for_one_with_each_element_and_leaves_the_rest_to_permissions() {
    for order in [
        ["told", "told", "said"],
        ["told", "said", "told"],
        ["said", "told", "told"],
    ] {
        let mut play = play(EACH).start();
        for text in order {
            play.server(BOB, "SAID", &format!(r#""text": "{text}""#));
        }
        let judged = play.finish();
        judged.conforms();
        assert_eq!(judged.proved(), ["talk.must"]);
    }
}

#[test]
fn in_any_order_takes_one_element_once() {
    let mut play = play(EACH).start();
    for text in ["said", "said", "told"] {
        play.server(BOB, "SAID", &format!(r#""text": "{text}""#));
    }
    let message = "SAID came to bob, but differs";
    play.finish().deviates(DeviationKind::Mismatch, message);
}

#[test]
fn in_any_order_with_each_element_of_an_empty_list_waits_for_nothing() {
    let judged = play(&EACH.replace("[said, told]", "[]")).start().finish();
    judged.conforms();
    assert_eq!(judged.ms, 0);
}
