use std::collections::BTreeSet;

use super::room::Room;
use super::tour::tour;
use crate::behaviour::{Behaviour, UnknownSetting};
use crate::ourchat::rules;
use crate::pack::{Pack, protocol};

const CATALOGUE: &str = include_str!("../../../../scenarios/ourchat/protocol.yaml");

#[test]
fn the_rules_are_the_requirements_that_the_catalogue_demands() {
    let ours: BTreeSet<String> = rules().iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(ours.len(), rules().len(), "an id is there twice");
    let (musts, others) = requirements();
    let demanded: BTreeSet<String> = musts.union(&shapes()).cloned().collect();
    let missing: Vec<_> = demanded.difference(&ours).collect();
    let unknown: Vec<_> = ours
        .difference(&demanded)
        .filter(|id| !others.contains(*id))
        .collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "missing {missing:?}, unknown {unknown:?}"
    );
}

#[test]
fn each_way_of_breaking_a_rule_changes_something_and_no_two_the_same() {
    let mut kept = Room::new();
    tour(&mut kept);
    for rule in rules() {
        assert!(!rule.ways.is_empty(), "{} has no way", rule.id);
        let mut seen = vec![kept.transcript().to_owned()];
        for (way, does) in rule.ways.iter().enumerate() {
            let mut broken = Room::breaking(&format!("{}#{way}", rule.id));
            tour(&mut broken);
            let transcript = broken.transcript().to_owned();
            assert!(!seen.contains(&transcript), "{}#{way}: {does}", rule.id);
            seen.push(transcript);
        }
    }
}

#[test]
fn an_unknown_rule_or_way_is_refused_by_name() {
    let make = |rule: &str| {
        let broken = vec![rule.parse().expect("a break")];
        protocol(
            Pack::Ourchat,
            &Behaviour {
                broken,
                ..Behaviour::default()
            },
        )
        .err()
    };
    let unknown = make("no.such-rule").expect("refused");
    assert!(matches!(&unknown, UnknownSetting::Rule { id, .. } if id == "no.such-rule"));
    let message = make("login.by-email#9").expect("refused").to_string();
    assert!(
        message.starts_with("rule `login.by-email` has no way 9; there are 0 ("),
        "{message}"
    );
}

/// The ids that must be met and can be provoked, and the others, by a scan of the lines.
fn requirements() -> (BTreeSet<String>, BTreeSet<String>) {
    let listed = CATALOGUE
        .split_once("\nrequirements:\n")
        .expect("requirements are listed")
        .1;
    let lines = listed
        .lines()
        .take_while(|line| !line.starts_with(|c: char| c.is_alphabetic()));
    let lines: Vec<&str> = lines.collect();
    let (mut musts, mut others) = (BTreeSet::new(), BTreeSet::new());
    let mut items = lines
        .iter()
        .enumerate()
        .filter_map(|(place, line)| Some((line.trim().strip_prefix("- id: ")?, place)));
    items.by_ref().for_each(|(id, place)| {
        let body = lines[place + 1..]
            .iter()
            .take_while(|line| !line.contains("- id: "));
        let body: Vec<&str> = body.map(|line| line.trim()).collect();
        let provokable = !body.iter().any(|line| line.starts_with("unprovokable:"));
        let is_must = body.contains(&"level: must");
        if is_must && provokable {
            &mut musts
        } else {
            &mut others
        }
        .insert(id.to_owned());
    });
    (musts, others)
}

/// One `shape.` id for each message with fields that the server sends.
fn shapes() -> BTreeSet<String> {
    let listed = CATALOGUE
        .split_once("\nmessages:\n")
        .expect("messages are listed")
        .1;
    let mut shapes = BTreeSet::new();
    let mut message = "";
    for line in listed.lines() {
        let text = line.trim();
        match line.len() - line.trim_start().len() {
            0 if text.starts_with(|c: char| c.is_alphabetic()) => break,
            2 if text.ends_with(':') => message = text.trim_end_matches(':'),
            4 if text.starts_with("server:") && text != "server: {}" => {
                let id = message.to_lowercase().replace('_', "-");
                shapes.insert(format!("shape.{id}"));
            }
            _ => {}
        }
    }
    shapes
}
