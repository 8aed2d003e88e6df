//! Connections: opening, refused, closed by either side; and steps for actors who have none.

use wireproof::event::{DeviationKind, End};

use crate::play::{ALICE, BOB, Setup, play};

fn offline() -> Setup {
    Setup {
        actors: "alice: offline, bob: connected",
        ..Setup::default()
    }
}

#[test]
fn a_step_for_an_actor_without_a_connection_is_never_the_servers_fault() {
    for step in [
        "alice sends: { SAY: { text: hi } }",
        "alice receives: { OK: {} }",
        "alice is closed",
    ] {
        let judged = offline().play(&format!("\n  - {step}\n")).start().finish();
        judged.could_not_run("s.yaml:4:5: alice has no connection");
    }
}

#[test]
fn connecting_twice_is_never_the_servers_fault() {
    let judged = play("\n  - alice connects\n").start().finish();
    judged.could_not_run("s.yaml:4:5: alice is connected already");
}

#[test]
fn a_connection_that_is_refused_could_not_run() {
    let play = offline().play("\n  - alice connects\n");
    let judged = play.refusing_from(1).start().finish();
    judged.could_not_run("alice could not connect: refused by the test");
}

#[test]
fn a_connection_that_has_to_be_refused_is() {
    let steps = "\n  - alice fails to connect:\n    proves: talk.must\n";
    let refused = offline().play(steps).refusing_from(1).start().finish();
    refused.conforms();
    assert_eq!(refused.proved(), ["talk.must"]);

    let judged = offline().play(steps).start().finish();
    let message = "alice was let in, but the connection had to be refused";
    let deviation = judged.deviates(DeviationKind::Connect, message);
    assert_eq!(deviation.requirements, ["talk.must"]);
}

const CLOSED: &str = "
  - alice is closed: { code: 1000 }
    within: 1s
    proves: talk.must
";

#[test]
fn a_close_is_waited_for_and_its_code_looked_at() {
    let mut right = play(CLOSED).start();
    right.at(900);
    right.server_closes(ALICE, 1000);
    let judged = right.finish();
    judged.conforms();
    assert_eq!(judged.proved(), ["talk.must"]);

    let mut other = play(CLOSED).start();
    other.server_closes(ALICE, 1011);
    let judged = other.finish();
    let message = "alice's connection ended otherwise";
    let deviation = judged.deviates(DeviationKind::NotClosed, message);
    assert_eq!(deviation.expected.as_deref(), Some("close with code 1000"));
    assert_eq!(
        deviation.received.as_deref(),
        Some("closed by the server with code 1011")
    );

    let mut reset = play(CLOSED).start();
    reset.server_ends(ALICE, End::Reset);
    reset.finish().deviates(DeviationKind::NotClosed, message);

    let judged = play(CLOSED).start().finish();
    judged.deviates(
        DeviationKind::NotClosed,
        "the server did not close alice's connection",
    );
    assert_eq!(judged.ms, 1000);
}

#[test]
fn a_close_without_a_code_is_any_end() {
    let mut play = play("\n  - alice is closed\n").start();
    play.server_ends(ALICE, End::Eof);
    play.finish().conforms();
}

#[test]
fn a_close_that_nothing_asked_for_is_found_at_the_end() {
    let mut play = play("\n  - bob receives: { SAID: {} }\n").start();
    play.server_closes(ALICE, 1000);
    play.server(BOB, "SAID", r#""text": "hi""#);
    let judged = play.finish();
    let message = "alice's connection ended, and nothing asked for that";
    let deviation = judged.deviates(DeviationKind::Closed, message);
    assert_eq!(deviation.step, "the end of the case");
}

#[test]
fn a_close_that_is_permitted_settles_a_reading() {
    let steps = "
  - alice may be closed
    # once a permission, always one
  - bob receives: { SAID: {} }
";
    let settling = steps.replace(
        "alice may be closed\n",
        "alice may be closed:\n    settles: { echo: loud, otherwise: none }\n",
    );
    for closes in [true, false] {
        let mut play = play(&settling).start();
        if closes {
            play.server_closes(ALICE, 1000);
        }
        play.server(BOB, "SAID", r#""text": "hi""#);
        let judged = play.finish();
        judged.conforms();
        let seen = if closes { "loud" } else { "none" };
        assert_eq!(judged.readings(), [("echo", seen)]);
    }
}

#[test]
fn a_close_of_our_own_does_not_settle_whether_the_server_closes() {
    for leaves in ["disconnects", "vanishes"] {
        let steps = "
  - alice may be closed:
    settles: { echo: loud, otherwise: none }
  - alice LEAVES
";
        let judged = play(&steps.replace("LEAVES", leaves)).start().finish();
        judged.conforms();
        assert_eq!(judged.readings(), [("echo", "none")], "{leaves}");
    }
}

#[test]
fn sending_on_a_connection_that_the_server_closed_shows_at_the_step_that_receives() {
    let mut play = play(
        "
  - bob receives: { SAID: {} }
  - alice sends: { SAY: { text: hi } }
  - alice receives: { OK: {} }
    proves: talk.must
",
    )
    .start();
    play.server_closes(ALICE, 1000);
    play.server(BOB, "SAID", r#""text": "hi""#);
    assert!(play.sent.is_empty());
    let judged = play.finish();
    let message =
        "alice's connection ended while alice waited for OK: closed by the server with code 1000";
    judged.deviates(DeviationKind::Closed, message);
}

#[test]
fn a_server_that_closes_while_a_fence_is_out_is_not_waited_for() {
    let mut play = play("\n  - alice sends: { SAY: { text: hi } }\n")
        .without_answers_to_fences()
        .start();
    play.at(10);
    play.server_closes(ALICE, 1000);
    play.answer_fence(BOB);
    let judged = play.finish();
    let message = "alice's connection ended, and nothing asked for that";
    judged.deviates(DeviationKind::Closed, message);
    assert_eq!(judged.ms, 10);
}

#[test]
fn who_reconnects_has_a_new_connection() {
    let mut play = play(
        "
  - alice reconnects
  - alice receives: { OK: {} }
",
    )
    .start();
    play.server(ALICE, "OK", r#""code": 1"#);
    assert!(!play.is_over(), "the old connection is gone");
    // The server has its time to notice the end.
    play.at(50);
    play.server(2, "OK", r#""code": 1"#);
    play.finish().conforms();
}

#[test]
fn who_vanishes_drops_the_connection_without_a_close() {
    let play = play("\n  - alice vanishes\n").start();
    assert_eq!(play.dropped, [ALICE]);
    play.finish().conforms();
}

#[test]
fn what_came_before_a_disconnect_is_accounted_for_all_the_same() {
    let mut play = play(
        "
  - bob receives: { SAID: {} }
  - alice disconnects
",
    )
    .start();
    play.server(ALICE, "NEWS", "");
    play.server(BOB, "SAID", r#""text": "hi""#);
    play.finish().deviates(
        DeviationKind::Unexpected,
        "alice received NEWS, which nothing in the case accounts for",
    );
}

#[test]
fn who_disconnects_leaves_the_server_time_to_notice() {
    let mut play =
        play("\n  - alice reconnects\n  - alice sends: { SAY: { text: back } }\n").start();
    play.at(9);
    assert!(play.sent.is_empty());
    play.at(10);
    assert_eq!(play.sent.len(), 1);
}
