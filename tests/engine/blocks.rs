//! Loops, conditions, checks, permutations, readings, needs: the case's own logic.

use wireproof::event::{CaseEnd, DeviationKind};
use wireproof::target::Profile;
use wireproof::value::Value;

use crate::play::{ALICE, BOB, Setup, play};

const PAGES: &str = "
  - alice sends: { SAY: { text: first } }
  - repeat until: { alice receives: { END: {} } }
    do:
      - alice receives: { SAID: { text: <string as page> } }
      - alice sends: { SAY: { text: $page } }
    at most: 2
    collect: { $pages: $page }
  - check: { $pages: [a, b] }
";

#[test]
fn a_loop_goes_round_until_the_other_message_comes() {
    let mut play = play(PAGES).start();
    play.server(ALICE, "SAID", r#""text": "a""#);
    play.server(ALICE, "SAID", r#""text": "b""#);
    assert_eq!(play.sent.len(), 3);
    play.server(ALICE, "END", "");
    play.finish().conforms();
}

#[test]
fn a_loop_need_not_go_round() {
    let mut play = play(&PAGES.replace("[a, b]", "[]")).start();
    play.server(ALICE, "END", "");
    play.finish().conforms();
}

#[test]
fn a_loop_goes_no_further_than_its_last_round() {
    let mut play = play(PAGES).start();
    for text in ["a", "b", "c"] {
        play.server(ALICE, "SAID", &format!("\"text\": \"{text}\""));
    }
    let judged = play.finish();
    judged.deviates(DeviationKind::Missing, "alice waited 5 s in vain for END");
}

#[test]
fn a_loop_that_hears_neither_says_both() {
    let judged = play(PAGES).start().finish();
    let message = "alice waited 5 s in vain for END or SAID";
    judged.deviates(DeviationKind::Missing, message);
}

const UNTIL: &str = "
  - repeat until: { $more: 0 }
    do:
      - alice receives: { OK: { code: <int as more> } }
    at most: 2
";

#[test]
fn a_condition_is_looked_at_after_each_round() {
    let mut done = play(UNTIL).start();
    done.server(ALICE, "OK", r#""code": 1"#);
    done.server(ALICE, "OK", r#""code": 0"#);
    done.finish().conforms();

    let mut endless = play(UNTIL).start();
    endless.server(ALICE, "OK", r#""code": 2"#);
    endless.server(ALICE, "OK", r#""code": 1"#);
    let message = "the loop went on past its last round";
    endless
        .finish()
        .deviates(DeviationKind::Unexpected, message);
}

#[test]
fn for_each_takes_the_elements_in_order_and_collects() {
    let mut play = play(
        "
  - for each: { $range: [1, 9] }
    as: n
    do:
      - alice sends: { SAY: { text: \"no ${n}\" } }
      - alice receives: { OK: { code: $n } }
    at most: 2
    collect: { $seen: $n }
  - check: { $seen: [1, 2], $seen.length: 2 }
    proves: talk.must
",
    )
    .start();
    play.server(ALICE, "OK", r#""code": 1"#);
    play.server(ALICE, "OK", r#""code": 2"#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);
}

#[test]
fn a_check_that_fails_shows_what_there_is() {
    let mut play = play(
        "
  - alice receives: { OK: { code: <int as code> } }
  - check: { $code: <1..3> }
    proves: talk.must
",
    )
    .start();
    play.server(ALICE, "OK", r#""code": 7"#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Check, "$code is not what it must be");
    assert_eq!(deviation.requirements, ["talk.must"]);
    assert_eq!(deviation.expected.as_deref(), Some("$code\n  <1..3>"));
    assert_eq!(deviation.received.as_deref(), Some("$code\n  7"));
}

const MODE: &str = "
  - when: { $reading.mode: new }
    do:
      - alice receives: { OK: {} }
    otherwise:
      - alice receives: { END: {} }
";

#[test]
fn a_reading_of_the_profile_decides_what_is_expected() {
    let mut old = play(MODE).start();
    old.server(ALICE, "END", "");
    old.finish().conforms();

    let profile = Profile {
        readings: vec![("mode".to_owned(), "new".to_owned())],
        ..Profile::default()
    };
    let setup = Setup {
        profile,
        ..Setup::default()
    };
    let mut new = setup.play(MODE).start();
    new.server(ALICE, "OK", r#""code": 1"#);
    new.finish().conforms();
}

#[test]
fn permutations_are_values_and_proofs() {
    let play = |permutation| {
        let setup = Setup {
            head: "permutations:\n  - { case: one, code: 1, proof: talk.must }\n  - { case: two, code: 2, proof: talk.other }\n",
            permutation,
            ..Setup::default()
        };
        let mut play = setup
            .play("\n  - alice receives: { OK: { code: $code } }\n    proves: $proof\n")
            .start();
        play.server(ALICE, "OK", r#""code": 2"#);
        play.finish()
    };
    let wrong = play(0);
    let deviation = wrong.deviates(DeviationKind::Mismatch, "OK came to alice, but differs");
    assert_eq!(deviation.requirements, ["talk.must"]);
    let right = play(1);
    right.conforms();
    assert_eq!(right.proved(), ["talk.other"]);
}

#[test]
fn a_need_that_is_not_met_makes_the_case_inapplicable() {
    let play = |limit: Value| {
        let profile = Profile {
            settings: vec![("limit".to_owned(), limit)],
            ..Profile::default()
        };
        let setup = Setup {
            head: "needs: { $settings.limit: <1..>, $settings.room: lobby }\n",
            profile,
            ..Setup::default()
        };
        let play = setup
            .play("\n  - alice sends: { SAY: { text: hi } }\n")
            .start();
        (play.sent.len(), play.finish())
    };
    let (sent, judged) = play(Value::Null);
    let reason = "needs $settings.limit to be <1..>; it is null".to_owned();
    assert_eq!(judged.end, CaseEnd::NotApplicable { reason });
    assert_eq!((sent, judged.deviations.len()), (0, 0));
    let (sent, judged) = play(Value::Int(3));
    judged.conforms();
    assert_eq!(sent, 1);
}

#[test]
fn a_reading_is_observed_once_and_known_to_later_steps() {
    let mut play = play(
        "
  - observe: { echo: loud }
  - observe: { echo: loud }
  - bob receives: { SAID: { text: $reading.echo } }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "loud""#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "loud")]);
}

#[test]
fn data_is_cut_into_chunks_that_make_it_up_again() {
    let setup = Setup {
        head: "data: { photo: { random: 10B, chunk: 4B } }\n",
        ..Setup::default()
    };
    let play = setup.play(
        "
  - check: { $photo.size: 10, $photo.count: 3, $photo.chunks.2.index: 2, $photo.chunks.2.number: 3 }
  - for each: $photo.chunks
    as: chunk
    do: []
    collect: { $parts: $chunk.base64 }
  - check: { $parts.unbase64: $photo.bytes, $photo.bytes.length: 10 }
    proves: talk.must
",
    );
    let judged = play.start().finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);
}
