//! `A may receive` and spontaneous messages: what they account for, and what they settle.

use wireproof::event::{DeviationKind, Event, Level};

use crate::play::{ALICE, BOB, Setup, play};

const MAY: &str = "
  - bob may receive: { SAID: {} }
    settles: { echo: loud, otherwise: none }
  - alice receives: { OK: {} }
";

#[test]
fn a_permission_need_not_be_used_and_says_what_that_means() {
    let mut play = play(MAY).start();
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "none")]);
}

#[test]
fn a_permission_accounts_for_what_comes_before_or_behind_it() {
    let before = {
        let mut play = play(MAY).start();
        play.server(BOB, "SAID", r#""text": "hi""#);
        play.server(ALICE, "OK", r#""code": 1"#);
        play.finish()
    };
    let behind = {
        let mut play = play(MAY).without_answers_to_fences().start();
        play.server(ALICE, "OK", r#""code": 1"#);
        play.server(BOB, "SAID", r#""text": "hi""#);
        play.finish()
    };
    for judged in [before, behind] {
        judged.conforms();
        assert_eq!(judged.readings(), [("echo", "loud")]);
    }
}

#[test]
fn a_permission_accounts_for_one_message() {
    let mut play = play(MAY).start();
    play.server(BOB, "SAID", r#""text": "one""#);
    play.server(BOB, "SAID", r#""text": "two""#);
    play.server(ALICE, "OK", r#""code": 1"#);
    let judged = play.finish();
    let message = "bob received SAID, which nothing in the case accounts for";
    let deviation = judged.deviates(DeviationKind::Unexpected, message);
    let received = deviation.received.as_deref().expect("a message");
    assert!(received.contains("two"), "{received}");
}

#[test]
fn any_number_accounts_for_more() {
    let mut play = play(&MAY.replace("settles:", "any number: true\n    settles:")).start();
    for text in ["one", "two", "three"] {
        play.server(BOB, "SAID", &format!("\"text\": \"{text}\""));
    }
    play.server(ALICE, "OK", r#""code": 1"#);
    play.finish().conforms();
}

#[test]
fn each_of_two_permissions_accounts_for_one() {
    let steps = "
  - bob may receive: { SAID: {} }
  - bob may receive: { SAID: {} }
  - alice receives: { OK: {} }
  - bob receives: nothing
    settles: { echo: none, otherwise: loud }
";
    let mut two = play(steps).start();
    two.server(BOB, "SAID", r#""text": "one""#);
    two.server(BOB, "SAID", r#""text": "two""#);
    two.server(ALICE, "OK", r#""code": 1"#);
    let judged = two.finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "none")]);

    let mut three = play(steps).start();
    for text in ["one", "two", "three"] {
        three.server(BOB, "SAID", &format!("\"text\": \"{text}\""));
    }
    three.server(ALICE, "OK", r#""code": 1"#);
    let judged = three.finish();
    assert_eq!(judged.readings(), [("echo", "loud")]);
    judged.deviates(
        DeviationKind::Unexpected,
        "bob received SAID, which nothing in the case accounts for",
    );
}

#[test]
fn a_permission_is_for_its_actor_and_its_fields() {
    let message = "alice received SAID, which nothing in the case accounts for";
    let steps = "\n  - bob may receive: { SAID: { text: hi } }\n";
    let play = || {
        Setup::default()
            .play(steps)
            .without_answers_to_fences()
            .start()
    };
    let mut other_actor = play();
    other_actor.server(ALICE, "SAID", r#""text": "hi""#);
    other_actor
        .finish()
        .deviates(DeviationKind::Unexpected, message);

    let mut other_text = play();
    other_text.server(BOB, "SAID", r#""text": "ho""#);
    other_text
        .finish()
        .deviates(DeviationKind::Unexpected, &message.replace("alice", "bob"));

    let mut fine = play();
    fine.server(BOB, "SAID", r#""text": "hi""#);
    fine.finish().conforms();
}

#[test]
fn a_permission_is_for_its_envelope() {
    let steps = "\n  - bob may receive: { SAID: {} }\n    envelope: { at: <8..> }\n";
    let mut play = play(steps).without_answers_to_fences().start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.finish().deviates(
        DeviationKind::Unexpected,
        "bob received SAID, which nothing in the case accounts for",
    );
}

#[test]
fn what_a_later_step_takes_a_permission_does_not() {
    let mut play = play(
        "
  - bob may receive: { SAID: {} }
    settles: { echo: loud, otherwise: none }
  - bob receives: { SAID: { text: hi } }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    judged.conforms();
    assert_eq!(judged.readings(), [("echo", "none")]);
}

#[test]
fn what_a_permission_accounts_for_is_no_mismatch() {
    let mut play = play(
        "
  - bob may receive: { SAID: { text: ho } }
  - bob receives: { SAID: { text: hi } }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "ho""#);
    assert!(!play.is_over());
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.finish().conforms();
}

#[test]
fn anything_is_any_message_of_the_document() {
    let mut play = play(
        "
  - bob may receive: anything
  - alice receives: { OK: {} }
",
    )
    .start();
    play.server(BOB, "SAID", r#""text": "ho""#);
    play.server(BOB, "NEWS", "");
    play.server(ALICE, "OK", r#""code": 1"#);
    play.finish().conforms();
}

#[test]
fn a_spontaneous_message_may_come_to_anybody() {
    let setup = Setup {
        catalogue: "spontaneous:\n  - message: { NEWS: {} }\n".to_owned(),
        ..Setup::default()
    };
    let mut play = setup.play("\n  - alice receives: { OK: {} }\n").start();
    play.server(BOB, "NEWS", "");
    play.server(ALICE, "NEWS", "");
    play.server(ALICE, "NEWS", "");
    play.server(ALICE, "OK", r#""code": 1"#);
    play.finish().conforms();
}

#[test]
fn a_spontaneous_message_may_contradict_a_requirement_at_its_level() {
    for (requirement, level) in [
        ("talk.must", Level::Must),
        ("talk.should", Level::Should),
        ("talk.advice", Level::Advice),
    ] {
        let catalogue = format!(
            "spontaneous:\n  - message: {{ NEWS: {{ text: x }} }}\n    contradicts: {requirement}\n"
        );
        let play = |text: &str| {
            let setup = Setup {
                catalogue: catalogue.clone(),
                ..Setup::default()
            };
            let mut play = setup.play("\n  - alice receives: { OK: {} }\n").start();
            play.server(BOB, "NEWS", &format!("\"text\": \"{text}\""));
            play.server(ALICE, "OK", r#""code": 1"#);
            play.finish()
        };
        let judged = play("x");
        let deviation = judged.deviation();
        assert_eq!(
            (deviation.level, deviation.kind),
            (level, DeviationKind::Unexpected)
        );
        assert_eq!(deviation.requirements, [requirement]);
        assert_eq!(
            deviation.message,
            "bob received NEWS, which nothing in the case accounts for"
        );
        // Another text is no such message: it is simply too much.
        assert!(play("y").deviation().requirements.is_empty());
    }
}

#[test]
fn a_silence_that_settles_a_reading_hears_what_contradicts_a_requirement() {
    for requirement in ["talk.must", "talk.should"] {
        let catalogue = format!(
            "spontaneous:\n  - message: {{ NEWS: {{}} }}\n    contradicts: {requirement}\n"
        );
        let setup = Setup {
            catalogue,
            ..Setup::default()
        };
        let steps = "
  - alice receives: { OK: {} }
  - bob receives: nothing
    settles: { echo: none, otherwise: loud }
  - bob may receive: { NEWS: {} }
";
        let mut play = setup.play(steps).start();
        play.server(BOB, "NEWS", "");
        play.server(ALICE, "OK", r#""code": 1"#);
        let judged = play.finish();
        judged.conforms();
        assert_eq!(judged.readings(), [("echo", "loud")], "{requirement}");
    }
}

#[test]
fn a_lenient_silence_contradicts_nothing_graver_than_what_it_asks() {
    for (asked, forbidden, requirements) in [
        ("talk.advice", "talk.must", &["talk.advice"] as &[&str]),
        ("talk.should", "talk.must", &["talk.should"]),
        ("talk.other", "talk.must", &["talk.other", "talk.must"]),
    ] {
        let setup = Setup {
            catalogue: format!(
                "spontaneous:\n  - message: {{ NEWS: {{}} }}\n    contradicts: {forbidden}\n"
            ),
            ..Setup::default()
        };
        let steps = "
  - alice receives: { OK: {} }
  - bob receives: nothing
    proves: asked
";
        let mut play = setup.play(&steps.replace("asked", asked)).start();
        play.server(BOB, "NEWS", "");
        play.server(ALICE, "OK", r#""code": 1"#);
        assert_eq!(play.finish().deviation().requirements, requirements);
    }
}

#[test]
fn a_step_that_receives_a_forbidden_message_takes_it() {
    let setup = Setup {
        catalogue: "spontaneous:\n  - message: { NEWS: {} }\n    contradicts: talk.must\n"
            .to_owned(),
        ..Setup::default()
    };
    let mut play = setup.play("\n  - bob receives: { NEWS: {} }\n").start();
    play.server(BOB, "NEWS", "");
    play.finish().conforms();
}

#[test]
fn any_message_is_allowed_in_its_documented_shape() {
    let run = |answer: &str| {
        let mut play = play(
            "
  - alice may receive: any message
  - alice receives: { OK: {} }
",
        )
        .start();
        play.server_raw(ALICE, answer);
        play.server(ALICE, "OK", r#""code": 1"#);
        play.finish()
    };
    run(r#"{"type": "SAID", "at": 1, "text": "hi"}"#).conforms();
    // A wrong shape is reported, once for the run, as in any other case.
    let misshapen = run(r#"{"type": "SAID", "at": 1, "text": 7}"#);
    misshapen.conforms();
    let shapes = misshapen.events.iter().filter_map(|event| match event {
        Event::Shape { path, .. } => Some(path.as_str()),
        _ => None,
    });
    assert_eq!(shapes.collect::<Vec<_>>(), ["$.text"]);
    // What has no type is no message of the document.
    let message = "alice received a frame that is no message: the frame has no `type`";
    run(r#"{"at": 1}"#).deviates(DeviationKind::Codec, message);
}
