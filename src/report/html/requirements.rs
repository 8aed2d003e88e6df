//! How the requirements came out: by level, and by section of each document.
//!
//! What is not met comes first everywhere, so that the red begins at the left edge.

use crate::event::Level;
use crate::outcome::{Pack, Run, Verdict};

use super::super::headline::Tally;
use super::super::words;
use super::Text;
use super::deviation::{Places, places};

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
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) name: Text,
    pub(super) words: String,
    pub(super) requirements: Vec<Line>,
}

pub(super) struct Line {
    pub(super) id: Text,
    pub(super) level: &'static str,
    pub(super) text: Text,
    /// `met`, `not-met`, `not-judged`: the class of its cell and of its line.
    pub(super) class: &'static str,
    pub(super) verdict: &'static str,
    pub(super) why: Option<Text>,
    /// Anchors of what contradicts it.
    pub(super) places: Vec<String>,
}

pub(super) fn levels(run: &Run) -> Vec<LevelTile> {
    let levels = [Level::Must, Level::Should, Level::Advice].into_iter();
    let tiles = levels.map(|level| {
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
    let packs = run.packs.iter();
    packs.map(|p| pack(p, &places)).collect()
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

fn pack(pack: &Pack, places: &Places<'_>) -> PackRequirements {
    let sections = section_names(pack).into_iter().map(|name| {
        let mut tally = Tally::default();
        let inside = pack.requirements.iter().filter(|r| r.info.section == name);
        let mut requirements: Vec<Line> = inside
            .map(|requirement| {
                let verdict = requirement.verdict();
                tally.add(requirement);
                let (class, words) = match verdict {
                    Verdict::Met => ("met", "met"),
                    Verdict::NotMet => ("not-met", "not met"),
                    Verdict::NotJudged if requirement.info.unprovokable.is_some() => {
                        ("not-judged", "no client can provoke it")
                    }
                    Verdict::NotJudged => ("not-judged", "not judged"),
                };
                let info = &requirement.info;
                Line {
                    id: Text::short(&info.id),
                    level: words::level(info.level),
                    text: Text::long(&info.text),
                    class,
                    verdict: words,
                    why: info.unprovokable.as_deref().map(Text::short),
                    places: (places.get(&(pack.name.as_str(), info.id.as_str())))
                        .cloned()
                        .unwrap_or_default(),
                }
            })
            .collect();
        requirements.sort_by_key(|line| match line.class {
            "not-met" => 0,
            "met" => 1,
            _ => 2,
        });
        Section {
            name: Text::short(name),
            words: words_of(tally),
            requirements,
        }
    });
    PackRequirements {
        title: Text::short(&pack.title),
        document: Text::short(&pack.document),
        sections: sections.collect(),
    }
}

/// "1 not met, 3 met, 2 not judged"
fn words_of(tally: Tally) -> String {
    let parts = [
        (tally.not_met, "not met"),
        (tally.met, "met"),
        (tally.not_judged, "not judged"),
        (tally.out_of_reach, "unprovokable"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, how)| format!("{count} {how}"));
    parts.collect::<Vec<_>>().join(", ")
}
