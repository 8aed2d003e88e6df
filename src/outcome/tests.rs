//! The fold's rules, each from a stream of a few events: what it counts, and what it refuses to count.

use super::fixture::{self, Stream, broken, clean, deviation, fold};
use super::{Observed, Outcome, Run, Verdict};
use crate::event::{CaseEnd, DeviationKind, Event, Level, RunEnd};

const ACK: &str = "friend-request.ack";

fn verdict(run: &Run, id: &str) -> Verdict {
    run.requirement("friendchat", id)
        .expect("the fixture's pack has it")
        .verdict()
}

fn blocked() -> CaseEnd {
    CaseEnd::Blocked {
        flow: "logged-in".into(),
        reason: "no answer".into(),
        tested_by: None,
    }
}

fn one_deviation(level: Level) -> Run {
    fold(
        &Stream::new()
            .case("a", &[ACK])
            .held(&[ACK])
            .deviation(deviation(DeviationKind::Mismatch, level, ACK))
            .judged()
            .completed(),
    )
}

#[test]
fn must_deviation_makes_a_case_deviate() {
    let run = one_deviation(Level::Must);
    assert_eq!(run.cases[0].outcome, Outcome::Deviates);
    assert!(!run.cases[0].expected);
    assert!(run.facts().deviated && run.facts().unexpected && run.facts().judged);
}

#[test]
fn warnings_and_notes_let_a_case_conform() {
    for level in [Level::Should, Level::Advice] {
        let run = one_deviation(level);
        assert_eq!(run.cases[0].outcome, Outcome::Conforms);
        assert!(run.cases[0].expected);
        assert_eq!(run.cases[0].deviations.len(), 1);
        assert!(!run.facts().deviated && !run.facts().unexpected);
    }
}

#[test]
fn must_deviation_outweighs_how_the_case_ended() {
    let events = Stream::new()
        .case("a", &[])
        .deviation(deviation(DeviationKind::Closed, Level::Must, ACK))
        .case_end(CaseEnd::CouldNotRun {
            reason: "server gone".into(),
        })
        .completed();
    assert_eq!(fold(&events).cases[0].outcome, Outcome::Deviates);
}

#[test]
fn requirement_is_met_when_every_judged_step_held() {
    let run = fold(&clean());
    assert_eq!(verdict(&run, ACK), Verdict::Met);
    assert_eq!(verdict(&run, "register.server-error"), Verdict::NotJudged);
}

#[test]
fn deviation_of_any_level_leaves_its_requirement_unmet() {
    for level in [Level::Must, Level::Should, Level::Advice] {
        assert_eq!(verdict(&one_deviation(level), ACK), Verdict::NotMet);
    }
}

#[test]
fn one_deviation_among_many_held_steps_is_not_met() {
    let events = Stream::new()
        .case("a", &[])
        .held(&[ACK])
        .judged()
        .case("b", &[])
        .deviation(deviation(DeviationKind::Missing, Level::Must, ACK))
        .judged()
        .case("c", &[])
        .held(&[ACK])
        .judged()
        .completed();
    assert_eq!(verdict(&fold(&events), ACK), Verdict::NotMet);
}

#[test]
fn what_held_in_an_unjudged_case_proves_nothing() {
    let ends = [
        blocked(),
        CaseEnd::NotApplicable {
            reason: "no groups".into(),
        },
        CaseEnd::CouldNotRun {
            reason: "server gone".into(),
        },
    ];
    for end in ends {
        let events = Stream::new().case("a", &[ACK]).held(&[ACK]).case_end(end);
        let run = fold(&events.completed());
        assert_eq!(verdict(&run, ACK), Verdict::NotJudged);
        assert!(!run.facts().judged);
    }
}

#[test]
fn what_held_before_a_deviation_counts() {
    let events = Stream::new()
        .case("a", &[])
        .held(&["login.accepted"])
        .deviation(deviation(DeviationKind::Missing, Level::Must, ACK))
        .judged()
        .completed();
    assert_eq!(verdict(&fold(&events), "login.accepted"), Verdict::Met);
}

#[test]
fn blocked_and_inapplicable_cases_are_no_pass() {
    let run = fold(&broken());
    assert_eq!(run.summary.cases, run.cases.len());
    assert_eq!(run.summary.blocked, 2);
    assert_eq!(run.summary.not_applicable, 1);
    assert_eq!(run.summary.could_not_run, 1);
    assert_eq!(run.summary.deviates, 11);
    assert_eq!(run.summary.conforms, 3);
    let blocked = run.case("friendchat/history.empty").expect("it started");
    assert!(!blocked.expected);
    let inapplicable = run.case("friendchat/groups.create").expect("it started");
    assert!(inapplicable.expected);
}

#[test]
fn blocked_alone_is_unexpected_but_no_deviation() {
    let run = fold(&Stream::new().case("a", &[]).case_end(blocked()).completed());
    assert!(run.facts().unexpected);
    assert!(!run.facts().deviated && !run.facts().judged);
}

#[test]
fn case_that_could_not_run_says_nothing_of_the_server() {
    let ends = Stream::new().case("a", &[]).judged().case("b", &[]);
    let run = fold(
        &ends
            .case_end(CaseEnd::CouldNotRun {
                reason: "out of ports".into(),
            })
            .completed(),
    );
    let facts = run.facts();
    assert!(facts.unexpected && facts.unrun && facts.judged);
    assert!(!facts.failed && !facts.deviated);
    let blocked = fold(&Stream::new().case("a", &[]).case_end(blocked()).completed());
    assert!(blocked.facts().failed && !blocked.facts().unrun);
}

#[test]
fn reading_is_the_one_option_seen() {
    let run = fold(&clean());
    let readings = &run.packs[0].readings;
    assert_eq!(readings[0].observed(), Observed::NotObserved);
    assert_eq!(readings[0].info.value.as_deref(), Some("suffixed"));
    assert_eq!(readings[1].observed(), Observed::One("echo"));
}

#[test]
fn reading_with_two_options_varies() {
    let run = fold(&broken());
    let reading = &run.packs[0].readings[1];
    assert_eq!(reading.observed(), Observed::Varies);
    assert_eq!(reading.seen, [("suffixed".into(), 1), ("echo".into(), 1)]);
}

#[test]
fn same_shape_finding_is_one_with_a_count_and_the_first_case() {
    let run = fold(&broken());
    assert_eq!(run.shapes.len(), 2);
    assert_eq!(run.shapes[0].count, fixture::KINDS.len());
    assert_eq!(run.shapes[0].case, "friendchat/friend-request.kind-0");
    assert_eq!(run.shapes[0].level, Level::Must);
    assert_eq!(run.shapes[1].message, "MEDIA_MESSAGE");
}

#[test]
fn shape_findings_differ_by_path() {
    let events = Stream::new()
        .case("a", &[])
        .shape("M", "$.a", Level::Should, "1")
        .shape("M", "$.b", Level::Should, "1")
        .shape("M", "$.a", Level::Should, "2")
        .judged()
        .completed();
    let run = fold(&events);
    assert_eq!(
        run.shapes.iter().map(|f| f.count).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(run.shapes[0].received, "1");
}

#[test]
fn must_shape_finding_fails_the_run_though_every_case_conforms() {
    let shape = |level| {
        fold(
            &Stream::new()
                .case("a", &[])
                .held(&["shape.friend-request-ack"])
                .shape("FRIEND_REQUEST_ACK", "$.payload.code", level, "\"3\"")
                .judged()
                .completed(),
        )
    };
    let run = shape(Level::Must);
    assert_eq!(run.cases[0].outcome, Outcome::Conforms);
    assert!(run.facts().deviated);
    assert_eq!(verdict(&run, "shape.friend-request-ack"), Verdict::NotMet);
    assert_eq!(
        verdict(&run, "shape.user-status-update"),
        Verdict::NotJudged
    );
    assert!(!shape(Level::Should).facts().deviated);
}

#[test]
fn unknown_message_is_listed_once_with_a_count() {
    let events = Stream::new()
        .case("a", &[])
        .unknown("WELCOME")
        .unknown("BYE")
        .unknown("WELCOME")
        .judged()
        .completed();
    let run = fold(&events);
    let seen: Vec<_> = (run.unknown.iter().map(|u| (u.name.as_str(), u.count))).collect();
    assert_eq!(seen, [("BYE", 1), ("WELCOME", 2)]);
}

#[test]
fn cut_off_stream_leaves_its_open_cases_not_run() {
    let events = Stream::new()
        .case("a", &[ACK])
        .held(&[ACK])
        .judged()
        .case("b", &[])
        .held(&["login.accepted"])
        .events;
    let run = fold(&events);
    assert!(run.end.is_none() && run.facts().cut_off);
    assert_eq!(
        run.cases[1].outcome,
        Outcome::CouldNotRun {
            reason: "the log ends here".into()
        }
    );
    assert_eq!((run.summary.cases, run.summary.could_not_run), (2, 1));
    assert_eq!(verdict(&run, "login.accepted"), Verdict::NotJudged);
}

#[test]
fn every_prefix_of_a_stream_folds_and_adds_up() {
    let events = broken();
    for length in 0..events.len() {
        let run = fold(&events[..length]);
        let s = run.summary;
        let sum = s.conforms + s.deviates + s.blocked + s.not_applicable + s.could_not_run;
        assert_eq!((sum, s.cases), (run.cases.len(), run.cases.len()));
        assert!(run.facts().cut_off);
    }
}

#[test]
fn order_of_cases_does_not_change_the_run() {
    let a = |s: Stream| {
        s.case("a", &[ACK])
            .shape("M", "$.x", Level::Should, "from a")
            .held(&[ACK])
            .judged()
    };
    let b = |s: Stream| {
        s.case("b", &[ACK])
            .shape("M", "$.x", Level::Should, "from b")
            .reading("login-announces", "echo")
            .judged()
    };
    let forth = fold(&b(a(Stream::new())).completed());
    let back = fold(&a(b(Stream::new())).completed());
    assert_eq!(format!("{forth:?}"), format!("{back:?}"));
    let interleaved = Stream::new().case("a", &[]).case("b", &[]);
    let interleaved = interleaved.within("a").held(&[ACK]).judged();
    let run = fold(&interleaved.within("b").case_end(blocked()).completed());
    assert_eq!(run.cases[0].held, 1);
    assert_eq!(run.cases[1].held, 0);
}

#[test]
fn exchange_is_kept_only_where_somebody_will_look() {
    let run = fold(&broken());
    for case in &run.cases {
        let wanted = !matches!(
            case.outcome,
            Outcome::Conforms | Outcome::NotApplicable { .. }
        );
        assert_eq!(!case.exchange.entries.is_empty(), wanted, "{}", case.id);
    }
}

#[test]
fn interrupted_and_unfit_runs_say_so() {
    let run = fold(&fixture::interrupted());
    assert!(run.facts().interrupted && run.facts().judged && !run.facts().deviated);
    let run = fold(&fixture::unfit());
    assert!(run.facts().unfit.is_some() && !run.facts().judged);
    assert!(!run.facts().cut_off);
    assert_eq!(
        run.end.as_ref().map(|_| run.duration_us),
        Some(Some(1_234_567))
    );
}

#[test]
fn events_of_unknown_cases_are_ignored() {
    let events: Vec<Event> = Stream::new()
        .within("never-started")
        .held(&[ACK])
        .deviation(deviation(DeviationKind::Missing, Level::Must, ACK))
        .judged()
        .end(RunEnd::Completed);
    let run = fold(&events);
    assert!(run.cases.is_empty());
    assert!(!run.facts().judged);
}

#[test]
fn what_a_hostile_server_makes_a_run_keep_is_bounded() {
    let mut stream = Stream::new();
    for index in 0..150 {
        stream = stream.case(&format!("case-{index}"), &[]);
        for name in 0..70 {
            let text = "x".repeat(4_000);
            stream = stream
                .received("M", &text)
                .unknown(&format!("{index}-{name}"));
        }
        let deviation = deviation(DeviationKind::Unexpected, Level::Must, ACK);
        stream = stream.deviation(deviation).judged();
    }
    let run = fold(&stream.completed());
    let kept = run.cases.iter().flat_map(|case| &case.exchange.entries);
    assert!(kept.count() * 4_000 < 40 * 1024 * 1024);
    assert!(run.cases.iter().all(|case| case.exchange.left_out > 0));
    assert_eq!(run.unknown.len(), 1_000);
}
