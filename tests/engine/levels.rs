//! What a should and an advice say, and what they leave alone.

use wireproof::event::{DeviationKind, Level};

use crate::play::{ALICE, BOB, play};

const SHOULD: &str = "
  - bob receives: { SAID: { text: hi } }
    proves: talk.should
  - alice receives: { OK: {} }
    proves: talk.must
";

#[test]
fn a_should_that_differs_is_reported_once_and_the_case_goes_on() {
    let mut play = play(SHOULD).start();
    play.server(BOB, "SAID", r#""text": "ho""#);
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    assert_eq!(judged.deviation().level, Level::Should);
    assert_eq!(judged.deviation().kind, DeviationKind::Mismatch);
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn a_should_that_comes_late_is_missing_and_no_more_than_that() {
    let mut play = play(SHOULD).start();
    play.at(5_040);
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    assert_eq!(judged.deviation().level, Level::Should);
    assert_eq!(judged.deviation().kind, DeviationKind::Missing);
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn a_should_whose_connection_ends_is_reported_once() {
    let mut play = play(SHOULD).start();
    play.server_closes(BOB, 1011);
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    assert_eq!(judged.deviation().level, Level::Should);
    assert_eq!(judged.deviation().kind, DeviationKind::Closed);
}

#[test]
fn a_group_that_should_arrive_is_reported_once_whatever_part_of_it_came() {
    let steps = "
  - in any order:
      - alice receives: { OK: { code: 1 } }
        proves: talk.advice
      - bob receives: { SAID: { text: hi } }
        proves: talk.should
      - bob receives: { NEWS: {} }
        proves: talk.advice
";
    let mut play = play(steps).start();
    play.server(ALICE, "OK", r#""code": 1"#);
    play.server(BOB, "SAID", r#""text": "ho""#);
    play.server(BOB, "NEWS", "");
    let judged = play.finish();
    assert_eq!(judged.deviation().kind, DeviationKind::Mismatch);
    assert_eq!(judged.deviation().level, Level::Should);
}

#[test]
fn advice_is_the_level_of_a_step_that_proves_advice_only() {
    let mut play = play(
        "
  - bob receives: { SAID: { text: hi } }
    proves: talk.advice
  - alice receives: { SAID: { text: hi } }
    proves: [talk.advice, talk.should]
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "ho""#);
    play.server(ALICE, "SAID", r#""text": "ho""#);
    let judged = play.finish();
    let levels: Vec<Level> = judged.deviations.iter().map(|d| d.level).collect();
    assert_eq!(levels, [Level::Advice, Level::Should]);
}

#[test]
fn a_capture_that_a_should_left_unbound_is_nobodys_fault() {
    let mut play = play(
        "
  - bob receives: { SAID: { text: hi, id: <int as id> } }
    proves: talk.should
  - alice receives: { OK: { code: $id } }
  - for each: [1, 2]
    as: n
    do: []
    collect: { $all: $id }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "hi", "id": 2.5"#);
    let judged = play.finish();
    assert_eq!(judged.deviation().level, Level::Should);
}
