//! What the terminal says, as a person would read it: colours taken out, lines counted.

use anstream::adapter::strip_str;
use snapbox::{assert_data_eq, str};

use super::*;
use crate::event::{DeviationKind, RunEnd};
use crate::outcome::Fold;
use crate::outcome::fixture::{Stream, broken, clean, deviation, interrupted, unfit};

fn raw(events: &[Event], options: TerminalOptions) -> String {
    let mut bytes = Vec::new();
    let mut terminal = Terminal::new(&mut bytes, options);
    let mut fold = Fold::new();
    for event in events {
        fold.on(event);
        terminal
            .on(event, fold.so_far())
            .expect("a vector takes all");
    }
    terminal.finish(&fold.finish()).expect("a vector takes all");
    String::from_utf8(bytes).expect("text")
}

fn plain(events: &[Event]) -> String {
    strip_str(&raw(events, TerminalOptions::default())).to_string()
}

fn detailed(events: &[Event]) -> String {
    let options = TerminalOptions {
        details: true,
        ..TerminalOptions::default()
    };
    strip_str(&raw(events, options)).to_string()
}

fn last_line(events: &[Event]) -> String {
    let text = plain(events);
    text.lines().last().unwrap_or_default().to_owned()
}

fn one_failure() -> Vec<Event> {
    Stream::new()
        .case("friend-request.accepted", &["friend-request.ack"])
        .deviation(deviation(
            DeviationKind::Mismatch,
            Level::Must,
            "friend-request.ack",
        ))
        .judged()
        .completed()
}

#[test]
fn failure_says_all_that_one_needs() {
    assert_data_eq!(
        plain(&one_failure()),
        str![[r#"
wireproof 0.1.0 tests ws://127.0.0.1:8080/chat: 1 case of friendchat, seed 7

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

  must          0 of 8 met, 1 not met, 7 not judged (--details lists them)
  should        0 of 1 met, 1 not judged
  advice        0 of 1 met, 1 not judged
  readings      0 observed, 0 vary, 2 not observed

ws://127.0.0.1:8080/chat does not conform: 1 of 8 must requirements not met; 1 of 1 case deviates
ws://127.0.0.1:8080/chat: 1 case, 1 deviates in 1.23 s

"#]]
    );
}

#[test]
fn clean_run_is_a_few_calm_lines() {
    assert_data_eq!(
        plain(&clean()),
        str![[r#"
wireproof 0.1.0 tests built-in reference server: 5 cases of friendchat, seed 7

  must          8 of 8 met
  should        1 of 1 met
  advice        1 of 1 met
  readings      1 observed, 0 vary, 1 not observed

built-in reference server conforms: 8 must requirements met
built-in reference server: 5 cases, 5 conform in 1.23 s

"#]]
    );
}

#[test]
fn broken_run_groups_what_is_the_same() {
    let text = plain(&broken());
    let once = [
        "FRIEND_REQUEST_ACK $.payload.code: wrong type",
        "2 cases by flow logged-in: alice received nothing within 2 s",
        "1 case: server gone",
        "WELCOME is no message of friendchat",
    ];
    for line in once {
        assert_eq!(text.matches(line).count(), 1, "{line}\n{text}");
    }
    assert_eq!(text.matches("DEVIATES ").count(), 11);
    assert_eq!(
        last_line(&broken()),
        "ws://127.0.0.1:8080/chat: 18 cases, 3 conform, 11 deviate, 2 blocked, 1 not applicable, 1 could not run in 1.23 s"
    );
}

#[test]
fn first_and_last_line_name_the_target() {
    for events in [clean(), broken(), interrupted(), unfit()] {
        let text = plain(&events);
        let run = crate::outcome::fixture::fold(&events);
        assert!(text.lines().next().is_some_and(|l| l.contains(&run.target)));
        assert!(
            text.lines()
                .last()
                .is_some_and(|l| l.starts_with(&run.target))
        );
    }
}

#[test]
fn unfit_target_is_one_clear_line() {
    let wanted = "ws://127.0.0.1:8080/chat could not be tested: the target accepts connections and";
    assert!(plain(&unfit()).contains(wanted), "{}", plain(&unfit()));
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let text = plain(&broken());
    let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}' || c == '\u{2028}');
    assert!(!text.contains(bad));
    assert!(text.contains("\\u{1b}[2J"));
    let longest = text.lines().map(|l| l.chars().count()).max();
    assert!(longest.is_some_and(|most| most < 700), "{longest:?}");
    let coloured = raw(&broken(), TerminalOptions::default());
    assert!(!coloured.contains("\u{1b}[2J") && !coloured.contains("\u{1b}]"));
}

#[test]
fn beyond_the_bound_a_failure_is_one_line() {
    let mut stream = Stream::new();
    for index in 0..25 {
        let failure = deviation(DeviationKind::Missing, Level::Must, "friend-request.ack");
        stream = stream
            .case(&format!("a.{index}"), &[])
            .deviation(failure)
            .judged();
    }
    let events = stream.completed();
    let text = plain(&events);
    assert_eq!(text.matches("run again").count(), MOST_FAILURES);
    assert_eq!(text.matches("DEVIATES ").count(), 25);
    assert_eq!(text.matches("further failures, one line each").count(), 1);
    let text = detailed(&events);
    assert_eq!(text.matches("run again").count(), 25);
}

#[test]
fn details_list_what_was_not_judged() {
    assert!(!plain(&one_failure()).contains("register.accepted"));
    let text = detailed(&one_failure());
    assert!(
        text.contains("Not judged, though they must hold (7)\n  friendchat: register.accepted\n")
    );
    assert!(text.contains("7 not judged\n"), "{text}");
    assert!(
        !detailed(&broken()).contains("register.server-error"),
        "no client can provoke it"
    );
}

#[test]
fn details_list_every_warning() {
    let mut stream = Stream::new();
    for index in 0..20 {
        stream = stream
            .case(&format!("a.{index}"), &[])
            .unknown(&format!("X{index}"))
            .judged();
    }
    let events = stream.completed();
    let text = plain(&events);
    assert_eq!(text.matches(" is no message of ").count(), 12);
    assert!(text.contains("and 8 more, which --details lists"));
    assert_eq!(detailed(&events).matches(" is no message of ").count(), 20);
}

#[test]
fn progress_only_moves_where_it_may() {
    assert!(!raw(&clean(), TerminalOptions::default()).contains('\r'));
    let live = TerminalOptions {
        live: true,
        width: 40,
        ..TerminalOptions::default()
    };
    let text = raw(&clean(), live);
    assert!(text.contains("\r  0 of 5 cases"));
    let frames = text.split('\r').filter(|f| f.contains(" of 5 cases,"));
    assert!(frames.clone().count() > 0);
    assert!(
        frames
            .into_iter()
            .all(|f| f.contains("built-in") || f.chars().count() == 39)
    );
}

#[test]
fn deviation_of_a_case_that_never_finished_is_shown() {
    let mut events = one_failure();
    events.truncate(events.len() - 2);
    let text = plain(&events);
    assert_eq!(text.matches("DEVIATES ").count(), 1);
    assert!(text.contains("the log ends after 1 of 1 case"));
}

#[test]
fn prose_keeps_to_the_width() {
    let options = TerminalOptions {
        width: 60,
        ..TerminalOptions::default()
    };
    let text = strip_str(&raw(&one_failure(), options)).to_string();
    let prose = text.lines().filter(|l| !l.contains(['{', '/']));
    assert!(prose.clone().count() > 5);
    assert!(prose.into_iter().all(|l| l.chars().count() <= 60), "{text}");
}

#[test]
fn nothing_judged_lists_no_requirements() {
    let text = plain(&Stream::new().end(RunEnd::Completed));
    assert!(!text.contains("Not judged, though"));
    assert!(text.contains("was not judged"));
}
