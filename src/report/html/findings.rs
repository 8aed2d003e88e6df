//! What was found besides the deviations of cases: shapes, unknown messages, readings.
//!
//! Each finding once, with a count.

use crate::event::{Level, Settled};
use crate::outcome::{Observed, Run};

use super::super::words;
use super::Text;

pub(super) struct Shape {
    pub(super) message: Text,
    pub(super) path: Text,
    pub(super) kind: &'static str,
    pub(super) expected: Text,
    pub(super) received: Text,
    pub(super) section: Text,
    pub(super) count: String,
    pub(super) case: Text,
}

pub(super) struct Unknown {
    pub(super) name: Text,
    pub(super) pack: Text,
    pub(super) count: String,
}

pub(super) struct Reading {
    pub(super) question: Text,
    pub(super) id: Text,
    pub(super) pack: Text,
    /// What this server does, in a word.
    pub(super) answer: Text,
    /// `one`, `varies`, `told`, `none`.
    pub(super) class: &'static str,
    pub(super) settled: &'static str,
    pub(super) options: Vec<Choice>,
}

pub(super) struct Choice {
    pub(super) name: Text,
    pub(super) meaning: Text,
    pub(super) seen: Option<String>,
}

const MOST: usize = 300;
const VALUE: usize = 120;

pub(super) fn shapes(run: &Run, level: Level) -> Vec<Shape> {
    let findings = run.shapes.iter().filter(|f| f.level == level).take(MOST);
    let shapes = findings.map(|f| Shape {
        message: Text::short(&f.message),
        path: Text::short(&f.path),
        kind: words::shape(f.kind),
        expected: Text(super::safe_text(&f.expected, VALUE)),
        received: Text(super::safe_text(&f.received, VALUE)),
        section: Text::short(&f.section),
        count: words::count(f.count, "frame"),
        case: Text::short(&f.case),
    });
    shapes.collect()
}

pub(super) fn unknown(run: &Run) -> Vec<Unknown> {
    let unknown = run.unknown.iter().take(MOST).map(|unknown| Unknown {
        name: Text(super::safe_text(&unknown.name, VALUE)),
        pack: Text::short(&unknown.pack),
        count: words::count(unknown.count, "case"),
    });
    unknown.collect()
}

pub(super) fn readings(run: &Run) -> Vec<Reading> {
    let mut readings = Vec::new();
    for pack in &run.packs {
        for reading in &pack.readings {
            let info = &reading.info;
            let (class, answer) = match (reading.observed(), &info.value) {
                (Observed::NotObserved, Some(value)) => ("told", Text::short(value)),
                (Observed::NotObserved, None) => ("none", Text("not observed".into())),
                (Observed::One(option), _) => ("one", Text::short(option)),
                (Observed::Varies, _) => ("varies", Text("varies".into())),
            };
            let settled = match (info.settled, class) {
                (Settled::Profile, "told") => "told by the profile, not observed",
                (Settled::Profile, _) => "told by the profile",
                (Settled::Observed, _) => "learnt from the server",
                (Settled::Free, _) => "free: both are right",
            };
            let known = info
                .options
                .iter()
                .map(|(name, meaning)| (name, meaning.as_str()));
            let unknown = reading.seen.iter().map(|(name, _)| (name, ""));
            let unknown = unknown.filter(|(name, _)| info.options.iter().all(|(o, _)| o != *name));
            let options = known.chain(unknown).map(|(name, meaning)| {
                let seen = reading.seen.iter().find(|(seen, _)| seen == name);
                Choice {
                    name: Text::short(name),
                    meaning: Text::short(meaning),
                    seen: seen.map(|(_, times)| words::count(*times, "time")),
                }
            });
            readings.push(Reading {
                question: Text::short(&info.question),
                id: Text::short(&info.id),
                pack: Text::short(&pack.name),
                answer,
                class,
                settled,
                options: options.collect(),
            });
        }
    }
    readings
}
