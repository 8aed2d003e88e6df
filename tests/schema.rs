//! Frames as documented and otherwise, and the fault that each is found to have.

use wireproof::codec::Codec;
use wireproof::protocol::{Catalogue, Fault, FaultKind, Level, check, read};
use wireproof::source::{SourceFile, parse};

const PROTOCOL: &str = "
protocol: t
title: T
document: t.md
wire: { codec: json, type: $.type, body: $.payload, stamp: { at: <timestamp> } }
messages:
  SAID:
    section: Talk
    server:
      text: <string>
      id: { is: <id>, nullable: true, optional: true }
      tags: { list of: { list of: <string> }, optional: true }
      seen: { map of: <bool>, optional: true }
      by: { object: { name: <string>, color: { one of: { red: r, blue: b } } }, optional: true }
  RESULT:
    section: Talk
    server:
      variants:
        success: { code: { one of: { 0: fine } }, id: <int>, name: <string> }
        failure: { code: { one of: { 1: no, 2: never } }, reason: <string> }
        silence: {}
  ASK: { section: Talk, client: { text: <string> } }
requirements: []
";

fn catalogue(protocol: &str) -> Catalogue {
    let roots = parse(&SourceFile::new("protocol.yaml", protocol)).expect("valid YAML");
    read(&roots[0]).expect("a valid catalogue").0
}

fn faults_in(catalogue: &Catalogue, message: &str, frame: &str) -> Vec<Fault> {
    let codec = Codec::from_name("json").expect("a codec");
    let frame = codec.decode(frame.as_bytes()).expect("valid JSON");
    let message = catalogue.message(message).expect("a known message");
    check(catalogue, message, &frame)
}

/// Kind, path, expected and received of each fault in a frame with this payload.
fn faults(message: &str, payload: &str) -> Vec<String> {
    let frame = format!("{{\"type\": \"{message}\", \"at\": 1, \"payload\": {payload}}}");
    let shown = |fault: &Fault| {
        let (path, expected, received) = (&fault.path, &fault.expected, &fault.received);
        format!("{:?} {path}: {expected}, not {received}", fault.kind)
    };
    faults_in(&catalogue(PROTOCOL), message, &frame)
        .iter()
        .map(shown)
        .collect()
}

#[test]
fn a_frame_as_documented_has_no_fault_and_extra_fields_are_free() {
    for payload in [
        r#"{"text": ""}"#,
        r#"{"text": "a", "id": null, "more": 1}"#,
        r#"{"text": "a", "id": "x", "tags": [], "seen": {}, "by": {"name": "n", "color": "red"}}"#,
        r#"{"text": "a", "id": 7, "tags": [["a"], []], "seen": {"x": true}}"#,
    ] {
        assert!(faults("SAID", payload).is_empty(), "{payload}");
    }
}

#[test]
fn a_missing_field_is_named_by_its_path() {
    assert_eq!(
        faults("SAID", "{}"),
        ["Missing $.payload.text: string, not nothing"]
    );
    assert_eq!(
        faults("SAID", r#"{"text": "a", "by": {}}"#),
        [
            "Missing $.payload.by.name: string, not nothing",
            "Missing $.payload.by.color: one of \"red\"|\"blue\", not nothing",
        ]
    );
}

#[test]
fn a_wrong_type_is_a_must_and_null_is_one_unless_nullable() {
    let catalogue = catalogue(PROTOCOL);
    let frame = r#"{"type": "SAID", "at": 1, "payload": {"text": null, "id": true}}"#;
    let found = faults_in(&catalogue, "SAID", frame);
    let kinds: Vec<_> = found
        .iter()
        .map(|f| (f.kind, f.level, f.path.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (FaultKind::WrongType, Level::Must, "$.payload.text"),
            (FaultKind::WrongType, Level::Must, "$.payload.id"),
        ]
    );
    assert_eq!(found[1].received, "bool true");
}

#[test]
fn elements_of_nested_lists_and_maps_are_looked_at() {
    assert_eq!(
        faults("SAID", r#"{"text": "a", "tags": [["x"], ["y", 3], 4]}"#),
        [
            "WrongType $.payload.tags[][]: string, not int 3",
            "WrongType $.payload.tags[]: list of string, not int 4",
        ]
    );
    assert_eq!(
        faults("SAID", r#"{"text": "a", "seen": {"x": 1}}"#),
        ["WrongType $.payload.seen.*: bool, not int 1"]
    );
}

#[test]
fn an_undocumented_value_of_the_right_type_is_a_should() {
    let catalogue = catalogue(PROTOCOL);
    let frame = r#"{"type": "SAID", "at": 1, "payload": {"text": "a", "by": {"name": "n", "color": "green"}}}"#;
    let found = faults_in(&catalogue, "SAID", frame);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].kind, found[0].level, found[0].path.as_str()),
        (
            FaultKind::UndocumentedValue,
            Level::Should,
            "$.payload.by.color"
        )
    );
    assert_eq!(
        faults("SAID", r#"{"text": "a", "by": {"name": "n", "color": 3}}"#),
        ["WrongType $.payload.by.color: one of \"red\"|\"blue\", not int 3"]
    );
}

#[test]
fn a_key_that_stands_twice_is_a_should_wherever_it_stands() {
    assert_eq!(
        faults(
            "SAID",
            r#"{"text": "a", "text": "a", "by": {"name": "n", "color": "red", "name": "m"}}"#
        ),
        [
            "DuplicateKey $.payload.text: each key once, not \"text\" twice",
            "DuplicateKey $.payload.by.name: each key once, not \"name\" twice",
        ]
    );
    let found = faults_in(
        &catalogue(PROTOCOL),
        "SAID",
        r#"{"type": "SAID", "at": 1, "at": 1, "payload": {"text": "a"}}"#,
    );
    assert_eq!(
        (found[0].path.as_str(), found[0].level),
        ("$.at", Level::Should)
    );
}

#[test]
fn the_documented_values_of_a_variant_single_it_out() {
    // Without `name` the failure has as few faults; code 0 says that it is the success that is meant.
    assert_eq!(
        faults("RESULT", r#"{"code": 0, "id": 1, "reason": "x"}"#),
        ["Missing $.payload.name: string, not nothing"]
    );
    assert_eq!(
        faults("RESULT", r#"{"code": 2, "id": 1, "name": "x"}"#),
        ["Missing $.payload.reason: string, not nothing"]
    );
    assert!(faults("RESULT", r#"{"code": 1, "reason": "x"}"#).is_empty());
}

#[test]
fn where_no_variant_is_singled_out_the_best_fitting_counts() {
    assert!(
        faults("RESULT", r#"{"code": 9, "id": 1}"#).is_empty(),
        "the third variant fits all"
    );
    let two = PROTOCOL.replace("        silence: {}\n", "");
    let frame = r#"{"type": "RESULT", "at": 1, "payload": {"code": 9, "reason": "x"}}"#;
    let found = faults_in(&catalogue(&two), "RESULT", frame);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, FaultKind::UndocumentedValue);
    assert_eq!(found[0].expected, "one of 1|2");
}

#[test]
fn the_envelope_is_held_to_its_stamp_and_its_body() {
    let catalogue = catalogue(PROTOCOL);
    let paths = |frame: &str| -> Vec<(FaultKind, String)> {
        let found = faults_in(&catalogue, "SAID", frame);
        found.into_iter().map(|f| (f.kind, f.path)).collect()
    };
    assert_eq!(
        paths(r#"{"type": "SAID"}"#),
        [
            (FaultKind::Missing, "$.at".to_owned()),
            (FaultKind::Missing, "$.payload".to_owned()),
        ]
    );
    assert_eq!(
        paths(r#"{"type": "SAID", "at": -1, "payload": []}"#),
        [
            (FaultKind::WrongType, "$.at".to_owned()),
            (FaultKind::WrongType, "$.payload".to_owned()),
        ]
    );
}

#[test]
fn a_message_that_no_server_sends_has_no_shape_to_hold_it_to() {
    assert!(faults("ASK", "{}").is_empty());
}

#[test]
fn a_long_value_is_cut() {
    let long = "x".repeat(500);
    let found = faults("SAID", &format!("{{\"text\": [\"{long}\"]}}"));
    assert!(
        found[0].len() < 150 && found[0].ends_with('…'),
        "{}",
        found[0]
    );
}
