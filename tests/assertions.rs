//! Breaking any assertion on purpose makes its case go red.
//!
//! Every assertion of every pack that the reference server lets a case come to: a wrong value where one is
//! expected, another message, nothing where something comes, something where nothing does. In virtual time: no
//! sockets, no sleeping.

use std::collections::BTreeSet;
use std::sync::Arc;

use wireproof::audit::{Judged, simulate};
use wireproof::cli::reference::Reference;
use wireproof::codec::Codec;
use wireproof::event::{Event, TakenBy};
use wireproof::plan::{Case, Selection, plan};
use wireproof::scenario::{
    ANYTHING, Expected, Expr, Pack, Pattern, Receive, Settles, Step, StepKind, Until, embedded,
    read_pack,
};
use wireproof::value::Value;
use wireproof_reference::{Behaviour, Pack as Server};

/// An assertion, broken.
struct Broken {
    case: Arc<Case>,
    /// Of the step, `file:line:col`.
    at: String,
    line: String,
    how: String,
    step: Step,
    /// Where its failure may be reported: at itself, or at what it stands in and beside (in any order, or until).
    reported: Vec<String>,
}

fn judge(server: Server, case: &Arc<Case>) -> Judged {
    let codec = Codec::from_name(case.pack.catalogue.wire.codec.name()).expect("a known codec");
    let mut reference = Reference::new(server, &Behaviour::default()).expect("no settings");
    simulate(case, codec, &mut reference)
}

/// The places of the steps that the case came to and that held.
fn held(judged: &Judged) -> BTreeSet<String> {
    let place = |event: &Event| match event {
        Event::Held { at, .. } => Some(at.clone()),
        _ => None,
    };
    judged.events.iter().filter_map(place).collect()
}

/// Every way to break a step's assertions by one thing. What is one of several that are waited for together has to
/// wait for something.
fn broken_steps(pack: &Pack, step: &Step, one_of_several: bool) -> Vec<(String, Step)> {
    let with = |kind: StepKind| Step {
        kind,
        ..step.clone()
    };
    match &step.kind {
        StepKind::Receive(receive) => {
            let mut all: Vec<(String, Step)> = wrong_values(&receive.expected.fields)
                .into_iter()
                .map(|(path, fields)| {
                    let expected = Expected {
                        fields,
                        ..receive.expected.clone()
                    };
                    let receive = Receive {
                        expected,
                        ..receive.clone()
                    };
                    let how = format!("a wrong value at `{path}`");
                    (how, with(StepKind::Receive(receive)))
                })
                .collect();
            let others = pack.catalogue.messages.iter();
            let other = others
                .filter(|message| message.server.is_some())
                .find(|message| message.name != receive.expected.message);
            if let Some(other) = other.filter(|_| receive.expected.message != ANYTHING) {
                let how = format!("another message, {}", other.name);
                all.push((how, with(StepKind::Receive(another(receive, &other.name)))));
            }
            if !one_of_several {
                let nothing = StepKind::Nothing {
                    actor: Some(receive.actor.clone()),
                    wait: false,
                    settles: Settles::default(),
                };
                all.push(("nothing for something".to_owned(), with(nothing)));
            }
            all
        }
        StepKind::Nothing {
            actor: Some(actor),
            settles,
            ..
        } if settles.seen.is_empty() => {
            let message = pack.catalogue.messages.iter().find(|m| m.server.is_some());
            let message = message.expect("a server that says something");
            let receive = Receive {
                actor: actor.clone(),
                expected: Expected {
                    message: message.name.clone(),
                    fields: Pattern::Map {
                        fields: vec![("wireproof".to_owned(), wrong())],
                        closed: false,
                    },
                    envelope: Vec::new(),
                },
                within: None,
                early: false,
            };
            let step = with(StepKind::Receive(receive));
            vec![("something for nothing".to_owned(), step)]
        }
        StepKind::Check(conditions) => {
            let all = conditions.iter().enumerate().map(|(i, condition)| {
                let mut conditions = conditions.clone();
                conditions[i].pattern = wrong();
                let how = format!("a wrong value for `{}`", condition.subject);
                (how, with(StepKind::Check(conditions)))
            });
            all.collect()
        }
        _ => Vec::new(),
    }
}

fn another(receive: &Receive, message: &str) -> Receive {
    Receive {
        expected: Expected {
            message: message.to_owned(),
            fields: Pattern::Map {
                fields: Vec::new(),
                closed: false,
            },
            envelope: Vec::new(),
        },
        ..receive.clone()
    }
}

fn wrong() -> Pattern {
    Pattern::Is(Expr::Literal(Value::str("wireproof: nobody sends this")))
}

/// The fields' matcher with one part of it made wrong, for each part that must match.
fn wrong_values(fields: &Pattern) -> Vec<(String, Pattern)> {
    let within = |items: &[Pattern], make: fn(Vec<Pattern>) -> Pattern| {
        let parts = items.iter().enumerate().flat_map(|(i, item)| {
            let one = move |(path, item): (String, Pattern)| (format!("{i}.{path}"), item);
            wrong_values(item).into_iter().map(one).map({
                let items = items.to_vec();
                move |(path, item)| {
                    let mut items = items.clone();
                    items[i] = item;
                    (path, make(items))
                }
            })
        });
        parts.collect::<Vec<_>>()
    };
    match fields {
        Pattern::Map { fields, closed } => {
            let parts = fields.iter().enumerate().flat_map(|(i, (name, item))| {
                wrong_values(item).into_iter().map(move |(path, item)| {
                    let mut fields = fields.clone();
                    fields[i].1 = item;
                    let closed = *closed;
                    (format!("{name}.{path}"), Pattern::Map { fields, closed })
                })
            });
            parts.collect()
        }
        Pattern::List(items) => within(items, Pattern::List),
        Pattern::Contains(items) => within(items, Pattern::Contains),
        Pattern::Unordered(items) => within(items, Pattern::Unordered),
        Pattern::All(items) => within(items, Pattern::All),
        Pattern::Capture(inner, name) => wrong_values(inner)
            .into_iter()
            .map(|(path, inner)| (path, Pattern::Capture(Box::new(inner), name.clone())))
            .collect(),
        _ => vec![(String::new(), wrong())],
    }
}

/// All broken assertions of the steps of a case that the reference server lets it come to.
fn breakages(pack: &Arc<Pack>, server: Server) -> Vec<Broken> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for case in plan(
        std::slice::from_ref(pack),
        &Arc::default(),
        &Selection::default(),
    ) {
        let held = held(&judge(server, &case));
        let mut steps: Vec<(&Step, Vec<String>)> = Vec::new();
        for step in case.scenario.steps.iter() {
            collect(step, &[], &mut steps);
        }
        for (step, around) in steps {
            let at = step.place.to_string();
            if !held.contains(&at) || !seen.insert(at.clone()) {
                continue;
            }
            let mut reported = around.clone();
            // What no step took turns up at the end.
            reported.push(case.scenario.place.to_string());
            reported.push(at.clone());
            for (how, broken) in broken_steps(pack, step, !around.is_empty()) {
                all.push(Broken {
                    case: case.clone(),
                    at: at.clone(),
                    line: step.source(),
                    how,
                    step: broken,
                    reported: reported.clone(),
                });
            }
        }
    }
    all
}

/// Each step, and those that are waited for together with it: the others in its `in any order`, or the `until` that
/// races with it.
fn collect<'s>(step: &'s Step, together: &[String], steps: &mut Vec<(&'s Step, Vec<String>)>) {
    steps.push((step, together.to_vec()));
    let inner = step.inner();
    let racing = match &step.kind {
        StepKind::InAnyOrder { .. } => inner.len(),
        StepKind::RepeatUntil {
            until: Until::Received(until),
            ..
        } => until.len() + 1,
        _ => 0,
    };
    let mut places: Vec<String> = inner[..racing.min(inner.len())]
        .iter()
        .map(|step| step.place.to_string())
        .collect();
    places.push(step.place.to_string());
    for (i, inner) in inner.into_iter().enumerate() {
        collect(inner, if i < racing { &places } else { &[] }, steps);
    }
}

enum Outcome {
    Red,
    /// What came instead is covered by a permission, so that this was no assertion.
    Permitted,
    /// Another step failed instead.
    RedElsewhere,
    /// Which step, in which case, and how it was broken.
    Green(String),
}

/// How many frames permissions accounted for.
fn permitted(judged: &Judged) -> usize {
    let is_permitted = |event: &&Event| matches!(event, Event::Taken { by, .. } if matches!(by, TakenBy::Allowance | TakenBy::Spontaneous));
    judged.events.iter().filter(is_permitted).count()
}

fn outcome(server: Server, broken: &Broken) -> Outcome {
    let change = |step: &mut Step| *step = broken.step.clone();
    let scenario = broken.case.scenario.with_step(&broken.at, &change);
    let case = Arc::new(Case {
        scenario: Arc::new(scenario.expect("a step of the scenario")),
        ..(*broken.case).clone()
    });
    let judged = judge(server, &case);
    let is_red = |at: &String| broken.reported.contains(at);
    if judged.deviations.iter().any(|d| is_red(&d.at)) {
        return Outcome::Red;
    }
    let unbroken = judge(server, &broken.case);
    if permitted(&judged) > permitted(&unbroken) {
        return Outcome::Permitted;
    }
    if judged.deviations.len() > unbroken.deviations.len() {
        return Outcome::RedElsewhere;
    }
    Outcome::Green(format!(
        "{} {} ({}, {}): {:?}",
        broken.at, broken.line, broken.case.id, broken.how, judged.end
    ))
}

#[test]
fn an_assertion_that_is_broken_on_purpose_makes_its_case_red() {
    let (mut tried, mut elsewhere, mut permitted) = (0, 0, 0);
    let mut green = Vec::new();
    for server in Server::ALL {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == server.name())
            .expect("a pack for each server");
        let pack = Arc::new(read_pack(&source).expect("a valid pack"));
        let all = breakages(&pack, *server);
        assert!(all.len() > 100, "there are assertions to break");
        tried += all.len();
        for broken in all {
            match outcome(*server, &broken) {
                Outcome::Red => {}
                Outcome::RedElsewhere => elsewhere += 1,
                Outcome::Permitted => permitted += 1,
                Outcome::Green(complaint) => green.push(complaint),
            }
        }
    }
    assert!(
        green.is_empty(),
        "{} of {tried} broken assertions leave their case green\n{}",
        green.len(),
        green.join("\n")
    );
    // The step that was broken is the one that fails, but for a few whose message the next one takes.
    assert!(
        elsewhere * 100 < tried,
        "{elsewhere} of {tried} are red elsewhere"
    );
    assert!(
        permitted * 20 < tried,
        "{permitted} of {tried} assert nothing"
    );
}
