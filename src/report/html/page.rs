//! The whole page, in the order in which a reader wants it.
//!
//! Judges nothing: arranges what the run says.

use askama::Template;

use crate::event::{Level, RunEnd};
use crate::outcome::Run;

use super::super::headline::Headline;
use super::super::words;
use super::answers::{Answers, answers};
use super::cases::{self, PackCases, Silences};
use super::deviation::{self, Block, Group};
use super::findings::{self, Reading, Shape, Unknown};
use super::profile::{self, Broken, Departure, Known};
use super::requirements::{self, LevelTile, PackRequirements};
use super::shell::Shell;
use super::{Text, Times};

#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
pub(super) struct Page {
    shell: Shell,
    headline: Headline,
    /// How many cases, how they came out, the class of that.
    counts: Vec<(usize, String, &'static str)>,
    /// What the run was, in a few words.
    line: Text,
    /// What is missing, where the log was cut off.
    cut_off: Option<String>,
    remarks: Vec<Text>,
    levels: Vec<LevelTile>,
    packs: Vec<PackRequirements>,
    deviations: Vec<Group>,
    wrong_shapes: Vec<Shape>,
    /// Known deviations that did not come.
    broken: Vec<Broken>,
    stuck: Vec<cases::Group>,
    warnings: Vec<Block>,
    warnings_left: usize,
    odd_shapes: Vec<Shape>,
    unknown: Vec<Unknown>,
    readings: Vec<Reading>,
    departures: Vec<Departure>,
    known: Vec<Known>,
    cases: Vec<PackCases>,
    notes: Vec<Block>,
    notes_left: usize,
    noted_shapes: Vec<Shape>,
    silences: Vec<Silences>,
    facts: Vec<(&'static str, Text)>,
    answers: Option<Answers>,
}

impl Page {
    pub(super) fn of(run: &Run, times: Times) -> Page {
        let headline = Headline::of(run);
        let (warnings, warnings_left) = deviation::lesser(run, Level::Should);
        let (notes, notes_left) = deviation::lesser(run, Level::Advice);
        Page {
            shell: Shell::new(
                format!("{} {}", headline.target, headline.verdict),
                headline.tone,
            ),
            headline,
            counts: counts(run),
            line: line(run, times),
            cut_off: cut_off(run),
            remarks: run.remarks.iter().map(|r| Text::short(&r.text)).collect(),
            levels: requirements::levels(run),
            packs: requirements::packs(run),
            deviations: deviation::gravest(run, times),
            wrong_shapes: findings::shapes(run, Level::Must),
            broken: profile::broken(run),
            stuck: cases::groups(run),
            warnings,
            warnings_left,
            odd_shapes: findings::shapes(run, Level::Should),
            unknown: findings::unknown(run),
            readings: findings::readings(run),
            departures: profile::departures(run),
            known: profile::known(run),
            cases: cases::packs(run, times),
            notes,
            notes_left,
            noted_shapes: findings::shapes(run, Level::Advice),
            silences: cases::silences(run),
            facts: facts(run, times),
            answers: answers(run).filter(|_| times == Times::Shown),
        }
    }

    fn deviation_count(&self) -> usize {
        let all = self.deviations.iter();
        let all = all.map(|group| group.blocks.len() + group.briefs.len());
        all.sum::<usize>() + self.wrong_shapes.len() + self.broken.len()
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

/// "friendchat · 294 cases · seed 1 · 1.27 s · wireproof 0.1.0"
fn line(run: &Run, times: Times) -> Text {
    let mut parts: Vec<String> = run.packs.iter().map(|pack| pack.name.clone()).collect();
    parts.push(words::count(run.planned, "case"));
    parts.push(format!("seed {}", run.seed));
    if times == Times::Shown {
        parts.extend(run.duration_us.map(words::time));
        parts.push(run.started.clone());
    }
    parts.push(format!("wireproof {}", run.version));
    Text::short(&parts.join(" · "))
}

fn cut_off(run: &Run) -> Option<String> {
    run.end.is_none().then(|| {
        let planned = words::count(run.planned, "case");
        let open = run.cases.iter().filter(|case| case.cut_off()).count();
        format!(
            "It ends in the middle: {} of {planned} had started, {open} of them had not finished. What follows is what it holds.",
            run.summary.cases
        )
    })
}

fn facts(run: &Run, times: Times) -> Vec<(&'static str, Text)> {
    let mut facts = vec![("Target", Text::short(&run.target))];
    if times == Times::Shown {
        facts.push(("Started", Text::short(&run.started)));
        let took = match run.duration_us {
            Some(us) => words::time(us),
            None => "unknown: the log was cut off".into(),
        };
        facts.push(("Duration", Text(took)));
    }
    let end = match &run.end {
        None => Text("cut off in the middle of the log".into()),
        Some(RunEnd::Completed) => Text("completed".into()),
        Some(RunEnd::Interrupted) => Text("interrupted".into()),
        Some(RunEnd::TargetUnfit { reason }) => Text::short(&format!("target unfit: {reason}")),
    };
    facts.push(("End", end));
    let cases = words::count(run.planned, "case");
    let frames = run.cases.iter().map(|case| case.frames).sum();
    let frames = words::count(frames, "frame");
    let cases = format!("{} of {cases} started; {frames}", run.summary.cases);
    facts.push(("Cases", Text(cases)));
    let mut durations: Vec<(u64, &str)> = (run.cases.iter())
        .map(|case| (case.duration_us, case.id.as_str()))
        .collect();
    durations.sort_unstable();
    if let (Some((median, _)), Some((slowest, id)), Times::Shown) =
        (durations.get(durations.len() / 2), durations.last(), times)
    {
        let (median, slowest) = (words::time(*median), words::time(*slowest));
        let line = format!("median {median}, slowest {slowest} ({})", Text::short(id));
        facts.push(("Case durations", Text(line)));
    }
    for pack in &run.packs {
        let line = format!("{}: {}, {}", pack.name, pack.document, pack.codec);
        facts.push(("Pack", Text::short(&line)));
        let told = pack.readings.iter().filter_map(|reading| {
            let value = reading.info.value.as_deref()?;
            Some(format!("{} = {value}", reading.info.id))
        });
        let told = told.collect::<Vec<_>>().join(", ");
        if !told.is_empty() {
            facts.push(("Profile", Text::long(&told)));
        }
    }
    facts.push(("Seed", Text(run.seed.to_string())));
    facts.push(("wireproof", Text::short(&run.version)));
    facts
}
