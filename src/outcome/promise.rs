//! Known deviations: promises that a case or a shape fails, and whether they were kept.
//!
//! A promise is broken by a case that passes or fails in another way; one that nothing judged is neither
//! kept nor broken.

use serde::Serialize;

use crate::event::{Deviation, KnownDeviation, Level};

use super::case::{Case, Outcome};
use super::run::ShapeFinding;

/// How a case fails whose set-up did.
const BLOCKED: &str = "blocked";

/// A known deviation, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Promise {
    #[serde(flatten)]
    pub known: KnownDeviation,
    /// How often it failed as promised.
    pub kept: usize,
    /// What did not.
    pub broken: Vec<Broken>,
}

/// Something that did not fail as promised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Broken {
    /// The case; for a shape, the message and the path.
    pub what: String,
    /// What it did instead.
    pub how: String,
}

impl From<&KnownDeviation> for Promise {
    fn from(known: &KnownDeviation) -> Promise {
        Promise {
            known: known.clone(),
            kept: 0,
            broken: Vec::new(),
        }
    }
}

/// Whether the outcome of a finished case was the expected one; takes note in the promises about it.
pub(super) fn settle(case: &Case, promises: &mut [Promise]) -> bool {
    let about = promises
        .iter_mut()
        .filter(|promise| promise.known.cases.contains(&case.id));
    let mut about: Vec<&mut Promise> = about.collect();
    let usual = matches!(
        case.outcome,
        Outcome::Conforms | Outcome::NotApplicable { .. }
    );
    if about.is_empty()
        || matches!(
            case.outcome,
            Outcome::NotApplicable { .. } | Outcome::CouldNotRun { .. }
        )
    {
        return usual;
    }
    let blocked = matches!(case.outcome, Outcome::Blocked { .. });
    let failed_so = |known: &KnownDeviation| {
        (blocked && known.fails == BLOCKED) || case.deviations.iter().any(|d| is_so(d, known))
    };
    let foreseen = if blocked {
        about.iter().any(|promise| promise.known.fails == BLOCKED)
    } else {
        let mut must = case.deviations_of(Level::Must);
        must.all(|deviation| about.iter().any(|promise| is_so(deviation, &promise.known)))
    };
    let mut kept = true;
    for promise in &mut about {
        if failed_so(&promise.known) {
            promise.kept += 1;
        } else if !promise.known.sometimes || !foreseen {
            kept = false;
            promise.broken.push(Broken {
                what: case.id.clone(),
                how: how(case),
            });
        }
    }
    foreseen && kept
}

/// Takes note of the shapes that were promised; gives those promises that were not kept although some frame
/// could have shown it.
pub(super) fn settle_shapes(
    shapes: &mut [ShapeFinding],
    pack: &str,
    promises: &mut [Promise],
    judged: impl Fn(&str) -> bool,
) {
    for promise in promises {
        let Some((message, path)) = promise.known.shape.clone() else {
            continue;
        };
        let found = shapes.iter_mut().find(|finding| {
            finding.pack == pack
                && finding.message == message
                && finding.path == path
                && finding.kind.name() == promise.known.fails
        });
        match found {
            Some(finding) => {
                finding.known = true;
                promise.kept = finding.count;
            }
            None if promise.known.sometimes || !judged(&message) => {}
            None => promise.broken.push(Broken {
                what: format!("{message} {path}"),
                how: format!("is not {}", promise.known.fails),
            }),
        }
    }
}

fn is_so(deviation: &Deviation, known: &KnownDeviation) -> bool {
    deviation.kind.name() == known.fails || deviation.requirements.contains(&known.fails)
}

fn how(case: &Case) -> String {
    let Some(deviation) = case.deviations_of(Level::Must).next() else {
        return case.outcome.to_string();
    };
    let mut how = format!("fails by {}", deviation.kind.name());
    if !deviation.requirements.is_empty() {
        how += &format!(" ({})", deviation.requirements.join(", "));
    }
    how
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Stream, deviation, fold};
    use super::super::run::Run;
    use super::*;
    use crate::event::{CaseEnd, DeviationKind, Event, Part};

    fn known(cases: &[&str], fails: &str, sometimes: bool) -> KnownDeviation {
        KnownDeviation {
            at: "p.yaml:3:5".into(),
            cases: cases.iter().map(|id| format!("friendchat/{id}")).collect(),
            shape: None,
            fails: fails.into(),
            reason: "issue 1".into(),
            sometimes,
        }
    }

    fn run(promises: &[KnownDeviation], stream: Stream) -> Run {
        let mut events = stream.completed();
        if let Event::RunStarted { packs, .. } = &mut events[0] {
            packs[0].known = promises.to_vec();
        }
        fold(&events)
    }

    fn failing(id: &str, requirement: &str) -> Stream {
        let wrong = deviation(DeviationKind::Mismatch, Level::Must, requirement);
        Stream::new().case(id, &[]).deviation(wrong).judged()
    }

    #[test]
    fn a_case_that_fails_as_promised_is_expected() {
        for fails in ["login.accepted", "mismatch"] {
            let promises = [known(&["a"], fails, false)];
            let run = run(&promises, failing("a", "login.accepted"));
            assert_eq!(run.cases[0].outcome, Outcome::Deviates);
            assert!(run.cases[0].expected && !run.facts().deviated && !run.facts().unexpected);
            assert_eq!((run.kept(), run.broken()), (1, 0));
        }
    }

    #[test]
    fn a_case_that_fails_in_another_way_is_not() {
        let promises = [known(&["a"], "register.accepted", false)];
        let run = run(&promises, failing("a", "login.accepted"));
        assert!(run.facts().deviated && run.facts().unexpected);
        let broken = &run.packs[0].promises[0].broken;
        assert_eq!(broken[0].what, "friendchat/a");
        assert_eq!(broken[0].how, "fails by mismatch (login.accepted)");
    }

    #[test]
    fn a_case_that_passes_breaks_its_promise_unless_it_fails_sometimes() {
        let passing = || {
            Stream::new()
                .case("a", &[])
                .held(&["login.accepted"])
                .judged()
        };
        let always = run(&[known(&["a"], "mismatch", false)], passing());
        assert!(always.facts().unexpected && !always.facts().deviated);
        assert_eq!(always.packs[0].promises[0].broken[0].how, "conforms");
        let sometimes = run(&[known(&["a"], "mismatch", true)], passing());
        assert!(!sometimes.facts().unexpected);
        assert_eq!((sometimes.kept(), sometimes.broken()), (0, 0));
    }

    #[test]
    fn every_deviation_of_a_case_has_to_be_known() {
        let more = deviation(DeviationKind::Missing, Level::Must, "register.accepted");
        let both = || {
            let first = deviation(DeviationKind::Mismatch, Level::Must, "login.accepted");
            let case = Stream::new().case("a", &[]).deviation(first);
            case.deviation(more.clone()).judged()
        };
        let one = run(&[known(&["a"], "login.accepted", false)], both());
        assert!(one.facts().deviated);
        let promises = [
            known(&["a"], "login.accepted", false),
            known(&["a"], "missing", false),
        ];
        assert!(!run(&promises, both()).facts().deviated);
    }

    #[test]
    fn a_blocked_case_is_known_by_that_alone() {
        let blocked = || {
            Stream::new().case("a", &[]).case_end(CaseEnd::Blocked {
                flow: "logged-in".into(),
                reason: "no answer".into(),
                tested_by: None,
            })
        };
        assert!(
            !run(&[known(&["a"], "blocked", false)], blocked())
                .facts()
                .unexpected
        );
        assert!(
            run(&[known(&["a"], "missing", false)], blocked())
                .facts()
                .unexpected
        );
    }

    #[test]
    fn a_case_that_does_not_apply_keeps_no_promise_and_breaks_none() {
        let reason = "not offered".into();
        let stream = Stream::new().case("a", &[]);
        let stream = stream.case_end(CaseEnd::NotApplicable { reason });
        let run = run(&[known(&["a"], "missing", false)], stream);
        assert!(!run.facts().unexpected);
        assert_eq!((run.kept(), run.broken()), (0, 0));
    }

    #[test]
    fn a_shape_is_known_by_message_path_and_kind() {
        let path = "$.payload.code";
        let promise = |message: &str, fails: &str| KnownDeviation {
            shape: Some((message.into(), path.into())),
            ..known(&[], fails, false)
        };
        let stream = || {
            let case = Stream::new()
                .case("a", &[])
                .held(&["shape.friend-request-ack"]);
            case.shape("FRIEND_REQUEST_ACK", path, Level::Must, "\"3\"")
                .judged()
        };
        let shown = run(&[], stream()).shapes[0].kind.name();
        let kept = run(&[promise("FRIEND_REQUEST_ACK", shown)], stream());
        assert!(!kept.facts().deviated && !kept.facts().unexpected);
        let other = run(&[promise("FRIEND_REQUEST_ACK", "duplicate-key")], stream());
        assert!(other.facts().deviated && other.broken() == 1);
        // A part of a run says nothing of what came in the others.
        let mut part = stream().completed();
        if let Event::RunStarted { packs, part, .. } = &mut part[0] {
            packs[0].known = vec![promise("FRIEND_REQUEST_ACK", "duplicate-key")];
            *part = Some(Part {
                index: 1,
                of: 2,
                whole: 2,
            });
        }
        assert_eq!(fold(&part).broken(), 0);
        // Nothing says that the message came at all.
        let unseen = run(&[promise("LOGIN_RESPONSE", "missing")], stream());
        assert_eq!(unseen.broken(), 0);
    }
}
