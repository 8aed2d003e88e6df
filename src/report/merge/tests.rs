//! Streams that belong together, and streams that do not.

use super::*;
use crate::outcome::fixture::{Stream, broken, clean, fold, interrupted};

/// The run divided as `run --partition` does it: every case in one log, with all its events.
fn divided(events: &[Event], of: usize) -> Vec<Log> {
    let cases: Vec<&str> = (events.iter())
        .filter_map(|event| match event {
            Event::CaseStarted { case, .. } => Some(case.as_str()),
            _ => None,
        })
        .collect();
    (1..=of)
        .map(|index| {
            let mine = |case: &str| {
                let place = cases.iter().position(|known| *known == case);
                place.is_some_and(|place| place % of == index - 1)
            };
            let own = events.iter().filter(|event| {
                let case = serde_json::to_value(event).expect("an event")["case"].clone();
                case.as_str().is_none_or(mine)
            });
            let mut own: Vec<Event> = own.cloned().collect();
            if let Some(Event::RunStarted {
                part,
                cases: planned,
                ..
            }) = own.first_mut()
            {
                let whole = cases.len();
                *part = Some(Part { index, of, whole });
                *planned = (0..whole).filter(|place| place % of == index - 1).count();
            }
            Log {
                name: format!("{index}.jsonl"),
                events: own,
            }
        })
        .collect()
}

fn merged(logs: Vec<Log>) -> Vec<Event> {
    merge(logs, None).expect("they belong together").events
}

fn wrong(logs: Vec<Log>) -> Vec<String> {
    let errors = merge(logs, None).expect_err("they do not belong together");
    errors.iter().map(ToString::to_string).collect()
}

fn log(name: &str, events: Vec<Event>) -> Log {
    let name = name.to_owned();
    Log { name, events }
}

#[test]
fn parts_make_the_whole_run_whatever_their_order() {
    for events in [clean(), broken()] {
        for of in [1, 2, 5] {
            let mut logs = divided(&events, of);
            let once = merged(divided(&events, of));
            assert_eq!(format!("{:?}", fold(&once)), format!("{:?}", fold(&events)));
            logs.reverse();
            assert_eq!(format!("{:?}", merged(logs)), format!("{once:?}"));
        }
    }
}

#[test]
fn part_that_is_missing_leaves_its_cases_unjudged() {
    let mut logs = divided(&clean(), 3);
    logs.remove(1);
    let merged = merge(logs, None).expect("two parts of three");
    assert_eq!(merged.missing, [2]);
    let run = fold(&merged.events);
    assert_eq!((run.planned, run.summary.cases), (5, 3));
    let verdict = super::super::Headline::of(&run).sentence();
    assert!(
        verdict.contains("was not judged in full: 2 cases never started"),
        "{verdict}"
    );
}

#[test]
fn log_that_was_cut_off_cuts_off_the_whole() {
    let mut logs = divided(&clean(), 2);
    logs[0].events.pop();
    let run = fold(&merged(logs));
    assert!(run.facts().cut_off);
    let logs = divided(&interrupted(), 2);
    assert!(fold(&merged(logs)).facts().interrupted);
}

#[test]
fn same_part_twice_is_told_once_and_with_its_cases() {
    let logs = || divided(&clean(), 2).swap_remove(0);
    let again = Log {
        name: "again.jsonl".to_owned(),
        ..logs()
    };
    assert_eq!(
        wrong(vec![again, logs()]),
        [
            "1.jsonl and again.jsonl are both part 1 of 2",
            "friendchat/register.accepted is in 1.jsonl and in again.jsonl, and 2 more",
        ]
    );
}

#[test]
fn logs_of_other_runs_are_diagnosed_all_at_once() {
    let one = Stream::new().case("a", &[]).judged().completed();
    let mut other = Stream::against("ws://elsewhere")
        .case("b", &[])
        .judged()
        .completed();
    if let Some(Event::RunStarted {
        version,
        seed,
        packs,
        ..
    }) = other.first_mut()
    {
        *version = "0.2.0".to_owned();
        *seed = 8;
        packs[0].title = "Another".to_owned();
    }
    let logs = || vec![log("1", one.clone()), log("2", other.clone())];
    assert_eq!(
        wrong(logs()),
        [
            "2 is of another version than 1: 0.2.0, not 0.1.0",
            "2 is of another target than 1: \"ws://elsewhere\", not \"ws://127.0.0.1:8080/chat\"",
            "2 is of another seed than 1: 8, not 7",
            "2 is of another pack friendchat than 1",
        ]
    );
    let named = merge(logs(), Some("staging")).expect_err("the rest is wrong still");
    assert_eq!(named.len(), 3);
}

#[test]
fn target_of_many_addresses_is_named() {
    let one = Stream::new().case("a", &[]).judged().completed();
    let other = Stream::against("ws://elsewhere")
        .case("b", &[])
        .judged()
        .completed();
    let logs = vec![log("1", one), log("2", other)];
    let run = fold(&merge(logs, Some("staging")).expect("named").events);
    assert_eq!(run.target, "staging");
    assert_eq!((run.planned, run.summary.conforms), (2, 2));
}

#[test]
fn divided_and_undivided_runs_do_not_mix() {
    let whole = Stream::new().case("a", &[]).judged().completed();
    let part = divided(&Stream::new().case("b", &[]).judged().completed(), 1).swap_remove(0);
    let said = wrong(vec![part, log("0", whole)]);
    let plan =
        "1.jsonl is of another plan than 0: one in 1 parts of 1 cases, not one that is not divided";
    assert_eq!(said, [plan]);
}

#[test]
fn log_without_a_run_or_with_two_is_a_mistake() {
    let twice = [clean(), clean()].concat();
    let said = wrong(vec![log("empty", Vec::new()), log("cat", twice)]);
    assert!(said.contains(&"empty holds no run".to_owned()), "{said:?}");
    assert!(said.contains(&"cat holds several runs; merge their own logs".to_owned()));
}
