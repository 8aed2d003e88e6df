//! Two and three runs, and what changed between them.

use anstream::adapter::strip_str;
use snapbox::{assert_data_eq, str};

use super::*;
use crate::event::{CaseEnd, DeviationKind, Event};
use crate::outcome::fixture::{HOSTILE, Stream, broken, clean, deviation, fold};

const ACK: &str = "friend-request.ack";

fn compared(runs: &[Vec<Event>]) -> Comparison {
    let named = runs.iter().enumerate();
    let runs: Vec<(String, Run)> = named
        .map(|(index, events)| (format!("{index}.jsonl"), fold(events)))
        .collect();
    Comparison::of(&runs)
}

fn plain(comparison: &Comparison) -> String {
    strip_str(&comparison_text(comparison, 80, false)).to_string()
}

fn held() -> Vec<Event> {
    Stream::new()
        .case("a", &[ACK])
        .held(&[ACK])
        .judged()
        .completed()
}

fn broke(level: Level) -> Vec<Event> {
    let failure = deviation(DeviationKind::Mismatch, level, ACK);
    Stream::new()
        .case("a", &[ACK])
        .deviation(failure)
        .judged()
        .completed()
}

fn blocked() -> Vec<Event> {
    let end = CaseEnd::Blocked {
        flow: "logged-in".into(),
        reason: "no answer".into(),
        tested_by: None,
    };
    Stream::new().case("a", &[ACK]).case_end(end).completed()
}

fn of<'c>(comparison: &'c Comparison, id: &str) -> &'c Line {
    let mut lines = comparison.lines.iter();
    lines.find(|line| line.id == id).expect("it is compared")
}

#[test]
fn what_held_and_does_no_longer_is_a_regression() {
    let comparison = compared(&[held(), broke(Level::Must)]);
    assert!(comparison.regressed() && comparison.comparable());
    assert_eq!(of(&comparison, ACK).change, Change::Worse);
    assert_eq!(of(&comparison, "friendchat/a").change, Change::Worse);
    assert_data_eq!(
        plain(&comparison),
        str![[r#"
wireproof compares 1 run with the first of 2 runs
  A  0.jsonl (2026-11-20T12:00:00Z)
     ws://127.0.0.1:8080/chat conforms: 1 must requirement met, 7 not judged
  B  1.jsonl (2026-11-20T12:00:00Z)
     ws://127.0.0.1:8080/chat does not conform: 1 of 8 must requirements not met; 1 of 1 case deviates

Worse (1 requirement, 1 case)
  friendchat: friend-request.ack (must): The server acknowledges a friend
    request to its sender.
    A met, B not met
  friendchat/a
    A conforms, B deviates

The same: 9 requirements
B regressed against A: 0 better, 2 worse, 0 newly judged, 0 no longer judged

"#]]
    );
}

#[test]
fn what_did_not_hold_and_does_now_is_better() {
    let comparison = compared(&[broke(Level::Must), held()]);
    assert!(!comparison.regressed());
    assert_eq!(of(&comparison, ACK).change, Change::Better);
    assert!(plain(&comparison).contains("Better (1 requirement, 1 case)"));
}

#[test]
fn what_was_not_judged_is_neither_better_nor_worse() {
    let lost = compared(&[held(), blocked()]);
    assert!(!lost.regressed() && !lost.comparable());
    assert_eq!(of(&lost, ACK).change, Change::Lost);
    let new = compared(&[blocked(), broke(Level::Must)]);
    assert!(!new.regressed());
    assert_eq!(of(&new, ACK).change, Change::New);
    assert!(plain(&new).contains("A not judged, B not met"));
}

#[test]
fn warning_that_is_new_is_worse_but_no_regression_of_what_must_hold() {
    let media = "media.order";
    let held = Stream::new()
        .case("a", &[media])
        .held(&[media])
        .judged()
        .completed();
    let failure = deviation(DeviationKind::Order, Level::Should, media);
    let broke = Stream::new()
        .case("a", &[media])
        .deviation(failure)
        .judged()
        .completed();
    let comparison = compared(&[held, broke]);
    assert_eq!(of(&comparison, media).change, Change::Worse);
    assert!(!comparison.regressed());
}

#[test]
fn case_may_get_worse_where_its_requirement_was_not_met_before() {
    let run = |second: bool| {
        let failure = || deviation(DeviationKind::Mismatch, Level::Must, ACK);
        let stream = Stream::new()
            .case("a", &[ACK])
            .deviation(failure())
            .judged();
        let stream = stream.case("b", &[ACK]);
        let stream = if second {
            stream.deviation(failure())
        } else {
            stream.held(&[ACK])
        };
        stream.judged().completed()
    };
    let comparison = compared(&[run(false), run(true)]);
    assert_eq!(of(&comparison, ACK).change, Change::Same);
    assert_eq!(of(&comparison, "friendchat/b").change, Change::Worse);
    assert!(comparison.regressed());
}

#[test]
fn wrong_shape_is_worse_where_its_message_was_judged_before() {
    let shape = "shape.friend-request-ack";
    let run = |path: Option<&str>| {
        let stream = Stream::new().case("a", &[ACK]).held(&[ACK, shape]);
        let stream = match path {
            Some(path) => stream.shape("FRIEND_REQUEST_ACK", path, Level::Must, "1"),
            None => stream,
        };
        stream.judged().completed()
    };
    let comparison = compared(&[run(None), run(Some("$.x"))]);
    assert_eq!(
        of(&comparison, "FRIEND_REQUEST_ACK $.x (wrong type)").change,
        Change::Worse
    );
    // Another field of a message that was wrong before.
    let comparison = compared(&[run(Some("$.x")), run(Some("$.y"))]);
    assert_eq!(of(&comparison, shape).change, Change::Same);
    assert!(comparison.regressed());
    // A message that nobody had judged.
    let before = Stream::new()
        .case("a", &[ACK])
        .held(&[ACK])
        .judged()
        .completed();
    let comparison = compared(&[before, run(Some("$.x"))]);
    assert!(!comparison.regressed());
}

#[test]
fn gravest_change_of_several_runs_counts() {
    let comparison = compared(&[held(), held(), broke(Level::Must), blocked()]);
    assert_eq!(of(&comparison, ACK).change, Change::Worse);
    let text = plain(&comparison);
    assert!(
        text.contains("A met, B met, C not met, D not judged"),
        "{text}"
    );
    assert!(
        text.contains("\nthe others regressed against A: "),
        "{text}"
    );
}

#[test]
fn same_run_twice_is_the_same() {
    for events in [clean(), broken()] {
        let comparison = compared(&[events.clone(), events]);
        assert!(
            comparison
                .lines
                .iter()
                .all(|line| line.change == Change::Same)
        );
        assert!(!comparison.regressed() && comparison.comparable());
    }
}

#[test]
fn hostile_names_reach_no_terminal() {
    let events = Stream::new()
        .case(HOSTILE, &[ACK])
        .shape(HOSTILE, HOSTILE, Level::Must, HOSTILE)
        .judged()
        .completed();
    let other = Stream::new()
        .case("a", &[ACK])
        .held(&[ACK])
        .judged()
        .completed();
    for runs in [[events.clone(), other.clone()], [other, events]] {
        let text = strip_str(&comparison_text(&compared(&runs), 80, true)).to_string();
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(bad), "{text:?}");
    }
}
