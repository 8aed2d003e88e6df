//! The JSON document of a run, key by key.

use serde_json::Value;
use snapbox::Assert;

use crate::program::{Served, json, ran};

/// The keys of an object, in order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

/// The objects of a list, each with these keys first and no others than those and `further`.
fn shaped<'v>(list: &'v Value, documented: &[&str], further: &[&str]) -> &'v Vec<Value> {
    let list = list.as_array().expect("a list");
    for entry in list {
        let keys = keys(entry);
        assert!(keys.starts_with(documented), "{keys:?}");
        let rest = &keys[documented.len()..];
        assert!(rest.iter().all(|key| further.contains(key)), "{rest:?}");
    }
    list
}

fn one_of(value: &Value, options: &[&str]) {
    assert!(
        value.as_str().is_some_and(|it| options.contains(&it)),
        "{value}"
    );
}

fn text_or_null(value: &Value) {
    assert!(value.is_string() || value.is_null(), "{value}");
}

#[test]
fn json_document_has_the_documented_shape() {
    let served = Served::start(&["--break", "friend-request.acknowledged"]);
    let target = [
        "run",
        "--no-report",
        "--pack",
        "friendchat",
        "--target",
        &served.url,
    ];
    let options = ["--format", "json", "--timeout", "1s", "--seed", "7"];
    let output = ran(1, target.into_iter().chain(options).chain(["friend"]));
    let document = json(&output.stdout);
    assert_eq!(
        keys(&document),
        [
            // What is documented.
            "schema",
            "target",
            "started",
            "duration_ms",
            "seed",
            "packs",
            "summary",
            "requirements",
            "readings",
            "cases",
            // What came on top of it.
            "shapes",
            "unknown_messages",
            "remarks",
            "departures",
            "known",
            "end",
            "planned",
            "version",
        ]
    );
    assert_eq!(document["schema"], 1);
    assert_eq!(document["target"], served.url.as_str());
    let started = document["started"].as_str().expect("a time");
    Assert::new().eq(started, "20[..]-[..]-[..]T[..]:[..]:[..]Z");
    assert!(document["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0));
    assert_eq!(document["seed"], 7);
    assert_eq!(document["packs"], serde_json::json!(["friendchat"]));

    let summary = &document["summary"];
    let outcomes = [
        "conforms",
        "deviates",
        "blocked",
        "not_applicable",
        "could_not_run",
    ];
    assert_eq!(keys(summary)[0], "cases");
    assert_eq!(keys(summary)[1..], outcomes);
    let cases = shaped(
        &document["cases"],
        &[
            "id",
            "pack",
            "scenario",
            "outcome",
            "expected",
            "duration_ms",
            "covers",
            "deviations",
            "silences",
        ],
        &["at", "rerun", "held", "reason", "blocked_by"],
    );
    assert_eq!(summary["cases"], cases.len());
    for outcome in outcomes {
        let of_it = cases.iter().filter(|case| case["outcome"] == outcome);
        assert_eq!(summary[outcome], of_it.count(), "{outcome}");
    }
    assert!(summary["conforms"].as_u64() > Some(0) && summary["deviates"].as_u64() > Some(0));

    let requirements = shaped(
        &document["requirements"],
        &["pack", "id", "level", "section", "verdict"],
        &["unprovokable"],
    );
    for requirement in requirements {
        one_of(&requirement["level"], &["must", "should", "advice"]);
        one_of(&requirement["verdict"], &["met", "not_met", "not_judged"]);
        assert!(requirement["section"].is_string());
    }
    let ids: Vec<&Value> = requirements
        .iter()
        .map(|requirement| &requirement["id"])
        .collect();
    let broken = ids
        .iter()
        .position(|id| **id == "friend-request.acknowledged");
    assert_eq!(
        requirements[broken.expect("it is there")]["verdict"],
        "not_met"
    );

    let further = ["value", "settled", "seen"];
    for reading in shaped(&document["readings"], &["pack", "id", "observed"], &further) {
        text_or_null(&reading["observed"]);
    }

    for case in cases {
        let (id, scenario) = (case["id"].as_str(), case["scenario"].as_str());
        let prefix = format!("friendchat/{}", scenario.expect("a scenario"));
        assert!(id.is_some_and(|id| id.starts_with(&prefix)), "{case}");
        one_of(&case["outcome"], &outcomes);
        let fine = ["conforms", "not_applicable"].map(Value::from);
        assert_eq!(case["expected"], fine.contains(&case["outcome"]));
        assert!(case["duration_ms"].is_f64());
        let covers = case["covers"].as_array().expect("a list");
        assert!(
            covers.iter().all(|covered| ids.contains(&covered)),
            "{covers:?}"
        );
        assert!(case["silences"].is_array());
        let deviations = shaped(
            &case["deviations"],
            &[
                "kind",
                "level",
                "requirement",
                "at",
                "message",
                "expected",
                "received",
            ],
            &["requirements", "step", "actor", "sent", "near"],
        );
        if case["outcome"] == "deviates" {
            assert!(
                deviations
                    .iter()
                    .any(|deviation| deviation["level"] == "must")
            );
        }
        for deviation in deviations {
            one_of(&deviation["level"], &["must", "should", "advice"]);
            text_or_null(&deviation["requirement"]);
            text_or_null(&deviation["expected"]);
            text_or_null(&deviation["received"]);
            assert!(deviation["message"].is_string());
            let at = deviation["at"].as_str().expect("a place");
            Assert::new().eq(at, "scenarios/friendchat/[..].yaml:[..]:[..]");
        }
    }
}
