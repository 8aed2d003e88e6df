//! The whole page, in the order in which a reader wants it.
//!
//! Judges nothing: arranges what the run says.

use askama::Template;

use crate::event::{Level, RunEnd};
use crate::outcome::Run;

use super::super::headline::Headline;
use super::super::words;
use super::Text;
use super::cases::{self, Group, PackCases, Silences};
use super::deviation::{self, Block, Brief};
use super::findings::{self, Reading, Shape, Unknown};
use super::requirements::{self, LevelTile, PackRequirements};
use super::shell::Shell;

#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
pub(super) struct Page {
    shell: Shell,
    headline: Headline,
    /// How many cases, how they came out, the class of that.
    counts: Vec<(usize, String, &'static str)>,
    remarks: Vec<Text>,
    levels: Vec<LevelTile>,
    packs: Vec<PackRequirements>,
    deviations: Vec<Block>,
    briefs: Vec<Brief>,
    wrong_shapes: Vec<Shape>,
    stuck: Vec<Group>,
    warnings: Vec<Block>,
    warnings_left: usize,
    odd_shapes: Vec<Shape>,
    unknown: Vec<Unknown>,
    readings: Vec<Reading>,
    cases: Vec<PackCases>,
    notes: Vec<Block>,
    notes_left: usize,
    noted_shapes: Vec<Shape>,
    silences: Vec<Silences>,
    facts: Vec<(&'static str, Text)>,
}

impl Page {
    pub(super) fn of(run: &Run) -> Page {
        let headline = Headline::of(run);
        let (deviations, briefs) = deviation::gravest(run);
        let (warnings, warnings_left) = deviation::lesser(run, Level::Should);
        let (notes, notes_left) = deviation::lesser(run, Level::Advice);
        Page {
            shell: Shell::new(
                format!("{} {}", headline.target, headline.verdict),
                headline.tone,
            ),
            headline,
            counts: counts(run),
            remarks: run.remarks.iter().map(|r| Text::short(&r.text)).collect(),
            levels: requirements::levels(run),
            packs: requirements::packs(run),
            deviations,
            briefs,
            wrong_shapes: findings::shapes(run, Level::Must),
            stuck: cases::groups(run),
            warnings,
            warnings_left,
            odd_shapes: findings::shapes(run, Level::Should),
            unknown: findings::unknown(run),
            readings: findings::readings(run),
            cases: cases::packs(run),
            notes,
            notes_left,
            noted_shapes: findings::shapes(run, Level::Advice),
            silences: cases::silences(run),
            facts: facts(run),
        }
    }

    fn deviation_count(&self) -> usize {
        self.deviations.len() + self.briefs.len() + self.wrong_shapes.len()
    }

    fn warning_count(&self) -> usize {
        self.warnings.len() + self.warnings_left + self.odd_shapes.len() + self.unknown.len()
    }

    fn note_count(&self) -> usize {
        self.notes.len() + self.notes_left + self.noted_shapes.len()
    }
}

fn counts(run: &Run) -> Vec<(usize, String, &'static str)> {
    let s = &run.summary;
    let missing = run.planned.saturating_sub(s.cases);
    let counts = [
        (s.conforms, words::verb(s.conforms, "conform"), "conforms"),
        (s.deviates, words::verb(s.deviates, "deviate"), "deviates"),
        (s.blocked, "blocked".into(), "blocked"),
        (s.could_not_run, "could not run".into(), "unrun"),
        (s.not_applicable, "not applicable".into(), "inapplicable"),
        (missing, "never started".into(), "unrun"),
    ];
    let counts = counts.into_iter();
    counts.filter(|(count, ..)| *count > 0).collect()
}

fn facts(run: &Run) -> Vec<(&'static str, Text)> {
    let mut facts = vec![
        ("Target", Text::short(&run.target)),
        ("Started", Text::short(&run.started)),
    ];
    let took = match run.duration_us {
        Some(us) => words::time(us),
        None => "unknown: the log was cut off".into(),
    };
    facts.push(("Duration", Text(took)));
    let end = match &run.end {
        None => Text("cut off in the middle of the log".into()),
        Some(RunEnd::Completed) => Text("completed".into()),
        Some(RunEnd::Interrupted) => Text("interrupted".into()),
        Some(RunEnd::TargetUnfit { reason }) => Text::short(&format!("target unfit: {reason}")),
    };
    facts.push(("End", end));
    let cases = words::count(run.planned, "case");
    let cases = format!("{} of {cases} started", run.summary.cases);
    facts.push(("Cases", Text(cases)));
    let mut times: Vec<(u64, &str)> = (run.cases.iter())
        .map(|case| (case.duration_us, case.id.as_str()))
        .collect();
    times.sort_unstable();
    if let (Some((median, _)), Some((slowest, id))) = (times.get(times.len() / 2), times.last()) {
        let (median, slowest) = (words::time(*median), words::time(*slowest));
        let line = format!("median {median}, slowest {slowest} ({})", Text::short(id));
        facts.push(("Case durations", Text(line)));
    }
    for pack in &run.packs {
        let line = format!("{}: {}, {}", pack.name, pack.document, pack.codec);
        facts.push(("Pack", Text::short(&line)));
    }
    facts.push(("Seed", Text(run.seed.to_string())));
    facts.push(("wireproof", Text::short(&run.version)));
    facts
}
