//! A deviation as the page shows it: what is contradicted, what was sent, expected, received, and how to
//! see it again.
//!
//! Deviations stand under the requirement that they contradict. Shows so many in full that the page stays
//! quick, at least one for each requirement; the rest are a line each.

use std::collections::HashMap;

use crate::event::{Deviation, Level};
use crate::outcome::{Case, Run};

use super::super::diff::{DiffLine, diff};
use super::super::groups::shared;
use super::super::words;
use super::exchange::{Row, rows};
use super::sequence::{Sequence, sequence};
use super::{Text, Times};

/// All deviations in full together take about this many bytes of the page.
const BUDGET: usize = 2_400_000;
/// Frames of at most so many bytes a case.
const FRAMES: usize = 60_000;
const MOST_SHARED: usize = 100;
/// So many links from a requirement to what contradicts it.
const MOST_PLACES: usize = 5;

/// The `must` deviations that contradict one requirement, or that are of one kind and contradict none.
pub(super) struct Group {
    /// The requirement; of a deviation that names none, its kind.
    pub(super) requirement: Result<Contradicted, &'static str>,
    pub(super) pack: Text,
    pub(super) cases: String,
    pub(super) blocks: Vec<Block>,
    pub(super) briefs: Vec<Brief>,
}

pub(super) struct Block {
    pub(super) anchor: String,
    pub(super) level: &'static str,
    pub(super) kind: &'static str,
    pub(super) case: Text,
    pub(super) about: Option<Text>,
    /// Further cases that show the same.
    pub(super) others: Vec<Text>,
    pub(super) at: Text,
    pub(super) step: Vec<Text>,
    pub(super) message: Text,
    pub(super) requirements: Vec<Contradicted>,
    pub(super) sent: Option<Text>,
    pub(super) diff: Vec<Line>,
    pub(super) near: Option<Text>,
    pub(super) rerun: Text,
    pub(super) sequence: Option<Sequence>,
    pub(super) frames: Vec<Row>,
    pub(super) left_out: usize,
    /// What the server wrote while the case ran.
    pub(super) server_log: Vec<Text>,
}

pub(super) struct Contradicted {
    pub(super) id: Text,
    /// Its level, section and text; unknown where the pack does not have it.
    pub(super) info: Option<(&'static str, Text, Text)>,
}

pub(super) struct Line {
    /// `same`, `expected`, `received`, `gap`.
    pub(super) class: &'static str,
    pub(super) mark: char,
    pub(super) text: Text,
}

/// One line instead of a block.
pub(super) struct Brief {
    pub(super) anchor: String,
    pub(super) case: Text,
    pub(super) message: Text,
    pub(super) at: Text,
    pub(super) rerun: Text,
}

/// The anchor of a case's `must` deviation; `index` is the case's place in the run.
pub(super) fn must_anchor(index: usize, nth: usize) -> String {
    match nth {
        0 => format!("deviation-{index}"),
        nth => format!("deviation-{index}-{}", nth + 1),
    }
}

fn lesser_anchor(level: Level, index: usize) -> String {
    format!("{}-{index}", words::level(level))
}

/// The `must` deviations; the requirement that most cases contradict first.
pub(super) fn gravest(run: &Run, times: Times) -> Vec<Group> {
    let mut groups: Vec<(_, Vec<Found<'_>>)> = Vec::new();
    for (index, case) in run.cases.iter().enumerate() {
        for (nth, deviation) in case.deviations_of(Level::Must).enumerate() {
            let key = match deviation.requirements.first() {
                Some(id) => Ok((case.pack.as_str(), id.as_str())),
                None => Err((case.pack.as_str(), words::kind(deviation.kind))),
            };
            let found = Found {
                index,
                nth,
                case,
                deviation,
            };
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, all)) => all.push(found),
                None => groups.push((key, vec![found])),
            }
        }
    }
    groups.sort_by_key(|(_, all)| usize::MAX - all.len());
    let first = |all: &[Found<'_>]| all.first().map_or(0, |found| found.weight());
    let mut left = BUDGET.saturating_sub(groups.iter().map(|(_, all)| first(all)).sum());
    let groups = groups.into_iter().map(|(key, all)| {
        let mut group = Group {
            requirement: match key {
                Ok((pack, id)) => Ok(Contradicted::of(run, pack, id)),
                Err((_, kind)) => Err(kind),
            },
            pack: Text::short(match key {
                Ok((pack, _)) | Err((pack, _)) => pack,
            }),
            cases: words::count(all.len(), "deviation"),
            blocks: Vec::new(),
            briefs: Vec::new(),
        };
        for (place, found) in all.iter().enumerate() {
            let weight = if place == 0 { 0 } else { found.weight() };
            if weight <= left {
                left -= weight;
                group.blocks.push(found.block(run, times));
            } else {
                group.briefs.push(found.brief());
            }
        }
        group
    });
    groups.collect()
}

/// A `must` deviation and where it stands in the run.
struct Found<'a> {
    index: usize,
    nth: usize,
    case: &'a Case,
    deviation: &'a Deviation,
}

impl Found<'_> {
    fn anchor(&self) -> String {
        must_anchor(self.index, self.nth)
    }

    /// The bytes that it takes on the page, roughly.
    fn weight(&self) -> usize {
        let d = self.deviation;
        let texts = [&d.expected, &d.received, &d.sent, &d.near].into_iter();
        let texts = texts.flatten().map(|text| text.len().min(8_000));
        let frames = if self.nth == 0 {
            rows(self.case, Times::Shown).1.min(FRAMES)
                + 150 * self.case.exchange.entries.len().min(50)
        } else {
            0
        };
        let log = self.case.server_log.iter().map(|line| line.len().min(300));
        1_800 + texts.sum::<usize>() + frames + log.sum::<usize>()
    }

    fn block(&self, run: &Run, times: Times) -> Block {
        let mut block = Block::of(run, self.case, self.deviation, self.anchor());
        if self.nth == 0 {
            block.sequence = sequence(self.case);
            block.add_frames(self.case, times);
            let log = self.case.server_log.iter();
            block.server_log = log.map(|line| Text::short(line)).collect();
        }
        block
    }

    fn brief(&self) -> Brief {
        Brief {
            anchor: self.anchor(),
            case: Text::short(&self.case.id),
            message: Text::short(&self.deviation.message),
            at: Text::short(&self.deviation.at),
            rerun: Text::long(&self.case.rerun),
        }
    }
}

/// The deviations of a lesser level, each once for all cases that show it; how many were left out.
pub(super) fn lesser(run: &Run, level: Level) -> (Vec<Block>, usize) {
    let groups = shared(run, level);
    let left = groups.len().saturating_sub(MOST_SHARED);
    let blocks = groups.into_iter().take(MOST_SHARED).enumerate();
    let blocks = blocks.map(|(index, group)| {
        let anchor = lesser_anchor(level, index);
        let mut block = Block::of(run, group.cases[0], group.deviation, anchor);
        let others = group.cases.iter().skip(1).take(20);
        block.others = others.map(|case| Text::short(&case.id)).collect();
        block
    });
    (blocks.collect(), left)
}

/// Where the page shows what contradicts each requirement, by pack and id: a few places each.
pub(super) type Places<'a> = HashMap<(&'a str, &'a str), Vec<String>>;

pub(super) fn places(run: &Run) -> Places<'_> {
    let mut all = Vec::new();
    for (index, case) in run.cases.iter().enumerate() {
        for (nth, deviation) in case.deviations_of(Level::Must).enumerate() {
            let named = deviation.requirements.iter();
            all.extend(named.map(|id| (case.pack.as_str(), id.as_str(), must_anchor(index, nth))));
        }
    }
    for finding in &run.shapes {
        if let Some(id) = &finding.requirement {
            let anchor = format!("shapes-{}", words::level(finding.level));
            all.push((&finding.pack, id, anchor));
        }
    }
    for level in [Level::Should, Level::Advice] {
        for (index, group) in shared(run, level).iter().take(MOST_SHARED).enumerate() {
            let named = group.deviation.requirements.iter();
            let pack = group.cases[0].pack.as_str();
            all.extend(named.map(|id| (pack, id.as_str(), lesser_anchor(level, index))));
        }
    }
    let mut places: Places<'_> = HashMap::new();
    for (pack, id, anchor) in all {
        let known = places.entry((pack, id)).or_default();
        if known.len() < MOST_PLACES && !known.contains(&anchor) {
            known.push(anchor);
        }
    }
    places
}

impl Block {
    fn of(run: &Run, case: &Case, deviation: &Deviation, anchor: String) -> Block {
        let requirements = deviation.requirements.iter();
        let requirements = requirements.map(|id| Contradicted::of(run, &case.pack, id));
        let lines = diff(deviation.expected.as_deref(), deviation.received.as_deref());
        Block {
            anchor,
            level: words::level(deviation.level),
            kind: words::kind(deviation.kind),
            case: Text::short(&case.id),
            about: case.about.as_deref().map(Text::short),
            others: Vec::new(),
            at: Text::short(&deviation.at),
            step: (deviation.step.lines().take(8)).map(Text::short).collect(),
            message: Text::short(&deviation.message),
            requirements: requirements.collect(),
            sent: deviation.sent.as_deref().map(Text::long),
            diff: lines.into_iter().map(Line::from).collect(),
            near: deviation.near.as_deref().map(Text::short),
            rerun: Text::long(&case.rerun),
            sequence: None,
            frames: Vec::new(),
            left_out: 0,
            server_log: Vec::new(),
        }
    }

    /// The case's frames around what deviated: from the end backwards, as far as they fit.
    fn add_frames(&mut self, case: &Case, times: Times) {
        let (mut rows, bytes) = rows(case, times);
        self.left_out = case.exchange.left_out;
        if bytes > FRAMES {
            let average = bytes / rows.len().max(1);
            let drop = rows.len().saturating_sub(FRAMES / average.max(1));
            rows.drain(..drop);
            self.left_out += drop;
        }
        self.frames = rows;
    }
}

impl Contradicted {
    fn of(run: &Run, pack: &str, id: &str) -> Contradicted {
        let info = run.requirement(pack, id).map(|r| &r.info);
        Contradicted {
            id: Text::short(id),
            info: info.map(|info| {
                let level = words::level(info.level);
                (level, Text::short(&info.section), Text::long(&info.text))
            }),
        }
    }
}

impl From<DiffLine> for Line {
    fn from(line: DiffLine) -> Line {
        let (class, mark, text) = match line {
            DiffLine::Same(text) => ("same", ' ', text),
            DiffLine::Expected(text) => ("expected", '-', text),
            DiffLine::Received(text) => ("received", '+', text),
            DiffLine::Gap(lines) => ("gap", '…', words::count(lines, "line")),
        };
        let text = Text(text);
        Line { class, mark, text }
    }
}
