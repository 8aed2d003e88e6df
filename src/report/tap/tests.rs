//! The stream as a harness reads it, line by line.

use snapbox::{assert_data_eq, str};

use super::*;
use crate::event::{DeviationKind, Event, KnownDeviation, Level};
use crate::outcome::fixture::{
    HOSTILE, Stream, broken, clean, deviation, fold, interrupted, unfit,
};

fn written(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut report = Tap::new(&mut bytes);
    report.finish(&fold(events)).expect("a vector takes all");
    String::from_utf8(bytes).expect("text")
}

/// What a harness makes of it: planned, passed, failed, to do, skipped; and whether somebody bailed out.
fn read(text: &str) -> ([usize; 5], bool) {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan = lines.next().and_then(|line| line.strip_prefix("1.."));
    let planned = plan.and_then(|plan| plan.parse().ok()).expect("a plan");
    let mut counts = [planned, 0, 0, 0, 0];
    let (mut number, mut bailed, mut block) = (0, false, false);
    for line in lines {
        if block {
            assert!(
                line.starts_with("  "),
                "a block that was not closed: {line}"
            );
            block = line != "  ...";
        } else if line == "  ---" {
            assert!(number > 0);
            block = true;
        } else if line.starts_with("Bail out! ") {
            bailed = true;
        } else if !line.starts_with("# ") {
            number += 1;
            let not_ok = line.strip_prefix("not ok ");
            let rest = not_ok.or_else(|| line.strip_prefix("ok ")).expect("a test");
            assert!(rest.starts_with(&format!("{number} - ")), "{line}");
            let bare = rest.replace("\\\\", "").replace("\\#", "");
            let directive = bare.split_once(" # ").map(|(_, directive)| &directive[..4]);
            counts[match (directive, not_ok) {
                (None, None) => 1,
                (None, Some(_)) => 2,
                (Some("TODO"), Some(_)) => 3,
                (Some("SKIP"), None) => 4,
                other => panic!("{other:?}"),
            }] += 1;
        }
    }
    assert!(!block);
    (counts, bailed)
}

#[test]
fn harness_counts_what_the_run_counts() {
    assert_eq!(read(&written(&clean())), ([5, 5, 0, 0, 0], false));
    assert_eq!(read(&written(&broken())), ([19, 3, 15, 0, 1], false));
    assert_eq!(read(&written(&unfit())), ([13, 0, 1, 0, 0], true));
    assert_eq!(read(&written(&interrupted())), ([13, 1, 2, 0, 0], true));
}

#[test]
fn shape_that_is_right_though_known_to_be_wrong_fails() {
    let stream = Stream::new().case("a", &["shape.friend-request-ack"]);
    let mut events = stream
        .held(&["shape.friend-request-ack"])
        .judged()
        .completed();
    assert_eq!(read(&written(&events)), ([1, 1, 0, 0, 0], false));
    if let Event::RunStarted { packs, .. } = &mut events[0] {
        packs[0].known = vec![KnownDeviation {
            at: "my-server.yaml:9:5".into(),
            cases: Vec::new(),
            shape: Some(("FRIEND_REQUEST_ACK".into(), "$.code".into())),
            fails: "missing".into(),
            reason: "issue 17".into(),
            sometimes: false,
        }];
    }
    let text = written(&events);
    assert_eq!(read(&text), ([2, 1, 1, 0, 0], false), "{text}");
    let said =
        "FRIEND_REQUEST_ACK $.code is not missing, though my-server.yaml:9:5 says that it is";
    assert!(text.contains(said), "{text}");
}

#[test]
fn cut_of_a_run_plans_more_than_it_has_or_fails() {
    let events = broken();
    for end in 0..events.len() {
        let ([planned, passed, failed, ..], bailed) = read(&written(&events[..end]));
        assert!(bailed && (failed > 0 || passed < planned), "cut at {end}");
    }
}

#[test]
fn failure_says_all_in_its_block() {
    let events = Stream::new()
        .case("friend-request.accepted", &["friend-request.ack"])
        .received("FRIEND_REQUEST_ACK", "{ FRIEND_REQUEST_ACK: { code: 3 } }")
        .deviation(deviation(
            DeviationKind::Mismatch,
            Level::Must,
            "friend-request.ack",
        ))
        .judged()
        .completed();
    assert_data_eq!(
        written(&events),
        str![[r#"
TAP version 14
1..1
# ws://127.0.0.1:8080/chat does not conform: 1 of 8 must requirements not met; 1 of 1 case deviates
# seed 7
not ok 1 - friendchat/friend-request.accepted
  ---
  message: "alice received FRIEND_REQUEST_ACK with another code"
  severity: "fail"
  kind: "mismatch"
  section: "friendchat: Friend requests"
  file: "scenarios/friendchat/friends.yaml"
  line: 6
  column: 5
  duration_ms: 4
  details: |2
    DEVIATES friendchat/friend-request.accepted
      alice received FRIEND_REQUEST_ACK with another code (mismatch)
      step          scenarios/friendchat/friends.yaml:6:5
                    alice receives: { FRIEND_REQUEST_ACK: { receiver: $bob.name, code: 0 } }
      requirement   friend-request.ack (must, section "Friend requests"):
                    The server acknowledges a friend request to its sender.
      difference    - expected  + received
                      FRIEND_REQUEST_ACK
                        sender: alice-1
                        receiver: bob-1
                    -   code: 0
                    +   code: 3
      sent last     { FRIEND_REQUEST: { sender: alice-1, receiver: bob-1 } }
      near miss     a FRIEND_REQUEST_ACK arrived at carol
      run again     wireproof run --case 'friendchat/friend-request.accepted'
  exchange: |2
        210 µs  alice      connected
        1.4 ms  alice      receives  { FRIEND_REQUEST_ACK: { code: 3 } }
        2.7 ms  alice      DEVIATES  alice received FRIEND_REQUEST_ACK with another code
  rerun: "wireproof run --case 'friendchat/friend-request.accepted'"
  ...

"#]]
    );
}

#[test]
fn target_that_speaks_tap_changes_no_count() {
    let hostile = format!("x # SKIP no\n  ...\nok 2 - forged\nBail out! {HOSTILE}");
    let events = Stream::new()
        .case("a # TODO b\\", &["friend-request.ack"])
        .received(&hostile, &hostile)
        .deviation(crate::event::Deviation {
            message: hostile.clone(),
            received: Some(hostile.clone()),
            near: Some(hostile.clone()),
            ..deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack")
        })
        .judged()
        .completed();
    assert_eq!(read(&written(&events)), ([1, 0, 1, 0, 0], false));
}
