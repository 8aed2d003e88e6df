//! How the requirements came out: by level, and by section of each document.
//!
//! What is not met comes first everywhere, so that the red begins at the left edge.

use crate::event::Level;
use crate::outcome::{Pack, Requirement, Run, Verdict};

use super::super::headline::Tally;
use super::super::words;
use super::Text;
use super::deviation::{Places, places};
use super::squares::{Squares, squares};

pub(super) struct LevelTile {
    pub(super) name: &'static str,
    pub(super) tally: Tally,
    pub(super) words: String,
    pub(super) bar: Bar,
}

/// The widths of a bar's three parts, of a hundred.
pub(super) struct Bar {
    pub(super) not_met: f64,
    pub(super) met: f64,
    pub(super) not_judged: f64,
}

pub(super) struct PackRequirements {
    pub(super) title: Text,
    pub(super) document: Text,
    pub(super) words: String,
    /// All its requirements in one strip.
    pub(super) strip: Squares,
    /// Unfolded from the start: the only pack, or one with a `must` that is not met.
    pub(super) open: bool,
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) name: Text,
    pub(super) words: String,
    /// A picture for each level.
    pub(super) levels: Vec<(&'static str, Squares)>,
    pub(super) requirements: Vec<Line>,
}

pub(super) struct Line {
    pub(super) id: Text,
    pub(super) level: &'static str,
    pub(super) text: Text,
    /// `met`, `not-met`, `not-judged`: the class of its square and of its line. Where no `must` is at stake,
    /// `not-met` is `mild`.
    pub(super) class: &'static str,
    pub(super) verdict: &'static str,
    pub(super) why: Option<Text>,
    /// Anchors of what contradicts it.
    pub(super) places: Vec<String>,
}

const LEVELS: [Level; 3] = [Level::Must, Level::Should, Level::Advice];
const STRIP: usize = 44;
/// How many squares of each level fit into a row.
const COLUMNS: [usize; 3] = [24, 8, 6];

pub(super) fn levels(run: &Run) -> Vec<LevelTile> {
    let tiles = LEVELS.into_iter().map(|level| {
        let tally = Tally::of(run, level);
        let share = |part: usize| 100.0 * part as f64 / tally.total().max(1) as f64;
        LevelTile {
            name: words::level(level),
            tally,
            words: words_of(tally),
            bar: Bar {
                not_met: share(tally.not_met),
                met: share(tally.met),
                not_judged: share(tally.not_judged),
            },
        }
    });
    tiles.filter(|tile| tile.tally.total() > 0).collect()
}

pub(super) fn packs(run: &Run) -> Vec<PackRequirements> {
    let places = places(run);
    let alone = run.packs.len() == 1;
    let packs = run.packs.iter();
    packs.map(|p| pack(p, &places, alone)).collect()
}

/// The sections of a pack's document, in the order in which its requirements name them.
pub(super) fn section_names(pack: &Pack) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for requirement in &pack.requirements {
        if !names.contains(&requirement.info.section.as_str()) {
            names.push(&requirement.info.section);
        }
    }
    names
}

fn pack(pack: &Pack, places: &Places<'_>, alone: bool) -> PackRequirements {
    let sections = section_names(pack).into_iter().map(|name| {
        let inside = pack.requirements.iter().filter(|r| r.info.section == name);
        let mut tally = Tally::default();
        inside
            .clone()
            .for_each(|requirement| tally.add(requirement));
        let levels = LEVELS.into_iter().zip(COLUMNS).map(|(level, columns)| {
            let own = inside.clone().filter(|r| r.info.level == level);
            (words::level(level), picture(own, columns))
        });
        let mut requirements: Vec<&Requirement> = inside.clone().collect();
        requirements.sort_by_key(|requirement| rank(class(requirement)));
        Section {
            name: Text::short(name),
            words: words_of(tally),
            levels: levels.collect(),
            requirements: (requirements.into_iter())
                .map(|requirement| line(&pack.name, requirement, places))
                .collect(),
        }
    });
    let mut tally = Tally::default();
    pack.requirements.iter().for_each(|r| tally.add(r));
    PackRequirements {
        title: Text::short(&pack.title),
        document: Text::short(&pack.document),
        words: words_of(tally),
        strip: picture(pack.requirements.iter(), STRIP),
        open: alone || pack.requirements.iter().any(|r| class(r) == "not-met"),
        sections: sections.collect(),
    }
}

fn picture<'r>(requirements: impl Iterator<Item = &'r Requirement>, columns: usize) -> Squares {
    let mut classes: Vec<&'static str> = requirements.map(class).collect();
    classes.sort_by_key(|class| rank(class));
    squares(&classes, columns)
}

fn class(requirement: &Requirement) -> &'static str {
    match requirement.verdict() {
        Verdict::Met => "met",
        Verdict::NotMet if requirement.info.level == Level::Must => "not-met",
        Verdict::NotMet => "not-met mild",
        Verdict::NotJudged => "not-judged",
    }
}

fn rank(class: &str) -> usize {
    match class {
        "not-met" => 0,
        "not-met mild" => 1,
        "met" => 2,
        _ => 3,
    }
}

fn line(pack: &str, requirement: &Requirement, places: &Places<'_>) -> Line {
    let info = &requirement.info;
    let places = places.get(&(pack, info.id.as_str()));
    Line {
        id: Text::short(&info.id),
        level: words::level(info.level),
        text: Text::long(&info.text),
        class: class(requirement),
        verdict: match requirement.verdict() {
            Verdict::Met => "met",
            Verdict::NotMet => "not met",
            Verdict::NotJudged if info.unprovokable.is_some() => "out of reach",
            Verdict::NotJudged => "not judged",
        },
        why: info.unprovokable.as_deref().map(Text::short),
        places: places.cloned().unwrap_or_default(),
    }
}

/// "1 not met, 3 met, 2 not judged"
fn words_of(tally: Tally) -> String {
    let parts = [
        (tally.not_met, "not met"),
        (tally.met, "met"),
        (tally.not_judged, "not judged"),
        (tally.out_of_reach, "out of reach"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, how)| format!("{count} {how}"));
    parts.collect::<Vec<_>>().join(", ")
}
