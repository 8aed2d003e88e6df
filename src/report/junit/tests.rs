//! The document against the rules of JUnit's schema, as far as its readers rely on them.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Xml};

use super::*;
use crate::event::{Event, Level as L};
use crate::outcome::fixture::{HOSTILE, Stream, broken, clean, fold, interrupted, unfit};

/// An element, the attributes that it must and may have, and what may stand in it, in this order.
struct Rule {
    name: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
    inside: &'static [&'static str],
}

const RULES: [Rule; 10] = [
    Rule {
        name: "testsuites",
        must: &["name", "tests", "failures", "errors"],
        may: &["skipped", "time", "timestamp"],
        inside: &["testsuite"],
    },
    Rule {
        name: "testsuite",
        must: &["name", "tests", "failures", "errors", "skipped"],
        may: &["time", "timestamp"],
        inside: &["properties", "testcase", "system-out", "system-err"],
    },
    Rule {
        name: "testcase",
        must: &["name", "classname", "time"],
        may: &["file", "line"],
        inside: &[
            "properties",
            "failure",
            "error",
            "skipped",
            "system-out",
            "system-err",
        ],
    },
    Rule {
        name: "properties",
        must: &[],
        may: &[],
        inside: &["property"],
    },
    Rule {
        name: "property",
        must: &["name", "value"],
        may: &[],
        inside: &[],
    },
    Rule {
        name: "failure",
        must: &["message", "type"],
        may: &[],
        inside: &["#text"],
    },
    Rule {
        name: "error",
        must: &["message", "type"],
        may: &[],
        inside: &["#text"],
    },
    Rule {
        name: "skipped",
        must: &["message"],
        may: &[],
        inside: &["#text"],
    },
    Rule {
        name: "system-out",
        must: &[],
        may: &[],
        inside: &["#text"],
    },
    Rule {
        name: "system-err",
        must: &[],
        may: &[],
        inside: &["#text"],
    },
];

/// Elements that stand in another any number of times.
const MANY: [&str; 3] = ["testsuite", "testcase", "property"];

fn rule(name: &str) -> &'static Rule {
    let found = RULES.iter().find(|rule| rule.name == name);
    found.unwrap_or_else(|| panic!("an element {name}"))
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let all = element.attributes().map(|attribute| {
        let attribute = attribute.expect("well-formed");
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).expect("text");
        let raw = String::from_utf8(attribute.value.to_vec()).expect("text");
        let value = quick_xml::escape::unescape(&raw)
            .expect("escaped")
            .into_owned();
        (key, value)
    });
    all.collect()
}

/// An element that is still open: its rule, its attributes, and what stood in it so far.
struct Open {
    rule: &'static Rule,
    attributes: BTreeMap<String, String>,
    inside: Vec<&'static str>,
    /// tests, failures, errors, skipped
    counts: [usize; 4],
}

/// Panics where the document breaks a rule; how many tests, failures, errors and skipped tests it has.
fn valid(xml: &str) -> [usize; 4] {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(legal), "a character that XML does not take");
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Open> = Vec::new();
    let mut total = None;
    loop {
        let event = reader.read_event().expect("well-formed");
        match event {
            Xml::Decl(_) | Xml::GeneralRef(_) => {}
            Xml::Start(element) => enter(&mut open, &element),
            Xml::Empty(element) => {
                enter(&mut open, &element);
                total = leave(&mut open);
            }
            Xml::Text(text) => {
                let text = String::from_utf8(text.to_vec()).expect("text");
                let takes = open
                    .last()
                    .is_some_and(|o| o.rule.inside.contains(&"#text"));
                assert!(
                    takes || text.trim().is_empty(),
                    "text where none may be: {text}"
                );
                assert!(!text.contains("]]>"), "an end of CDATA in a text");
            }
            Xml::End(_) => total = leave(&mut open),
            Xml::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    total.expect("a document")
}

fn enter(open: &mut Vec<Open>, element: &BytesStart<'_>) {
    let name = String::from_utf8(element.name().as_ref().to_vec()).expect("text");
    let rule = rule(&name);
    let attributes = attributes(element);
    for must in rule.must {
        assert!(attributes.contains_key(*must), "{name} without {must}");
    }
    for key in attributes.keys() {
        let known = rule.must.contains(&key.as_str()) || rule.may.contains(&key.as_str());
        assert!(known, "{name} with {key}");
    }
    for number in ["tests", "failures", "errors", "skipped", "line"] {
        let parsed = attributes.get(number).map(|value| value.parse::<usize>());
        assert!(parsed.is_none_or(|value| value.is_ok()), "{name} {number}");
    }
    let seconds = attributes.get("time").map(|value| value.parse::<f64>());
    assert!(seconds.is_none_or(|value| value.is_ok_and(|value| value >= 0.0)));
    match open.last_mut() {
        None => assert_eq!(name, "testsuites"),
        Some(parent) => {
            let order = parent.rule.inside;
            let place = order.iter().position(|inside| *inside == name);
            let place = place.unwrap_or_else(|| panic!("{name} in {}", parent.rule.name));
            let before = parent.inside.last();
            let before = before.map(|last| order.iter().position(|inside| inside == last));
            if let Some(Some(before)) = before {
                let again = before == place && MANY.contains(&name.as_str());
                assert!(
                    before < place || again,
                    "{name} too late in {}",
                    parent.rule.name
                );
            }
            parent.inside.push(rule.name);
        }
    }
    open.push(Open {
        rule,
        attributes,
        inside: Vec::new(),
        counts: [0; 4],
    });
}

/// Adds what the element counts to its parent's; the counts of the whole at the end.
fn leave(open: &mut Vec<Open>) -> Option<[usize; 4]> {
    let done = open.pop().expect("one was entered");
    if done.rule.name.starts_with("testsuite") {
        for (count, name) in done
            .counts
            .iter()
            .zip(["tests", "failures", "errors", "skipped"])
        {
            let said = done.attributes[name].parse();
            assert_eq!(said, Ok(*count), "{name} of {:?}", done.attributes["name"]);
        }
    }
    let Some(parent) = open.last_mut() else {
        return Some(done.counts);
    };
    match done.rule.name {
        "testcase" => parent.counts[0] += 1,
        "failure" => parent.counts[1] += 1,
        "error" => parent.counts[2] += 1,
        "skipped" => parent.counts[3] += 1,
        _ => {}
    }
    if matches!(done.rule.name, "testcase" | "testsuite") {
        let counts = parent.counts.iter_mut().zip(done.counts);
        counts.for_each(|(count, more)| *count += more);
    }
    None
}

fn written(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut report = Junit::new(&mut bytes);
    report.finish(&fold(events)).expect("a vector takes all");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn every_run_makes_a_valid_document_that_counts_right() {
    assert_eq!(valid(&written(&clean())), [5, 0, 0, 0]);
    // 18 cases, and the one shape that fails the run.
    assert_eq!(valid(&written(&broken())), [19, 12, 3, 1]);
    assert_eq!(valid(&written(&interrupted())), [3, 0, 2, 0]);
    assert_eq!(valid(&written(&unfit())), [1, 0, 1, 0]);
}

#[test]
fn every_cut_of_a_run_is_valid_and_says_so() {
    let events = broken();
    for end in 0..events.len() {
        let xml = written(&events[..end]);
        let [_, _, errors, _] = valid(&xml);
        assert!(errors > 0, "cut at {end}");
        assert!(xml.contains("the event log ends before the run does"));
    }
}

#[test]
fn failure_has_its_kind_its_sentence_and_its_exchange() {
    let xml = written(&broken());
    let start = xml
        .find("name=\"friendchat/friend-request.kind-1\"")
        .expect("there");
    let case = &xml[start..start + xml[start..].find("</testcase>").expect("closed")];
    for part in [
        "classname=\"friendchat.Friend requests\"",
        "file=\"scenarios/friendchat/friends.yaml\" line=\"6\"",
        "<property name=\"requirement\" value=\"friend-request.ack\"/>",
        "<failure message=\"alice received FRIEND_REQUEST_ACK with another code\" type=\"mismatch\">",
        "The server acknowledges a friend request to its sender.",
        "wireproof run --case",
        "<system-out>",
        "alice      receives  { FRIEND_REQUEST_ACK: { code: 3 } }",
    ] {
        assert!(case.contains(part), "{part}\n{case}");
    }
}

#[test]
fn suite_is_a_section_and_says_what_was_tested() {
    let xml = written(&clean());
    for suite in ["Registration", "Friend requests", "Media", "Presence"] {
        let tag = format!("<testsuite name=\"friendchat: {suite}\"");
        assert_eq!(xml.matches(&tag).count(), 1, "{tag}\n{xml}");
    }
    assert!(xml.contains("<property name=\"target\" value=\"built-in reference server\"/>"));
    assert!(xml.contains("<property name=\"seed\" value=\"7\"/>"));
    assert!(!xml.contains("<failure") && !xml.contains("<error"));
}

#[test]
fn target_that_ends_the_cdata_or_a_case_with_such_a_name_breaks_nothing() {
    let hostile = format!("]]></failure></testcase>\u{fffe}\u{ffff}{HOSTILE}");
    let events = Stream::new()
        .case("a]]>\"<b>", &["friend-request.ack"])
        .sent("X", &hostile)
        .received(&hostile, &hostile)
        .shape(&hostile, "$.\"<x>", L::Must, &hostile)
        .deviation(crate::event::Deviation {
            message: hostile.clone(),
            received: Some(hostile.clone()),
            ..crate::outcome::fixture::deviation(
                crate::event::DeviationKind::Unexpected,
                L::Must,
                "friend-request.ack",
            )
        })
        .judged()
        .completed();
    assert_eq!(valid(&written(&events)), [2, 2, 0, 0]);
}
