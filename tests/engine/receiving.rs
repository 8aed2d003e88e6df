//! `A receives`: in time, right, in order, well shaped; and several in any order.

use wireproof::event::{CaseEnd, DeviationKind, End, Event, Level, ShapeKind};

use crate::play::{ALICE, BOB, Setup, play};

const SAID: &str = "
  - alice sends: { SAY: { text: hi } }
  - bob receives: { SAID: { text: hi } }
    proves: talk.must
";

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

#[test]
fn the_shape_of_a_message_is_judged_at_the_step_that_receives_it() {
    let mut play = play("\n  - bob receives: { SAID: {} }\n    proves: talk.must\n").start();
    play.server(BOB, "SAID", r#""id": "x""#);
    let judged = play.finish();
    let message = "SAID lacks `$.text`, and 1 more";
    let deviation = judged.deviates(DeviationKind::Shape, message);
    assert_eq!(deviation.requirements, ["shape.said"]);
    let (expected, received) = (&deviation.expected, &deviation.received);
    assert_eq!(expected.as_deref(), Some("$.text: string\n$.id: int"));
    assert_eq!(
        received.as_deref(),
        Some("$.text: nothing\n$.id: string \"x\"")
    );
    assert!(judged.proved().is_empty());
}

#[test]
fn a_misshapen_message_elsewhere_is_said_and_fails_no_step() {
    let mut play = play(
        "
  - bob may receive: { SAID: {} }
  - alice receives: { OK: {} }
",
    )
    .start();
    play.server(BOB, "SAID", "");
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    judged.conforms();
    let shapes: Vec<(&str, ShapeKind)> = judged
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Shape { path, kind, .. } => Some((path.as_str(), *kind)),
            _ => None,
        })
        .collect();
    assert_eq!(shapes, [("$.text", ShapeKind::Missing)]);
}

#[test]
fn an_undocumented_value_is_said_and_fails_nothing() {
    let mut play = play("\n  - bob receives: { OK: {} }\n").start();
    play.server(BOB, "OK", r#""code": 1, "why": "tired""#);
    let judged = play.finish();
    judged.conforms();
    let said = judged.events.iter().any(|event| {
        matches!(event, Event::Shape { kind: ShapeKind::UndocumentedValue, level: Level::Should, path, .. } if path == "$.why")
    });
    assert!(said);
}

#[test]
fn a_mismatch_that_is_misshapen_names_the_shape_as_well() {
    let mut play =
        play("\n  - bob receives: { SAID: { text: hi } }\n    proves: talk.must\n").start();
    play.server(BOB, "SAID", r#""text": 7"#);
    let judged = play.finish();
    let deviation = judged.deviates(DeviationKind::Mismatch, "SAID came to bob, but differs");
    assert_eq!(deviation.requirements, ["talk.must", "shape.said"]);
}

#[test]
fn bytes_that_are_no_message_deviate_wherever_they_come() {
    for (text, reason) in [
        ("[1]", "the frame is a list, not an object"),
        ("{\"tpye\": \"SAID\"}", "the frame has no `type`"),
    ] {
        let mut waiting = play(SAID).start();
        waiting.server_raw(BOB, text);
        let judged = waiting.finish();
        let message = format!("bob received a frame that is no message: {reason}");
        let deviation = judged.deviates(DeviationKind::Codec, &message);
        assert_eq!(
            (deviation.at.as_str(), deviation.requirements.as_slice()),
            ("s.yaml:5:5", ["talk.must".to_owned()].as_slice())
        );

        let mut elsewhere = play("\n  - alice is closed\n").start();
        elsewhere.server_raw(BOB, text);
        let judged = elsewhere.finish();
        let deviation = judged.deviates(DeviationKind::Codec, &message);
        assert_eq!(deviation.step, "between the steps");
    }
    let mut play = play(SAID).start();
    play.server_raw(BOB, "{\"type\": ");
    let judged = play.finish();
    let deviation = judged.deviation();
    assert_eq!(deviation.kind, DeviationKind::Codec);
    assert_eq!(deviation.received.as_deref(), Some("{\"type\": "));
}

#[test]
fn a_message_type_that_the_document_does_not_know_is_said_and_fails_nothing() {
    let mut play = play(SAID).start();
    play.server(BOB, "SHOUTED", "");
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    judged.conforms();
    let unknown: Vec<&str> = judged
        .events
        .iter()
        .filter_map(|event| match event {
            Event::UnknownMessage { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(unknown, ["SHOUTED"]);
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

const FORM: &str = "
  - bob receives: { SAID: { text: hi } }
    envelope: { at: <int> }
    proves: [talk.form, talk.should]
";

#[test]
fn what_is_about_form_is_contradicted_by_what_came_ill_formed_and_by_nothing_else() {
    let named = |frame: Option<&str>| {
        let mut play = play(FORM).start();
        if let Some(frame) = frame {
            play.server_raw(BOB, frame);
        }
        let judged = play.finish();
        let deviation = judged.deviation();
        (deviation.level, deviation.requirements.join(" "))
    };
    let spared = (Level::Should, "talk.should".to_owned());
    assert_eq!(named(None), spared);
    let other = r#"{"type": "SAID", "at": 1, "text": "ho"}"#;
    assert_eq!(named(Some(other)), spared);
    let ill_formed = r#"{"type": "SAID", "at": "x", "text": "hi"}"#;
    let named = named(Some(ill_formed));
    assert_eq!(
        named,
        (Level::Must, "talk.form talk.should shape.said".to_owned())
    );
}
