//! The shape of what comes, and what is no message at all.

use wireproof::event::{DeviationKind, Event, Level, ShapeKind};

use crate::play::{ALICE, BOB, SAID, play};

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
