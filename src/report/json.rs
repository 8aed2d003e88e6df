//! The run as one JSON document for other programs to read.
//!
//! Keys only ever get added within a schema version; the order is the same for the same run.

use std::io::{self, Write};

use serde::Serialize;

use crate::event::{Departure, Deviation, DeviationKind, Level, RunEnd, SCHEMA, Settled};
use crate::outcome::{
    Case, Observed, Outcome, Pack, Promise, Remark, Run, ShapeFinding, Silence, Summary,
    UnknownMessage,
};

use super::Reporter;
use super::safe::safe_json;

pub struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    pub fn new(out: W) -> Json<W> {
        Json { out }
    }
}

impl<W: Write> Reporter for Json<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let mut text = safe_json(serde_json::to_string_pretty(&Document::of(run))?);
        text.push('\n');
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    target: &'a str,
    started: &'a str,
    /// `null` where the stream was cut off.
    duration_ms: Option<f64>,
    seed: u64,
    packs: Vec<&'a str>,
    summary: &'a Summary,
    requirements: Vec<RequirementLine<'a>>,
    readings: Vec<ReadingLine<'a>>,
    cases: Vec<CaseLine<'a>>,
    shapes: &'a [ShapeFinding],
    unknown_messages: &'a [UnknownMessage],
    remarks: &'a [Remark],
    /// Where the target departs from the document by its profile.
    departures: Vec<DepartureLine<'a>>,
    /// The known deviations, and what became of them.
    known: Vec<&'a Promise>,
    /// `null` where the stream was cut off.
    end: Option<&'a RunEnd>,
    planned: usize,
    version: &'a str,
}

#[derive(Serialize)]
struct RequirementLine<'a> {
    pack: &'a str,
    id: &'a str,
    level: Level,
    section: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unprovokable: Option<&'a str>,
}

#[derive(Serialize)]
struct ReadingLine<'a> {
    pack: &'a str,
    id: &'a str,
    /// An option, `"varies"`, or `null`.
    observed: Option<&'a str>,
    /// What the run was told, where the profile settles it.
    value: Option<&'a str>,
    settled: Settled,
    seen: Vec<SeenLine<'a>>,
}

#[derive(Serialize)]
struct DepartureLine<'a> {
    pack: &'a str,
    #[serde(flatten)]
    departure: &'a Departure,
}

#[derive(Serialize)]
struct SeenLine<'a> {
    option: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct CaseLine<'a> {
    id: &'a str,
    pack: &'a str,
    scenario: &'a str,
    outcome: &'static str,
    expected: bool,
    duration_ms: f64,
    covers: &'a [String],
    deviations: Vec<DeviationLine<'a>>,
    silences: &'a [Silence],
    at: &'a str,
    rerun: &'a str,
    held: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by: Option<BlockedLine<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    server_log: &'a [String],
}

#[derive(Serialize)]
struct BlockedLine<'a> {
    flow: &'a str,
    tested_by: Option<&'a str>,
}

#[derive(Serialize)]
struct DeviationLine<'a> {
    kind: DeviationKind,
    level: Level,
    /// The first of `requirements`, or `null`.
    requirement: Option<&'a str>,
    at: &'a str,
    message: &'a str,
    expected: Option<&'a str>,
    received: Option<&'a str>,
    requirements: &'a [String],
    step: &'a str,
    actor: Option<&'a str>,
    sent: Option<&'a str>,
    near: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(run: &'a Run) -> Document<'a> {
        Document {
            schema: SCHEMA,
            target: &run.target,
            started: &run.started,
            duration_ms: run.duration_us.map(ms),
            seed: run.seed,
            packs: run.packs.iter().map(|pack| pack.name.as_str()).collect(),
            summary: &run.summary,
            requirements: run.packs.iter().flat_map(requirements).collect(),
            readings: run.packs.iter().flat_map(readings).collect(),
            departures: run.packs.iter().flat_map(departures).collect(),
            known: run.packs.iter().flat_map(|pack| &pack.promises).collect(),
            cases: run.cases.iter().map(case).collect(),
            shapes: &run.shapes,
            unknown_messages: &run.unknown,
            remarks: &run.remarks,
            end: run.end.as_ref(),
            planned: run.planned,
            version: &run.version,
        }
    }
}

fn requirements(pack: &Pack) -> impl Iterator<Item = RequirementLine<'_>> {
    pack.requirements.iter().map(|r| RequirementLine {
        pack: &pack.name,
        id: &r.info.id,
        level: r.info.level,
        section: &r.info.section,
        verdict: r.verdict().name(),
        unprovokable: r.info.unprovokable.as_deref(),
    })
}

fn departures(pack: &Pack) -> impl Iterator<Item = DepartureLine<'_>> {
    pack.departures.iter().map(|departure| DepartureLine {
        pack: &pack.name,
        departure,
    })
}

fn readings(pack: &Pack) -> impl Iterator<Item = ReadingLine<'_>> {
    pack.readings.iter().map(|reading| ReadingLine {
        pack: &pack.name,
        id: &reading.info.id,
        observed: match reading.observed() {
            Observed::NotObserved => None,
            Observed::One(option) => Some(option),
            Observed::Varies => Some("varies"),
        },
        value: reading.info.value.as_deref(),
        settled: reading.info.settled,
        seen: (reading.seen.iter())
            .map(|(option, count)| SeenLine {
                option,
                count: *count,
            })
            .collect(),
    })
}

fn case(case: &Case) -> CaseLine<'_> {
    CaseLine {
        id: &case.id,
        pack: &case.pack,
        scenario: &case.scenario,
        outcome: case.outcome.name(),
        expected: case.expected,
        duration_ms: ms(case.duration_us),
        covers: &case.covers,
        deviations: case.deviations.iter().map(deviation).collect(),
        silences: &case.silences,
        at: &case.at,
        rerun: &case.rerun,
        held: case.held,
        reason: case.outcome.reason(),
        blocked_by: match &case.outcome {
            Outcome::Blocked {
                flow, tested_by, ..
            } => Some(BlockedLine {
                flow,
                tested_by: tested_by.as_deref(),
            }),
            _ => None,
        },
        server_log: &case.server_log,
    }
}

fn deviation(deviation: &Deviation) -> DeviationLine<'_> {
    DeviationLine {
        kind: deviation.kind,
        level: deviation.level,
        requirement: deviation.requirements.first().map(String::as_str),
        at: &deviation.at,
        message: &deviation.message,
        expected: deviation.expected.as_deref(),
        received: deviation.received.as_deref(),
        requirements: &deviation.requirements,
        step: &deviation.step,
        actor: deviation.actor.as_deref(),
        sent: deviation.sent.as_deref(),
        near: deviation.near.as_deref(),
    }
}

/// To a thousandth, as the stream has it.
fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::Event;
    use crate::outcome::fixture::{broken, clean, fold, unfit};

    fn document(events: &[Event]) -> Value {
        let mut bytes = Vec::new();
        let mut report = Json::new(&mut bytes);
        report.finish(&fold(events)).expect("a vector takes all");
        serde_json::from_slice(&bytes).expect("one document")
    }

    fn keys(value: &Value) -> Vec<&str> {
        let object = value.as_object().expect("an object");
        object.keys().map(String::as_str).collect()
    }

    #[test]
    fn document_has_the_promised_keys_in_order() {
        let document = document(&broken());
        let top = [
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
        ];
        assert_eq!(keys(&document)[..top.len()], top);
        let summary = [
            "cases",
            "conforms",
            "deviates",
            "blocked",
            "not_applicable",
            "could_not_run",
        ];
        assert_eq!(keys(&document["summary"]), summary);
        let requirement = ["pack", "id", "level", "section", "verdict"];
        assert_eq!(keys(&document["requirements"][0]), requirement);
        assert_eq!(
            keys(&document["readings"][0])[..3],
            ["pack", "id", "observed"]
        );
        let case = [
            "id",
            "pack",
            "scenario",
            "outcome",
            "expected",
            "duration_ms",
            "covers",
            "deviations",
            "silences",
        ];
        assert_eq!(keys(&document["cases"][0])[..case.len()], case);
        let deviation = [
            "kind",
            "level",
            "requirement",
            "at",
            "message",
            "expected",
            "received",
        ];
        let first = &document["cases"][0]["deviations"][0];
        assert_eq!(keys(first)[..deviation.len()], deviation);
    }

    #[test]
    fn facts_of_a_broken_run() {
        let document = document(&broken());
        assert_eq!(document["schema"], 1);
        assert_eq!(document["duration_ms"], 1234.567);
        assert_eq!(document["packs"], json!(["friendchat"]));
        let summary = json!({
            "cases": 18, "conforms": 3, "deviates": 11, "blocked": 2,
            "not_applicable": 1, "could_not_run": 1,
        });
        assert_eq!(document["summary"], summary);
        let verdicts = document["requirements"].as_array().expect("a list").iter();
        let verdict = |id: &str| {
            let found = verdicts.clone().find(|r| r["id"] == id);
            found.expect("the fixture's pack has it")["verdict"].clone()
        };
        assert_eq!(verdict("friend-request.ack"), "not_met");
        assert_eq!(verdict("media.order"), "not_met");
        assert_eq!(verdict("register.accepted"), "met");
        assert_eq!(verdict("register.duplicate"), "not_judged");
        assert_eq!(document["readings"][0]["observed"], Value::Null);
        assert_eq!(document["readings"][1]["observed"], "varies");
        let cases = document["cases"].as_array().expect("a list").iter();
        let case = |id: &str| cases.clone().find(|c| c["id"] == id).expect("it ran");
        let deviating = case("friendchat/friend-request.kind-1");
        assert_eq!(deviating["outcome"], "deviates");
        assert_eq!(deviating["expected"], false);
        assert_eq!(deviating["deviations"][0]["kind"], "mismatch");
        assert_eq!(
            deviating["deviations"][0]["requirement"],
            "friend-request.ack"
        );
        let warned = case("friendchat/media.ten-chunks");
        assert_eq!(warned["outcome"], "conforms");
        assert_eq!(warned["deviations"][0]["level"], "should");
        assert_eq!(warned["silences"][0]["shown"], "fence-unanswered");
        let blocked = case("friendchat/history.empty");
        assert_eq!(blocked["outcome"], "blocked");
        assert_eq!(
            blocked["blocked_by"]["tested_by"],
            "friendchat/login.accepted"
        );
    }

    #[test]
    fn clean_and_unfit_runs() {
        let clean = document(&clean());
        assert_eq!(clean["summary"]["cases"], clean["summary"]["conforms"]);
        assert_eq!(clean["readings"][1]["observed"], "echo");
        assert_eq!(clean["readings"][0]["value"], "suffixed");
        assert_eq!(clean["end"], json!({ "as": "completed" }));
        assert_eq!(document(&unfit())["end"]["as"], "target-unfit");
        let cut = document(&crate::outcome::fixture::clean()[..3]);
        assert_eq!(cut["end"], Value::Null);
        assert_eq!(cut["duration_ms"], Value::Null);
    }
}
